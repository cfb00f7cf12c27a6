from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates import queries as mandates
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud, letters, patterns, reviews
from assemblee.petitions.desk.fraud import Condition, Effect
from assemblee.petitions.desk.models import Invalidation, Outcome, Review
from assemblee.petitions.paper.sheets import Line
from assemblee.petitions.petition.models import Petition, Signature, SignatureState, State
from assemblee.petitions.waves import work
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import make, petitioning
from tests.answers import at_once, refused
from tests.petitions.paper.test_sheets import entered

REASON = "Ces adresses ne répondent pas."


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    rules = petitioning.rules(mandate, answer=3, assembly=50, sponsors=0)
    petitioning.publish(store, mandate, rules)
    return petitioning.opened(store, mandate)


@pytest.fixture
def guarantor(store: Store, mandate: Mandate) -> Actor:
    return petitioning.guarantor(store, mandate)


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
    assert petitioning.fresh(store, petition).state == State.OPEN


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
    assert petitioning.fresh(store, petition).state == State.REACHED
    assert count(store, petition) == 4


def test_a_petition_that_ended_is_left_as_it_is(store: Store, petition: Petition, guarantor: Actor) -> None:
    signers(store, petition, 2)
    found = set_aside(store, guarantor, petition, Condition(name_like="Personne"))
    with store.writing() as session:
        session.get_one(Petition, petition.id).state = State.EXPIRED
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


# What was opened stays open.


@pytest.fixture
def reached(store: Store, mandate: Mandate) -> Petition:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=2, assembly=4, sponsors=0))
    petition = petitioning.opened(store, mandate)
    signers(store, petition, 5)
    return petitioning.fresh(store, petition)


@pytest.fixture
def guarantors(store: Store, mandate: Mandate, reached: Petition) -> list[Actor]:
    # The third is the one who has admitted the petition.
    third = Actor(reached.rulings[0].account_id, frozenset({Role.EVERYONE, Role.GUARANTOR}))
    return [petitioning.guarantor(store, mandate), petitioning.guarantor(store, mandate, 2), third]


def below(store: Store, actor: Actor, petition: Petition) -> tuple[Invalidation, Review]:
    """Set aside as many signatures as bring a petition below its threshold."""
    found = set_aside(store, actor, petition, Condition(ids=ids(store, petition)[:2]))
    return found, review(store, petition)


def ids(store: Store, petition: Petition) -> tuple[int, ...]:
    with store.reading() as session:
        counting = select(Signature.id).where(
            Signature.petition_id == petition.id, Signature.state == SignatureState.COUNTED
        )
        return tuple(session.scalars(counting.order_by(Signature.id)))


def review(store: Store, petition: Petition) -> Review:
    with store.reading() as session:
        found = reviews.of_petition(session, session.get_one(Petition, petition.id))[0]
        _ = found.opinions
        return found


def say(store: Store, actor: Actor, found: Review, *, keeps: bool, reason: str = "Voici pourquoi.") -> None:
    with store.writing() as session:
        reviews.say(session, actor, session.get_one(Review, found.id), keeps=keeps, reason=reason)


def test_an_opened_assembly_is_reviewed_and_never_closed(
    store: Store, reached: Petition, guarantors: list[Actor]
) -> None:
    assert reached.state == State.REACHED
    term = reached.term_id
    one = set_aside(store, guarantors[0], reached, Condition(ids=ids(store, reached)[:1]))
    assert petitioning.letters(store, letters.REVIEW) == []
    assert effect(store, reached, Condition(ids=ids(store, reached)[:1])).opens_review
    _, opened = below(store, guarantors[0], reached)
    assert len(petitioning.letters(store, letters.REVIEW)) == 3
    assert opened.counted == count(store, reached) == 2
    for actor, keeps in zip(guarantors, (True, False, False), strict=True):
        say(store, actor, opened, keeps=keeps)
    closed = review(store, reached)
    assert closed.outcome == Outcome.STOP
    assert len(petitioning.letters(store, letters.REVIEWED)) == 3
    after = petitioning.fresh(store, reached)
    assert (after.state, after.term_id, after.steps) == (State.REACHED, term, 2)
    assert make.leaves(store, "petition-review-opened") == make.leaves(store, "petition-review-closed") == 1
    assert make.leaves(store, "petition-review-said") == 3
    assert restore(store, guarantors[0], one) == 1
    assert petitioning.fresh(store, reached).steps == 2


