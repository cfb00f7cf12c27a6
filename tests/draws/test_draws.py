from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

import sortition
from assemblee.db import Store
from assemblee.draws import actions, queries, results
from assemblee.draws.freezing import freeze
from assemblee.draws.models import Draw, DrawState, Kind, Outcome
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import Job, JobState
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.answers import refused

NARROW = (sortition.Cell("Genre", "Femmes", 4, 4), *make.CELLS[1:])


def rehearse(store: Store, draw: Draw) -> Outcome:
    with store.writing() as session:
        return actions.rehearse(session, COMMAND_LINE, draw, make.SEED)


def volunteers(store: Store) -> list[tuple[int, str, str]]:
    with store.reading() as session:
        return [(one.id, one.state, one.changed_at.isoformat()) for one in session.scalars(select(Volunteer))]


@pytest.mark.both_stores
def test_a_draw_goes_from_prepared_to_held(store: Store, pool: Pool) -> None:
    draw = make.draw(store, pool)
    assert draw.state == DrawState.PREPARED
    make.finish_jobs(store)
    draw = make.fresh(store, draw)
    assert (draw.state, draw.feasibility["feasible"] if draw.feasibility else None) == (
        DrawState.FEASIBLE,
        True,
    )
    draw = ceremony.ready_draw(store, pool)
    assert draw.state == DrawState.READY
    assert draw.lottery_text is not None
    assert draw.lottery_hash == hashlib.sha256(draw.lottery_text.encode()).hexdigest()
    draw = ceremony.hold(store, draw)
    assert draw.state == DrawState.HELD
    (outcome,) = draw.outcomes
    for group in results.panel_rows(draw, outcome.members):
        assert all(cell.is_met for cell in group.cells)
    for event in ("draw-frozen", "lottery-published", "draw-held"):
        assert make.leaves(store, event) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "draw-title-missing"),
        ({"rule": "luck"}, "rule-unknown"),
        ({"rule": "uniform"}, "rule-without-quotas"),
        ({"tickets": 7}, "draw-tickets-unknown"),
    ],
)
def test_a_draw_that_cannot_be_is_refused(
    store: Store, pool: Pool, changes: dict[str, object], code: str
) -> None:
    values = {"title": "Agora", "rule": "leximin", **changes}
    with refused(code), store.writing() as session:
        actions.prepare(session, COMMAND_LINE, pool, **values)
    assert make.leaves(store, "draw-prepared") == 0
    with store.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_a_pool_smaller_than_the_panel_is_refused(store: Store, mandate: Mandate) -> None:
    with refused("draw-pool-too-small"):
        make.draw(store, make.pool(store, mandate, people=3))


def test_an_infeasible_draw_says_why_and_goes_no_further(store: Store, mandate: Mandate) -> None:
    draw = make.draw(store, make.pool(store, mandate, cells=NARROW))
    make.finish_jobs(store)
    draw = make.fresh(store, draw)
    assert draw.state == DrawState.INFEASIBLE
    assert draw.feasibility is not None
    assert draw.feasibility["suggestions"] != []
    with refused("draw-is-infeasible"), store.writing() as session:
        actions.compute(session, COMMAND_LINE, draw)
    ceremony.team_of(store, draw.pool)
    with refused("draw-is-infeasible"), store.writing() as session:
        freeze(session, COMMAND_LINE, draw, ceremony.terms(store))


def test_a_pool_without_quotas_is_drawn_uniformly(store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate, cells=make.CELLS)
    with store.writing() as session:
        pools.set_quotas(session, COMMAND_LINE, session.get_one(Pool, pool.id), (), 4)
    ceremony.team_of(store, pool)
    draw = ceremony.frozen(store, pool, rule="uniform")
    chances = results.chances(queries.lottery(draw))
    assert len(chances.bins) == 1, "everybody has the same chance"
    assert len(ceremony.hold(store, draw).outcomes[0].members) == 4


