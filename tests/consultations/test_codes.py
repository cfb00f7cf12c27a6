"""A code that never came: another one counts instead, the first is void, and nobody votes twice."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from assemblee import clock
from assemblee.config import Config
from assemblee.consultations import casting, codes, letters, marking, work
from assemblee.consultations.models import CodeLink, Consultation, RollEntry, VotingCode, VotingMeans
from assemblee.db import Store
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make, voting
from tests.answers import Visitor, at_once, refused

BALLOT, OTHER = bytes([1, 1, 1]), bytes([2, 2, 2])
LATER = marking.SEND_AGAIN_AFTER + timedelta(seconds=1)


@pytest.fixture
def consultation(store: Store, mandate: Mandate, pool: Pool) -> Consultation:
    voting.guarantors(store, mandate)
    return voting.settled(store, mandate, pool)


@pytest.fixture
def entry(store: Store, consultation: Consultation) -> RollEntry:
    return voting.roll(store, consultation)[0]


def mailed(store: Store, entry: RollEntry) -> str:
    with store.writing() as session:
        marking.send_code(session, session.get_one(RollEntry, entry.id))
    return voting.sent_code(store)


def printed(store: Store, entry: RollEntry) -> str:
    with store.writing() as session:
        return marking.print_code(session, COMMAND_LINE, session.get_one(RollEntry, entry.id))


def hand_out(store: Store, entry: RollEntry) -> None:
    with store.writing() as session:
        marking.mark_at_counter(session, COMMAND_LINE, session.get_one(RollEntry, entry.id))


def cast(store: Store, consultation: Consultation, code: str, ballot: bytes = BALLOT) -> None:
    with store.writing() as session:
        casting.cast_by_code(session, session.get_one(Consultation, consultation.id), code, ballot)


def means(store: Store, entry: RollEntry) -> str | None:
    with store.reading() as session:
        return session.get_one(RollEntry, entry.id).means


def kept(store: Store, table: type[VotingCode | CodeLink]) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.both_stores
def test_another_code_counts_instead_of_one_that_never_came(
    store: Store, mandate: Mandate, consultation: Consultation, entry: RollEntry
) -> None:
    first = mailed(store, entry)
    with clock.shifted(LATER):
        second = mailed(store, entry)
        assert second != first
        with refused("code-invalid"):
            cast(store, consultation, first)
        cast(store, consultation, second)
        with refused("voter-code-used"):
            printed(store, entry)
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.marks, counted.ballots) == (1, 1)
    assert (kept(store, VotingCode), kept(store, CodeLink)) == (0, 0)


def test_two_clicks_are_one_letter(app: Flask, store: Store, entry: RollEntry) -> None:
    address = f"/vote/{letters.token(app.extensions['assemblee.config'], entry)}/code"
    client = app.test_client()
    assert [client.post(address).status_code for _ in range(2)] == [302, 302]
    with store.reading() as session:
        assert len(session.scalars(select(Mail).where(Mail.subject == letters.CODE)).all()) == 1


def test_the_letter_of_a_void_code_does_not_leave(store: Store, entry: RollEntry) -> None:
    first = mailed(store, entry)
    printed(store, entry)
    with store.reading() as session:
        assert not [body for body in session.scalars(select(Mail.body)) if first in body]


@pytest.mark.both_stores
def test_an_organiser_replaces_a_code_by_a_letter_or_a_ballot(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    one, other = voting.roll(store, consultation)[:2]
    lost, unread = mailed(store, one), mailed(store, other)
    letter = printed(store, one)
    hand_out(store, other)
    for code in (lost, unread):
        with refused("code-invalid"):
            cast(store, consultation, code)
    cast(store, consultation, letter)
    assert (means(store, one), means(store, other)) == (VotingMeans.CODE, VotingMeans.COUNTER)
    with refused("voter-already-marked"):
        mailed(store, other)
    assert voting.count(store, consultation, voting.guarantors(store, mandate)).marks == 2


@pytest.mark.both_stores
def test_who_has_voted_with_a_code_gets_no_other(
    store: Store, consultation: Consultation, entry: RollEntry
) -> None:
    cast(store, consultation, mailed(store, entry))
    with clock.shifted(LATER):
        for act in (mailed, printed, hand_out):
            with refused("voter-code-used"):
                act(store, entry)


@pytest.mark.both_stores
def test_whose_a_code_was_is_forgotten_once_it_has_served(
    store: Store, config: Config, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, unused = voting.roll(store, consultation)[:2]
    cast(store, consultation, mailed(store, used))
    mailed(store, unused)
    monkeypatch.setattr(work, "_next_forgetting", 0.0)
    work.forget_used_codes(store, config)
    with store.reading() as session:
        assert session.scalars(select(CodeLink.entry_id)).all() == [unused.id]
    # Nothing leads to their code any more, so that it cannot be replaced either.
    with clock.shifted(LATER), refused("voter-already-marked"):
        printed(store, used)
    with voting.after_closing(consultation), store.writing() as session:
        assert codes.forget(session) == 1


def test_whose_a_code_is_stands_sealed(store: Store, entry: RollEntry) -> None:
    mailed(store, entry)
    with store.reading() as session:
        (link,) = session.scalars(select(CodeLink))
        (code,) = session.scalars(select(VotingCode))
        assert code.digest.encode() not in link.sealed


@pytest.mark.both_stores
def test_a_code_that_is_used_and_replaced_at_once_counts_once(
    store: Store, mandate: Mandate, consultation: Consultation
) -> None:
    entries = voting.roll(store, consultation)[:6]
    first = [mailed(store, entry) for entry in entries]
    new: list[str] = []
    acts = [lambda code=code: cast(store, consultation, code) for code in first]
    acts += [lambda entry=entry: new.append(printed(store, entry)) for entry in entries]
    answers = at_once(acts)
    assert set(answers) <= {"done", "code-invalid", "voter-code-used"}
    assert len(new) == answers.count("code-invalid")
    for code in new:
        cast(store, consultation, code, OTHER)
    counted = voting.count(store, consultation, voting.guarantors(store, mandate))
    assert (counted.marks, counted.ballots) == (6, 6)


def test_letters_and_pages_of_one_mailbox_say_whose_they_are(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    pool = make.pool(store, mandate, people=0)
    lines = ["id,nom,courriel,Genre,Âge"]
    lines += [
        f"P{one},{name},foyer@example.org,Femmes,16–39 ans" for one, name in enumerate(("Ana Un", "Bob {0}"))
    ]
    make.import_people(store, pool, "\n".join(lines).encode())
    voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    with store.reading() as session:
        bodies = session.scalars(select(Mail.body).where(Mail.recipient == "foyer@example.org")).all()
    assert sorted(re.findall(r"Bonjour (.*),", " ".join(bodies))) == ["Ana Un", "Bob {0}"]
    for entry, name in zip(voting.roll(store, made), ("Ana Un", "Bob {0}"), strict=True):
        token = letters.token(app.extensions["assemblee.config"], entry)
        page = Visitor(app).visit(f"/vote/{token}/")
        assert f"Cette page est celle de {name}" in page
        assert f"Revoter pour {name}" in page
