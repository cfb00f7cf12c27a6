from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assemblee import clock
from assemblee.consultations import archive, casting, counting, drafting, marking, queries, settling
from assemblee.consultations.models import Consultation, ConsultationState, Mode, Phase, RollEntry
from assemblee.db import Store, database_now
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make, voting
from tests.answers import refused
from votes.verify import main as verify

BALLOT = bytes([2, 0, 3])


@pytest.fixture
def consultation(store: Store, mandate: Mandate, pool: Pool) -> Consultation:
    voting.guarantors(store, mandate)
    return voting.settled(store, mandate, pool)


@pytest.mark.both_stores
@pytest.mark.parametrize("rules", voting.KINDS, ids=lambda rules: rules["kind"])
def test_a_consultation_of_each_kind_is_voted_counted_and_recounted(
    store: Store, mandate: Mandate, pool: Pool, rules: dict[str, Any], tmp_path: Path
) -> None:
    people = voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool, rules)
    columns = queries.rules(made).columns
    entries = voting.roll(store, made)
    receipts = [
        voting.vote(
            store, made, entry, bytes((number + place) % one.options for place, one in enumerate(columns))
        )
        for number, entry in enumerate(entries[:5])
    ]
    receipts.append(voting.vote(store, made, entries[5], queries.rules(made).blank))
    counted = voting.count(store, made, people)
    assert (counted.state, counted.marks, counted.ballots) == (ConsultationState.COUNTED, 6, 6)
    assert counted.sealed_key is None
    result = queries.result(counted)
    assert (result["roll"], result["ballots"], result["blank"]) == (12, 6, 1)
    with store.reading() as session:
        for one in receipts:
            assert queries.on_board(session, counted, one.code.lower()).receipt == one.code
        found = archive.files(session, session.get_one(Consultation, made.id))
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, content in found.items():
        (folder / name).write_bytes(content)
    assert verify([str(folder)]) == 0


def test_settling_freezes_the_rules_and_the_roll(
    store: Store, mandate: Mandate, pool: Pool, consultation: Consultation
) -> None:
    assert consultation.state == ConsultationState.SETTLED
    assert consultation.roll_size == 12
    rules = json.loads(str(consultation.rules_text))
    assert rules["roll"]["size"] == 12
    assert make.leaves(store, "consultation-opened") == 1
    make.import_people(store, pool, make.respondents(1, first=40))
    assert len(voting.roll(store, consultation)) == 12
    with refused("consultation-is-open"), store.writing() as session:
        drafting.change(
            session, COMMAND_LINE, session.get_one(Consultation, consultation.id), voting.facts(pool)
        )
    with refused("consultation-is-open"), store.writing() as session:
        settling.settle(session, COMMAND_LINE, session.get_one(Consultation, consultation.id))


def test_a_draft_is_changed_until_it_is_settled(store: Store, mandate: Mandate, pool: Pool) -> None:
    made = voting.written(store, mandate, voting.facts(pool))
    with store.writing() as session:
        found = session.get_one(Consultation, made.id)
        drafting.change(session, COMMAND_LINE, found, voting.facts(pool, voting.YES_NO, title="Pour ?"))
    assert voting.fresh(store, made).title == "Pour ?"
    assert make.leaves(store, "consultation-changed") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "consultation-text-missing"),
        ({"explanation": ""}, "consultation-text-missing"),
        ({"closes_at": clock.now() - timedelta(days=1)}, "consultation-times-invalid"),
        ({"guarantors": 0}, "consultation-guarantors-invalid"),
        ({"arguments": [("sideways", "x", "y")]}, "consultation-argument-invalid"),
        ({"arguments": [("for", "", "y")]}, "consultation-argument-invalid"),
        ({"rules": {**voting.JUDGMENT, "scale": voting.SCALE[:1]}}, "consultation-rules-invalid"),
        ({"roll": ("pool", 999)}, "roll-unknown"),
        ({"roll": ("planet", 1)}, "roll-unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    store: Store, mandate: Mandate, pool: Pool, changes: dict[str, Any], code: str
) -> None:
    with refused(code):
        voting.written(store, mandate, replace(voting.facts(pool), **changes))
    assert make.leaves(store, "consultation-written") == 0


