"""A petition's deadlines are days of its mandate's zone, the same wherever they are shown."""

from __future__ import annotations

import html
import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import keeping
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.petitions.signing import actions as signing
from tests import ceremony, make, petitioning
from tests.answers import refused

ZONES = ("Pacific/Noumea", "America/Martinique", "Pacific/Tahiti", "Europe/Paris")
MONTHS = (
    "",
    "janv.",
    "févr.",
    "mars",
    "avr.",
    "mai",
    "juin",
    "juil.",
    "août",
    "sept.",
    "oct.",
    "nov.",
    "déc.",
)


def at(moment: datetime) -> AbstractContextManager[None]:
    return clock.shifted(moment - clock.now())


def letter_to(store: Store, address: str) -> str:
    with store.reading() as session:
        query = select(outbox.Mail.body).where(outbox.Mail.recipient == address)
        return session.scalars(query.order_by(outbox.Mail.id.desc())).first() or ""


@pytest.mark.parametrize("zone", ZONES)
def test_a_check_names_one_day(app: Flask, store: Store, zone: str) -> None:
    with at(datetime(2026, 12, 1, 7, 0, tzinfo=ZoneInfo(zone))):
        place = make.mandate(store, time_zone=zone)
        rules = petitioning.rules(place, answer=50, assembly=60, sponsors=1, check_days=5)
        petitioning.publish(store, place, rules)
        petitioning.guarantor(store, place, 9)
        found = petitioning.submitted(store, place, petitioning.author(store))
        petitioning.sign(store, found, "marraine@example.org", "Marraine Un")
        page = html.unescape(
            ceremony.person(app, store, "garante9@example.org").visit(f"/m/val/petitions/{found.id}")
        )
        letter = letter_to(store, "garante9@example.org")
    assert "6 déc" in page
    assert "5 déc" not in page
    assert "7 déc" not in page
    assert "6 décembre 2026, 23:59 (heure de" in letter


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("began", ["2026-09-15T09:12", "2027-02-10T23:50", "2026-11-01T00:05"])
def test_a_petition_takes_signatures_until_midnight_of_the_day_it_shows(
    app: Flask, store: Store, zone: str, began: str
) -> None:
    began_at = datetime.fromisoformat(began).replace(tzinfo=ZoneInfo(zone))
    last = began_at.date() + timedelta(days=60)
    shown = format_date(last, "d MMMM y", locale="fr")
    client = app.test_client()
    with at(began_at):
        place = make.mandate(store, time_zone=zone)
        petitioning.publish(store, place, petitioning.rules(place, answer=50, assembly=60, open_days=60))
        found = petitioning.opened(store, place)
        page = html.unescape(client.get(f"/m/val/petitions/{found.id}").text)
        calendar = client.get(f"/m/val/petitions/{found.id}/calendar.ics").text
        data = json.loads(client.get(f"/m/val/petitions/{found.id}.json").text)
    assert shown in page
    assert f"DTSTART;VALUE=DATE:{last:%Y%m%d}" in calendar
    assert data["closes_at"].startswith(f"{last.isoformat()}T23:59:59")
    midnight = datetime.combine(last, datetime.min.time(), ZoneInfo(zone)) + timedelta(days=1)
    midnight = midnight.astimezone(UTC)
    with at(midnight - timedelta(seconds=10)):
        assert client.get(f"/m/val/petitions/{found.id}/sign").status_code == 200
        petitioning.sign(store, found, "derniere@example.org", "Dernière Minute")
        turn(store)
    assert petitioning.fresh(store, found).state == PetitionState.OPEN
    with at(midnight + timedelta(seconds=2)):
        assert client.get(f"/m/val/petitions/{found.id}/sign").status_code == 410
        turn(store)
    assert petitioning.fresh(store, found).state == PetitionState.EXPIRED


def turn(store: Store) -> None:
    with store.writing() as session:
        for number in keeping.due(session):
            keeping.turn(session, session.get_one(Petition, number))
        keeping.forget_traces(session)


def test_a_letter_names_the_earlier_of_its_days_and_the_end(
    app: Flask, store: Store, petition: Petition
) -> None:
    assert petition.closes_at is not None
    with at(petition.closes_at - timedelta(minutes=5)):
        petitioning.ask(store, petition, "quelquun@example.org")
        page = html.unescape(app.test_client().get(f"/m/val/petitions/{petition.id}/sign/asked").text)
    end = petition.closes_at.astimezone(ZoneInfo("Europe/Paris"))
    named = f"{end.day} "
    letter = letter_to(store, "quelquun@example.org")
    assert "7 jours" not in letter
    for text in (letter, page):
        assert f"{end.year}, 23:59 (heure de Paris)" in text
        assert named in text
    with at(petition.closes_at - timedelta(seconds=10)), store.writing() as session:
        signing.confirm(session, nonce(store, "quelquun@example.org"))


def test_a_button_works_until_the_moment_that_its_letter_names(store: Store, petition: Petition) -> None:
    petitioning.ask(store, petition, "une@example.org", "Une Un")
    petitioning.ask(store, petition, "deux@example.org", "Deux Deux")
    with store.reading() as session:
        row = session.scalars(select(Signature).where(Signature.email == "une@example.org")).one()
        last = signing.confirm_until(session.get_one(Petition, petition.id), row.asked_at)
    assert last - row.asked_at == timedelta(days=7)
    with at(last - timedelta(seconds=10)):
        turn(store)
        with store.writing() as session:
            signing.confirm(session, row.nonce)
    with at(last + timedelta(seconds=2)), store.writing() as session, refused("signature-link-old"):
        signing.confirm(session, nonce(store, "deux@example.org"))


def nonce(store: Store, email: str) -> str:
    with store.reading() as session:
        return session.scalars(select(Signature.nonce).where(Signature.email == email)).one()


@pytest.mark.parametrize("zone", ["Pacific/Noumea", "Pacific/Tahiti"])
def test_the_last_day_of_a_mandate_is_one_of_its_zone(store: Store, zone: str) -> None:
    place = make.mandate(store, time_zone=zone)
    assert isinstance(place, Mandate)
    petitioning.publish(store, place, petitioning.rules(place, answer=2, assembly=3, sponsors=0))
    found = petitioning.opened(store, place)
    for number in range(3):
        petitioning.sign(store, found, f"signe{number}@example.org", f"Signe {number}")
    assert petitioning.fresh(store, found).state == PetitionState.REACHED
    midnight = datetime.combine(place.term_end, datetime.min.time(), ZoneInfo(zone)) + timedelta(days=1)
    midnight = midnight.astimezone(UTC)
    with at(midnight - timedelta(seconds=10)):
        turn(store)
    assert petitioning.fresh(store, found).state == PetitionState.REACHED
    with at(midnight + timedelta(seconds=2)):
        turn(store)
    assert petitioning.fresh(store, found).state == PetitionState.ARCHIVED
