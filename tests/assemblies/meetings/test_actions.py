"""Meetings: convened, changed, cancelled; who comes; the minutes, documents, modules and tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from sqlalchemy import make_url, select

from assemblee.assemblies.meetings import actions as meetings
from assemblee.assemblies.meetings import attendance, calendars, minutes, table_plans
from assemblee.assemblies.meetings import queries as meeting_queries
from assemblee.assemblies.meetings.actions import MeetingFacts
from assemblee.assemblies.meetings.models import Document, Meeting, Minutes, Presence, TablePlan
from assemblee.assemblies.papers import documents, training
from assemblee.assemblies.rotation import halts
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import HOLDING, Seat, SeatState, Term
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import keys, tree
from assemblee.journal.models import Leaf
from assemblee.mail import outbox
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE, Actor
from tests import bodies, make
from tests.answers import refused
from tests.conftest import copying, new_on_server

ME = Actor(None, door="seat-1")


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def facts(day: date, **changes: object) -> MeetingFacts:
    values: dict[str, Any] = {
        "title": "Les transports",
        "starts_at": at(day, 8),
        "ends_at": at(day, 16),
        "place": "Salle des fêtes",
        "link": "https://video.example.org/salle",
        "agenda": "1. Écouter\n2. Délibérer",
    }
    return MeetingFacts(**{**values, **changes})


def sitting(address: str, folder: Path) -> None:
    """Play the life of a body up to its first day."""
    settings = Config(instance=folder, secret_key="s" * 48, database_url=address)
    keys.create(settings, make.LOG_SEED)
    store = Store.of(settings)
    place = bodies.mandate(store)
    bodies.running(store, place, bodies.pool(store, place))
    store.dispose()


@pytest.fixture(scope="module")
def sitting_file(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sitting")
    path = folder / "assemblee.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    sitting(f"sqlite:///{path}", folder)
    return path


@pytest.fixture(scope="module")
def sitting_database(
    postgresql_url: str, postgresql_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sitting")
    with new_on_server(postgresql_url, postgresql_template, folder) as address:
        sitting(address, folder)
        yield str(make_url(address).database)


@pytest.fixture
def new_database(request: pytest.FixtureRequest) -> make.NewDatabase:
    """Give what copies a database in which a body sits: to play its life takes a second each time."""
    return copying(request, "sitting_file", "sitting_database")


@pytest.fixture
def mandate(store: Store) -> Mandate:
    with store.reading() as session:
        return session.scalars(select(Mandate)).one()


@pytest.fixture
def term(store: Store, mandate: Mandate) -> Iterator[Term]:
    """Give a body that sits, on its first day."""
    found = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    with bodies.on(found.first):
        yield found


def convened(store: Store, term: Term, **changes: object) -> Meeting:
    """Convene a meeting two weeks after the first day of a term."""
    with store.writing() as session:
        day = term.first + timedelta(days=14)
        return meetings.convene(session, COMMAND_LINE, session.get_one(Term, term.id), facts(day, **changes))


def held(store: Store, meeting: Meeting, absent: int = 0) -> None:
    """Record everybody as present, but the last few."""
    with bodies.on(meeting.starts_at.date()), store.writing() as session:
        row = session.get_one(Meeting, meeting.id)
        called = meeting_queries.expected(session, row)
        states = {
            seat.id: Presence.PRESENT if place < len(called) - absent else Presence.ABSENT
            for place, seat in enumerate(called)
        }
        attendance.take(session, COMMAND_LINE, row, states)


def test_everybody_who_holds_a_place_is_called_by_letter(store: Store, term: Term) -> None:
    made = convened(store, term)
    assert make.leaves(store, "meeting-convened") == 1
    with store.reading() as session:
        sent = session.scalars(select(outbox.Mail).where(outbox.Mail.subject.contains("séance"))).all()
        assert {one.recipient for one in sent} == {seat.address for seat in bodies.of(term, *HOLDING)}
        assert all("Salle des fêtes" in one.body and "/seat/" in one.body for one in sent)
        assert "Délibérer" in sent[0].body
        leaf = session.scalars(select(Leaf).where(Leaf.event == "meeting-convened")).one()
        assert meetings.text_hash(made.agenda) in leaf.body
        assert "Délibérer" not in leaf.body
        assert "transports" not in leaf.body


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("meeting-title-missing", {"title": "  "}),
        ("meeting-place-missing", {"place": "", "link": ""}),
        ("link-invalid", {"link": "javascript:alert(1)"}),
        ("link-invalid", {"link": "https://[half"}),
        ("meeting-times-crossed", {"ends_at": at(date(2027, 7, 2), 8)}),
        ("meeting-in-the-past", {"starts_at": at(date(2026, 1, 1), 8)}),
        ("meeting-outside-term", {"ends_at": at(date(2032, 1, 1), 8)}),
    ],
)
def test_a_meeting_is_convened_as_it_should_or_not_at_all(
    store: Store, term: Term, code: str, changes: dict[str, object]
) -> None:
    with refused(code):
        convened(store, term, **changes)
    assert make.leaves(store, "meeting-convened") == 0


def test_nobody_is_convened_to_a_body_that_is_not_open_or_suspended(
    store: Store, mandate: Mandate, term: Term
) -> None:
    later = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2")
    with refused("term-is-planned"):
        convened(store, later)
    with store.writing() as session:
        halts.suspend(session, COMMAND_LINE, session.get_one(Term, term.id), "Une raison.")
    with refused("term-is-suspended"):
        convened(store, term)


@pytest.mark.both_stores
def test_short_notice_is_allowed_and_shows(store: Store, term: Term) -> None:
    convened(store, term)
    soon = term.first + timedelta(days=3)
    made = convened(store, term, starts_at=at(soon, 8), ends_at=at(soon, 9))
    with store.reading() as session:
        assert [one.id for one in meeting_queries.short_notice(session, term.mandate_id)] == [made.id]


def test_a_change_is_told_with_its_reason_and_asks_absences_anew(store: Store, term: Term) -> None:
    made = convened(store, term)
    seat = bodies.of(term, SeatState.SITTING)[0]
    day = term.first + timedelta(days=14)
    with store.writing() as session:
        attendance.announce(
            session, session.get_one(Seat, seat.id), session.get_one(Meeting, made.id), is_away=True
        )
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        with refused("meeting-reason-missing"):
            meetings.move(session, COMMAND_LINE, row, facts(day), " ")
        with refused("meeting-unchanged"):
            meetings.move(session, COMMAND_LINE, row, facts(day), "Une salle plus grande.")
        meetings.move(session, COMMAND_LINE, row, facts(day, place="Mairie"), "Une salle plus grande.")
        assert meeting_queries.attendance(session, row)[seat.id].announced_at is not None
        told = row.told_at
    with bodies.on(term.first + timedelta(days=1)), store.writing() as session:
        row = session.get_one(Meeting, made.id)
        meetings.move(session, COMMAND_LINE, row, facts(day + timedelta(days=1)), "Un pont.")
        session.expire_all()
        assert meeting_queries.attendance(session, row)[seat.id].announced_at is None
        assert (row.sequence, row.reason) == (2, "Un pont.")
        assert row.told_at > told
        sent = session.scalars(select(outbox.Mail).where(outbox.Mail.body.contains("Un pont."))).all()
        assert len(sent) == term.size
    assert make.leaves(store, "meeting-moved") == 2


def test_a_cancelled_meeting_stays_cancelled(store: Store, term: Term) -> None:
    made = convened(store, term)
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        with refused("meeting-reason-missing"):
            meetings.cancel(session, COMMAND_LINE, row, "")
        meetings.cancel(session, COMMAND_LINE, row, "La neige.")
        assert row.is_cancelled
        with refused("meeting-is-cancelled"):
            meetings.cancel(session, COMMAND_LINE, row, "La neige.")
        with refused("meeting-is-cancelled"):
            meetings.move(session, COMMAND_LINE, row, facts(term.first), "La neige.")
        with refused("meeting-is-cancelled"):
            table_plans.ask(session, row, 2, 1)
    assert make.leaves(store, "meeting-cancelled") == 1
    other = convened(store, term)
    with bodies.on(other.starts_at.date()), store.writing() as session, refused("meeting-has-begun"):
        meetings.cancel(session, COMMAND_LINE, session.get_one(Meeting, other.id), "La neige.")


def events(content: bytes) -> dict[str, icalendar.Event]:
    calendar = icalendar.Calendar.from_ical(content)
    return {str(one["uid"]): one for one in calendar.walk("VEVENT")}


def test_calendars_follow_changes_and_name_nobody(store: Store, term: Term) -> None:
    made = convened(store, term)
    seat = bodies.of(term, SeatState.SITTING)[0]
    with store.reading() as session:
        own = calendars.of_seat(session, session.get_one(Seat, seat.id))
        public = calendars.of_term(session, session.get_one(Term, term.id))
        assert own == calendars.of_seat(session, session.get_one(Seat, seat.id))
    name = f"meeting-{made.id}@127.0.0.1"
    mine = events(own)
    assert sorted(mine) == sorted([name, f"term-{term.id}-first@127.0.0.1", f"term-{term.id}-last@127.0.0.1"])
    assert mine[name].decoded("dtstart") == made.starts_at
    assert b"DTSTART:" in own
    assert made.starts_at.strftime("%Y%m%dT%H%M%SZ").encode() in own
    assert mine[f"term-{term.id}-last@127.0.0.1"].decoded("dtstart") == term.last
    assert list(events(public)) == [name]
    assert b"video.example.org" not in public
    assert b"video.example.org" in own
    for content in (own, public):
        assert not any((one.address or "@@").encode() in content for one in term.seats)
        assert not any((one.known_as or "@@").encode() in content for one in term.seats)
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        meetings.move(session, COMMAND_LINE, row, facts(term.first + timedelta(days=20)), "Un pont.")
        meetings.cancel(session, COMMAND_LINE, row, "La neige.")
    with store.reading() as session:
        after = events(calendars.of_term(session, session.get_one(Term, term.id)))[name]
    assert (after["sequence"], str(after["status"])) == (2, "CANCELLED")


def test_a_member_says_that_they_cannot_come_and_takes_it_back(store: Store, term: Term) -> None:
    made = convened(store, term)
    seat = bodies.of(term, SeatState.SITTING)[0]
    with store.writing() as session:
        own, row = session.get_one(Seat, seat.id), session.get_one(Meeting, made.id)
        with refused("absence-not-announced"):
            attendance.announce(session, own, row, is_away=False)
        attendance.announce(session, own, row, is_away=True)
        assert meeting_queries.mine(session, own)[0].is_announced
        with refused("absence-announced"):
            attendance.announce(session, own, row, is_away=True)
        attendance.announce(session, own, row, is_away=False)
        assert not meeting_queries.mine(session, own)[0].is_announced
        alternate = next(one for one in row.term.seats if not one.holds)
        with refused("seat-holds-no-place"):
            attendance.announce(session, alternate, row, is_away=True)
    with bodies.on(made.starts_at.date()), store.writing() as session, refused("meeting-has-begun"):
        attendance.announce(
            session, session.get_one(Seat, seat.id), session.get_one(Meeting, made.id), is_away=True
        )


@pytest.mark.both_stores
def test_the_code_at_the_door_marks_its_own_member_on_the_day(store: Store, term: Term) -> None:
    made, other = convened(store, term), convened(store, term)
    seat = bodies.of(term, SeatState.SITTING)[0]
    with store.writing() as session:
        settings = session.info["settings"]
        own, row = session.get_one(Seat, seat.id), session.get_one(Meeting, made.id)
        shown = attendance.entry_pass(settings, row, own)
        assert attendance.seat_of_pass(session, settings, row, shown) is own
        with refused("entry-pass-void"):
            attendance.seat_of_pass(session, settings, session.get_one(Meeting, other.id), shown)
        with refused("entry-pass-void"):
            attendance.seat_of_pass(session, settings, row, shown[:-1])
        with refused("entry-pass-void"):
            attendance.seat_of_pass(session, settings, row, letters.token(settings, own))
        with refused("check-in-too-early"):
            attendance.check_in(session, row, own)
    with bodies.on(made.starts_at.date()), store.writing() as session:
        own, row = session.get_one(Seat, seat.id), session.get_one(Meeting, made.id)
        first = attendance.check_in(session, row, own).checked_in_at
        assert attendance.check_in(session, row, own).checked_in_at == first
        own.nonce = "renewed"
        with refused("entry-pass-void"):
            attendance.seat_of_pass(session, settings, row, shown)
    held(store, made)
    with bodies.on(made.starts_at.date()), store.writing() as session, refused("meeting-is-recorded"):
        attendance.check_in(session, session.get_one(Meeting, made.id), session.get_one(Seat, seat.id))


def test_the_sheet_counts_everybody_who_was_called(store: Store, term: Term) -> None:
    made = convened(store, term)
    with store.writing() as session, refused("meeting-not-begun"):
        attendance.take(session, COMMAND_LINE, session.get_one(Meeting, made.id), {})
    with bodies.on(made.starts_at.date()), store.writing() as session:
        row = session.get_one(Meeting, made.id)
        called = meeting_queries.expected(session, row)
        assert len(called) == term.size
        states = dict.fromkeys([seat.id for seat in called], Presence.PRESENT)
        assert [one.id for one in meeting_queries.unrecorded(session, term.mandate_id)] == []
        with refused("attendance-incomplete"):
            attendance.take(session, COMMAND_LINE, row, dict(list(states.items())[1:]))
        with refused("seat-unknown"):
            attendance.take(session, COMMAND_LINE, row, states | {999: Presence.ABSENT})
    with bodies.on(made.starts_at.date() + timedelta(days=1)):
        with store.reading() as session:
            waiting = meeting_queries.unrecorded(session, term.mandate_id)
            assert [one.id for one in waiting] == [made.id]
        held(store, made, absent=2)
        with store.reading() as session:
            row = session.get_one(Meeting, made.id)
            turnout = meeting_queries.turnouts(session, [row])[row.id]
            assert (turnout.present, turnout.absent, turnout.expected) == (term.size - 2, 2, term.size)
            rows = sorted(
                [number, one.state] for number, one in meeting_queries.attendance(session, row).items()
            )
            leaf = session.scalars(select(Leaf).where(Leaf.event == "attendance-recorded")).one()
            assert tree.fingerprint([row.salt, rows]) in leaf.body
            assert tree.fingerprint(rows) not in leaf.body
        held(store, made)
    assert make.leaves(store, "attendance-recorded") == 2


def test_who_has_left_counts_where_they_were(store: Store, term: Term) -> None:
    made, later = convened(store, term), convened(store, term)
    seat = bodies.of(term, SeatState.SITTING)[0]
    with bodies.on(made.starts_at.date()), store.writing() as session:
        seats.leave(
            session, COMMAND_LINE, session.get_one(Seat, seat.id), SeatState.RESIGNED, cause="own-word"
        )
    with bodies.on(made.starts_at.date() + timedelta(days=1)), store.writing() as session:
        day = made.starts_at.date() + timedelta(days=5)
        row = session.get_one(Meeting, later.id)
        meetings_of = [one.id for one in meeting_queries.expected(session, session.get_one(Meeting, made.id))]
        assert seat.id in meetings_of
        row.starts_at, row.ends_at = at(day, 8), at(day, 16)
        assert seat.id not in [one.id for one in meeting_queries.expected(session, row)]
        own = session.get_one(Seat, seat.id)
        assert [one.meeting.id for one in meeting_queries.mine(session, own)] == [made.id]


@pytest.mark.both_stores
def test_more_than_half_of_those_present_make_the_minutes_public(store: Store, term: Term) -> None:
    made = convened(store, term)
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        with refused("meeting-not-recorded"):
            minutes.publish(session, COMMAND_LINE, row, "Nous avons parlé.")
        with refused("minutes-missing"):
            minutes.approve(session, ME, bodies_seat(session, term), row, "")
    held(store, made, absent=term.size - 4)
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        with refused("minutes-text-missing"):
            minutes.publish(session, COMMAND_LINE, row, " ")
        first = minutes.publish(session, COMMAND_LINE, row, "Nous avons parlé.").hash
        with refused("minutes-unchanged"):
            minutes.publish(session, COMMAND_LINE, row, "Nous avons parlé.")
        there = meeting_queries.present(session, row)
        away = next(seat for seat in meeting_queries.expected(session, row) if seat not in there)
        with refused("minutes-not-present"):
            minutes.approve(session, ME, away, row, first)
        for seat in there[:2]:
            minutes.approve(session, ME, seat, row, first)
        with refused("minutes-approved-already"):
            minutes.approve(session, ME, there[0], row, first)
        assert session.get_one(Minutes, made.id).approved_at is None, "half is not more than half"
        second = minutes.publish(session, COMMAND_LINE, row, "Nous avons bien parlé.").hash
        assert meeting_queries.approvals(session, row) == 0
        with refused("minutes-changed"):
            minutes.approve(session, ME, there[0], row, first)
        for seat in there[:3]:
            minutes.approve(session, ME, seat, row, second)
        assert session.get_one(Minutes, made.id).approved_at is not None
        with refused("minutes-are-approved"):
            minutes.approve(session, ME, there[3], row, second)
        with refused("minutes-are-approved"):
            minutes.publish(session, COMMAND_LINE, row, "Autre chose.")
        leaf = session.scalars(select(Leaf).where(Leaf.event == "minutes-approved")).one()
        assert second in leaf.body
        assert "parlé" not in leaf.body
    assert (make.leaves(store, "minutes-published"), make.leaves(store, "minutes-approved")) == (2, 1)


def bodies_seat(session: Any, term: Term) -> Seat:  # noqa: ANN401 - a session of either store
    return queries.seats(session, session.get_one(Term, term.id), HOLDING)[0]


def test_documents_of_a_mandate_have_a_measure_and_withdrawn_ones_take_none(
    store: Store, term: Term, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_OF_MANDATE", 10)
    with store.writing() as session:
        row = session.get_one(Term, term.id)

        def add(size: int) -> Document:
            content = bytes(size)
            return documents.add(
                session, COMMAND_LINE, row, file_name="a.pdf", content=content, is_public=True
            )

        made = add(6)
        with refused("documents-full"):
            add(5)
        add(4)
        documents.withdraw(session, COMMAND_LINE, row, made)
        add(6)


@pytest.mark.both_stores
def test_a_document_is_kept_with_its_hash_and_can_be_emptied(store: Store, term: Term) -> None:
    with store.writing() as session:
        row = session.get_one(Term, term.id)
        for code, name, content in (
            ("document-name-invalid", "programme.exe", b"x"),
            ("document-name-invalid", f"{'n' * 120}.pdf", b"x"),
            ("document-empty", "note.pdf", b""),
            ("document-too-large", "note.pdf", b"x" * (documents.LARGEST + 1)),
        ):
            with refused(code):
                documents.add(session, COMMAND_LINE, row, file_name=name, content=content, is_public=True)
        made = documents.add(
            session, COMMAND_LINE, row, file_name="..\\notes/Étude.PDF", content=b"%PDF", is_public=False
        )
        assert (made.name, made.size, documents.media_type(made.name)) == ("Étude.PDF", 4, "application/pdf")
        with refused("document-unknown"):
            documents.document(session, row, made.id, for_members=False)
        assert documents.document(session, row, made.id, for_members=True).content == b"%PDF"
        leaf = session.scalars(select(Leaf).where(Leaf.event == "document-added")).one()
        assert made.sha256 in leaf.body
        assert "tude" not in leaf.body
        documents.withdraw(session, COMMAND_LINE, row, made)
        with refused("document-withdrawn"):
            documents.withdraw(session, COMMAND_LINE, row, made)
        with refused("document-withdrawn"):
            documents.document(session, row, made.id, for_members=True)
        assert made.content is None
    assert make.leaves(store, "document-withdrawn") == 1


def test_training_is_complete_once_every_module_is_done(store: Store, mandate: Mandate, term: Term) -> None:
    later = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2")
    with store.writing() as session:
        row = session.get_one(Term, term.id)
        seat = bodies_seat(session, term)
        assert training.is_complete(session, seat), "nothing is asked"
        for code, title, text, link in (
            ("module-title-missing", "", "À lire", ""),
            ("module-empty", "La loi", "", ""),
            ("link-invalid", "La loi", "", "ftp://example.org"),
        ):
            with refused(code):
                training.add(session, COMMAND_LINE, row, title=title, text=text, link=link)
        with refused("term-is-planned"):
            training.add(session, COMMAND_LINE, session.get_one(Term, later.id), title="A", text="A", link="")
        one = training.add(session, COMMAND_LINE, row, title="La loi", text="À lire", link="")
        two = training.add(session, COMMAND_LINE, row, title="Le budget", text="", link="https://example.org")
        training.complete(session, seat, one)
        training.complete(session, seat, one)
        assert not training.is_complete(session, seat)
        assert training.counts(session, row) == {one.id: 1}
        training.withdraw(session, COMMAND_LINE, row, two)
        assert training.is_complete(session, seat)
        with refused("module-withdrawn"):
            training.withdraw(session, COMMAND_LINE, row, two)
        with refused("module-withdrawn"):
            training.complete(session, seat, two)
        with refused("module-unknown"):
            training.module(session, row, 999)
        with refused("seat-holds-no-place"):
            training.complete(session, next(one for one in row.seats if not one.holds), one)
    assert (make.leaves(store, "module-added"), make.leaves(store, "module-withdrawn")) == (2, 1)


@pytest.mark.both_stores
def test_those_who_come_are_seated_by_the_worker(store: Store, term: Term) -> None:
    made = convened(store, term)
    away = bodies.of(term, SeatState.SITTING)[0]
    with store.writing() as session:
        row = session.get_one(Meeting, made.id)
        attendance.announce(session, session.get_one(Seat, away.id), row, is_away=True)
        for tables, rounds in ((0, 1), (8, 1), (2, 0), (2, 13)):
            with refused("tables-impossible"):
                table_plans.ask(session, row, tables, rounds)
        number = table_plans.ask(session, row, 3, 2).id
    with store.writing() as session, refused("job-already-open"):
        table_plans.ask(session, session.get_one(Meeting, made.id), 3, 2)
    make.finish_jobs(store)
    with store.reading() as session:
        plan = session.get_one(TablePlan, number)
        assert plan.document is not None
        seated = [sorted(person for table in turn for person in table) for turn in plan.document["rounds"]]
        assert seated == [plan.people] * 2
        assert away.pseudonym not in plan.people
        assert len(plan.people) == term.size - 1
        leaf = session.scalars(select(Leaf).where(Leaf.event == "tables-drawn")).one()
        assert plan.seed in leaf.body


def test_the_nominated_meet_each_other_without_traits(store: Store, mandate: Mandate, term: Term) -> None:
    experts = bodies.term(store, mandate, f"{bodies.EXPERTS}/1")
    with store.reading() as session:
        row = session.get_one(Term, experts.id)
        found = table_plans._pool(session, row, ["a", "b"])
        assert (found.people, found.categories) == (("a", "b"), ())
