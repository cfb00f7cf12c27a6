from __future__ import annotations

import pytest

from assemblee.consultations import casting, marking, queries, sheets
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE, Actor
from tests import make, voting
from tests.answers import refused

BALLOT = bytes([2, 0, 3])


@pytest.fixture
def consultation(store: Store, mandate: Mandate, pool: Pool) -> Consultation:
    voting.guarantors(store, mandate)
    return voting.settled(store, mandate, pool)


def enter(store: Store, actor: Actor, consultation: Consultation, code: str, ballot: bytes = BALLOT) -> bool:
    with store.writing() as session:
        return sheets.enter(session, actor, session.get_one(Consultation, consultation.id), code, ballot)


def printed(store: Store, consultation: Consultation, number: int) -> list[str]:
    with store.writing() as session:
        found = session.get_one(Consultation, consultation.id)
        return sheets.print_sheets(session, COMMAND_LINE, found, number)


def hand_out(store: Store, consultation: Consultation, number: int) -> None:
    for entry in voting.roll(store, consultation)[:number]:
        with store.writing() as session:
            marking.mark_at_counter(session, COMMAND_LINE, session.get_one(RollEntry, entry.id))


@pytest.mark.both_stores
def test_a_sheet_is_in_the_box_once_two_people_read_the_same(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    one, two = voting.guarantors(store, mandate)
    codes = printed(store, consultation, 3)
    hand_out(store, consultation, 2)
    with voting.after_closing(consultation):
        assert not enter(store, one, consultation, codes[0])
        assert not enter(store, one, consultation, codes[0])
        assert not enter(store, two, consultation, codes[0], bytes([0, 0, 0]))
        with refused("sheets-unfinished"):
            voting.count(store, consultation, [one])
        assert enter(store, two, consultation, codes[0].lower().replace("-", " "))
        with refused("sheet-already-entered"):
            enter(store, two, consultation, codes[0])
    counted = voting.count(store, consultation, [one, two])
    assert (counted.marks, counted.ballots) == (2, 1)
    assert make.leaves(store, "sheet-entered") == 1
    assert make.leaves(store, "voter-marked-at-counter") == 2


def test_no_more_sheets_than_people_at_the_counter(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    one, two = voting.guarantors(store, mandate)
    codes = printed(store, consultation, 2)
    hand_out(store, consultation, 1)
    with voting.after_closing(consultation):
        assert not enter(store, one, consultation, codes[0])
        assert enter(store, two, consultation, codes[0])
        with refused("sheets-exceed-marks"):
            enter(store, one, consultation, codes[1])


@pytest.mark.both_stores
def test_a_sheet_is_entered_by_two_after_closing_only(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    one, _ = voting.guarantors(store, mandate)
    (code,) = printed(store, consultation, 1)
    hand_out(store, consultation, 1)
    with refused("consultation-is-open"):
        enter(store, one, consultation, code)
    with refused("code-invalid"), store.writing() as session:
        casting.cast_by_code(session, session.get_one(Consultation, consultation.id), code, BALLOT)
    with voting.after_closing(consultation):
        with refused("account-unknown"):
            enter(store, COMMAND_LINE, consultation, code)
        for wrong in ("ABCD", "0000-0000-0000-0000-0000"):
            with refused("sheet-unknown"):
                enter(store, one, consultation, wrong)
        with refused("ballot-invalid"):
            enter(store, one, consultation, code, b"\x09\x09\x09")
        with refused("consultation-is-closed"):
            printed(store, consultation, 1)


@pytest.mark.parametrize("number", [0, -1, sheets.MOST_AT_ONCE + 1])
def test_a_number_of_sheets_has_bounds(store: Store, consultation: Consultation, number: int) -> None:
    with refused("sheets-number-invalid"):
        printed(store, consultation, number)


def test_who_votes_at_the_counter_has_no_token(store: Store, consultation: Consultation) -> None:
    hand_out(store, consultation, 1)
    with refused("voter-already-marked"):
        voting.vote(store, consultation, voting.roll(store, consultation)[0], BALLOT)
    with refused("voter-already-marked"):
        hand_out(store, consultation, 1)


@pytest.mark.both_stores
def test_a_mailed_code_stands_for_a_token(store: Store, mandate: Mandate, consultation: Consultation) -> None:
    entry = voting.roll(store, consultation)[0]
    with store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, entry.id))
    code = voting.sent_code(store)
    for ballot in (BALLOT, bytes([0, 0, 0])):
        with store.writing() as session:
            receipt = casting.cast_by_code(
                session, session.get_one(Consultation, consultation.id), f" {code.lower()} ", ballot
            )
    for wrong in ("", "nothing", "0000-0000-0000-0000-0000"):
        with refused("code-invalid"), store.writing() as session:
            casting.cast_by_code(session, session.get_one(Consultation, consultation.id), wrong, BALLOT)
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert counted.ballots == 1
    with store.reading() as session:
        assert queries.on_board(session, counted, receipt.code).cells == bytes([0, 0, 0])


def test_a_letter_has_a_code_of_its_own(store: Store, consultation: Consultation) -> None:
    entry = voting.roll(store, consultation)[0]
    with store.writing() as session:
        volunteer = session.get_one(Volunteer, entry.volunteer_id)
        volunteer.email = None
    with refused("voter-without-address"), store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, entry.id))
    with store.writing() as session:
        code = marking.print_code(session, COMMAND_LINE, session.get_one(RollEntry, entry.id))
    with store.writing() as session:
        casting.cast_by_code(session, session.get_one(Consultation, consultation.id), code, BALLOT)
    assert make.leaves(store, "voting-code-printed") == 1
