"""Petitions in the states that their pages show, with paper, fraud and a wave of invitations."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

from sqlalchemy import select

from assemblee.accounts import actions as accounts
from assemblee.db import Store
from assemblee.draws import beacons
from assemblee.jobs import actions as jobs
from assemblee.jobs.models import Job
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud
from assemblee.petitions.desk.fraud import Condition
from assemblee.petitions.paper import samples, sheets
from assemblee.petitions.paper.sheets import Line
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.rules.document import WaveRules
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Wave
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import bodies, ceremony, make, petitioning

# So many addresses of one domain are shown on the desk against fraud.
BOTS = 6
ANSWER, ASSEMBLY = 2, 12
SPONSOR = "marraine@example.org"
DICE = "35142 66123 45113 26451"
DISTRICTS = {"Amont": 30_000, "Aval": 42_000}


def play(store: Store, place: Mandate, guarantor: Actor, author: str) -> dict[str, int | str]:
    """Bring a petition to each state that has a page of its own, and return what their addresses need."""
    _publish(store, place)
    actor = _author(store, author)
    draft = petitioning.written(store, place, actor, _facts("Un texte en brouillon"))
    checked = petitioning.submitted(store, place, actor, _facts("Un texte que l’on contrôle"))
    _sign(store, checked, 1)
    found = _opened(store, place, actor, guarantor, "Des cantines bio dans les collèges")
    _sign(store, found, BOTS, "bots.example")
    _set_aside(store, found, guarantor, SPONSOR)
    _collect_on_paper(store, found, actor, guarantor)
    reached = _opened(store, place, actor, guarantor, "Une loi sur le bruit des avions")
    with mock.patch.object(beacons, "first_round", return_value=ceremony.ROUND):
        _sign(store, reached, ASSEMBLY - 1)
        _finish_waves(store)
    return {
        "draft_petition": draft.id,
        "checked_petition": checked.id,
        "petition": found.id,
        "reached": reached.id,
        "signature": petitioning.row_of(store, reached, "p1@example.org").nonce,
        "letter": _drawn_by_lot(store, reached),
    }


def _publish(store: Store, place: Mandate) -> None:
    pool = make.pool(store, place, people=1, name="Volontaires pour une agora")
    register = make.pool(store, place, people=0, name="Registre")
    make.import_people(store, register, make.respondents(40, first=100))
    rules = petitioning.rules(
        place,
        answer=ANSWER,
        assembly=ASSEMBLY,
        districts=DISTRICTS,
        wave=WaveRules(pool=pool.id, register=register.id, per_seat=3, letters=2),
    )
    with store.writing() as session:
        row = session.get_one(Mandate, place.id)
        charters.publish(session, COMMAND_LINE, row, bodies.small(charters.ready_made(row)), "")
    petitioning.publish(store, place, rules)


def _author(store: Store, email: str) -> Actor:
    with store.writing() as session:
        return Actor(accounts.ensure(session, email).id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))


def _facts(title: str) -> petitioning.PetitionFacts:
    return replace(petitioning.FACTS, title=title)


def _sign(store: Store, found: Petition, people: int, domain: str = "example.org") -> None:
    for number in range(people):
        petitioning.sign(
            store,
            found,
            f"p{number}@{domain}",
            f"Zoé Lavande {number}",
            district="Aval" if number % 2 else "Amont",
            place="",
            is_public=number < 2,
        )


def _opened(store: Store, place: Mandate, actor: Actor, guarantor: Actor, title: str) -> Petition:
    found = petitioning.submitted(store, place, actor, _facts(title))
    petitioning.sign(store, found, SPONSOR, "Anne Aubépine", district="Aval", place="")
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        petitioning.checking.rule(
            session, guarantor, row, is_admitted=True, ground=None, reason="Rien à dire."
        )
    return found


def _set_aside(store: Store, found: Petition, guarantor: Actor, email: str) -> None:
    condition = Condition(ids=(petitioning.row_of(store, found, email).id,))
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        shown = fraud.effect(session, row, condition).fingerprint
        fraud.set_aside(session, guarantor, row, condition, "Un nom inventé.", shown=shown)


def _collect_on_paper(store: Store, found: Petition, reader: Actor, guarantor: Actor) -> None:
    """Print two sheets, enter what stands on one, and check a sample of it."""
    written = [Line("Cléa Coquelicot", "Amont"), Line("Denis Digitale", "Aval")]
    with store.writing() as session:
        row = session.get_one(Petition, found.id)
        filled, _empty = sheets.print_sheets(session, COMMAND_LINE, row, 2)
        for actor in (reader, guarantor):
            sheets.enter(session, actor, row, filled.code, written)
        sample = samples.draw(session, guarantor, row, DICE, len(written))
        samples.judge(session, guarantor, sample, {line.place: True for line in sample.lines})


def _finish_waves(store: Store) -> None:
    """Do the work of waves and no other: some draws are shown while theirs waits."""
    with store.reading() as session:
        waiting = list(session.scalars(select(Job.id).where(Job.kind == queries.WAVE)))
    for job in waiting:
        jobs.run(store, job)


def _drawn_by_lot(store: Store, found: Petition) -> str:
    """Draw the people of a wave, print a letter, and return its code."""
    with store.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.petition_id == found.id)).one()
        waves.record_round(session, COMMAND_LINE, wave, ceremony.SIGNATURE)
        return invited.print_again(session, COMMAND_LINE, wave, wave.chosen[0]).code
