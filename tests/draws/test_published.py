from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import assemblee.draws.published  # noqa: F401 - enters the comparison
from assemblee.db import Store
from assemblee.draws.models import Draw, DrawState, Kind, Outcome
from assemblee.journal import checks
from assemblee.pools.models import Pool
from tests import ceremony


def damage(session: Session) -> list[str]:
    return checks.damage(session)


def other_result(draw: Draw) -> None:
    result = json.loads(str(draw.result_text))
    draw.result_text = json.dumps(result | {"ticket": result["ticket"] + 1})


def other_panel(draw: Draw) -> None:
    outcome = next(one for one in draw.outcomes if one.kind == Kind.REAL)
    outcome.members = [*outcome.members[1:], outcome.members[0]]


EDITS = {
    "the result": other_result,
    "the panel": other_panel,
    "the lottery": lambda draw: setattr(draw, "lottery_text", str(draw.lottery_text) + " "),
    "its hash": lambda draw: setattr(draw, "lottery_hash", "00" * 32),
    "the state": lambda draw: setattr(draw, "state", DrawState.CANCELLED),
    "the title": lambda draw: setattr(draw, "title", "Un autre tirage"),
    "the quotas": lambda draw: setattr(draw, "quotas", [[*draw.quotas[0][:3], 99], *draw.quotas[1:]]),
    "what was frozen": lambda draw: setattr(draw, "frozen_text", str(draw.frozen_text) + " "),
    "the size": lambda draw: setattr(draw, "size", draw.size + 1),
    "the threshold": lambda draw: setattr(draw, "threshold", 1),
    "the beacon": lambda draw: setattr(draw, "beacon", {}),
    "the pool": lambda draw: setattr(draw, "people", dict(list(draw.people.items())[1:])),
}


@pytest.mark.both_stores
def test_a_held_draw_that_somebody_edits_is_found(store: Store, pool: Pool) -> None:
    draw = ceremony.hold(store, ceremony.ready_draw(store, pool))
    with store.snapshot() as session:
        assert damage(session) == []
    for name, edit in EDITS.items():
        # A session that nobody commits.
        with Session(store._writer, info=store._info) as session:
            edit(session.get_one(Draw, draw.id))
            session.flush()
            found = damage(session)
        assert found, name
        assert all(line.startswith(f"draw {draw.id}: ") for line in found)


@pytest.mark.only("sqlite")
def test_a_panel_without_a_line_is_found(store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    with Session(store._writer, info=store._info) as session:
        session.add(
            Outcome(
                draw_id=draw.id,
                kind=Kind.REAL,
                seed="00",
                ticket=0,
                members=[],
                alternates=[],
                at=draw.prepared_at,
            )
        )
        session.get_one(Draw, draw.id).state = DrawState.HELD
        session.flush()
        found = damage(session)
        assert len(session.scalars(select(Outcome)).all()) == 1
    assert {line.split(": ", 1)[1].split(" not ")[0] for line in found} == {"its state is", "its result is"}