def test_a_rehearsal_writes_nothing_to_the_pool_and_is_counted(store: Store, pool: Pool) -> None:
    draw = ceremony.ready_draw(store, pool)
    before = volunteers(store)
    for _ in range(2):
        assert rehearse(store, draw).kind == Kind.DRY
    assert volunteers(store) == before
    assert make.fresh(store, draw).state == DrawState.READY
    ceremony.hold(store, draw)
    with refused("draw-is-held"):
        rehearse(store, draw)
    with store.reading() as session:
        assert queries.draw_count(session, pool.id) == queries.DrawCount(1, 1, 2, 0)


def test_what_changes_in_the_pool_does_not_change_a_prepared_draw(store: Store, pool: Pool) -> None:
    draw = make.draw(store, pool)
    with store.writing() as session:
        pools.erase(session, COMMAND_LINE, pool, 1)
    make.import_people(store, pool, make.respondents(5, first=30))
    assert len(make.fresh(store, draw).core_pool().people) == 12


def test_cancelling_stays_public_with_its_reason(store: Store, pool: Pool) -> None:
    draw = make.draw(store, pool)
    with refused("draw-reason-missing"), store.writing() as session:
        actions.cancel(session, COMMAND_LINE, draw, "  ")
    with store.writing() as session:
        actions.cancel(session, COMMAND_LINE, draw, "la salle est prise")
    draw = make.fresh(store, draw)
    assert (draw.state, draw.cancel_reason) == (DrawState.CANCELLED, "la salle est prise")
    with store.reading() as session:
        assert session.scalars(select(Job.state)).all() == [JobState.CANCELLED]
        assert queries.draw_count(session, pool.id).cancelled == 1
    make.finish_jobs(store)
    for act in (actions.check, actions.compute, actions.cancel_work):
        code = "job-already-ended" if act is actions.cancel_work else "draw-is-cancelled"
        with refused(code), store.writing() as session:
            act(session, COMMAND_LINE, draw)


@pytest.mark.both_stores
def test_stopped_work_can_be_started_again_but_not_twice(store: Store, pool: Pool) -> None:
    draw = make.draw(store, pool)
    with refused("job-already-open"), store.writing() as session:
        actions.check(session, COMMAND_LINE, draw)
    with store.writing() as session:
        actions.cancel_work(session, COMMAND_LINE, draw)
    assert make.fresh(store, draw).state == DrawState.PREPARED
    with store.writing() as session:
        actions.check(session, COMMAND_LINE, draw)
    make.finish_jobs(store)
    assert make.fresh(store, draw).state == DrawState.FEASIBLE


def test_a_lottery_that_the_core_refuses_leaves_the_draw_where_it_was(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ceremony.team_of(store, pool)

    def refuse(*_arguments: object, **_options: object) -> None:
        raise sortition.UnknownRule(rule="leximin")

    monkeypatch.setattr(sortition, "lottery", refuse)
    draw = ceremony.frozen(store, pool)
    assert draw.state == DrawState.FROZEN
    with store.reading() as session:
        job = queries.open_job(session, draw)
        assert job is not None
        assert (job.state, job.failure) == (JobState.FAILED, {"code": sortition.UnknownRule.code})
        with refused("draw-lottery-missing"):
            queries.lottery(session.get_one(Draw, draw.id))
        with refused("draw-unknown"):
            queries.draw(session, 99, draw.id)
        with refused("outcome-unknown"):
            queries.outcome(session, draw, 99)


def test_a_check_that_the_solver_gives_up_says_so(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*_arguments: object) -> None:
        raise sortition.SolverStopped(phase="excluded")

    monkeypatch.setattr(sortition, "check", give_up)
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    with store.reading() as session:
        job = queries.open_job(session, draw)
        assert job is not None
        assert (job.state, job.failure) == (JobState.FAILED, {"code": sortition.SolverStopped.code})


@pytest.mark.both_stores
def test_a_check_run_twice_lands_once(store: Store, pool: Pool) -> None:
    make.draw(store, pool)
    with store.reading() as session:
        job = session.scalars(select(Job)).one()
    jobs.run(store, job.id)
    jobs.run(store, job.id)
    assert make.leaves(store, "draw-checked") == 1
