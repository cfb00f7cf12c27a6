"""A thousand voters, on each store, against somebody who holds the whole database and all logs."""

from __future__ import annotations

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests import make, voting
from tests.consultations.attacker import attack
from tests.consultations.test_secrecy import CHANCE, play

VOTERS = 1_000


def test_a_thousand_voters_are_linked_no_better_than_by_chance(
    app: Flask, store: Store, mandate: Mandate, caplog: pytest.LogCaptureFixture
) -> None:
    loot, made = play(app, store, mandate, VOTERS)
    voting.count(store, made, voting.guarantors(store, mandate))
    make.finish_jobs(store)
    links = attack(loot, shuffles=1_000)
    print(f"{store.url.get_backend_name()}: {len(links)} pairs of orders tried; the most telling:")
    for link in links[:3]:
        print(f"  {link.who} | {link.what}: {link.correlation:+.3f}, by chance {link.likelihood:.2g}")
    print(f"  most people matched with their own ballot: {max(link.matched for link in links)} of {VOTERS}")
    assert links[0].likelihood > CHANCE
    assert max(link.matched for link in links) < 12
    assert not any(token in caplog.text for token in loot.truth.values())
