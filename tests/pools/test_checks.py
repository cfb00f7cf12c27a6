"""A pool of so many people that its check is work: a bound of five makes one of the pool of twelve."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

import sortition
from assemblee.db import Store
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import Job
from assemblee.mandates.models import Mandate
from assemblee.pools import actions, checks, feasibility, queries, suggestions
from assemblee.pools.models import Pool, PoolCheck
from assemblee.pools.work import check
from assemblee.security import COMMAND_LINE
from tests import make
from tests.answers import Visitor, refused, statements

TIGHT = (sortition.Cell("Genre", "Femmes", 9, 9), *make.CELLS[1:])
SHUT = (
    *make.CELLS[:2],
    sortition.Cell("Âge", "16–39 ans", 0, 4),
    sortition.Cell("Âge", "40 ans et plus", 0, 0),
)


@pytest.fixture(autouse=True)
def _bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feasibility, "FEW", 5)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the sizes that the core was asked about."""
    sizes: list[int] = []
    real = sortition.check

    def note(*arguments: object) -> sortition.Feasibility:
        sizes.append(arguments[2])
        return real(*arguments)

    monkeypatch.setattr(sortition, "check", note)
    return sizes


@pytest.fixture
def visitor(app: Flask, store: Store, mandate: Mandate) -> Visitor:
    make.account(store, "organisatrice@example.org", password=make.PASSWORD)
    make.organiser(store, mandate)
    return Visitor(app, "organisatrice@example.org", "en")


def states(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Job.state).where(Job.kind == checks.KIND).order_by(Job.id)))


def standing(store: Store, pool: Pool) -> checks.Standing:
    with store.reading() as session:
        return checks.standing(session, session.get_one(Pool, pool.id))


def act(store: Store, pool: Pool, verb: Callable[..., object], *more: object) -> None:
    with store.writing() as session:
        verb(session, COMMAND_LINE, session.get_one(Pool, pool.id), *more)


def set_quotas(store: Store, pool: Pool, cells: tuple[sortition.Cell, ...] = TIGHT, size: int = 11) -> None:
    act(store, pool, actions.set_quotas, cells, size)


def address(pool: Pool) -> str:
    return f"/m/val/pools/{pool.id}/feasibility"


def test_few_people_are_checked_where_the_answer_is_wanted(
    store: Store, pool: Pool, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feasibility, "FEW", 12)
    feasibility.answer.cache_clear()
    before = states(store)
    set_quotas(store, pool, size=4)
    found = standing(store, pool)
    assert (found.is_current, found.checked_at, found.job) == (True, None, None)
    assert standing(store, pool) == found
    assert asked == [4]
    assert states(store) == before, "nothing waits for a worker"


def test_a_page_of_many_people_asks_no_solver(
    store: Store, pool: Pool, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sortition, "check", None)
        page = visitor.visit(address(pool))
        assert "data-refresh" in page
        assert "<progress" in page
    make.finish_jobs(store)
    monkeypatch.setattr(sortition, "check", None)
    page = visitor.visit(address(pool))
    assert "a panel of 4 people exists" in page
    assert "Nothing has changed since." in page
    assert "data-refresh" not in page


def test_a_page_reads_as_much_of_many_people_as_of_few(store: Store, visitor: Visitor, pool: Pool) -> None:
    def cost() -> tuple[int, int]:
        rows = 0

        def count(_session: object, _instance: object) -> None:
            nonlocal rows
            rows += 1

        event.listen(Session, "loaded_as_persistent", count)
        with statements(store.engine) as questions:
            visitor.client.get(address(pool))
        event.remove(Session, "loaded_as_persistent", count)
        assert not any("volunteer.traits" in question for question in questions)
        return len(questions), rows

    make.finish_jobs(store)
    few = cost()
    make.import_people(store, pool, make.respondents(60, first=13))
    make.finish_jobs(store)
    assert standing(store, pool).people == 72
    assert cost() == few


