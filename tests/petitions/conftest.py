"""Whom and what most tests of petitions begin with."""

from __future__ import annotations

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition
from assemblee.security import Actor
from tests import make, petitioning


@pytest.fixture
def author(store: Store, mandate: Mandate) -> Actor:
    petitioning.publish(store, mandate)
    return petitioning.author(store)


@pytest.fixture
def staff(store: Store, mandate: Mandate) -> tuple[Actor, Actor]:
    for email in (petitioning.ORGANISER, petitioning.GUARANTOR):
        make.account(store, email, password=make.PASSWORD)
    return make.organiser(store, mandate, petitioning.ORGANISER), petitioning.guarantor(store, mandate, 1)


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60))
    return petitioning.opened(store, mandate)


@pytest.fixture
def petition_of_three(store: Store, mandate: Mandate) -> Petition:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=2, assembly=3, sponsors=0))
    return petitioning.opened(store, mandate)
