"""The pages of meetings: what members, organisers and the public see and do there, in both languages."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.assemblies.meetings import attendance, table_plans
from assemblee.assemblies.meetings.models import Document, LedgerLine, Meeting, Minutes, TrainingModule
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Seat, SeatState, Term
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import Role
from tests import bodies, ceremony, make
from tests.answers import Visitor

pytestmark = pytest.mark.only("sqlite")
ORGANISER = "organisatrice@example.org"


@pytest.fixture
def term(store: Store, mandate: Mandate, pool: Pool) -> Iterator[Term]:
    """Give a small body that sits, on its first day."""
    found = bodies.running(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    with bodies.on(found.first):
        yield found


@pytest.fixture(params=["fr", "en"])
def language(request: pytest.FixtureRequest) -> str:
    """Give either language."""
    return str(request.param)


def organiser(app: Flask, store: Store, language: str = "fr") -> Visitor:
    visitor = ceremony.person(app, store, ORGANISER, Role.ORGANISER)
    visitor.language = language
    visitor.client.set_cookie("language", language)
    return visitor


def member(store: Store, term: Term, place: int = 0) -> str:
    with store.reading() as session:
        seat = queries.seats(session, session.get_one(Term, term.id), HOLDING)[place]
        return f"/seat/{letters.token(session.info['settings'], seat)}"


def here(term: Term) -> str:
    return f"/m/amont/assemblies/{term.id}"


def convene(team: Visitor, term: Term, days: int = 10, **changes: str) -> str:
    day = (term.first + timedelta(days=days)).isoformat()
    values = {"title": "Les transports", "starts_at": f"{day}T09:00", "ends_at": f"{day}T17:00"}
    values |= {"place": "Mairie", "link": "https://video.example.org/x", "agenda": "Écouter\nDélibérer"}
    return team.send(f"{here(term)}/meetings/new", **{**values, **changes})


def test_a_meeting_goes_from_convocation_to_minutes(
    app: Flask, store: Store, term: Term, language: str
) -> None:
    team, visitor, one = organiser(app, store, language), Visitor(app, language=language), member(store, term)
    team.visit(f"{here(term)}/meetings/new")
    assert "aria-invalid" in team.send(f"{here(term)}/meetings/new", status=422)
    assert "aria-invalid" in (
        team.send(
            f"{here(term)}/meetings/new",
            status=422,
            title="A",
            starts_at="2020-01-01T09:00",
            ends_at="2020-01-01T10:00",
            place="Mairie",
        )
    )
    address = convene(team, term)
    visitor.visit(here(term))
    page = visitor.visit(address)
    assert "Délibérer" in page
    assert "video.example.org" not in page
    assert "video.example.org" in team.visit(address)
    page = visitor.visit(f"{one}/")
    assert "video.example.org" in page
    assert "<svg" in page
    visitor.send(f"{one}/meetings/1/absence")
    visitor.visit(f"{one}/")
    team.visit(f"{address}/attendance")
    team.visit(f"{address}/sheet")
    visitor.send(f"{one}/meetings/1/presence")
    visitor.send(f"{one}/meetings/1/presence", status=409)
    team.visit(f"{address}/change")
    assert "aria-invalid" in team.send(f"{address}/change", status=422)
    day = (term.first + timedelta(days=12)).isoformat()
    values = {"title": "Les transports", "starts_at": f"{day}T09:00", "ends_at": f"{day}T17:00"}
    team.send(f"{address}/change", **values, place="Mairie", reason="Un pont.")
    assert "Un pont." in visitor.visit(address)
    with bodies.on(term.first + timedelta(days=12)):
        with store.reading() as session:
            seats = [seat.id for seat in queries.seats(session, session.get_one(Term, term.id), HOLDING)]
        team.send(f"{address}/attendance", status=422)
        team.send(
            f"{address}/attendance", status=422, **{f"seat-{seats[0]}": "nonsense", "seat-x": "present"}
        )
    with bodies.on(term.first + timedelta(days=13)):
        team.send(f"{address}/attendance", **{f"seat-{number}": "present" for number in seats})
        team.send(
            f"{address}/attendance", **{f"seat-{'9' * 5000}": "present", "seat-²": "present"}, status=422
        )
        team.visit(f"{address}/attendance")
        visitor.visit(here(term))
        assert "aria-invalid" in team.send(f"{address}/minutes", status=422)
        team.send(f"{address}/minutes", text="Nous avons parlé.")
        assert "aria-invalid" in team.send(f"{address}/minutes", status=422, text="Nous avons parlé.")
        assert "Nous avons parlé." not in visitor.visit(address)
        for place in range(2):
            own = member(store, term, place)
            assert "Nous avons parlé." in visitor.visit(f"{own}/")
            with store.reading() as session:
                shown = session.get_one(Minutes, 1).hash
            visitor.send(f"{own}/meetings/1/approve", shown=shown)
        assert "Nous avons parlé." in visitor.visit(address)
        visitor.visit(f"{one}/")
        assert visitor.client.get(f"{one}/attestation.pdf").data.startswith(b"%PDF")
        assert team.client.get(f"{here(term)}/attestations/{seats[0]}.pdf").data.startswith(b"%PDF")
        assert visitor.client.get(f"{here(term)}/attestations/{seats[0]}.pdf").status_code == 302


def test_a_cancelled_meeting_says_why(app: Flask, store: Store, term: Term, language: str) -> None:
    team, visitor = organiser(app, store, language), Visitor(app, language=language)
    address = convene(team, term)
    assert "aria-invalid" in team.send(f"{address}/cancel", status=422)
    team.send(f"{address}/cancel", why="La neige.")
    assert "La neige." in visitor.visit(address)
    team.visit(address)
    visitor.visit(f"{here(term)}/meetings/99", status=404)


def test_calendars_are_given_as_calendars(app: Flask, store: Store, term: Term) -> None:
    team, visitor = organiser(app, store), Visitor(app)
    convene(team, term)
    for address in (f"{here(term)}/calendar.ics", f"{member(store, term)}/calendar.ics"):
        answer = visitor.client.get(address)
        assert answer.mimetype == "text/calendar"
        assert b"Les transports" in answer.data
    assert visitor.client.get("/seat/nothing/calendar.ics").status_code == 404


def test_an_organiser_reads_the_code_at_the_door(app: Flask, store: Store, term: Term, language: str) -> None:
    team, visitor = organiser(app, store, language), Visitor(app, language=language)
    address = convene(team, term)
    with store.reading() as session:
        seat = queries.seats(session, session.get_one(Term, term.id), HOLDING)[0]
        shown = attendance.entry_pass(session.info["settings"], session.get_one(Meeting, 1), seat)
        name = seat.known_as
    door = f"{address}/check-in/{shown}"
    assert str(name) in team.visit(door)
    assert visitor.client.get(door).status_code == 302, "only organisers may"
    team.send(door, status=409)
    with bodies.on(term.first + timedelta(days=10)):
        assert team.send(door) == door
        assert "<form" not in team.visit(door).partition("<main")[2]
        assert "checked" in team.visit(f"{address}/attendance")
    team.visit(f"{address}/check-in/nothing", status=404)


def test_documents_and_modules_reach_those_they_are_for(
    app: Flask, store: Store, term: Term, language: str
) -> None:
    team, visitor, one = organiser(app, store, language), Visitor(app, language=language), member(store, term)
    papers = f"{here(term)}/papers"
    visitor.visit(papers)
    team.visit(papers)
    assert "aria-invalid" in team.send(f"{here(term)}/documents", status=422)
    bad = (io.BytesIO(b"MZ"), "programme.exe")
    assert "aria-invalid" in team.send(f"{here(term)}/documents", status=422, file=bad)
    team.send(f"{here(term)}/documents", file=(io.BytesIO(b"%PDF-1"), "Étude.pdf"))
    team.send(f"{here(term)}/documents", file=(io.BytesIO(b"a;b"), "liste.csv"), is_public="y")
    assert "Étude.pdf" not in visitor.visit(papers)
    assert "liste.csv" in visitor.visit(papers)
    assert "Étude.pdf" in visitor.visit(f"{one}/")
    answer = visitor.client.get(f"{one}/documents/1")
    assert (answer.data, answer.mimetype) == (b"%PDF-1", "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert visitor.client.get(f"{here(term)}/documents/1").status_code == 404
    assert visitor.client.get(f"{here(term)}/documents/2").data == b"a;b"
    assert team.client.get(f"{here(term)}/documents/1").data == b"%PDF-1"
    team.send(f"{here(term)}/documents/1/withdraw")
    team.visit(papers)
    assert visitor.client.get(f"{one}/documents/1").status_code == 410
    assert "aria-invalid" in team.send(f"{here(term)}/modules", status=422)
    assert "aria-invalid" in team.send(f"{here(term)}/modules", status=422, title="La loi", text="", link="")
    team.send(f"{here(term)}/modules", title="La loi", text="À lire.", link="https://example.org/loi")
    assert "À lire." in visitor.visit(f"{one}/")
    visitor.send(f"{one}/modules/1/done")
    visitor.visit(f"{one}/")
    team.visit(papers)
    team.send(f"{here(term)}/modules/1/withdraw")
    assert "À lire." not in visitor.visit(f"{one}/")
    with store.reading() as session:
        assert len(session.scalars(select(Document)).all()) == 2
        assert session.get_one(TrainingModule, 1).withdrawn_at is not None


def test_expenses_go_from_the_member_to_the_ledger(
    app: Flask, store: Store, term: Term, language: str
) -> None:
    team, visitor, one = organiser(app, store, language), Visitor(app, language=language), member(store, term)
    ledger = f"{here(term)}/ledger"
    team.visit(ledger)
    visitor.visit(f"{one}/expenses")
    assert "aria-invalid" in visitor.send(f"{one}/expenses", status=422)
    good = {"purpose": "=1+1", "day": term.first.isoformat()}
    for amount in ("12,345", "-3", "0", "beaucoup"):
        assert "aria-invalid" in visitor.send(f"{one}/expenses", status=422, **good, amount=amount)
    for amount in ("12,50", "7", "0.05"):
        visitor.send(f"{one}/expenses", **good, amount=amount)
    with store.reading() as session:
        assert [line.cents for line in session.scalars(select(LedgerLine).order_by(LedgerLine.id))] == [
            1250,
            700,
            5,
        ]
    team.visit(ledger)
    team.send(f"{ledger}/1/accept")
    team.send(f"{ledger}/2/refuse", status=422)
    team.send(f"{ledger}/2/refuse", reason="Sans billet.")
    assert "Sans billet." in visitor.visit(f"{one}/")
    team.visit(ledger)
    team.send(f"{ledger}/pay", status=422)
    team.send(f"{ledger}/pay", status=422, line=["9" * 5000])
    for number in (2**31, 2**63, -(2**63) - 1, 0):
        team.send(f"{ledger}/pay", status=404, line=["1", str(number)])
    team.send(f"{ledger}/pay", line=["1"])
    team.visit(ledger)
    text = team.client.get(f"{here(term)}/ledger.csv").data.decode("utf-8-sig")
    assert "12.50" in text
    assert ",'=1+1," in text
    assert Visitor(app).client.get(f"{here(term)}/ledger.csv").status_code == 302


def test_tables_are_drawn_and_printed(app: Flask, store: Store, term: Term, language: str) -> None:
    team = organiser(app, store, language)
    address = convene(team, term)
    team.visit(f"{address}/tables")
    assert "aria-invalid" in team.send(f"{address}/tables", status=422, tables="9", rounds="1")
    team.send(f"{address}/tables", tables="1", rounds="2")
    team.visit(f"{address}/tables")
    make.finish_jobs(store)
    page = team.visit(f"{address}/tables")
    names = [seat.known_as for seat in bodies.of(term, SeatState.SITTING)]
    assert all(str(name) in page for name in names)
    assert len(re.findall("<table", page)) == 2
    assert table_plans.KIND == "tables"


def test_a_link_without_a_place_shows_no_meetings(app: Flask, store: Store, term: Term) -> None:
    convene(organiser(app, store), term)
    waiting = next(seat for seat in term.seats if seat.place is None)
    with store.reading() as session:
        link = f"/seat/{letters.token(session.info['settings'], session.get_one(Seat, waiting.id))}"
    visitor = Visitor(app)
    assert "Les transports" not in visitor.visit(f"{link}/")
    visitor.send(f"{link}/meetings/1/absence", status=409)
    assert "aria-invalid" not in visitor.visit(f"{link}/expenses")