def test_settling_is_refused_without_guarantors_voters_or_time(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    with refused("consultation-guarantors-too-few"):
        voting.settled(store, mandate, pool)
    voting.guarantors(store, mandate)
    empty = make.pool(store, mandate, people=0, name="Personne")
    with refused("roll-empty"):
        voting.settled(store, mandate, empty)
    made = voting.written(store, mandate, voting.facts(pool))
    with voting.after_closing(made), refused("consultation-times-invalid"), store.writing() as session:
        settling.settle(session, COMMAND_LINE, session.get_one(Consultation, made.id))
    assert make.leaves(store, "consultation-opened") == 0


@pytest.mark.both_stores
def test_open_or_closed_follows_from_the_time(
    store: Store, mandate: Mandate, pool: Pool, consultation: Consultation
) -> None:
    later = voting.settled(
        store,
        mandate,
        pool,
        opens_at=clock.now() + timedelta(days=1),
        closes_at=clock.now() + timedelta(days=2),
    )
    entry = voting.roll(store, later)[0]
    with refused("consultation-is-announced"):
        voting.vote(store, later, entry, BALLOT)
    with store.reading() as session:
        assert consultation.phase(database_now(session)) == Phase.OPEN
    entry = voting.roll(store, consultation)[0]
    with voting.after_closing(consultation), refused("consultation-is-closed"):
        voting.vote(store, consultation, entry, BALLOT)


@pytest.mark.both_stores
def test_a_ballot_after_closing_is_refused_even_with_a_token(
    store: Store, consultation: Consultation
) -> None:
    device = voting.Device(consultation)
    with store.writing() as session:
        device.mark(session, voting.roll(store, consultation)[0])
    with (
        voting.after_closing(consultation),
        refused("consultation-is-closed"),
        store.writing() as session,
    ):
        device.cast(session, consultation, BALLOT)


@pytest.mark.both_stores
def test_the_last_ballot_of_a_token_counts(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    device = voting.Device(consultation)
    with store.writing() as session:
        device.mark(session, voting.roll(store, consultation)[0])
    with store.writing() as session:
        first = device.cast(session, consultation, BALLOT)
    with store.writing() as session:
        second = device.cast(session, consultation, bytes([0, 0, 0]))
    assert first.code != second.code
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert counted.ballots == 1
    with store.reading() as session:
        assert queries.on_board(session, counted, second.code).cells == bytes([0, 0, 0])
        with refused("receipt-unknown"):
            queries.on_board(session, counted, first.code)
        with refused("receipt-malformed"):
            queries.on_board(session, counted, "pas un reçu")


@pytest.mark.both_stores
def test_the_same_request_gets_the_same_token_and_another_none(
    store: Store, consultation: Consultation
) -> None:
    entry = voting.roll(store, consultation)[0]
    device, other = voting.Device(consultation), voting.Device(consultation)
    with store.writing() as session:
        device.mark(session, entry)
    first = device.signature
    with store.writing() as session:
        device.mark(session, entry)
    assert device.signature == first
    with refused("voter-already-marked"), store.writing() as session:
        other.mark(session, entry)
    with refused("voter-already-marked"), store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, entry.id))


@pytest.mark.parametrize("blinded", [b"", b"\xff" * 256, b"\0" * 255])
def test_a_request_that_is_none_marks_nobody(
    store: Store, consultation: Consultation, blinded: bytes
) -> None:
    entry = voting.roll(store, consultation)[0]
    with refused("token-request-invalid"), store.writing() as session:
        marking.sign_token(session, session.get_one(RollEntry, entry.id), blinded)
    assert voting.roll(store, consultation)[0].means is None


def test_a_forged_token_and_a_bad_ballot_are_refused(store: Store, consultation: Consultation) -> None:
    device = voting.Device(consultation)
    with store.writing() as session:
        device.mark(session, voting.roll(store, consultation)[0])
    for ballot, code in (
        (b"", "ballot-invalid"),
        (bytes([0, 0, 9]), "ballot-invalid"),
        (bytes([0, 0, 0, 0]), "ballot-invalid"),
    ):
        with refused(code), store.writing() as session:
            device.cast(session, consultation, ballot)
    device.prepared = bytes(64)
    with refused("token-invalid"), store.writing() as session:
        device.cast(session, consultation, BALLOT)
    device.prepared = b""
    with refused("token-invalid"), store.writing() as session:
        device.cast(session, consultation, BALLOT)


