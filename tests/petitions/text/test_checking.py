"""Sponsors, the check by a guarantor, and the appeal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import work
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.text import checking
from assemblee.petitions.text import letters as text_letters
from assemblee.petitions.text import queries as text_queries
from assemblee.security import Actor
from tests import make, petitioning
from tests.answers import refused
from tests.petitioning import act


def ruled(store: Store, found: Petition, who: Actor, *, is_admitted: bool, appeal: bool = False) -> None:
    verb = checking.hear if appeal else checking.rule
    act(
        store,
        found,
        lambda session, row: verb(
            session, who, row, is_admitted=is_admitted, ground=None if is_admitted else 0, reason="Voilà."
        ),
    )


def test_sponsors_hand_a_petition_to_the_guarantors(store: Store, mandate: Mandate, author: Actor) -> None:
    guarantor = petitioning.guarantor(store, mandate)
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    checked = petitioning.fresh(store, found)
    assert checked.state == PetitionState.CHECK
    assert petitioning.row_of(store, found, "marraine@example.org").is_sponsor
    assert petitioning.letters(store, text_letters.TO_CHECK) == ["garante1@example.org"]
    with store.reading() as session:
        assert [one.id for one in text_queries.to_check(session, mandate.id, guarantor.account)] == [found.id]
    with refused("petition-is-check"):
        petitioning.ask(store, found, "trop.tard@example.org")
    with refused("petition-reason-missing"):
        act(
            store,
            found,
            lambda session, row: checking.rule(
                session, guarantor, row, is_admitted=False, ground=0, reason=" "
            ),
        )
    with refused("petition-ground-unknown"):
        act(
            store,
            found,
            lambda session, row: checking.rule(
                session, guarantor, row, is_admitted=False, ground=99, reason="Non."
            ),
        )
    with refused("petition-own"):
        ruled(store, found, author, is_admitted=True)
    ruled(store, found, guarantor, is_admitted=True)
    assert petitioning.fresh(store, found).state == PetitionState.OPEN
    assert petitioning.letters(store, text_letters.RULED) == ["autrice@example.org"]
    petitioning.check_count(store, found)


@pytest.mark.both_stores
def test_silence_opens_a_petition(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    work.turn_all(store)
    assert petitioning.fresh(store, found).state == PetitionState.CHECK
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == PetitionState.OPEN
    assert make.leaves(store, "petition-opened") == 1


def refused_petition(
    store: Store, mandate: Mandate, author: Actor, others: int
) -> tuple[Petition, list[Actor]]:
    guarantors = [petitioning.guarantor(store, mandate, number) for number in range(others + 1)]
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    ruled(store, found, guarantors[0], is_admitted=False)
    return found, guarantors


def appeal(store: Store, found: Petition, who: Actor) -> None:
    act(store, found, lambda session, row: checking.appeal(session, who, row, "Relisez, s’il vous plaît."))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([True, True], PetitionState.OPEN),
        ([False, False], PetitionState.REFUSED),
        ([True, False, False], PetitionState.REFUSED),
    ],
)
def test_an_appeal_is_heard_by_the_others(
    store: Store, mandate: Mandate, author: Actor, said: list[bool], state: PetitionState
) -> None:
    found, guarantors = refused_petition(store, mandate, author, 3)
    appeal(store, found, author)
    with refused("petition-ruled-already"):
        ruled(store, found, guarantors[0], is_admitted=False, appeal=True)
    for who, is_admitted in zip(guarantors[1:], said, strict=False):
        ruled(store, found, who, is_admitted=is_admitted, appeal=True)
    assert petitioning.fresh(store, found).state == state
    if state == PetitionState.REFUSED:
        with refused("petition-appealed-already"):
            appeal(store, found, author)


@pytest.mark.both_stores
def test_an_appeal_has_its_time_and_needs_somebody(store: Store, mandate: Mandate, author: Actor) -> None:
    found, _ = refused_petition(store, mandate, author, 0)
    with refused("petition-appeal-nobody"):
        appeal(store, found, author)
    petitioning.guarantor(store, mandate, 5)
    with clock.shifted(timedelta(days=15)), refused("petition-appeal-late"):
        appeal(store, found, author)
    appeal(store, found, author)
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == PetitionState.OPEN