def test_one_answer_serves_until_the_pool_changes(
    store: Store, pool: Pool, visitor: Visitor, asked: list[int]
) -> None:
    make.finish_jobs(store)
    assert (asked, states(store)) == ([4], ["done"])
    act(store, pool, actions.withdraw, 1)
    assert not standing(store, pool).is_current
    page = visitor.visit(address(pool))
    assert "The last answer is out of date" in page
    assert "a panel of 4 people exists" in page
    assert "/draws/prepare" not in page
    assert asked == [4]
    assert states(store) == ["done"], "a person alone starts no work"
    assert visitor.send(f"{address(pool)}/check") == address(pool)
    assert visitor.send(f"{address(pool)}/check") == address(pool)
    assert states(store) == ["done", "waiting"]
    make.finish_jobs(store)
    assert standing(store, pool).is_current
    assert asked == [4, 4]


def test_what_was_answered_last_is_not_computed_again(store: Store, pool: Pool, asked: list[int]) -> None:
    make.finish_jobs(store)
    first = standing(store, pool)
    set_quotas(store, pool)
    set_quotas(store, pool, make.CELLS, 4)
    assert not standing(store, pool).is_current
    assert states(store) == ["done", "waiting"], "one job, which sees what both acts leave"
    make.finish_jobs(store)
    found = standing(store, pool)
    assert found.is_current
    assert found.found == first.found
    assert asked == [4]


def _join(store: Store, pool: Pool) -> None:
    traits = {"Genre": "Femmes", "Âge": "16–39 ans"}
    with store.writing() as session:
        kept = session.get_one(Pool, pool.id)
        actions.set_open(session, COMMAND_LINE, kept, is_open=True)
        actions.volunteer(session, COMMAND_LINE, kept, name="Nadia", email="n@example.org", traits=traits)


VERBS: dict[str, Callable[[Store, Pool], None]] = {
    "set quotas": set_quotas,
    "set the size": lambda store, pool: set_quotas(store, pool, make.CELLS, 5),
    "import": lambda store, pool: make.import_people(store, pool, make.respondents(1, first=50)),
    "import changes": lambda store, pool: make.import_people(
        store, pool, make.respondents(1).replace(b"Femmes", b"Hommes")
    ),
    "withdraw": lambda store, pool: act(store, pool, actions.withdraw, 1),
    "erase": lambda store, pool: act(store, pool, actions.erase, 1),
    "volunteer": _join,
}


@pytest.mark.parametrize("verb", VERBS)
def test_whatever_changes_the_question_raises_the_revision(store: Store, pool: Pool, verb: str) -> None:
    def seen() -> tuple[str, int]:
        with store.reading() as session:
            row = session.get_one(Pool, pool.id)
            return queries.question(session, row).fingerprint, row.revision

    fingerprint, revision = seen()
    VERBS[verb](store, pool)
    assert seen()[0] != fingerprint
    assert seen()[1] > revision


@pytest.mark.parametrize("verb", ["set quotas", "set the size", "import", "import changes"])
def test_what_an_organiser_changes_is_checked_without_asking(store: Store, pool: Pool, verb: str) -> None:
    make.finish_jobs(store)
    VERBS[verb](store, pool)
    assert states(store) == ["done", "waiting"]


