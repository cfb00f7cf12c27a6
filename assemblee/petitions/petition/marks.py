"""How people are recognised who sign twice: addresses, folded names, and keyed hashes of both."""

from __future__ import annotations

import ipaddress
import unicodedata

from disposable_email_domains import blocklist
from sqlalchemy.orm import Session

from assemblee import vault
from assemblee.mail.addresses import mailbox
from assemblee.refusal import Refusal

IPV4_PREFIX, IPV6_PREFIX = 24, 48
PURPOSE = "signatures"


def require_lasting(email: str) -> None:
    """Refuse an address that is made to be thrown away.

    Raises
    ------
    Refusal
        `email-disposable`.
    """
    labels = email.rpartition("@")[2].lower().split(".")
    if any(".".join(labels[place:]) in blocklist for place in range(len(labels) - 1)):
        raise Refusal("email-disposable", status=422)


def folded(text: str) -> str:
    """Return a name without accents, case, marks or the order of its words.

    Examples
    --------
    >>> folded("DUPONT-Müller, José") == folded("josé Dupont Muller")
    True
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(mark if mark.isalnum() else " " for mark in plain if not unicodedata.combining(mark))
    return " ".join(sorted(letters.split()))


def email_mark(session: Session, mandate_id: int, email: str) -> str:
    """Return the keyed hash of a mailbox, the same in all petitions of a mandate."""
    return vault.mark(session, PURPOSE, "email", str(mandate_id), mailbox(email).key)


def person_mark(session: Session, mandate_id: int, name: str, place: str) -> str:
    """Return the keyed hash of a name in a place, the same in all petitions of a mandate."""
    return vault.mark(session, PURPOSE, "person", str(mandate_id), folded(name), folded(place))


def network_of(address: str | None) -> str | None:
    """Return the part of a network address that a household or a firm shares.

    Examples
    --------
    >>> network_of("192.0.2.77"), network_of("2001:db8:1:2::3"), network_of("nonsense")
    ('192.0.2.0/24', '2001:db8:1::/48', None)
    """
    try:
        ip_address = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(ip_address, ipaddress.IPv6Address) and ip_address.ipv4_mapped:
        ip_address = ip_address.ipv4_mapped
    # A link-local address carries the name of a card of this machine, which is no part of a network.
    prefix = IPV4_PREFIX if isinstance(ip_address, ipaddress.IPv4Address) else IPV6_PREFIX
    return str(ipaddress.ip_network(f"{str(ip_address).partition('%')[0]}/{prefix}", strict=False))
