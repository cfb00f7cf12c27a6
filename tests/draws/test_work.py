from __future__ import annotations

import pytest

import sortition
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws.models import Draw, DrawState
from assemblee.pools import actions as pools
from assemblee.pools import feasibility, suggestions
from assemblee.pools.models import Pool, PoolCheck
from assemblee.security import COMMAND_LINE
from tests import make


@pytest.fixture
def asked(store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the sizes that the core is asked about once the pool keeps the answer of a worker."""
    monkeypatch.setattr(feasibility, "FEW", 5)
    with store.writing() as session:
        suggestions.check(session, COMMAND_LINE, session.get_one(Pool, pool.id))
    make.finish_jobs(store)
    sizes: list[int] = []
    real = sortition.check

    def note(*arguments: object) -> sortition.Feasibility:
        sizes.append(arguments[2])
        return real(*arguments)

    monkeypatch.setattr(sortition, "check", note)
    return sizes


def checked(store: Store, draw: Draw) -> Draw:
    make.finish_jobs(store)
    return make.fresh(store, draw)


def test_a_draw_takes_the_answer_that_its_pool_keeps(store: Store, pool: Pool, asked: list[int]) -> None:
    draw = checked(store, make.draw(store, pool))
    with store.reading() as session:
        assert draw.feasibility == session.get_one(PoolCheck, pool.id).document
    assert (draw.state, make.leaves(store, "draw-checked")) == (DrawState.FEASIBLE, 1)
    assert draw.checked_at is not None
    assert asked == []


def test_a_draw_that_asks_something_else_is_computed(store: Store, pool: Pool, asked: list[int]) -> None:
    for changes, state in (
        ({"size": 3}, DrawState.INFEASIBLE),
        ({"without": {1: "sits-elsewhere"}}, DrawState.FEASIBLE),
        ({"quotas": sortition.Quotas(make.CELLS[:2])}, DrawState.FEASIBLE),
    ):
        with store.writing() as session:
            kept = session.get_one(Pool, pool.id)
            draw = draws.prepare(session, COMMAND_LINE, kept, title="Autre", rule="leximin", **changes)
        assert checked(store, draw).state == state
    assert asked == [3, 4, 4]


def test_a_pool_that_changed_since_gives_a_draw_no_answer(store: Store, pool: Pool, asked: list[int]) -> None:
    with store.writing() as session:
        pools.withdraw(session, COMMAND_LINE, session.get_one(Pool, pool.id), 1)
    assert checked(store, make.draw(store, pool)).state == DrawState.FEASIBLE
    assert asked == [4]
