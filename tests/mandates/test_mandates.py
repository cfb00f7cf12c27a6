from __future__ import annotations

from datetime import date

import pytest

from assemblee.accounts.models import Account
from assemblee.db import Store
from assemblee.mandates import actions, queries
from assemblee.mandates.models import Mandate
from assemblee.security import COMMAND_LINE, Role
from tests import make
from tests.answers import refused


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"slug": "Val de Brume"}, "mandate-slug-invalid"),
        ({"term_end": date(2026, 7, 1)}, "mandate-term-invalid"),
        ({"inhabitants_over_16": 0}, "mandate-inhabitants-invalid"),
        ({"time_zone": "Europe/Atlantide"}, "mandate-zone-unknown"),
        ({"time_zone": "../etc/passwd"}, "mandate-zone-unknown"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused(store: Store, changes: dict[str, object], code: str) -> None:
    with refused(code):
        make.mandate(store, **changes)
    assert make.leaves(store, "mandate-created") == 0


@pytest.mark.both_stores
def test_a_short_name_is_taken_once(store: Store, mandate: Mandate) -> None:
    with refused("mandate-slug-taken"):
        make.mandate(store)
    assert make.leaves(store, "mandate-created") == 1
    with store.reading() as session:
        assert queries.mandate_by_slug(session, "val").id == mandate.id
        with refused("mandate-unknown"):
            queries.mandate_by_slug(session, "elsewhere")


@pytest.mark.both_stores
def test_a_role_is_given_once_and_taken_back_once(store: Store, mandate: Mandate) -> None:
    with store.writing() as session:
        held = actions.give_role(session, COMMAND_LINE, mandate, "g@example.org", Role.GUARANTOR)
    with refused("role-already-held"), store.writing() as session:
        actions.give_role(session, COMMAND_LINE, mandate, "G@example.org", Role.GUARANTOR)
    with store.writing() as session:
        actions.take_role(session, COMMAND_LINE, mandate, held.id)
    with refused("role-not-held"), store.writing() as session:
        actions.take_role(session, COMMAND_LINE, mandate, held.id)
    assert (make.leaves(store, "role-given"), make.leaves(store, "role-taken-back")) == (1, 1)


def test_a_role_of_the_installation_is_not_given_in_a_mandate(store: Store, mandate: Mandate) -> None:
    with refused("role-not-of-mandate"), store.writing() as session:
        actions.give_role(session, COMMAND_LINE, mandate, "g@example.org", Role.OPERATOR)


def test_a_role_counts_in_its_own_mandate_only(store: Store, mandate: Mandate) -> None:
    other = make.mandate(store, slug="mont")
    actor = make.organiser(store, mandate)
    with store.reading() as session:
        account = session.get_one(Account, actor.account)
        assert Role.ORGANISER in queries.actor_of(session, account, mandate).roles
        assert Role.ORGANISER not in queries.actor_of(session, account, other).roles
        assert Role.ORGANISER not in queries.actor_of(session, account, None).roles
        assert queries.actor_of(session, None, mandate).roles == {Role.EVERYONE}
    with store.writing() as session:
        held = queries.holdings(session, mandate)[0]
        with refused("role-not-held"):
            actions.take_role(session, COMMAND_LINE, other, held.id)
