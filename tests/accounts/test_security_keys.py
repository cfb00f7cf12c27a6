"""Security keys: both ceremonies of WebAuthn, with a key in software, and what is not taken."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from webauthn.helpers import bytes_to_base64url

from assemblee import clock
from assemblee.accounts import actions, factors, queries, security_keys
from assemblee.accounts.models import SecurityKey
from assemblee.accounts.security_keys import Party
from assemblee.db import Store
from tests.answers import refused
from tests.authenticator import SoftKey
from tests.factors import RACERS, act, enrol, is_proven, race, row, sign_in

PARTY = Party("assemblee.example", "https://assemblee.example")
ORIGIN = PARTY.origin
NONSENSE = (
    "",
    "{}",
    "[]",
    "null",
    "not json",
    '{"id": 1}',
    '{"id": "AA", "rawId": "AA", "response": {}}',
    '{"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": dict.fromkeys(
                ("clientDataJSON", "attestationObject", "authenticatorData", "signature"), "e30"
            ),
        }
    ),
)


def offer(store: Store, token: str) -> str:
    return act(store, token, security_keys.offer_registration, PARTY)


def register(store: Store, token: str, answer: str) -> tuple[str, ...]:
    return act(store, token, security_keys.register, PARTY, answer, "clé bleue")


def challenge(store: Store, token: str) -> str:
    return act(store, token, security_keys.offer_proof, PARTY)


def prove(store: Store, token: str, answer: str) -> None:
    act(store, token, security_keys.prove_by_key, PARTY, answer)


def remove_first(store: Store, token: str) -> None:
    act(store, token, security_keys.remove_key, 1)


def keyed(store: Store, token: str) -> SoftKey:
    key = SoftKey()
    register(store, token, key.create(offer(store, token), ORIGIN))
    return key


def test_a_party_is_named_by_its_host_and_never_by_a_number() -> None:
    assert Party.of("https://assemblee.example") == PARTY
    assert Party.of("http://localhost:8000") == Party("localhost", "http://localhost:8000")
    assert Party.of("http://127.0.0.1:8000") is None
    assert Party.of("http://[::1]:8000") is None


@pytest.mark.both_stores
def test_a_key_is_added_and_proves(store: Store) -> None:
    token = sign_in(store)
    with refused("second-factor-missing"):
        challenge(store, token)
    key = SoftKey()
    codes = register(store, token, key.create(offer(store, token), ORIGIN))
    assert len(codes) == factors.RECOVERY_CODES
    assert is_proven(store, token), "who adds a key holds it"
    later = sign_in(store)
    assert not is_proven(store, later)
    prove(store, later, key.get(challenge(store, later), ORIGIN))
    assert is_proven(store, later)
    with store.reading() as session:
        kept = session.scalars(select(SecurityKey)).one()
        assert (kept.name, kept.sign_count, kept.used_at is not None) == ("clé bleue", 1, True)
    second = SoftKey()
    assert register(store, later, second.create(offer(store, later), ORIGIN)) == (), "codes are there already"
    again = sign_in(store)
    prove(store, again, second.get(challenge(store, again), ORIGIN))
    assert is_proven(store, again)


@pytest.mark.parametrize(
    "changes",
    [
        {"challenge": bytes_to_base64url(b"another challenge")},
        {"origin": "https://assemblee.example.evil.example"},
        {"origin": "http://assemblee.example"},
        {"party": "evil.example"},
        {"type": "webauthn.other"},
    ],
)
def test_another_challenge_origin_site_or_ceremony_is_refused(store: Store, changes: dict[str, str]) -> None:
    token = sign_in(store)
    with refused("security-key-refused"):
        register(store, token, SoftKey().create(offer(store, token), ORIGIN, **changes))
    key = keyed(store, token)
    later = sign_in(store)
    with refused("security-key-refused"):
        prove(store, later, key.get(challenge(store, later), ORIGIN, **changes))
    assert not is_proven(store, later)


def test_the_key_of_somebody_else_proves_nothing(store: Store) -> None:
    token, nadia = sign_in(store), sign_in(store, "nadia@example.org")
    key, other = keyed(store, token), keyed(store, nadia)
    later = sign_in(store)
    with refused("security-key-refused"):
        prove(store, later, other.get(challenge(store, later), ORIGIN))
    forged = SoftKey()
    forged.credential_id = key.credential_id
    with refused("security-key-refused"):
        prove(store, later, forged.get(challenge(store, later), ORIGIN))
    with refused("security-key-known"):
        register(store, nadia, key.create(offer(store, nadia), ORIGIN))
    assert not is_proven(store, later)


@pytest.mark.both_stores
def test_an_answer_serves_once_and_soon(store: Store) -> None:
    key = keyed(store, sign_in(store))
    token = sign_in(store)
    with refused("security-key-refused"):
        prove(store, token, key.get('{"challenge": "", "rpId": "assemblee.example"}', ORIGIN))
    answer = key.get(challenge(store, token), ORIGIN)
    with clock.shifted(security_keys.CHALLENGE_LENGTH), refused("security-key-refused"):
        prove(store, token, answer)
    answers = race(lambda _place: prove(store, token, answer))
    assert answers.count(None) == 1
    assert answers.count("security-key-refused") == RACERS - 1
    other = sign_in(store)
    challenge(store, other)
    with refused("security-key-refused"):
        prove(store, other, answer)


@pytest.mark.both_stores
def test_a_copied_key_shows_by_its_counter(store: Store) -> None:
    key = keyed(store, sign_in(store))
    token = sign_in(store)
    prove(store, token, key.get(challenge(store, token), ORIGIN))
    key.count = 0
    with refused("security-key-refused"):
        prove(store, token, key.get(challenge(store, token), ORIGIN))


@pytest.mark.parametrize("answer", NONSENSE)
def test_what_no_browser_sends_is_refused(store: Store, answer: str) -> None:
    token = sign_in(store)
    offer(store, token)
    with refused("security-key-refused"):
        register(store, token, answer)
    keyed(store, token)
    challenge(store, token)
    with refused("security-key-refused"):
        prove(store, token, answer)


def test_keys_are_changed_by_their_owner_only(store: Store) -> None:
    token = sign_in(store)
    key = keyed(store, token)
    stranger = sign_in(store)
    for verb in (offer, remove_first):
        with refused("second-factor-stale"):
            verb(store, stranger)
    with refused("second-factor-stale"):
        register(store, stranger, "{}")
    nadia = sign_in(store, "nadia@example.org")
    with refused("security-key-unknown"):
        remove_first(store, nadia)
    enrol(store, token)
    remove_first(store, token)
    assert is_proven(store, token), "the app is left"
    with refused("second-factor-missing"):
        challenge(store, token)
    act(store, token, factors.remove_authenticator)
    with store.reading() as session:
        assert not queries.has_factor(session, row(session, token).account_id)
    assert key.count == 0


@pytest.mark.both_stores
def test_an_account_has_so_many_keys_at_most(store: Store) -> None:
    token = sign_in(store)
    for _ in range(security_keys.KEYS_ALLOWED):
        keyed(store, token)
    with refused("security-key-too-many"):
        keyed(store, token)
    with clock.shifted(actions.SIGN_IN_LENGTH - timedelta(minutes=1)), refused("second-factor-stale"):
        offer(store, token)
