"""Reviews of an assembly whose petition fell below its threshold."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates import queries as mandates
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import letters, reviews
from assemblee.petitions.desk.fraud import Condition
from assemblee.petitions.desk.models import Invalidation, Review, ReviewOutcome
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.waves import work
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import make, petitioning
from tests.answers import refused
from tests.petitions.desk.test_fraud import count, effect, restore, set_aside, signers


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
    assert reached.state == PetitionState.REACHED
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
    assert closed.outcome == ReviewOutcome.STOP
    assert len(petitioning.letters(store, letters.REVIEWED)) == 3
    after = petitioning.fresh(store, reached)
    assert (after.state, after.term_id, after.steps) == (PetitionState.REACHED, term, 2)
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
    [
        ((), ReviewOutcome.KEEP),
        ((True, False), ReviewOutcome.KEEP),
        ((False,), ReviewOutcome.STOP),
        ((True,), ReviewOutcome.KEEP),
    ],
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
    assert (closed.outcome, closed.closed_at is not None) == (ReviewOutcome.KEEP, True)
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
    assert review(store, reached).outcome == ReviewOutcome.KEEP


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
    assert review(store, reached).outcome == ReviewOutcome.STOP
    assert make.leaves(store, "petition-review-closed") == 1
