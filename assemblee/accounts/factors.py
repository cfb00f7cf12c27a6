"""The second factor of an account: the codes of an app, recovery codes on paper, and who may change them.

A change needs a factor proven of late, unless the account has none yet; each one is told to the account's
address. These verbs lie below the journal, so they leave no line in it.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock, vault
from assemblee.accounts.actions import (
    ATTEMPT_WINDOW,
    close_sessions,
    failures_of_late,
    note_failure,
    remove_factors,
)
from assemblee.accounts.models import Account, Authenticator, RecoveryCode, SignIn
from assemblee.accounts.queries import authenticator_of, has_factor, token_hash
from assemblee.mail import outbox
from assemblee.refusal import Refusal

ISSUER = "Assemblée"
STEP_SECONDS = 30
# RFC 6238, section 5.2: one step of drift either way, for clocks that are a little off.
DRIFT = (0, -1, 1)
# RFC 4226, section 4: 160 bits are recommended; in base 32, 32 characters.
SECRET_CHARACTERS = 32
CODES_ALLOWED = 5
RECOVERY_CODES = 10
# 80 bits each: a stolen table of plain SHA-256 hashes of them cannot be tried through.
RECOVERY_CHARACTERS = 16
FRESH = timedelta(minutes=10)

# Whoever acts may speak another language than the owner of the account, so the letter speaks both.
LETTER = """Bonjour,

{french}
Si ce n’est pas vous, changez votre mot de passe et prévenez l’administration du site.

Hello,

{english}
If it was not you, change your password and tell the operator of the site.
"""
ADDED = (
    "un second facteur vient d’être ajouté à votre compte.",
    "a second factor was just added to your account.",
)
REMOVED = (
    "un second facteur vient d’être retiré de votre compte.",
    "a second factor was just removed from your account.",
)
RENEWED = (
    "les codes de secours de votre compte viennent d’être remplacés.",
    "the recovery codes of your account were just replaced.",
)


PURPOSE = "authenticator secret"


def _secret(session: Session, app: Authenticator) -> str:
    try:
        return vault.open_sealed(session, PURPOSE, f"account-{app.account_id}", app.sealed_secret).decode()
    except vault.UnreadableError:
        raise Refusal("authenticator-unreadable") from None


def tell(session: Session, account: Account, sentence: tuple[str, str]) -> None:
    """Write to the owner of an account what happened to its second factor."""
    body = LETTER.format(french=sentence[0], english=sentence[1])
    outbox.write(session, account.email, "Votre second facteur · Your second factor", body)


def is_fresh(sign_in: SignIn) -> bool:
    """Tell whether a sign-in has proven a second factor of late."""
    return sign_in.second_factor_at is not None and sign_in.second_factor_at > clock.now() - FRESH


def _lock(session: Session, account_id: int) -> None:
    """Let one request at a time try codes of an account, or change its factors."""
    session.scalar(select(Account.id).where(Account.id == account_id).with_for_update())


def require_fresh(session: Session, sign_in: SignIn) -> None:
    """Refuse to change the factors of an account without a factor that was proven of late.

    Who has only stolen a password could otherwise add a factor of their own. The account is locked, so that
    two sign-ins cannot both bring its first factor.

    Raises
    ------
    Refusal
        `second-factor-stale`.
    """
    _lock(session, sign_in.account_id)
    if has_factor(session, sign_in.account_id) and not is_fresh(sign_in):
        raise Refusal("second-factor-stale", status=403)


def begin_authenticator(session: Session, sign_in: SignIn) -> None:
    """Make the secret for an app; its codes count once one of them has confirmed it.

    Raises
    ------
    Refusal
        `second-factor-stale` or `authenticator-already-there`.
    """
    require_fresh(session, sign_in)
    session.execute(
        delete(Authenticator).where(
            Authenticator.account_id == sign_in.account_id, Authenticator.confirmed_at.is_(None)
        )
    )
    secret = pyotp.random_base32(SECRET_CHARACTERS)
    session.add(
        Authenticator(
            account_id=sign_in.account_id,
            sealed_secret=vault.seal(session, PURPOSE, f"account-{sign_in.account_id}", secret.encode()),
            created_at=clock.now(),
        )
    )
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("authenticator-already-there") from None


def waiting_secret(session: Session, sign_in: SignIn) -> str:
    """Return the secret that waits for the first code of its app.

    Raises
    ------
    Refusal
        `authenticator-not-begun`, or `authenticator-unreadable`: the site has another secret key now.
    """
    app = authenticator_of(session, sign_in.account_id)
    if app is None or app.confirmed_at is not None:
        raise Refusal("authenticator-not-begun", status=404)
    return _secret(session, app)


def address_for_app(secret: str, account: Account) -> str:
    """Return the `otpauth://` address that apps read, by link or as a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=account.email, issuer_name=ISSUER)


def confirm_authenticator(session: Session, sign_in: SignIn, code: str) -> tuple[str, ...] | None:
    """Take the first code of an app as the proof that it has the secret.

    Returns
    -------
    tuple of str, or None
        The recovery codes, if this is the account's first factor; none if the code was wrong.

    Raises
    ------
    Refusal
        `second-factor-stale`, `second-factor-too-many`, `authenticator-not-begun` or
        `authenticator-unreadable`.
    """
    require_fresh(session, sign_in)
    secret = waiting_secret(session, sign_in)
    if not _use_code(session, sign_in, secret, code):
        return None
    is_first = not has_factor(session, sign_in.account_id)
    session.execute(
        update(Authenticator)
        .where(Authenticator.account_id == sign_in.account_id)
        .values(confirmed_at=clock.now())
    )
    return added(session, sign_in, is_first=is_first)