def test_a_missing_judgment_is_refused_where_nothing_stands_for_it(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool, {**voting.JUDGMENT, "default": None})
    entry = voting.roll(store, made)[0]
    with refused("ballot-incomplete"):
        voting.vote(store, made, entry, bytes([254, 0, 0]))
    assert voting.fresh(store, made).state == ConsultationState.SETTLED


@pytest.mark.both_stores
def test_the_count_waits_for_closing_and_for_every_guarantor(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    one, two = voting.guarantors(store, mandate)
    with refused("consultation-is-open"), store.writing() as session:
        counting.start(session, one, session.get_one(Consultation, consultation.id))
    with voting.after_closing(consultation):
        with store.writing() as session:
            counting.start(session, one, session.get_one(Consultation, consultation.id))
        assert voting.fresh(store, consultation).state == ConsultationState.SETTLED
        with refused("count-already-started"), store.writing() as session:
            counting.start(session, one, session.get_one(Consultation, consultation.id))
        with refused("account-unknown"), store.writing() as session:
            counting.start(session, COMMAND_LINE, session.get_one(Consultation, consultation.id))
        with store.writing() as session:
            counting.start(session, two, session.get_one(Consultation, consultation.id))
        assert voting.fresh(store, consultation).state == ConsultationState.COUNTED
        with refused("consultation-is-counted"), store.writing() as session:
            counting.start(session, two, session.get_one(Consultation, consultation.id))
    assert make.leaves(store, "count-started") == 2
    assert make.leaves(store, "consultation-counted") == 1


def test_nobody_voting_is_counted_too(store: Store, mandate: Mandate, consultation: Consultation) -> None:
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert queries.result(counted)["tally"]["ranking"] is None


def test_a_box_with_more_ballots_than_marks_is_contested(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    voting.vote(store, consultation, voting.roll(store, consultation)[0], BALLOT)
    with store.writing() as session:
        for entry in queries.entries(session, consultation):
            entry.means = None
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.state, counted.contested_for) == (ConsultationState.CONTESTED, "ballots-exceed-marks")
    assert counted.result_text is None
    assert make.leaves(store, "count-contested") == 1


def test_a_box_that_was_tampered_with_is_contested(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    voting.vote(store, consultation, voting.roll(store, consultation)[0], BALLOT)
    with store.writing() as session:
        for part in queries.parts_for_update(session, consultation):
            part.content += b"x"
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.state, counted.contested_for) == (ConsultationState.CONTESTED, "box-damaged")


def test_a_roll_that_was_tampered_with_is_contested(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    with store.writing() as session:
        queries.entries(session, consultation)[0].reference = "volunteer-999"
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.state, counted.contested_for) == (ConsultationState.CONTESTED, "roll-altered")


def test_a_cancelled_consultation_is_never_read(store: Store, consultation: Consultation) -> None:
    voting.vote(store, consultation, voting.roll(store, consultation)[0], BALLOT)
    with refused("consultation-reason-missing"), store.writing() as session:
        drafting.cancel(session, COMMAND_LINE, session.get_one(Consultation, consultation.id), " ")
    with store.writing() as session:
        drafting.cancel(
            session, COMMAND_LINE, session.get_one(Consultation, consultation.id), "La loi est retirée."
        )
    assert voting.fresh(store, consultation).state == ConsultationState.CANCELLED
    with store.reading() as session:
        assert {part.content for part in queries.parts_for_update(session, consultation)} == {b""}


def test_a_named_vote_is_for_few_and_shows_names(
    store: Store, mandate: Mandate, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool, mode=Mode.OPEN)
    entry = voting.roll(store, made)[0]
    with refused("consultation-is-not-secret"), store.writing() as session:
        marking.sign_token(session, session.get_one(RollEntry, entry.id), bytes(256))
    for ballot in (BALLOT, bytes([1, 1, 1])):
        with store.writing() as session:
            casting.cast_named(session, session.get_one(RollEntry, entry.id), ballot)
    counted = voting.count(store, made, people)
    assert counted.ballots == 1
    with store.reading() as session:
        assert [named.ballot for named in queries.named_ballots(session, counted)] == [bytes([1, 1, 1])]
    monkeypatch.setattr(settling, "LARGEST_NAMED_ROLL", 2)
    with refused("consultation-named-too-large"):
        voting.settled(store, mandate, pool, mode=Mode.OPEN)
