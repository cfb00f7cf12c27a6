"""A site on which every act is possible to somebody: draws, votes, petitions, bodies, each in every state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest import mock

from sqlalchemy import select

from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.accounts.queries import account_by_email
from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import attendance, ledger, minutes
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.models import Meeting, Presence
from assemblee.assemblies.papers import documents
from assemblee.assemblies.rotation import halts, planning
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms.models import Seat, SeatState, Term
from assemblee.consultations.models import RollEntry
from assemblee.db import Store
from assemblee.draws import beacons, freezing, lotteries
from assemblee.draws.models import Draw
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import OPEN, Job
from assemblee.journal import notes
from assemblee.mandates import actions as mandates
from assemblee.mandates import charters
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud
from assemblee.petitions.desk.fraud import Condition
from assemblee.petitions.desk.models import Invalidation, Review
from assemblee.petitions.life import answering
from assemblee.petitions.paper import samples, sheets
from assemblee.petitions.paper.models import Sample
from assemblee.petitions.paper.sheets import Line
from assemblee.petitions.petition import queries as petition_queries
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import rulebook
from assemblee.petitions.text import checking, merging
from assemblee.pools import importing
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import bodies, ceremony, make, petitioning
from tests.browser import petition_scenes, scenes

NOW = date(2027, 7, 20)
DAY = timedelta(days=1)
AUTHOR, OTHER = "autrice@example.org", "autre@example.org"
# Who is who, by the name that tests give them; nobody has no account.
PEOPLE = {
    "nobody": "",
    "somebody": "personne@example.org",
    "citizen": "p3@example.org",
    "author": AUTHOR,
    "guarantor": "garant0@example.org",
    "organiser": "organisatrice@example.org",
    "operator": "operatrice@example.org",
}
GIVEN = {"citizen": Role.CITIZEN, "guarantor": Role.GUARANTOR, "organiser": Role.ORGANISER}
HELD = {**GIVEN, "operator": Role.OPERATOR}
ROLES = {
    who: {Role.EVERYONE, *([Role.SIGNED_IN] if email else []), *([HELD[who]] if who in HELD else [])}
    for who, email in PEOPLE.items()
}
Words = dict[str, str | int]


@contextmanager
def on(day: date, later: timedelta = timedelta()) -> Iterator[None]:
    """Live at noon of a day, or later on it; the database tells whole seconds, so by whole seconds."""
    moment = datetime.combine(day, time(12), UTC) + later
    with clock.shifted(timedelta(seconds=round((moment - clock.now()).total_seconds()))):
        yield


def play(store: Store) -> Words:
    """Play it all, and return what addresses and forms of its acts need, by name."""
    for name, email in PEOPLE.items():
        if email and name != "guarantor":
            make.account(store, email, is_operator=name == "operator")
    make.account(store, OTHER)
    with on(NOW - 60 * DAY), store.writing() as session:
        every_day = lotteries.Schedule(tuple(lotteries.WEEK), time(0), "inventé")
        lotteries.write_down(session, COMMAND_LINE, "loto", every_day)
    sitting = _sitting(store)
    with on(NOW - 8 * DAY):
        place = make.mandate(store)
        register = make.pool(store, place)
    with on(NOW), _a_known_round():
        found: Words = scenes.play(store, place, AUTHOR)
        found |= _team(store, found)
        found |= _petitions(store, place, found)
        found |= _bodies(store, sitting)
        found |= _pools_and_votes(store, place, register, found)
    return found


@contextmanager
def _a_known_round() -> Iterator[None]:
    """Let each draw of drand announce the one round whose signature tests know."""
    announce = beacons.announce

    def announced(name: str, moment: datetime) -> tuple[dict[str, Any], datetime]:
        return announce(name, moment)[0], moment

    with (
        mock.patch.object(beacons, "first_round", return_value=ceremony.ROUND),
        mock.patch.object(freezing, "beacons", mock.Mock(wraps=beacons, announce=announced)),
    ):
        yield


def _team(store: Store, found: Words) -> Words:
    """Give their roles to those who have none yet, in both mandates, and let the first guarantor write."""
    with store.writing() as session:
        for place in session.scalars(select(Mandate)):
            for name, role in GIVEN.items():
                account = accounts.ensure(session, PEOPLE[name])
                if role not in mandate_queries.actor_of(session, account, place).roles:
                    mandates.give_role(session, COMMAND_LINE, place, account.email, role)
    with store.reading() as session:
        first = ceremony.guarantor_of(account_by_email(session, PEOPLE["guarantor"]).id)
        sign, given_up = (session.get_one(Draw, found[name]) for name in ("sign", "given_up"))
        return {
            "cosign_note": first.cosign_note(sign),
            "cancel_note": first.cancel_note(given_up),
            "secret": first.secret().hex(),
            "objection": sign.objections[0].id,
            "key": str(notes.Signer.of(first.name, b"k" * 32).key),
        }


@dataclass(frozen=True)
class Sitting:
    """A body that sits since some weeks, in a mandate of bodies, and its meetings."""

    place: Mandate
    register: Pool
    term: Term
    held: int
    ahead: int


def _sitting(store: Store) -> Sitting:
    with on(NOW - 50 * DAY):
        place = bodies.mandate(store)
        register = bodies.pool(store, place)
        term = bodies.running(store, place, register, f"{bodies.GUARANTORS}/1")
    with on(NOW - 10 * DAY):
        held, ahead = (_convened(store, term, NOW + days * DAY) for days in (-5, 20))
    return Sitting(place, register, term, held, ahead)


def _convened(store: Store, term: Term, day: date) -> int:
    starts = datetime.combine(day, time(8), UTC)
    facts = meetings.MeetingFacts("Les transports", starts, starts + timedelta(hours=8), "Salle des fêtes")
    with store.writing() as session:
        return meetings.convene(session, COMMAND_LINE, session.get_one(Term, term.id), facts).id


def _bodies(store: Store, sitting: Sitting) -> Words:
    """Let a body do all that one does, call another one, and change the charter of both."""
    holders = bodies.of(sitting.term, SeatState.SITTING)
    with store.writing() as session:
        meeting, term = session.get_one(Meeting, sitting.held), session.get_one(Term, sitting.term.id)
        called = meeting_queries.expected(session, meeting)
        attendance.take(session, COMMAND_LINE, meeting, {seat.id: Presence.PRESENT for seat in called})
        said = minutes.publish(session, COMMAND_LINE, meeting, "Nous avons parlé des transports.")
        due, asked = (
            ledger.declare(
                session,
                COMMAND_LINE,
                session.get_one(Seat, seat.id),
                cents=1250,
                purpose="Train",
                day=NOW - 5 * DAY,
            )
            for seat in holders
        )
        ledger.decide(session, COMMAND_LINE, due, None)
        paper = documents.add(session, COMMAND_LINE, term, file_name="a.csv", content=b"a", is_public=True)
        found = {"due": due.id, "asked": asked.id, "paper": paper.id, "minutes": said.hash}
        for name, seat in zip(("member", "other"), holders, strict=True):
            found[name] = letters.token(session.info["settings"], session.get_one(Seat, seat.id))
    return (
        found
        | _called(store, sitting)
        | {"sitting": sitting.term.id, "held_meeting": sitting.held, "ahead": sitting.ahead}
    )


def _called(store: Store, sitting: Sitting) -> Words:
    """Draw an assembly whose people answer, and change the charter under all that is planned."""
    place = sitting.place
    drawn = bodies.drawn(store, place, sitting.register, f"{bodies.ASSEMBLY}/1", alternates=0)
    ready, gone, guest, other = bodies.of(drawn, SeatState.INVITED)[:4]
    bodies.accept(store, [ready])
    expert, stopped = (bodies.term(store, place, f"{body}/1").id for body in (bodies.EXPERTS, bodies.GROUP))
    with store.writing() as session:
        seats.decline(session, COMMAND_LINE, session.get_one(Seat, gone.id))
        halts.suspend(session, COMMAND_LINE, session.get_one(Term, stopped), "La salle n’est pas accessible.")
        row = session.get_one(Mandate, place.id)
        charter = charters.current(session, row)
        moved = replace(charter.calendar, sessions={2029: (date(2029, 10, 1), date(2030, 7, 31))})
        charters.publish(session, COMMAND_LINE, row, replace(charter, calendar=moved), "Une loi.")
    with store.reading() as session:
        row = session.get_one(Mandate, place.id)
        changes = planning.preview(session, row, charters.current(session, row), NOW)
        return {
            "drawn": drawn.id,
            "expert": expert,
            "stopped": stopped,
            "seat": other.id,
            "guest": letters.token(session.info["settings"], session.get_one(Seat, guest.id)),
            "plan": planning.fingerprint(changes),
        }


def _petitions(store: Store, place: Mandate, found: Words) -> Words:
    """Bring petitions to the states that no scene shows, under rules by which few signatures are enough."""
    with store.reading() as session:
        author, other, ruling = (
            Actor(account_by_email(session, email).id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))
            for email in (AUTHOR, OTHER, "garant1@example.org")
        )
        rules = rule_queries.rules_of(rule_queries.current(session, place.id))
        beside = session.scalars(select(Invalidation.id)).first()
        crossed = petition_scenes.ANSWER
        open_one = session.get_one(Petition, found["petition"])
        session.expunge(open_one)
    kept = {"districts": rules.districts, "wave": rules.wave, "number": rules.number}
    few = petitioning.rules(place, answer=1, assembly=2, sponsors=0, **kept)
    refused = petitioning.submitted(store, place, author, _facts("Un texte qui sera refusé"))
    petitioning.sign(store, refused, "parrain@example.org", "Basile Brindille", district="Aval", place="")
    with store.writing() as session:
        checking.rule(
            session,
            ruling,
            session.get_one(Petition, refused.id),
            is_admitted=False,
            ground=1,
            reason="Le texte injurie.",
        )
    with store.writing() as session:
        rulebook.publish(session, COMMAND_LINE, session.get_one(Mandate, place.id), few, "Peu suffisent.")
    offered = petitioning.opened(store, place, other, _facts("Des repas bio à midi"), ruling)
    with store.writing() as session:
        merging.offer(
            session, other, session.get_one(Petition, offered.id), session.get_one(Petition, open_one.id)
        )
    states = {}
    for name in ("reported", "answered", "reviewed"):
        made = petitioning.opened(store, place, author, _facts(f"Une pétition, {name}"), ruling)
        for number in range(2):
            petitioning.sign(
                store, made, f"s{number}@example.org", f"Ysé Lilas {number}", district="Aval", place=""
            )
        states[name] = made.id
    _finish(store, petition_queries.WAVE)
    with store.writing() as session:
        for name in ("reported", "answered"):
            answering.report(session, COMMAND_LINE, session.get_one(Petition, states[name]), "Un rapport.")
        answering.answer(session, COMMAND_LINE, session.get_one(Petition, states["answered"]), "Une réponse.")
    with store.writing() as session:
        row = session.get_one(Petition, states["reviewed"])
        signers = session.scalars(select(Signature.id).where(Signature.petition_id == row.id))
        condition = Condition(ids=tuple(signers)[:1])
        shown = fraud.effect(session, row, condition).fingerprint
        fraud.set_aside(session, ruling, row, condition, "Un nom inventé.", shown=shown)
    for read in (open_one, offered):
        _read_on_paper(store, read, author, ruling)
    with store.writing() as session:
        row = session.get_one(Petition, open_one.id)
        samples.draw(session, ruling, row, petition_scenes.DICE[::-1], 2)
    with store.reading() as session:
        return {
            **states,
            "refused": refused.id,
            "offered": offered.id,
            "crossed": crossed,
            "set_aside": beside,
            "review": session.scalars(select(Review.id)).one(),
            "double": session.scalars(
                select(Signature.id).where(Signature.state == SignatureState.DOUBLE)
            ).one(),
            "sample": session.scalars(select(Sample.id).order_by(Sample.id.desc())).first(),
        }


def _facts(title: str) -> petitioning.PetitionFacts:
    return replace(petitioning.FACTS, title=title)


def _finish(store: Store, kind: str) -> None:
    """Do the work of one kind, and leave the rest waiting."""
    with store.reading() as session:
        waiting = list(session.scalars(select(Job.id).where(Job.kind == kind, Job.state.in_(OPEN))))
    for job in waiting:
        jobs.run(store, job)


def _read_on_paper(store: Store, found: Petition, *readers: Actor) -> None:
    """Let two people enter somebody who signs a sheet; they have signed one of the petitions already."""
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        (sheet,) = sheets.print_sheets(session, COMMAND_LINE, row, 1)
        for reader in readers:
            sheets.enter(session, reader, row, sheet.code, [Line("Zoé Lavande 0", "Amont")])


def _pools_and_votes(store: Store, place: Mandate, register: Pool, found: Words) -> Words:
    """Stage a file of people, and name people who can be acted upon."""
    empty = make.pool(store, place, people=0, name="Vivier vide")
    with store.writing() as session:
        pool = session.get_one(Pool, register.id)
        people = make.respondents(3, first=500)
        draft = importing.stage(session, pool, people, "autres.csv", None)
        # Whoever has voted already is handed nothing; chance decides who stands first on the roll.
        voters = select(RollEntry.id).where(
            RollEntry.consultation_id == found["vote"], RollEntry.means.is_(None)
        )
        return {
            "mandate": place.slug,
            "pool": pool.id,
            "empty": empty.id,
            "people": draft.id,
            "person": session.scalars(select(Volunteer.id).where(Volunteer.pool_id == pool.id)).first(),
            "voter": session.scalars(voters).first(),
            "account": account_by_email(session, OTHER).id,
        }
