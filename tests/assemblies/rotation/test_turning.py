"""What comes about by itself as days pass, and who comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.assemblies.rotation import halts, turning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import inviting, vacancies
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import (
    HOLDING,
    Replacement,
    Rota,
    Seat,
    SeatOrigin,
    SeatState,
    Term,
    TermState,
)
from assemblee.assemblies.work import Turning
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws.models import Draw
from assemblee.jobs.models import Job
from assemblee.mail import outbox
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, Actor
from sortition.stream import Stream
from tests import bodies, make
from tests.answers import at_once, refused

INVITED = SeatState.INVITED


@pytest.mark.both_stores
def test_who_does_not_answer_is_asked_again_then_makes_room(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    invited = bodies.of(found, INVITED)
    bodies.accept(store, invited[2:])
    until = invited[0].answer_until
    assert until is not None
    for days in (2, 1):
        with clock.shifted(until - timedelta(days=days) - clock.now()):
            bodies.turn(store, mandate)
    with store.reading() as session:
        asked = session.scalar(
            select(func.count()).where(outbox.Mail.subject.startswith("Votre réponse est attendue"))
        )
        assert asked == 2, "once each"
    with clock.shifted(until + timedelta(minutes=1) - clock.now()):
        bodies.turn(store, mandate)
    after = bodies.term(store, mandate, found.label)
    assert [seat.id for seat in bodies.of(after, SeatState.UNANSWERED)] == [seat.id for seat in invited[:2]]
    called = bodies.of(after, INVITED)
    assert {seat.origin for seat in called} <= {SeatOrigin.ALTERNATE, SeatOrigin.REPLACEMENT}
    assert len(called) == 2


@pytest.mark.both_stores
def test_doing_it_twice_changes_nothing(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.running(store, mandate, pool)
    with bodies.on(found.first):
        bodies.turn(store, mandate)
        with store.reading() as session:
            before = make.leaves(store, "seats-changed"), make.leaves(store, "term-began")
            letters = session.scalar(select(func.count()).select_from(outbox.Mail))
        bodies.turn(store, mandate)
        with store.reading() as session:
            assert before == (make.leaves(store, "seats-changed"), make.leaves(store, "term-began"))
            assert letters == session.scalar(select(func.count()).select_from(outbox.Mail))


def test_when_no_alternate_is_left_a_replacement_is_drawn_that_anyone_can_draw_again(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1", alternates=1)
    for seat in bodies.of(found, INVITED)[:3]:
        with store.writing() as session:
            seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    bodies.turn(store, mandate)
    after = bodies.term(store, mandate, found.label)
    assert len(bodies.of(after, INVITED)) == found.size
    drawn = [seat for seat in after.seats if seat.origin == SeatOrigin.REPLACEMENT]
    with store.reading() as session:
        rows = session.scalars(select(Replacement).order_by(Replacement.number)).all()
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert [row.chosen for row in rows] == [seat.pseudonym for seat in drawn]
        assert len(rows) >= 2
        for row in rows:
            stream = Stream(bytes.fromhex(make.SEED), f"replacement/{row.number}")
            assert row.candidates[stream.below(len(row.candidates))] == row.chosen
            assert row.distance == 0
    assert make.leaves(store, "replacement-drawn") == len(rows)


def test_places_stay_free_and_are_explained_when_nobody_is_left(store: Store, mandate: Mandate) -> None:
    register = bodies.pool(store, mandate, people=17)
    found = bodies.drawn(store, mandate, register, f"{bodies.ASSEMBLY}/1", alternates=1)
    bodies.accept(store, bodies.of(found, INVITED)[2:])
    for seat in bodies.of(found, INVITED)[:2]:
        with store.writing() as session:
            seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    bodies.turn(store, mandate)
    for seat in bodies.of(bodies.term(store, mandate, found.label), INVITED):
        with store.writing() as session:
            seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    with bodies.on(found.first):
        bodies.turn(store, mandate)
    begun = bodies.term(store, mandate, found.label)
    assert begun.began_with is not None
    assert begun.began_with["vacant"] == 2
    assert begun.began_with["why"] == "nobody-left"


def test_who_came_to_sit_elsewhere_since_is_passed_over(store: Store, mandate: Mandate, pool: Pool) -> None:
    guarantors = bodies.term(store, mandate, f"{bodies.GUARANTORS}/1")
    assembly = bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    # The guarantors' draw is prepared after, and held before, with the same people in it.
    guarantors = bodies.drawn(store, mandate, pool, guarantors.label)
    busy = {seat.volunteer_id for seat in bodies.of(guarantors, INVITED)}
    bodies.hold(store, assembly, must=busy)
    bodies.turn(store, mandate)
    found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    assert not busy & {seat.volunteer_id for seat in bodies.of(found, INVITED)}
    assert {seat.volunteer_id for seat in bodies.of(found, SeatState.ENDED)} == busy
    assert len(bodies.of(found, INVITED)) == found.size


@pytest.mark.both_stores
def test_a_group_serves_two_months_and_nobody_twice(store: Store, mandate: Mandate, pool: Pool) -> None:
    assembly = bodies.running(store, mandate, pool)
    served: list[str] = []
    for number in range(1, 7):
        group = bodies.term(store, mandate, f"{bodies.GROUP}/{number}")
        with bodies.on(max(group.hold_by or group.first, assembly.first)):
            bodies.turn(store, mandate)
            bodies.turn(store, mandate)
            group = bodies.term(store, mandate, group.label)
            bodies.accept(store, bodies.of(group, INVITED))
            bodies.swear(store, group)
        with bodies.on(group.first):
            bodies.turn(store, mandate)
        group = bodies.term(store, mandate, group.label)
        assert group.state == TermState.RUNNING
        assert len(bodies.of(group, SeatState.SITTING)) == group.size
        served += [seat.pseudonym for seat in bodies.of(group, *HOLDING)]
    assert len(set(served)) == len(served) == 12
    assert make.leaves(store, "rota-drawn") == 1


def test_nobody_is_drawn_again_before_the_rest_is_over(store: Store, mandate: Mandate, pool: Pool) -> None:
    first = bodies.running(store, mandate, pool)
    with bodies.on(first.last + timedelta(days=1)):
        bodies.turn(store, mandate)
        draw = bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/2")
        sat = {seat.volunteer_id for seat in first.seats if seat.holds}
        assert not sat & {int(person) for person in draw.people}
        with store.reading() as session:
            place = session.get_one(Mandate, mandate.id)
            third = queries.term_by_label(session, place.id, f"{bodies.ASSEMBLY}/2")
            assert third is not None
            assert {queries.barred(session, third)[number] for number in sat if number} == {"rest"}


def test_staff_and_the_representative_are_in_no_draw(store: Store, mandate: Mandate, pool: Pool) -> None:
    make.organiser(store, mandate, "p3@example.org")
    draw = bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    assert len(draw.people) == 59
    with refused("term-has-a-draw"):
        bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    with refused("term-not-drawn-from-a-pool"):
        bodies.prepared(store, mandate, pool, f"{bodies.EXPERTS}/1")


def test_a_smaller_body_takes_its_share_of_the_quotas(store: Store, mandate: Mandate, pool: Pool) -> None:
    draw = make.fresh(store, bodies.prepared(store, mandate, pool, f"{bodies.GUARANTORS}/1"))
    assert draw.size == 2
    assert {(cell[2], cell[3]) for cell in draw.quotas} == {(1, 1), (0, 2)}
    assert draw.feasibility is not None
    assert draw.feasibility["feasible"]


def test_an_expert_is_nominated_with_a_public_reason(store: Store, mandate: Mandate) -> None:
    found = bodies.term(store, mandate, f"{bodies.EXPERTS}/1")

    def nominate(**words: str) -> Seat:
        values = {"name": "Odile Dumuid", "email": "Odile@Example.org", "reason": "Connaît l’eau."}
        with store.writing() as session:
            return inviting.nominate(
                session, COMMAND_LINE, session.get_one(Term, found.id), **{**values, **words}
            )

    for code, words in (
        ("nomination-reason-missing", {"reason": " "}),
        ("nomination-name-missing", {"name": ""}),
        ("email-invalid", {"email": "odile"}),
    ):
        with refused(code):
            nominate(**words)
    seat = nominate()
    assert (seat.email, seat.origin, seat.volunteer_id) == ("odile@example.org", SeatOrigin.NOMINATION, None)
    with refused("term-is-full"):
        nominate(email="another@example.org")
    with store.writing() as session, refused("term-not-nominated"):
        row = session.get_one(Term, bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1").id)
        inviting.nominate(session, COMMAND_LINE, row, name="x", email="x@example.org", reason="x")
    bodies.accept(store, [seat])


def test_nominations_know_the_same_bars(store: Store, mandate: Mandate, pool: Pool) -> None:
    make.organiser(store, mandate, "organisatrice@example.org")
    guarantors = bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    sitting = bodies.of(guarantors, INVITED)[0].address or ""
    found = bodies.term(store, mandate, f"{bodies.EXPERTS}/1")
    for code, name, email in (
        ("seat-barred-staff", "Une organisatrice", "organisatrice@example.org"),
        ("seat-barred-staff", "Capucine Vagabonde", "capucine@example.org"),
        ("seat-barred-incompatible", "Une garante", sitting.upper()),
    ):
        with store.writing() as session, refused(code):
            row = session.get_one(Term, found.id)
            inviting.nominate(session, COMMAND_LINE, row, name=name, email=email, reason="x")


def test_one_person_in_two_registers_is_one_person(store: Store, mandate: Mandate, pool: Pool) -> None:
    other = make.pool(store, mandate, people=60, size=16, cells=bodies.CELLS, name="Autre registre")
    guarantors = bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    busy = {seat.address for seat in bodies.of(guarantors, INVITED)}
    draw = bodies.prepared(store, mandate, other, f"{bodies.ASSEMBLY}/1")
    with store.reading() as session:
        drawn = set(
            session.scalars(
                select(Volunteer.email).where(Volunteer.id.in_([int(one) for one in draw.people]))
            )
        )
    assert len(drawn) == 58
    assert not drawn & busy


def test_a_first_day_without_a_draw_is_explained(store: Store, mandate: Mandate) -> None:
    found = bodies.term(store, mandate, f"{bodies.GUARANTORS}/1")
    with bodies.on(found.first):
        bodies.turn(store, mandate)
        bodies.turn(store, mandate)
    after = bodies.term(store, mandate, found.label)
    assert after.state == TermState.PLANNED
    assert after.began_with is not None
    assert after.began_with["why"] == "not-drawn"
    assert make.leaves(store, "term-began") == 2, "the guarantors' and the experts', each once"


@pytest.mark.both_stores
def test_what_breaks_in_one_term_does_not_stop_the_others_and_is_told(
    store: Store, mandate: Mandate, pool: Pool, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    real = turning.turn_term

    def breaks(session: Session, actor: Actor, term: Term) -> None:
        if term.body == bodies.GUARANTORS:
            raise Refusal("term-is-dropped")
        real(session, actor, term)

    monkeypatch.setattr(turning, "turn_term", breaks)
    with bodies.on(found.first), refused("term-is-dropped"):
        Turning()(store, config)
    assert bodies.term(store, mandate, found.label).state == TermState.RUNNING


@pytest.mark.only("postgresql")
def test_a_turn_and_an_answer_never_wait_for_each_other(store: Store, mandate: Mandate, pool: Pool) -> None:
    guarantors = bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    assembly = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    invited = bodies.of(assembly, INVITED)
    until = bodies.of(guarantors, INVITED)[0].answer_until
    assert until is not None

    def say_yes(number: int) -> None:
        with store.writing() as session:
            seats.accept(session, COMMAND_LINE, session.get_one(Seat, number))

    with clock.shifted(until + timedelta(minutes=1) - clock.now()):
        acts = [lambda number=seat.id: say_yes(number) for seat in invited[:6]]
        answers = at_once([*acts, *(lambda: bodies.turn(store, mandate) for _ in range(3))])
    assert answers == ["done"] * 9


def test_a_guarantor_stops_a_body_and_lets_it_go_on(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    invited = bodies.of(found, INVITED)

    def act(verb: object, reason: str = "La salle n’est pas accessible.") -> None:
        with store.writing() as session:
            verb(session, COMMAND_LINE, session.get_one(Term, found.id), reason)

    with refused("suspension-reason-missing"):
        act(halts.suspend, " ")
    with refused("suspension-reason-too-long"):
        act(halts.suspend, "x" * (halts.LONGEST_REASON + 1))
    with refused("term-not-suspended"):
        act(halts.lift)
    act(halts.suspend)
    with refused("term-is-suspended"):
        act(halts.suspend)
    with store.writing() as session:
        seats.decline(session, COMMAND_LINE, session.get_one(Seat, invited[0].id))
    bodies.turn(store, mandate)
    assert len(bodies.of(bodies.term(store, mandate, found.label), INVITED)) == found.size - 1
    with refused("term-is-suspended"):
        act(lambda session, actor, term, _reason: vacancies.fill(session, actor, term))
    act(halts.lift)
    bodies.turn(store, mandate)
    assert len(bodies.of(bodies.term(store, mandate, found.label), INVITED)) == found.size
    assert (make.leaves(store, "term-suspended"), make.leaves(store, "term-resumed")) == (1, 1)


def test_a_panel_is_invited_once_its_draw_is_held(store: Store, mandate: Mandate, pool: Pool) -> None:
    bodies.prepared(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    with store.writing() as session, refused("draw-not-held"):
        inviting.invite_panel(session, COMMAND_LINE, session.get_one(Term, found.id))
    with store.writing() as session, refused("term-is-planned"):
        vacancies.fill(session, COMMAND_LINE, session.get_one(Term, found.id))
    with store.reading() as session, pytest.raises(Refusal):
        session.get_one(Draw, found.draw_id).require()


@pytest.mark.both_stores
def test_the_worker_turns_every_mandate_once_in_a_while(
    store: Store, mandate: Mandate, pool: Pool, config: Config
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    round_of = Turning()
    with bodies.on(found.first):
        round_of(store, config)
        assert bodies.term(store, mandate, found.label).state == TermState.RUNNING
    with bodies.on(found.last + timedelta(days=1)):
        round_of(store, config)
        assert bodies.term(store, mandate, found.label).state == TermState.RUNNING, "it was just done"
        round_of.last = float("-inf")
        round_of(store, config)
        assert bodies.term(store, mandate, found.label).state == TermState.ENDED


def test_a_rota_is_asked_for_again_only_until_it_is_drawn(store: Store, mandate: Mandate, pool: Pool) -> None:
    found = bodies.running(store, mandate, pool)

    def ask() -> None:
        with store.writing() as session:
            turning.ask_rota(session, session.get_one(Term, found.id))

    with bodies.on(found.first):
        bodies.turn(store, mandate)
        assert make.leaves(store, "rota-drawn") == 1
        with refused("rota-not-needed"):
            ask()
        with store.writing() as session:
            for row in session.scalars(select(Rota)):
                session.delete(row)
        ask()
        with refused("job-already-open"):
            ask()
        make.finish_jobs(store)
        assert make.leaves(store, "rota-drawn") == 2
    with refused("term-is-planned"), store.writing() as session:
        later = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2")
        turning.ask_rota(session, session.get_one(Term, later.id))


def test_too_few_members_give_no_rota_and_the_organisers_are_told(store: Store, mandate: Mandate) -> None:
    register = bodies.pool(store, mandate, people=17)
    found = bodies.drawn(store, mandate, register, f"{bodies.ASSEMBLY}/1", alternates=0)
    bodies.accept(store, bodies.of(found, INVITED)[:1])
    bodies.swear(store, found)
    with bodies.on(found.first):
        bodies.turn(store, mandate)
    with store.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == queries.ROTA)).one()
        assert job.state == "failed"
        assert job.failure is not None
        assert job.failure["code"] == "bad-size"
