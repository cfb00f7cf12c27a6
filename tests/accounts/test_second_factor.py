"""Codes of an app and recovery codes: what proves, what does not, and who may change what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from assemblee import clock
from assemblee.accounts import actions, commands, factors, queries
from assemblee.accounts.models import Account, Authenticator, RecoveryCode
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mail.models import Mail
from assemblee.refusal import Refusal
from tests import make
from tests.answers import refused
from tests.factors import EMAIL, RACERS, act, code, enrol, is_proven, race, row, sign_in


def letters(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Mail.body).where(Mail.recipient == EMAIL).order_by(Mail.id)))


def test_an_app_counts_once_a_code_of_it_was_shown(store: Store) -> None:
    token = sign_in(store)
    with refused("second-factor-missing"):
        act(store, token, factors.prove, "000000")
    with refused("authenticator-not-begun"):
        act(store, token, factors.waiting_secret)
    act(store, token, factors.begin_authenticator)
    first = act(store, token, factors.waiting_secret)
    act(store, token, factors.begin_authenticator)
    secret = act(store, token, factors.waiting_secret)
    assert (len(secret), first == secret) == (32, False), "160 bits, anew each time"
    with refused("second-factor-missing"):
        act(store, token, factors.prove, code(secret))
    with store.reading() as session:
        assert not queries.has_factor(session, row(session, token).account_id)
    assert act(store, token, factors.confirm_authenticator, "12345") is None
    assert not is_proven(store, token)
    codes = act(store, token, factors.confirm_authenticator, code(secret))
    assert codes is not None
    assert len(set(codes)) == factors.RECOVERY_CODES
    assert is_proven(store, token)
    assert len(letters(store)) == 1
    with refused("authenticator-not-begun"):
        act(store, token, factors.waiting_secret)
    with refused("authenticator-already-there"):
        act(store, token, factors.begin_authenticator)


def test_codes_follow_the_vectors_of_the_standard() -> None:
    # RFC 6238, appendix B (SHA-1), cut to six figures; the secret is the ASCII of 1234567890 twice.
    totp = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", interval=factors.STEP_SECONDS)
    found = [totp.at(moment) for moment in (59, 1111111109, 1111111111, 1234567890, 2000000000)]
    assert found == ["287082", "081804", "050471", "005924", "279037"]


def test_the_secret_is_unreadable_without_the_key_of_the_installation(store: Store, config: Config) -> None:
    token = sign_in(store)
    secret, codes = enrol(store, token)
    with store.writing() as session:
        app = session.scalars(select(Authenticator)).one()
        assert secret.encode() not in app.sealed_secret
        other = actions.ensure(session, "nadia@example.org")
        # Whoever can write rows cannot use somebody's secret for another account.
        session.add(
            Authenticator(
                account_id=other.id,
                sealed_secret=app.sealed_secret,
                created_at=clock.now(),
                confirmed_at=clock.now(),
            )
        )
    with refused("authenticator-unreadable"):
        act(store, sign_in(store, "nadia@example.org"), factors.prove, code(secret, steps=1))
    later = Store.of(replace(config, secret_key="t" * 48))
    with refused("authenticator-unreadable"):
        act(later, token, factors.prove, code(secret, steps=1))
    assert act(later, token, factors.prove_by_recovery, codes[0])
    later.dispose()


@pytest.mark.both_stores
def test_a_clock_may_be_one_step_off_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, _codes = enrol(store, sign_in(store))
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    token = sign_in(store)
    assert not act(store, token, factors.prove, code(secret, steps=-2))
    assert not act(store, token, factors.prove, code(secret, steps=2))
    assert not is_proven(store, token)
    assert act(store, token, factors.prove, code(secret, steps=-1))
    typed = code(secret)
    assert act(store, token, factors.prove, f" {typed[:3]} {typed[3:]} "), "as apps write it"
    assert act(store, token, factors.prove, code(secret, steps=1))
    assert is_proven(store, token)


@pytest.mark.both_stores
def test_a_code_works_once(store: Store) -> None:
    secret, _codes = enrol(store, sign_in(store))
    with clock.shifted(timedelta(hours=1)):
        typed = code(secret)
        assert act(store, sign_in(store), factors.prove, typed)
        thief = sign_in(store)
        assert not act(store, thief, factors.prove, typed)
        assert not act(store, thief, factors.prove, code(secret, steps=-1)), "older codes are over too"
        assert not is_proven(store, thief)


@pytest.mark.both_stores
def test_a_code_works_once_even_when_six_bring_it_together(store: Store) -> None:
    secret, _codes = enrol(store, sign_in(store))
    with clock.shifted(timedelta(hours=1)):
        typed = code(secret)
        tokens = [sign_in(store) for _ in range(RACERS)]
        answers = race(lambda place: act(store, tokens[place], factors.prove, typed))
        assert sum(answer is True for answer in answers) == 1
        assert sum(is_proven(store, token) for token in tokens) == 1


@pytest.mark.both_stores
def test_codes_cannot_be_guessed_without_end(store: Store) -> None:
    secret, codes = enrol(store, sign_in(store))
    token = sign_in(store)
    answers = race(lambda _place: act(store, token, factors.prove, "wrong!"))
    answers += [act(store, token, factors.prove_by_recovery, "wrong!") for _ in range(5 - RACERS)]
    assert sorted(map(str, answers)) == ["False"] * factors.CODES_ALLOWED + ["second-factor-too-many"]
    with refused("second-factor-too-many"):
        act(store, token, factors.prove, code(secret, steps=1))
    with refused("second-factor-too-many"):
        act(store, token, factors.prove_by_recovery, codes[0])
    nadia = sign_in(store, "nadia@example.org")
    enrol(store, nadia)
    assert is_proven(store, nadia), "the limit is each account's own"
    with store.writing() as session:
        assert actions.sign_in(session, f"second-factor-{row(session, nadia).account_id}", None) is None
    with clock.shifted(actions.ATTEMPT_WINDOW + timedelta(seconds=1)):
        assert act(store, token, factors.prove, code(secret))


@pytest.mark.both_stores
def test_a_recovery_code_is_used_up_even_when_six_bring_it_together(store: Store) -> None:
    _secret, codes = enrol(store, sign_in(store))
    tokens = [sign_in(store) for _ in range(RACERS)]
    written = codes[0].upper().replace("-", " ")
    answers = race(lambda place: act(store, tokens[place], factors.prove_by_recovery, written))
    assert answers.count(True) == 1
    assert sum(is_proven(store, token) for token in tokens) == 1
    with store.reading() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == factors.RECOVERY_CODES - 1
    assert not {one.replace("-", "") for one in codes} & set(kept), "only hashes are kept"


def test_recovery_codes_are_replaced_as_a_whole(store: Store) -> None:
    token = sign_in(store)
    with refused("second-factor-missing"):
        act(store, token, factors.renew_recovery_codes)
    _secret, old = enrol(store, token)
    new = act(store, token, factors.renew_recovery_codes)
    assert not set(old) & set(new)
    assert not act(store, token, factors.prove_by_recovery, old[0])
    assert act(store, token, factors.prove_by_recovery, new[0])
    assert len(letters(store)) == 2


@pytest.mark.both_stores
@pytest.mark.parametrize(
    "verb", [factors.begin_authenticator, factors.remove_authenticator, factors.renew_recovery_codes]
)
def test_a_change_needs_a_factor_proven_of_late(store: Store, verb: Callable[..., object]) -> None:
    token = sign_in(store)
    enrol(store, token)
    with refused("second-factor-stale"):
        act(store, sign_in(store), verb)
    with clock.shifted(factors.FRESH + timedelta(seconds=1)), refused("second-factor-stale"):
        act(store, token, verb)


def test_the_app_goes_and_with_it_what_it_proved(store: Store) -> None:
    here, elsewhere = sign_in(store), sign_in(store)
    with refused("second-factor-missing"):
        act(store, here, factors.remove_authenticator)
    secret, codes = enrol(store, here)
    assert act(store, elsewhere, factors.prove, code(secret, steps=1))
    act(store, here, factors.remove_authenticator)
    assert not is_proven(store, here)
    assert not is_proven(store, elsewhere)
    assert not act(store, here, factors.prove_by_recovery, codes[0]), "they went too"
    assert len(letters(store)) == 2


def test_an_operator_takes_away_what_was_lost(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_in(store)
    enrol(store, token)
    monkeypatch.setattr(commands.config, "load", lambda: config)
    run = CliRunner().invoke
    assert run(commands.user, ["reset-second-factor", EMAIL]).exit_code == 0
    with store.reading() as session:
        account = queries.account_by_email(session, EMAIL)
        assert account is not None
        assert not queries.has_factor(session, account.id)
        assert queries.open_sign_in(session, token) is None
    assert "a second factor was just removed" in letters(store)[-1]
    for email, refusal in ((EMAIL, "second-factor-missing"), ("personne@example.org", "account-unknown")):
        answer = run(commands.user, ["reset-second-factor", email])
        assert isinstance(answer.exception, Refusal)
        assert answer.exception.code == refusal


@pytest.mark.both_stores
def test_nothing_of_it_is_left_of_an_erased_account(store: Store) -> None:
    enrol(store, sign_in(store))
    with store.writing() as session:
        account = queries.account_by_email(session, EMAIL)
        assert account is not None
        actions.forget(session, account)
    with store.reading() as session:
        assert session.scalars(select(Authenticator)).all() == []
        assert session.scalars(select(RecoveryCode)).all() == []
        assert session.get_one(Account, account.id).email == f"erased-{account.id}"


def test_the_factory_of_tests_proves_the_sign_ins_of_one_address(store: Store) -> None:
    tokens = [sign_in(store), sign_in(store, "nadia@example.org")]
    with store.writing() as session:
        make.prove(session, EMAIL)
    assert [is_proven(store, token) for token in tokens] == [True, False]