def added(session: Session, sign_in: SignIn, *, is_first: bool) -> tuple[str, ...]:
    """Note a factor that was just added, and thereby proven; give recovery codes with the first one."""
    sign_in.second_factor_at = clock.now()
    tell(session, sign_in.account, ADDED)
    return _fresh_codes(session, sign_in.account_id) if is_first else ()


def _use_code(session: Session, sign_in: SignIn, secret: str, code: str) -> bool:
    """Use up the time step of a code, or note that the code is wrong.

    RFC 6238, section 5.2: a code is accepted once. The condition in the UPDATE decides, whoever comes first.
    """
    _require_attempts_left(session, sign_in.account_id)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    generator = pyotp.HOTP(secret)
    typed = "".join(code.split())
    for step in (now + drift for drift in DRIFT):
        if not hmac.compare_digest(generator.at(step).encode(), typed.encode()):
            continue
        used = session.scalar(
            update(Authenticator)
            .where(Authenticator.account_id == sign_in.account_id, Authenticator.last_step < step)
            .values(last_step=step)
            .returning(Authenticator.id)
        )
        if used is not None:
            return True
    note_failure(session, _attempts_key(sign_in.account_id))
    return False


def _attempts_key(account_id: int) -> str:
    # In capitals, so that nothing typed as an address on the page to sign in counts against it.
    return f"SECOND-FACTOR-{account_id}"


def _require_attempts_left(session: Session, account_id: int) -> None:
    _lock(session, account_id)
    if failures_of_late(session, _attempts_key(account_id)) >= CODES_ALLOWED:
        seconds = int(ATTEMPT_WINDOW.total_seconds())
        raise Refusal("second-factor-too-many", status=429, seconds=seconds)


def prove(session: Session, sign_in: SignIn, code: str) -> bool:
    """Prove the second factor of a sign-in by a code of the app, or note the failure.

    Raises
    ------
    Refusal
        `second-factor-too-many`, `second-factor-missing`: no app is confirmed; or `authenticator-unreadable`.
    """
    app = authenticator_of(session, sign_in.account_id)
    if app is None or app.confirmed_at is None:
        raise Refusal("second-factor-missing")
    if not _use_code(session, sign_in, _secret(session, app), code):
        return False
    sign_in.second_factor_at = clock.now()
    return True


def prove_by_recovery(session: Session, sign_in: SignIn, code: str) -> bool:
    """Prove the second factor of a sign-in by a recovery code, which is used up, or note the failure.

    Raises
    ------
    Refusal
        `second-factor-too-many`.
    """
    _require_attempts_left(session, sign_in.account_id)
    typed = "".join(character for character in code.lower() if character.isalnum())
    used = session.scalar(
        delete(RecoveryCode)
        .where(RecoveryCode.account_id == sign_in.account_id, RecoveryCode.code_hash == token_hash(typed))
        .returning(RecoveryCode.id)
    )
    if used is None:
        note_failure(session, _attempts_key(sign_in.account_id))
        return False
    sign_in.second_factor_at = clock.now()
    return True


def _fresh_codes(session: Session, account_id: int) -> tuple[str, ...]:
    """Replace the recovery codes of an account and return the new ones; only their hashes are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    made = [
        pyotp.random_base32(SECRET_CHARACTERS)[:RECOVERY_CHARACTERS].lower() for _ in range(RECOVERY_CODES)
    ]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=token_hash(code)) for code in made)
    return tuple("-".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in made)


def renew_recovery_codes(session: Session, sign_in: SignIn) -> tuple[str, ...]:
    """Replace all recovery codes of an account, and return the new ones.

    Raises
    ------
    Refusal
        `second-factor-stale`, or `second-factor-missing`: there is nothing to recover.
    """
    require_fresh(session, sign_in)
    if not has_factor(session, sign_in.account_id):
        raise Refusal("second-factor-missing")
    tell(session, sign_in.account, RENEWED)
    return _fresh_codes(session, sign_in.account_id)


def remove_authenticator(session: Session, sign_in: SignIn) -> None:
    """Take the app away from an account.

    Raises
    ------
    Refusal
        `second-factor-stale`, or `second-factor-missing`: no app is there.
    """
    require_fresh(session, sign_in)
    removed = session.scalar(
        delete(Authenticator)
        .where(Authenticator.account_id == sign_in.account_id, Authenticator.confirmed_at.is_not(None))
        .returning(Authenticator.id)
    )
    if removed is None:
        raise Refusal("second-factor-missing")
    take_away(session, sign_in.account)


def take_away(session: Session, account: Account) -> None:
    """Note that a factor was removed; with the last one go the recovery codes, and what was proven."""
    if not has_factor(session, account.id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        session.execute(update(SignIn).where(SignIn.account_id == account.id).values(second_factor_at=None))
    tell(session, account, REMOVED)


def reset(session: Session, account: Account) -> None:
    """Remove every factor of an account whose owner lost them, and end its sessions.

    Raises
    ------
    Refusal
        `second-factor-missing`.
    """
    _lock(session, account.id)
    if not has_factor(session, account.id):
        raise Refusal("second-factor-missing")
    remove_factors(session, account.id)
    close_sessions(session, account)
    tell(session, account, REMOVED)
