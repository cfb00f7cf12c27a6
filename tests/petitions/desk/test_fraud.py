from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud
from assemblee.petitions.desk.fraud import Condition, Effect
from assemblee.petitions.desk.models import Invalidation
from assemblee.petitions.paper.sheets import Line
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.security import Actor
from tests import make, petitioning
from tests.answers import at_once, refused
from tests.petitions.paper.test_sheets import entered

REASON = "Ces adresses ne répondent pas."


def signers(store: Store, petition: Petition, number: int, domain: str = "example.org") -> list[Signature]:
    return [
        petitioning.sign(store, petition, f"p{place}@{domain}", f"Personne {domain} {'ABCDEFGHIJ'[place]}")
        for place in range(number)
    ]


def effect(store: Store, petition: Petition, condition: Condition) -> Effect:
    with store.reading() as session:
        return fraud.effect(session, session.get_one(Petition, petition.id), condition)


def set_aside(
    store: Store,
    actor: Actor,
    petition: Petition,
    condition: Condition,
    *,
    shown: str | None = None,
    reason: str = REASON,
) -> Invalidation:
    shown = effect(store, petition, condition).fingerprint if shown is None else shown
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        return fraud.set_aside(session, actor, row, condition, reason, shown=shown)


def restore(store: Store, actor: Actor, found: Invalidation, reason: str = "Elles ont répondu.") -> int:
    with store.writing() as session:
        return fraud.restore(session, actor, session.get_one(Invalidation, found.id), reason)


def count(store: Store, petition: Petition) -> int:
    petitioning.check_count(store, petition)
    return petitioning.fresh(store, petition).counted


def change(store: Store, signatures: Sequence[Signature], **values: object) -> None:
    with store.writing() as session:
        for one in signatures:
            row = session.get_one(Signature, one.id)
            for name, value in values.items():
                setattr(row, name, value)


@pytest.mark.both_stores
def test_what_was_shown_is_set_aside_and_can_be_restored(
    store: Store, petition: Petition, guarantor: Actor
) -> None:
    kept = signers(store, petition, 2)
    bots = signers(store, petition, 3, "bots.example")
    shown = effect(store, petition, Condition(domain="BOTS.example"))
    assert (shown.before, shown.after, shown.lost, shown.opens_review) == (5, 2, (1,), False)
    assert [one.id for one in shown.signatures] == [one.id for one in bots]
    assert count(store, petition) == 5
    found = set_aside(store, guarantor, petition, Condition(domain="BOTS.example"))
    assert count(store, petition) == 2
    assert found.number == 3
    # A step that was crossed stays crossed.
    assert petitioning.fresh(store, petition).steps == 1
    assert restore(store, guarantor, found) == 3
    assert count(store, petition) == 5
    with refused("fraud-already-restored"):
        restore(store, guarantor, found)
    again = set_aside(store, guarantor, petition, Condition(ids=(kept[0].id, bots[0].id)))
    assert again.number == 2
    assert count(store, petition) == 3
    assert make.leaves(store, "signatures-set-aside") == 2
    assert make.leaves(store, "signatures-restored") == 1
    assert petitioning.fresh(store, petition).state == PetitionState.OPEN


def test_nothing_but_what_was_shown_is_set_aside(store: Store, petition: Petition, guarantor: Actor) -> None:
    signers(store, petition, 2, "bots.example")
    condition = Condition(domain="bots.example")
    shown = effect(store, petition, condition).fingerprint
    petitioning.sign(store, petition, "late@bots.example", "Quelqu’un d’autre")
    with refused("fraud-changed"):
        set_aside(store, guarantor, petition, condition, shown=shown)
    with refused("fraud-changed"):
        set_aside(store, guarantor, petition, Condition(domain="example"), shown=shown)
    with refused("fraud-reason-missing"):
        set_aside(store, guarantor, petition, condition, reason=" ")
    with refused("fraud-nothing"):
        set_aside(store, guarantor, petition, Condition(domain="nobody.example"))
    assert count(store, petition) == 3
    # Who signs otherwise meanwhile changes nothing of it.
    shown = effect(store, petition, condition).fingerprint
    petitioning.sign(store, petition, "zoe@example.org", "Zoé")
    assert set_aside(store, guarantor, petition, condition, shown=shown).number == 3


