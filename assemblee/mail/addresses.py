"""Addresses, parsed once at the edge: the mailbox that is written to, and the key by which it counts once."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from assemblee.refusal import Refusal

# A dot-string of RFC 5321, section 4.1.2, without the signs by which a server or a library may read another
# mailbox: `%` and `!` route on, `=?` begins an encoded word (RFC 2047), and the rest nobody's address holds.
LOCAL_PART = re.compile(r"[a-z0-9_&'*/+~-]+(?:\.[a-z0-9_&'*/+~-]+)*")
# RFC 5321, section 4.5.3.1, and RFC 3696, erratum 1690.
LONGEST_LOCAL_PART, LONGEST = 64, 254
# Names under which one mailbox is known, and what its provider does not look at in the part before the @.
SAME_MAILBOX = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
}
IGNORED = {"gmail.com": ".", "proton.me": "._-"}


@dataclass(frozen=True)
class Mailbox:
    """Where a letter goes.

    Parameters
    ----------
    address : str
        In ASCII and lower case; a domain of other letters stands in its encoded form (RFC 5891).
    key : str
        The one spelling of all the addresses that lead to this mailbox: case does not count, nor what follows
        a plus sign (RFC 5233), nor the dots that a provider ignores. It finds doubles; rights follow the
        address alone, since some servers do give `a+b` to somebody else than `a`.
    """

    address: str
    key: str


def mailbox(text: str) -> Mailbox:
    """Read what somebody has typed as the address of one mailbox.

    Raises
    ------
    Refusal
        `email-invalid`, also for letters with accents before the @, which many servers refuse (RFC 6531).

    Examples
    --------
    >>> mailbox(" A.B+x@Googlemail.com ")
    Mailbox(address='a.b+x@googlemail.com', key='ab@gmail.com')
    >>> mailbox("maire@mairie-épinal.fr").address
    'maire@xn--mairie-pinal-heb.fr'
    """
    stripped = text.strip()
    try:
        found = validate_email(stripped, check_deliverability=False)
    except EmailNotValidError:
        raise Refusal("email-invalid", status=422) from None
    address = (found.ascii_email or "").lower()
    local, _, domain = address.rpartition("@")
    if not LOCAL_PART.fullmatch(local) or len(local) > LONGEST_LOCAL_PART or len(address) > LONGEST:
        raise Refusal("email-invalid", status=422)
    return Mailbox(address, f"{_plain(local, domain)}@{SAME_MAILBOX.get(domain, domain)}")


def _plain(local: str, domain: str) -> str:
    plain = local.partition("+")[0]
    for ignored in IGNORED.get(SAME_MAILBOX.get(domain, domain), ""):
        plain = plain.replace(ignored, "")
    # An address of tags and dots alone is a mailbox of its own.
    return plain or local


def is_mailbox(text: str) -> bool:
    """Tell whether a text is the address of one mailbox.

    Examples
    --------
    >>> is_mailbox("a@example.org"), is_mailbox("=?utf-8?q?a?=@example.org")
    (True, False)
    """
    with suppress(Refusal):
        return bool(mailbox(text))
    return False


def key_of(text: str | None) -> str | None:
    """Return the key of an address that is kept already, or the text itself where it is no address.

    Examples
    --------
    >>> key_of("v+1@example.org"), key_of("Erased-7"), key_of(None)
    ('v@example.org', 'erased-7', None)
    """
    if text is None:
        return None
    try:
        return mailbox(text).key
    except Refusal:
        return text.strip().lower()
