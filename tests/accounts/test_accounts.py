from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from assemblee import clock
from assemblee.accounts import actions, queries
from assemblee.accounts.models import Account, FailedAttempt, OneTimeLink
from assemblee.db import Store
from assemblee.refusal import Refusal
from tests import make
from tests.answers import refused

EMAIL = "claire@example.org"


@pytest.mark.both_stores
def test_an_address_has_one_account_however_it_is_written(store: Store) -> None:
    make.account(store, EMAIL)
    with refused("account-exists"):
        make.account(store, " Claire@EXAMPLE.org ")
    with store.writing() as session:
        assert actions.ensure(session, "CLAIRE@example.org").email == EMAIL


@pytest.mark.parametrize("email", ["", "claire", "claire@", "@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused(store: Store, email: str) -> None:
    with refused("email-invalid"):
        make.account(store, email)


def test_a_password_that_no_form_takes_is_refused(store: Store) -> None:
    with refused("password-long"):
        make.account(store, "a@example.org", password="x" * 1_001)


def test_a_short_password_is_refused_and_leaves_no_account(store: Store) -> None:
    with refused("password-short"):
        make.account(store, EMAIL, password="trop court")
    with store.reading() as session:
        assert queries.account_by_email(session, EMAIL) is None


def test_a_password_is_hashed_at_its_full_cost(store: Store) -> None:
    # In a fresh process: this one hashes cheaply (see conftest.py).
    written = (
        f"from assemblee.accounts import actions; print(actions.hash_password({make.PASSWORD!r}, {EMAIL!r}))"
    )
    hashed = subprocess.run(
        [sys.executable, "-c", written], check=True, capture_output=True, text=True
    ).stdout
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    made = make.account(store, EMAIL)
    with store.writing() as session:
        session.get_one(Account, made.id).password_hash = hashed.strip()
    assert enter(store, EMAIL, make.PASSWORD) is not None
    assert enter(store, EMAIL, "une autre phrase facile") is None


def enter(store: Store, email: str, password: str) -> str | None:
    """Sign in as the page does."""
    with store.reading() as session:
        actions.require_attempts_left(session, email)
        stored = queries.password_hash(session, email)
    proven = stored if actions.password_matches(stored, password) else None
    with store.writing() as session:
        return actions.sign_in(session, email, proven)


@pytest.mark.both_stores
def test_only_the_right_password_of_an_enabled_account_opens(store: Store) -> None:
    made = make.account(store, EMAIL, password=make.PASSWORD)
    make.account(store, "nadia@example.org")
    assert enter(store, "Claire@example.org", make.PASSWORD) is not None
    assert enter(store, EMAIL, "une autre phrase facile") is None
    assert enter(store, "personne@example.org", make.PASSWORD) is None
    assert enter(store, "nadia@example.org", make.PASSWORD) is None, "she signs in by a link"
    with store.writing() as session:
        actions.disable(session, session.get_one(Account, made.id))
    assert enter(store, EMAIL, make.PASSWORD) is None


def test_a_password_changed_meanwhile_opens_nothing(store: Store) -> None:
    make.account(store, EMAIL, password=make.PASSWORD)
    with store.writing() as session:
        assert actions.sign_in(session, EMAIL, "the hash of yesterday") is None


@pytest.mark.both_stores
def test_an_account_cannot_be_tried_without_end(store: Store) -> None:
    make.account(store, EMAIL, password=make.PASSWORD)
    for _ in range(actions.ATTEMPTS_ALLOWED):
        with store.writing() as session:
            assert actions.sign_in(session, EMAIL, None) is None
    with refused("sign-in-too-many"):
        enter(store, EMAIL, make.PASSWORD)
    with refused("sign-in-too-many"), store.writing() as session:
        actions.sign_in(session, EMAIL, None)
    with store.writing() as session:
        for attempt in session.scalars(select(FailedAttempt)):
            attempt.at = clock.now() - actions.ATTEMPT_WINDOW - timedelta(seconds=1)
    assert enter(store, EMAIL, "ce n'est pas elle") is None
    with store.reading() as session:
        assert len(session.scalars(select(FailedAttempt)).all()) == 1, "old failures are forgotten"
    assert enter(store, EMAIL, make.PASSWORD) is not None


def _open(store: Store, account: Account) -> str:
    with store.writing() as session:
        return actions.open_session(session, account)


def _is_open(store: Store, token: str) -> bool:
    with store.reading() as session:
        return queries.open_sign_in(session, token) is not None


def test_signing_out_ends_the_session_on_the_server(store: Store) -> None:
    account = make.account(store, EMAIL)
    first, second = _open(store, account), _open(store, account)
    with store.writing() as session:
        actions.close_session(session, first)
    assert (_is_open(store, first), _is_open(store, second)) == (False, True)
    assert not _is_open(store, "a token that never was")


@pytest.mark.both_stores
def test_an_old_session_is_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _open(store, make.account(store, EMAIL))
    later = clock.now() + actions.SIGN_IN_LENGTH
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not _is_open(store, token)


@pytest.mark.both_stores
def test_changing_a_password_ends_the_other_sessions(store: Store) -> None:
    account = make.account(store, EMAIL, password=make.PASSWORD)
    here, elsewhere = _open(store, account), _open(store, account)
    with refused("password-wrong"), store.writing() as session:
        row = session.get_one(Account, account.id)
        actions.change_password(session, row, "ce n'est pas elle", "une nouvelle phrase", token=here)
    assert _is_open(store, elsewhere)
    with store.writing() as session:
        row = session.get_one(Account, account.id)
        actions.change_password(session, row, make.PASSWORD, "une nouvelle phrase", token=here)
    assert (_is_open(store, here), _is_open(store, elsewhere)) == (True, False)


def test_disabling_an_account_ends_its_sessions(store: Store) -> None:
    account = make.account(store, EMAIL)
    token = _open(store, account)
    with store.writing() as session:
        actions.disable(session, session.get_one(Account, account.id))
    assert not _is_open(store, token)
    with refused("account-already-disabled"), store.writing() as session:
        actions.disable(session, session.get_one(Account, account.id))


def test_somebody_keeps_the_keys(store: Store) -> None:
    first = make.account(store, EMAIL, is_operator=True)
    with refused("account-last-operator"), store.writing() as session:
        actions.disable(session, session.get_one(Account, first.id))


@pytest.mark.both_stores
def test_two_operators_cannot_disable_each_other_at_once(store: Store) -> None:
    pair = [make.account(store, f"op{number}@example.org", is_operator=True) for number in range(2)]
    start = threading.Barrier(2)
    answers: list[str] = []

    def disable(account_id: int) -> None:
        start.wait()
        try:
            with store.writing() as session:
                actions.disable(session, session.get_one(Account, account_id))
            answers.append("disabled")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=disable, args=(one.id,)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["account-last-operator", "disabled"]


@pytest.mark.both_stores
def test_a_link_works_once_even_when_two_bring_it_together(store: Store) -> None:
    with store.writing() as session:
        token = actions.issue_link(session, EMAIL, "sign-in", {"a": 1})
    with refused("link-unusable"), store.writing() as session:
        actions.use_link(session, token, "another-purpose")
    start = threading.Barrier(6)
    answers: list[str] = []

    def use() -> None:
        start.wait()
        try:
            with store.writing() as session:
                actions.use_link(session, token, "sign-in")
            answers.append("used")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["link-unusable"] * 5 + ["used"]


@pytest.mark.both_stores
def test_a_link_expires_and_is_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing() as session:
        token = actions.issue_link(session, EMAIL, "sign-in")
    later = clock.now() + actions.LINK_LENGTH + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with refused("link-unusable"), store.writing() as session:
        actions.peek_link(session, token, "sign-in")
    with store.writing() as session:
        actions.issue_link(session, EMAIL, "sign-in")
        assert len(session.scalars(select(OneTimeLink)).all()) == 1
