from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from assemblee import clock
from assemblee.assemblies.terms.models import Term
from assemblee.assemblies.terms.queries import today
from assemblee.db import Store
from assemblee.jobs.models import Job
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import keeping
from assemblee.petitions.petition import letters
from assemblee.petitions.petition.counting import session_days
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.petition.queries import WAVE
from assemblee.petitions.rules.document import OTHER, AssemblyPlan, Opening
from tests import make, petitioning
from votes.threshold import Spread, Step, Threshold


def terms(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Term.body == "extraordinary-assembly")) or 0


@pytest.mark.both_stores
def test_the_signature_that_reaches_the_step_opens_the_assembly(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    found = petitioning.opened(store, mandate)
    assert (found.counted, found.steps) == (1, 0)
    petitioning.sign(store, found, "deux@example.org", wants_news=True)
    asked = petitioning.fresh(store, found)
    assert (asked.state, asked.steps, terms(store)) == (PetitionState.OPEN, 1, 0)
    petitioning.sign(store, found, "trois@example.org")
    assert terms(store) == 0
    petitioning.sign(store, found, "quatre@example.org", wants_news=True)
    reached = petitioning.fresh(store, found)
    assert (reached.state, reached.steps, reached.counted, terms(store)) == (PetitionState.REACHED, 2, 4, 1)
    term = reached.term
    assert term is not None
    with store.reading() as session:
        day = today(session, session.get_one(Mandate, mandate.id))
        waiting = session.scalars(select(Job).where(Job.kind == WAVE)).all()
    assert [job.subject for job in waiting] == [found.id]
    assert (term.size, term.subject) == (100, found.title)
    assert (term.first, term.last) == (day + timedelta(days=60), day + timedelta(days=149))
    assert term.freeze_by is not None
    assert day <= term.freeze_by <= term.answer_by <= term.first
    assert reached.report_by == term.last + timedelta(days=14)
    assert len(reached.sessions) == 4
    assert all(term.first <= date.fromisoformat(one) <= term.last for one in reached.sessions)
    assert make.leaves(store, "petition-crossed") == 2
    told = petitioning.letters(store, letters.CROSSED)
    # Author and guarantor at both steps, then those who asked for news.
    assert sorted(told) == sorted(
        ["autrice@example.org", "garante9@example.org"] * 2
        + ["deux@example.org"] * 2
        + ["quatre@example.org"]
    )
    petitioning.sign(store, found, "cinq@example.org")
    after = petitioning.fresh(store, found)
    assert (after.counted, after.steps, terms(store)) == (5, 2, 1)
    petitioning.check_count(store, found)


def test_an_assembly_that_cannot_open_yet_never_undoes_a_signature(store: Store) -> None:
    place = make.mandate(store, slug="court", term_start=date(2026, 7, 1), term_end=date(2031, 6, 30))
    petitioning.publish(store, place, petitioning.rules(place, plan=AssemblyPlan(notice_days=365)))
    with clock.shifted(timedelta(days=4 * 365)):
        found = petitioning.opened(store, place)
        for number in range(3):
            petitioning.sign(store, found, f"p{number}@example.org")
        kept = petitioning.fresh(store, found)
        assert (kept.state, kept.counted, kept.term) == (PetitionState.REACHED, 4, None)
        assert kept.held_back == "term-days-invalid"
        with store.writing() as session:
            row = session.get_one(Mandate, place.id)
            row.term_end = date(2036, 6, 30)
        with store.reading() as session:
            assert keeping.due(session) == [found.id]
        for _ in range(2):
            with store.writing() as session:
                keeping.turn(session, session.get_one(Petition, found.id))
    assert terms(store) == 1
    assert make.leaves(store, "petition-assembly-opened") == 1
    assert petitioning.fresh(store, found).held_back is None


def test_districts_have_a_say(store: Store, mandate: Mandate) -> None:
    rules = petitioning.rules(mandate)
    spread = Spread(2, Threshold.read("1/10"))
    steps = (rules.steps[0], replace(rules.steps[1], step=Step(Threshold.read("4"), spread)))
    districts = {"Amont": 10, "Aval": 20, "Îles": 10}
    petitioning.publish(store, mandate, replace(rules, steps=steps, districts=districts, sponsors=0))
    found = petitioning.opened(store, mandate)
    for number in range(6):
        petitioning.sign(store, found, f"p{number}@example.org", district="Amont")
    petitioning.sign(store, found, "aval@example.org", district="Aval")
    assert petitioning.fresh(store, found).steps == 1
    petitioning.sign(store, found, "aval2@example.org", district="Aval")
    assert petitioning.fresh(store, found).state == PetitionState.REACHED


@pytest.mark.both_stores
def test_one_signature_can_cross_two_steps_and_a_third_follows(store: Store, mandate: Mandate) -> None:
    rules = petitioning.rules(mandate, answer=2, assembly=3)
    other = Opening(OTHER, Step(Threshold.read("5")), "Une soirée de débat dans chaque canton.")
    petitioning.publish(store, mandate, replace(rules, steps=(*rules.steps, other), sponsors=3))
    found = petitioning.opened(store, mandate)
    assert (found.state, found.steps, terms(store)) == (PetitionState.REACHED, 2, 1)
    for number in range(2):
        petitioning.sign(store, found, f"p{number}@example.org")
    assert petitioning.fresh(store, found).steps == 3
    assert make.leaves(store, "petition-crossed") == 3


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [(date(2027, 3, 1), date(2027, 3, 3), 4), (date(2027, 3, 1), date(2027, 3, 1), 2)],
)
def test_short_assemblies_sit_on_the_days_they_have(first: date, last: date, number: int) -> None:
    days = session_days(first, last, AssemblyPlan(sessions=number))
    assert days == sorted(set(days))
    assert len(days) == min(number, (last - first).days + 1)
    assert all(first <= day <= last for day in days)
