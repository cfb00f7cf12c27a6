"""Marks by which people are recognised who sign twice."""

from __future__ import annotations

import pytest

from assemblee.mail.addresses import mailbox
from assemblee.petitions.petition.marks import folded, network_of, require_lasting
from tests.answers import refused


@pytest.mark.parametrize(
    ("email", "canonical"),
    [
        ("A.B+x@gmail.com", "ab@gmail.com"),
        ("a.b@GOOGLEMAIL.com", "ab@gmail.com"),
        ("A.B+x@example.org", "a.b@example.org"),
        ("a.b+x+y@Example.ORG", "a.b@example.org"),
        ("a_b.c-d@pm.me", "abcd@proton.me"),
        ("...+x@example.org", None),
        ("+x@example.org", "+x@example.org"),
    ],
)
def test_one_mailbox_has_one_spelling(email: str, canonical: str | None) -> None:
    if canonical is None:
        with refused("email-invalid"):
            mailbox(email)
    else:
        assert mailbox(email).key == canonical


def test_names_are_folded() -> None:
    assert folded("DUPONT-Müller, José") == folded("josé Dupont Muller") == "dupont jose muller"
    assert folded("Anne Martin") != folded("Anna Martin")
    assert folded("Œuvrard ﬁn") == folded("œuvrard fin")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", None),
        (None, None),
        ("unknown, 203.0.113.77", None),
    ],
)
def test_networks_are_shortened(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


def test_addresses_made_to_be_thrown_away_are_refused() -> None:
    for email in ("a@mailinator.com", "a@mail.mailinator.com", "a@YOPMAIL.com"):
        with refused("email-disposable"):
            require_lasting(email)
    require_lasting("a@gmail.com")
