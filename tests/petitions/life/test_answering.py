"""What follows a crossing, and its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import answering, work
from assemblee.petitions.petition.models import PetitionState
from assemblee.security import COMMAND_LINE, Actor
from tests import petitioning
from tests.answers import refused
from tests.petitioning import act


@pytest.mark.both_stores
def test_what_follows_a_crossing_is_answered_in_order(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)

    def say(verb: Callable[..., object], *values: object) -> None:
        act(store, found, lambda session, row: verb(session, COMMAND_LINE, row, *values))

    with refused("petition-step-not-crossed"):
        say(answering.answer_step, 1, "Oui.")
    for number in range(3):
        petitioning.sign(store, found, f"p{number}@example.org")
    with refused("petition-answer-missing"):
        say(answering.answer_step, 1, " ")
    say(answering.answer_step, 1, "J’y travaille.")
    with refused("petition-step-answered"):
        say(answering.answer_step, 1, "Encore.")
    with refused("petition-report-missing"):
        say(answering.answer, "Trop tôt.")
    say(answering.report, "L’agora recommande.")
    with refused("petition-reported-already"):
        say(answering.report, "Encore.")
    with refused("petition-is-reached"):
        say(answering.archive)
    say(answering.answer, "Je voterai ainsi.")
    assert petitioning.fresh(store, found).state == PetitionState.ANSWERED
    with clock.shifted(timedelta(days=31)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == PetitionState.ARCHIVED


def test_a_petition_that_nobody_answers_ends_with_the_mandate(
    store: Store, mandate: Mandate, author: Actor
) -> None:
    found = petitioning.opened(store, mandate, author)
    for number in range(3):
        petitioning.sign(store, found, f"p{number}@example.org")
    with clock.shifted(timedelta(days=300)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == PetitionState.REACHED
    with clock.shifted(timedelta(days=6 * 365)):
        work.turn_all(store)
        assert petitioning.fresh(store, found).state == PetitionState.ARCHIVED
    with clock.shifted(timedelta(days=7 * 365)):
        work.turn_all(store)
    kept = petitioning.fresh(store, found)
    assert (kept.counted, kept.erased_at is not None) == (4, True)
