from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import assemblee.petitions.petition.published  # noqa: F401 - enters the comparison
from assemblee.db import Store
from assemblee.journal import checks
from assemblee.petitions.petition.models import Crossing, Petition, Signature, SignatureState
from tests import petitioning


def one_signature(session: Session) -> Signature:
    return session.scalars(select(Signature).where(Signature.state == SignatureState.COUNTED).limit(1)).one()


def crossing(session: Session) -> Crossing:
    return session.scalars(select(Crossing).limit(1)).one()


def petition_of(session: Session) -> Petition:
    return session.scalars(select(Petition)).one()


EDITS = {
    "the count": lambda session: setattr(petition_of(session), "counted", 400),
    "how many steps": lambda session: setattr(petition_of(session), "steps", 1),
    "the assembly": lambda session: setattr(petition_of(session), "term_id", None),
    "the count of a step": lambda session: setattr(crossing(session), "counted", 4000),
    "the line of a step": lambda session: setattr(crossing(session), "leaf", 0),
    "a step that is gone": lambda session: session.delete(crossing(session)),
    "a signature": lambda session: setattr(one_signature(session), "state", SignatureState.WITHDRAWN),
    "the line of a signature": lambda session: setattr(one_signature(session), "leaf", 0),
}


@pytest.mark.both_stores
def test_a_count_or_a_step_that_somebody_edits_is_found(store: Store, petition_of_three: Petition) -> None:
    for number in range(4):
        petitioning.sign(store, petition_of_three, f"{number}@example.org")
    assert petitioning.fresh(store, petition_of_three).steps == 2
    with store.snapshot() as session:
        assert checks.damage(session) == []
    for name, edit in EDITS.items():
        # A session that nobody commits.
        with Session(store._writer, info=store._info) as session:
            edit(session)
            session.flush()
            assert any(line.startswith("petition") for line in checks.damage(session)), name
