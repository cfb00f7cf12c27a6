"""Two petitions become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import work
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.rules import rulebook
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text import letters as text_letters
from assemblee.petitions.text import merging
from assemblee.petitions.text import queries as text_queries
from assemblee.security import COMMAND_LINE, Actor
from tests import petitioning
from tests.answers import refused


def test_petitions_that_ask_for_the_same_become_one(store: Store, mandate: Mandate, author: Actor) -> None:
    other = petitioning.author(store, "autre@example.org")
    with store.writing() as session:
        rules = petitioning.rules(mandate, answer=4, assembly=5, number=1)
        rulebook.publish(session, COMMAND_LINE, session.get_one(Mandate, mandate.id), rules, "Seuils.")
    stays = petitioning.opened(store, mandate, author)
    goes = petitioning.submitted(
        store, mandate, other, replace(petitioning.FACTS, title="Du bio dans les cantines")
    )
    petitioning.sign(store, goes, "marraine0@example.org")
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
    with store.reading() as session:
        assert text_queries.similar(session, mandate.id, "Cantine bio au collège")[0].id in {
            stays.id,
            goes.id,
        }
        assert text_queries.similar(session, mandate.id, "Un pont sur la rivière") == []
    petitioning.sign(store, goes, "deux@example.org")
    petitioning.sign(store, goes, "trois@example.org")
    petitioning.ask(store, goes, "quatre@example.org")
    waiting = petitioning.row_of(store, goes, "quatre@example.org")
    counted = petitioning.row_of(store, goes, "deux@example.org")
    with refused("petition-merge-not-offered"):
        merge(store, author, stays, goes)
    with store.writing() as session:
        rows = [session.get_one(Petition, one.id) for one in (goes, stays)]
        merging.offer(session, other, *rows)
    assert petitioning.letters(store, text_letters.OFFERED) == ["autrice@example.org"]
    with refused("petition-of-somebody-else"):
        merge(store, other, stays, goes)
    merge(store, author, stays, goes)
    kept, gone = petitioning.fresh(store, stays), petitioning.fresh(store, goes)
    assert (kept.counted, gone.counted, gone.state, gone.merged_into_id) == (
        3,
        0,
        PetitionState.MERGED,
        stays.id,
    )
    petitioning.check_count(store, kept)
    petitioning.confirm(store, waiting)
    assert petitioning.fresh(store, stays).counted == 4
    petitioning.check_count(store, kept)
    # Both were read before the merge, as by somebody who presses the button at that moment.
    for row in (waiting, counted):
        with store.writing() as session:
            signing.withdraw(session, row.nonce)
    assert (petitioning.fresh(store, stays).counted, petitioning.fresh(store, goes).counted) == (2, 0)
    petitioning.check_count(store, kept)
    with refused("petition-is-merged"):
        merge(store, author, stays, goes)


def merge(store: Store, who: Actor, into: Petition, offered: Petition) -> None:
    with store.writing() as session:
        merging.accept(
            session, who, session.get_one(Petition, into.id), session.get_one(Petition, offered.id)
        )