def test_a_change_gives_up_the_check_that_has_begun(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sortition.check

    def meanwhile(*arguments: object) -> sortition.Feasibility:
        monkeypatch.setattr(sortition, "check", real)
        set_quotas(store, pool)
        return real(*arguments)

    monkeypatch.setattr(sortition, "check", meanwhile)
    make.finish_jobs(store)
    assert states(store) == ["cancelled", "waiting"]
    assert standing(store, pool).found is None, "what was given up lands nowhere"
    make.finish_jobs(store)
    found = standing(store, pool)
    assert found.is_current
    assert found.found is not None
    assert found.found["size"] == 11


def test_people_who_come_meanwhile_make_the_answer_one_of_the_past(
    store: Store, pool: Pool, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sortition.check

    def meanwhile(*arguments: object) -> sortition.Feasibility:
        _join(store, pool)
        return real(*arguments)

    monkeypatch.setattr(sortition, "check", meanwhile)
    make.finish_jobs(store)
    assert states(store) == ["done"]
    found = standing(store, pool)
    assert not found.is_current
    assert found.found is not None
    assert found.found["people"] == 12
    assert "The last answer is out of date" in visitor.visit(address(pool))


@pytest.mark.both_stores
def test_acts_and_landings_at_once_leave_one_check(store: Store, pool: Pool) -> None:
    make.finish_jobs(store)
    for size in (5, 6, 7):
        act(store, pool, suggestions.check)
        threads = [
            threading.Thread(target=set_quotas, args=(store, pool, make.CELLS, size)),
            threading.Thread(target=act, args=(store, pool, suggestions.check)),
            threading.Thread(target=make.finish_jobs, args=(store,)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        make.finish_jobs(store)
        found = standing(store, pool)
        assert found.is_current
        assert found.found is not None
        assert found.found["size"] == size


def test_a_check_is_stopped_and_asked_for_again(store: Store, pool: Pool, visitor: Visitor) -> None:
    assert visitor.send(f"{address(pool)}/stop") == address(pool)
    assert states(store) == ["cancelled"]
    visitor.send(f"{address(pool)}/stop", 409)
    assert "The work was stopped" in visitor.visit(address(pool))
    visitor.send(f"{address(pool)}/check")
    make.finish_jobs(store)
    assert standing(store, pool).is_current


def test_a_check_that_breaks_says_why(
    store: Store, pool: Pool, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_arguments: object) -> None:
        raise sortition.SolverStopped

    with monkeypatch.context() as patched:
        patched.setattr(sortition, "check", stop)
        make.finish_jobs(store)
    assert states(store) == ["failed"]
    page = visitor.visit(address(pool))
    assert "The computation stopped without an answer" in page
    assert f'action="{address(pool)}/check"' in page


def test_a_pool_read_while_it_changes_is_a_failure_with_a_sentence(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise sortition.UnreadableFiles([])

    monkeypatch.setattr(queries, "question", broken)
    with pytest.raises(jobs.Failed) as caught:
        check(store, pool.id, sortition.progress.silent)
    assert caught.value.code == "pool-changed"


def test_suggestions_are_taken_from_the_present_answer_only(
    store: Store, pool: Pool, visitor: Visitor, asked: list[int]
) -> None:
    set_quotas(store, pool)
    make.finish_jobs(store)
    page = visitor.visit(address(pool))
    assert "What would help" in page
    act(store, pool, actions.withdraw, 12)
    assert "What would help" in visitor.visit(address(pool))
    page = visitor.send(address(pool), 409)
    assert "since these quotas were suggested. Nothing was changed." in page
    with refused("suggestions-stale"):
        act(store, pool, suggestions.take)
    visitor.send(f"{address(pool)}/check")
    make.finish_jobs(store)
    before = len(asked)
    assert visitor.send(address(pool)) == address(pool)
    assert len(asked) == before
    assert states(store)[-1] == "waiting"
    make.finish_jobs(store)
    assert "a panel of 11 people exists" in visitor.visit(address(pool))
    leaves = make.leaves(store, "quotas-set")
    visitor.send(address(pool))
    assert make.leaves(store, "quotas-set") == leaves, "there was nothing to take"


def test_suggestions_for_quotas_never_checked_are_refused(store: Store, pool: Pool) -> None:
    with refused("suggestions-stale"):
        act(store, pool, suggestions.take)


def test_who_is_erased_is_named_by_no_answer(
    store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make.pool(store, mandate, cells=SHUT)
    make.finish_jobs(store)
    act(store, pool, actions.erase, 1)
    assert standing(store, pool).found is not None, "it names others alone"
    act(store, pool, actions.erase, 3)
    assert standing(store, pool).found is None
    with store.reading() as session:
        row = session.get_one(PoolCheck, pool.id)
        assert (row.fingerprint, row.revision, row.checked_at) == (None, None, None)
    real = sortition.check

    def meanwhile(*arguments: object) -> sortition.Feasibility:
        act(store, pool, actions.erase, 6)
        return real(*arguments)

    monkeypatch.setattr(sortition, "check", meanwhile)
    act(store, pool, suggestions.check)
    make.finish_jobs(store)
    assert standing(store, pool).found is None


def test_too_few_people_are_not_worth_a_check(store: Store, pool: Pool) -> None:
    make.finish_jobs(store)
    set_quotas(store, pool, make.CELLS, 13)
    assert states(store) == ["done"]
    assert standing(store, pool) == checks.Standing(12)
    act(store, pool, suggestions.check)
    assert states(store) == ["done"]