@pytest.mark.both_stores
def test_who_may_speak_in_a_review_and_once(
    store: Store, mandate: Mandate, reached: Petition, guarantors: list[Actor]
) -> None:
    _, opened = below(store, guarantors[0], reached)
    say(store, guarantors[0], opened, keeps=False)
    with refused("review-already-said"):
        say(store, guarantors[0], opened, keeps=True)
    with refused("review-reason-missing"):
        say(store, guarantors[1], opened, keeps=True, reason=" ")
    with refused("review-not-guarantor"):
        say(store, make.organiser(store, mandate), opened, keeps=True)
    with refused("account-unknown"):
        say(store, COMMAND_LINE, opened, keeps=True)
    with store.reading() as session:
        assert reviews.to_say(session, mandate.id, guarantors[0].account) == []
        assert [one.id for one in reviews.to_say(session, mandate.id, guarantors[1].account)] == [opened.id]
    with refused("review-still-open"), store.writing() as session:
        reviews.close(session, COMMAND_LINE, session.get_one(Review, opened.id))


@pytest.mark.both_stores
@pytest.mark.parametrize(
    ("said", "outcome"),
    [((), Outcome.KEEP), ((True, False), Outcome.KEEP), ((False,), Outcome.STOP), ((True,), Outcome.KEEP)],
)
def test_a_deadline_ends_a_review_with_those_who_spoke(
    store: Store, reached: Petition, guarantors: list[Actor], said: tuple[bool, ...], outcome: str
) -> None:
    _, opened = below(store, guarantors[0], reached)
    for actor, keeps in zip(guarantors, said, strict=False):
        say(store, actor, opened, keeps=keeps)
    with clock.shifted(timedelta(days=15)):
        with refused("review-closed"):
            say(store, guarantors[2], opened, keeps=True)
        with store.reading() as session:
            assert [one.id for one in reviews.overdue(session)] == [opened.id]
            assert reviews.to_say(session, reached.mandate_id, guarantors[2].account) == []
        with store.writing() as session:
            reviews.close(session, COMMAND_LINE, session.get_one(Review, opened.id))
        with refused("review-closed"), store.writing() as session:
            reviews.close(session, COMMAND_LINE, session.get_one(Review, opened.id))
    assert review(store, reached).outcome == outcome


def test_a_threshold_reached_again_ends_a_review(
    store: Store, reached: Petition, guarantors: list[Actor]
) -> None:
    found, opened = below(store, guarantors[0], reached)
    say(store, guarantors[0], opened, keeps=False)
    restore(store, guarantors[0], found)
    closed = review(store, reached)
    assert (closed.outcome, closed.closed_at is not None) == (Outcome.KEEP, True)
    # Another time, another review.
    _, again = below(store, guarantors[0], reached)
    assert again.id != opened.id
    set_aside(store, guarantors[0], reached, Condition(ids=ids(store, reached)[:1]))
    assert make.leaves(store, "petition-review-opened") == 2


def test_a_guarantor_who_left_is_not_waited_for(
    store: Store, mandate: Mandate, reached: Petition, guarantors: list[Actor]
) -> None:
    _, opened = below(store, guarantors[0], reached)
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        held = next(
            one
            for one in mandates.holdings(session, place)
            if one.account_id == guarantors[2].account and one.role == Role.GUARANTOR
        )
        session.delete(held)
    say(store, guarantors[0], opened, keeps=True)
    say(store, guarantors[1], opened, keeps=True)
    assert review(store, reached).outcome == Outcome.KEEP


@pytest.mark.both_stores
def test_the_worker_closes_reviews_whose_time_is_over(
    store: Store, config: Config, reached: Petition, guarantors: list[Actor]
) -> None:
    _, opened = below(store, guarantors[0], reached)
    say(store, guarantors[0], opened, keeps=False)
    work.close_reviews(store, config)
    assert review(store, reached).closed_at is None
    with clock.shifted(timedelta(days=15)):
        for _ in range(2):
            work.close_reviews(store, config)
    assert review(store, reached).outcome == Outcome.STOP
    assert make.leaves(store, "petition-review-closed") == 1
