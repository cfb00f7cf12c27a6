"""Security keys as a second factor: the two ceremonies of WebAuthn Level 2, sections 7.1 and 7.2."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from assemblee import clock
from assemblee.accounts.factors import added, require_fresh, take_away
from assemblee.accounts.models import SecurityKey, SignIn
from assemblee.accounts.queries import has_factor, security_keys_of
from assemblee.refusal import Refusal

NAME = "Assemblée"
NAME_LONGEST = 60
CHALLENGE_BYTES = 32
CHALLENGE_LENGTH = timedelta(minutes=5)
KEYS_ALLOWED = 10
# What the parsers raise on an answer that no browser would send.
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Party:
    """The site as browsers and keys know it, from its public address.

    Parameters
    ----------
    name : str
        The host: what a key is bound to.
    origin : str
        Scheme, host and port: where the page must come from.
    """

    name: str
    origin: str

    @classmethod
    def of(cls, base_url: str) -> Self | None:
        """Return the party of an address; none for a bare IP address, which browsers refuse."""
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return cls(host, f"{parts.scheme}://{parts.netloc}")
        return None


def _challenge(sign_in: SignIn) -> bytes:
    """Give a sign-in something to sign, once and soon."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    sign_in.challenge = bytes_to_base64url(challenge)
    sign_in.challenge_until = clock.now() + CHALLENGE_LENGTH
    return challenge


def _take_challenge(session: Session, sign_in: SignIn) -> bytes:
    """Return what a sign-in was asked to sign, for the one answer to it.

    Raises
    ------
    Refusal
        `security-key-refused`: nothing was asked, or too long ago.
    """
    # Read again under a lock: of two answers at once, the second one finds no challenge left.
    session.refresh(sign_in, ["challenge", "challenge_until"], with_for_update=True)
    challenge, until = sign_in.challenge, sign_in.challenge_until
    sign_in.challenge = sign_in.challenge_until = None
    if challenge is None or until is None or until <= clock.now():
        raise Refusal("security-key-refused", status=422)
    return base64url_to_bytes(challenge)


def _known(session: Session, sign_in: SignIn) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=key.credential_id)
        for key in security_keys_of(session, sign_in.account_id)
    ]


def offer_registration(session: Session, sign_in: SignIn, party: Party) -> str:
    """Return what the browser needs to make a new key, as JSON.

    Raises
    ------
    Refusal
        `second-factor-stale`.
    """
    require_fresh(session, sign_in)
    options = webauthn.generate_registration_options(
        rp_id=party.name,
        rp_name=NAME,
        # The handle may be readable on the key, so it tells no more than the journal does.
        user_id=f"account-{sign_in.account_id}".encode(),
        user_name=sign_in.account.email,
        challenge=_challenge(sign_in),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            # It is a second factor: the password came first, and a key without a PIN is good enough.
            user_verification=UserVerificationRequirement.DISCOURAGED,
        ),
        exclude_credentials=_known(session, sign_in),
    )
    return webauthn.options_to_json(options)


def register(session: Session, sign_in: SignIn, party: Party, credential: str, name: str) -> tuple[str, ...]:
    """Keep the public half of a new key.

    Returns
    -------
    tuple of str
        The recovery codes, if this is the account's first factor; else nothing.

    Raises
    ------
    Refusal
        `second-factor-stale`, `security-key-refused`, `security-key-known` or `security-key-too-many`.
    """
    require_fresh(session, sign_in)
    challenge = _take_challenge(session, sign_in)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
        )
    except UNREADABLE:
        raise Refusal("security-key-refused", status=422) from None
    is_first = not has_factor(session, sign_in.account_id)
    held = select(func.count()).select_from(SecurityKey).where(SecurityKey.account_id == sign_in.account_id)
    if (session.scalar(held) or 0) >= KEYS_ALLOWED:
        raise Refusal("security-key-too-many", most=KEYS_ALLOWED)
    session.add(
        SecurityKey(
            account_id=sign_in.account_id,
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name[:NAME_LONGEST],
            created_at=clock.now(),
        )
    )
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("security-key-known") from None
    return added(session, sign_in, is_first=is_first)


def offer_proof(session: Session, sign_in: SignIn, party: Party) -> str:
    """Return what the browser needs to ask one of the account's keys, as JSON.

    Raises
    ------
    Refusal
        `second-factor-missing`: the account has no key.
    """
    keys = _known(session, sign_in)
    if not keys:
        raise Refusal("second-factor-missing")
    options = webauthn.generate_authentication_options(
        rp_id=party.name,
        challenge=_challenge(sign_in),
        allow_credentials=keys,
        user_verification=UserVerificationRequirement.DISCOURAGED,
    )
    return webauthn.options_to_json(options)


def prove_by_key(session: Session, sign_in: SignIn, party: Party, credential: str) -> None:
    """Prove the second factor of a sign-in by what a key signed.

    Raises
    ------
    Refusal
        `security-key-refused`: another key, challenge, origin or site, or a counter that went back, as that
        of a copied key does.
    """
    challenge = _take_challenge(session, sign_in)
    try:
        answer = parse_authentication_credential_json(credential)
        key = session.scalar(
            select(SecurityKey)
            .where(SecurityKey.account_id == sign_in.account_id, SecurityKey.credential_id == answer.raw_id)
            .with_for_update()
        )
        if key is None:
            raise Refusal("security-key-refused", status=422)
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.name,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except UNREADABLE:
        raise Refusal("security-key-refused", status=422) from None
    key.sign_count = verified.new_sign_count
    key.used_at = sign_in.second_factor_at = clock.now()


def remove_key(session: Session, sign_in: SignIn, key_id: int) -> None:
    """Take a security key away from its account.

    Raises
    ------
    Refusal
        `second-factor-stale` or `security-key-unknown`.
    """
    require_fresh(session, sign_in)
    removed = session.scalar(
        delete(SecurityKey)
        .where(SecurityKey.id == key_id, SecurityKey.account_id == sign_in.account_id)
        .returning(SecurityKey.id)
    )
    if removed is None:
        raise Refusal("security-key-unknown", status=404)
    take_away(session, sign_in.account)
