"""What looks like the work of machines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from assemblee.db import Store
from assemblee.petitions.desk import patterns
from assemblee.petitions.petition.models import Petition, Signature
from tests import petitioning
from tests.petitions.desk.test_fraud import change, effect


def find(store: Store, petition: Petition) -> list[tuple[str, str, int]]:
    with store.reading() as session:
        rows = patterns.find(session, session.get_one(Petition, petition.id))
    for one in rows:
        assert len(effect(store, petition, one.condition).signatures) == one.number
    return [(one.kind, one.what, one.number) for one in rows]


def test_signatures_of_different_people_are_no_pattern(store: Store, petition: Petition) -> None:
    for number, name in enumerate(("Anne Roc", "Basile Ivoire", "Cléa Sud", "Denis Pinson", "Eva Lune")):
        petitioning.sign(store, petition, f"p{number}@gmail.com", name, network=f"203.0.{number}.0/24")
    assert find(store, petition) == []


@pytest.mark.both_stores
def test_patterns_show_what_machines_do(store: Store, petition: Petition) -> None:
    for number in range(6):
        petitioning.sign(
            store, petition, f"p{number}@bots.example", f"Jean Martin {number}", network="203.0.113.0/24"
        )
    for number, name in enumerate(
        ("Zoé Marchand", "Zoe Marchande", "Zoé Machand", "Zoée Marchand", "Zoe Marchant")
    ):
        petitioning.sign(store, petition, f"z{number}@gmail.com", name)
    with store.writing() as session:
        for row in session.scalars(select(Signature).where(Signature.email.endswith("gmail.com"))):
            row.seconds = 3
    assert find(store, petition) == [
        ("network", "203.0.113.0/24", 6),
        ("fast", "6", 5),
        ("domain", "bots.example", 6),
        ("names", "Jean Martin 0", 6),
        ("names", "Zoé Marchand", 5),
    ]


@pytest.mark.both_stores
def test_a_burst_is_judged_by_the_pace_of_the_petition(store: Store, petition: Petition) -> None:
    people = [
        petitioning.sign(store, petition, f"p{number}@gmail.com", f"{chr(97 + number) * 7} {number}")
        for number in range(26)
    ]
    first = datetime(2026, 11, 1, 8, tzinfo=UTC)
    for number, one in enumerate(people):
        change(
            store, [one], counted_at=first + (timedelta(hours=number) if number < 6 else timedelta(days=2))
        )
    assert find(store, petition) == [("burst", "2026-11-03T08:00:00+00:00", 20)]
    for number, one in enumerate(people[6:]):
        change(store, [one], counted_at=first + timedelta(days=2, hours=number % 2))
    assert find(store, petition) == []
