"""Exactly one ballot for one voter: whoever submits at once, and whatever dies in between."""

from __future__ import annotations

from collections import Counter

import pytest

from assemblee.config import Config
from assemblee.consultations import counting, marking, sheets
from assemblee.consultations.models import Consultation, ConsultationState, RollEntry
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make, voting
from tests.answers import at_once
from tests.consultations.kills import vote_under_kills

pytestmark = pytest.mark.both_stores

AT_ONCE = 200


@pytest.fixture
def consultation(store: Store, mandate: Mandate, pool: Pool) -> Consultation:
    voting.guarantors(store, mandate)
    return voting.settled(store, mandate, pool)


def test_two_hundred_submits_of_one_voter_give_one_ballot(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    entry = voting.roll(store, consultation)[0]
    device = voting.Device(consultation)
    codes = []

    def submit(number: int) -> None:
        with store.writing() as session:
            device.mark(session, entry)
        with store.writing() as session:
            codes.append(device.cast(session, consultation, bytes([number % 4, number // 4 % 4, 0])).code)

    answers = at_once([lambda number=number: submit(number) for number in range(AT_ONCE)])
    assert answers == ["done"] * AT_ONCE
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.marks, counted.ballots) == (1, 1)
    with store.reading() as session:
        (kept,) = voting.queries.ballots(session, counted)
    assert kept.receipt in codes


def test_two_hundred_devices_of_one_voter_get_one_token(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    entry = voting.roll(store, consultation)[0]

    def ask(device: voting.Device) -> None:
        with store.writing() as session:
            device.mark(session, entry)

    devices = [voting.Device(consultation) for _ in range(40)]
    answers = at_once([lambda device=device: ask(device) for device in devices for _ in range(5)])
    assert Counter(answers) == {"done": 5, "voter-already-marked": 195}


def test_every_way_to_vote_at_once_marks_a_voter_once(store: Store, consultation: Consultation) -> None:
    entry = voting.roll(store, consultation)[0]
    device = voting.Device(consultation)

    def mark() -> None:
        with store.writing() as session:
            device.mark(session, entry)

    def ask_code() -> None:
        with store.writing() as session:
            marking.send_code(session, session.get_one(RollEntry, entry.id))

    def come() -> None:
        with store.writing() as session:
            marking.mark_at_counter(session, COMMAND_LINE, session.get_one(RollEntry, entry.id))

    answers = Counter(at_once([mark, ask_code, come, ask_code, come]))
    assert answers == {"done": 1, "voter-already-marked": 4}


def test_guarantors_who_start_at_once_count_once(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    people = voting.guarantors(store, mandate)
    voting.vote(store, consultation, voting.roll(store, consultation)[0], bytes([1, 2, 3]))

    def start(number: int) -> None:
        with store.writing() as session:
            counting.start(session, people[number % 2], session.get_one(Consultation, consultation.id))

    with voting.after_closing(consultation):
        answers = Counter(at_once([lambda number=number: start(number) for number in range(6)]))
    assert answers["done"] == 2
    assert voting.fresh(store, consultation).state == ConsultationState.COUNTED
    assert make.leaves(store, "consultation-counted") == 1


def test_a_sheet_entered_by_many_at_once_is_in_the_box_once(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    people = voting.guarantors(store, mandate)
    with store.writing() as session:
        found = session.get_one(Consultation, consultation.id)
        (code,) = sheets.print_sheets(session, COMMAND_LINE, found, 1)
        marking.mark_at_counter(
            session, COMMAND_LINE, session.get_one(RollEntry, voting.roll(store, consultation)[0].id)
        )

    def enter(number: int) -> None:
        with store.writing() as session:
            found = session.get_one(Consultation, consultation.id)
            sheets.enter(session, people[number % 2], found, code, bytes([1, 2, 3]))

    with voting.after_closing(consultation):
        answers = Counter(at_once([lambda number=number: enter(number) for number in range(8)]))
    assert set(answers) <= {"done", "sheet-already-entered"}
    assert make.leaves(store, "sheet-entered") == 1
    assert voting.count(store, consultation, people).ballots == 1


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_a_killed_web_process_loses_and_doubles_nothing(
    config: Config, store: Store, mandate: Mandate
) -> None:
    assert vote_under_kills(config, store, mandate, 6) == (12, 6)