def test_a_condition_says_something(store: Store, petition: Petition) -> None:
    with refused("fraud-condition-empty"):
        effect(store, petition, Condition())
    with refused("fraud-condition-too-long"):
        effect(store, petition, Condition(name_like="a" * 201))
    with refused("fraud-condition-too-long"):
        effect(store, petition, Condition(ids=tuple(range(fraud.MOST_IDS + 1))))


def test_each_part_of_a_condition_narrows_it(store: Store, petition: Petition) -> None:
    people = signers(store, petition, 4)
    change(store, people[:3], network="203.0.113.0/24")
    change(store, people[1:], seconds=2)
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    change(store, people[2:], counted_at=noon)

    def found(**parts: object) -> list[int]:
        condition = Condition(**parts)
        assert Condition.read(condition.to_document()) == condition
        return [
            people.index(next(p for p in people if p.id == one.id))
            for one in effect(store, petition, condition).signatures
        ]

    assert found(network="203.0.113.0/24") == [0, 1, 2]
    assert found(network="203.0.113.0/24", seconds_below=3) == [1, 2]
    assert found(seconds_below=2) == []
    assert found(since=noon, until=noon + timedelta(seconds=1)) == [2, 3]
    assert found(until=noon) == []
    assert found(name_like="ORG b") == [1]
    assert found(name_like="%") == []
    assert found(domain="ample.org") == []
    assert found(ids=(people[3].id, 999_999), network="203.0.113.0/24") == []


@pytest.mark.both_stores
def test_a_set_aside_signature_is_not_set_aside_twice(
    store: Store, petition: Petition, guarantor: Actor
) -> None:
    signers(store, petition, 4, "bots.example")
    condition = Condition(domain="bots.example")
    shown = effect(store, petition, condition).fingerprint
    answers = at_once(
        [lambda: set_aside(store, guarantor, petition, condition, shown=shown) for _ in range(6)]
    )
    assert answers == ["done", *["fraud-changed"] * 5]
    assert count(store, petition) == 0


def test_who_signed_again_on_paper_counts_once_after_a_restore(
    store: Store, mandate: Mandate, petition: Petition, guarantor: Actor
) -> None:
    (anne,) = signers(store, petition, 1)
    found = set_aside(store, guarantor, petition, Condition(ids=(anne.id,)))
    actors = (guarantor, petitioning.guarantor(store, mandate, 2))
    assert entered(store, petition, actors, Line(str(anne.name), "Le Val")).counted == 1
    assert count(store, petition) == 1
    assert restore(store, guarantor, found) == 0
    assert count(store, petition) == 1


def test_people_of_one_name_who_counted_before_count_again(
    store: Store, petition: Petition, guarantor: Actor
) -> None:
    twins = [petitioning.sign(store, petition, f"{name}@example.org", "Jo Dupré") for name in "ab"]
    found = set_aside(store, guarantor, petition, Condition(ids=(twins[0].id,)))
    assert restore(store, guarantor, found) == 1
    assert count(store, petition) == 2


def test_restoring_crosses_what_is_reached_by_it(store: Store, mandate: Mandate, guarantor: Actor) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=3, assembly=4, sponsors=0))
    petition = petitioning.opened(store, mandate)
    found = set_aside(store, guarantor, petition, Condition(ids=(signers(store, petition, 2)[0].id,)))
    signers(store, petition, 2, "other.example")
    assert petitioning.fresh(store, petition).steps == 1
    restore(store, guarantor, found)
    assert petitioning.fresh(store, petition).state == PetitionState.REACHED
    assert count(store, petition) == 4


def test_a_petition_that_ended_is_left_as_it_is(store: Store, petition: Petition, guarantor: Actor) -> None:
    signers(store, petition, 2)
    found = set_aside(store, guarantor, petition, Condition(name_like="Personne"))
    with store.writing() as session:
        session.get_one(Petition, petition.id).state = PetitionState.EXPIRED
    with refused("petition-is-expired"):
        restore(store, guarantor, found)
    with refused("petition-is-expired"):
        set_aside(store, guarantor, petition, Condition(name_like="Personne"))
    with store.writing() as session:
        fraud.forget(session, session.get_one(Petition, petition.id))
    with store.reading() as session:
        kept = session.get_one(Invalidation, found.id)
        assert (kept.condition, kept.reason, kept.number) == ({}, "", 2)


# What guarantors see.


# What was opened stays open.
