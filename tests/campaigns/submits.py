"""A hundred times on each store, one person sends the form 200 times at once, spelled in every way."""

from __future__ import annotations

import random

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests import petitioning
from tests.petitions.signing.submitting import submit_at_once

RUNS, SUBMITS = 100, 200
LETTERS = "zoelune"


def spelled(source: random.Random) -> str:
    """Give an address of one mailbox: dots, tags and capitals where they do not count."""
    dotted = LETTERS[0] + "".join(source.choice(["", "."]) + letter for letter in LETTERS[1:])
    local = "".join(source.choice([letter, letter.upper()]) for letter in dotted)
    tag = source.choice(["", "", "+x", "+Liste.1"])
    return f"{local}{tag}@{source.choice(['gmail.com', 'GMail.com', 'googlemail.com'])}"


@pytest.mark.parametrize("seed", range(RUNS))
def test_it_is_one_signature(store: Store, mandate: Mandate, seed: int) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60))
    found = petitioning.opened(store, mandate)
    source = random.Random(seed)  # noqa: S311 - how to spell
    submit_at_once(store, found, [spelled(source) for _ in range(SUBMITS)])
    print(f"{store.url.get_backend_name()} {seed}: {SUBMITS} submits, one signature")
