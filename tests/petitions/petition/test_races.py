from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text import merging
from tests import petitioning
from tests.answers import at_once, statements
from tests.petitions.petition.crossing import check_crossed_once, cross_under_kills

pytestmark = pytest.mark.both_stores


def test_many_who_confirm_at_once_cross_once(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=10, assembly=30))
    found = petitioning.opened(store, mandate)
    for number in range(60):
        petitioning.ask(store, found, f"p{number}@example.org")
    rows = [petitioning.row_of(store, found, f"p{number}@example.org") for number in range(60)]
    assert set(at_once([lambda row=row: petitioning.confirm(store, row) for row in rows])) == {"done"}
    check_crossed_once(store, found, 61)


def test_confirming_and_taking_back_at_once_leave_a_count_that_holds(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60))
    found = petitioning.opened(store, mandate)
    rows = [petitioning.sign(store, found, f"p{number}@example.org") for number in range(10)]

    def take_back(number: int) -> None:
        with store.writing() as session:
            signing.withdraw(session, session.get_one(Signature, number).nonce)

    acts = [lambda row=row: take_back(row.id) for row in rows for _ in range(3)]
    answers = at_once(acts)
    assert (answers.count("done"), answers.count("signature-is-withdrawn")) == (10, 20)
    assert petitioning.fresh(store, found).counted == 1
    petitioning.check_count(store, found)


@pytest.mark.only("postgresql")
def test_the_signature_that_opens_an_assembly_holds_its_mandate_before_the_journal(
    store: Store, mandate: Mandate
) -> None:
    # Who plans terms takes them in this order too: in another one each would wait for the other.
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=2, assembly=3))
    found = petitioning.opened(store, mandate)
    petitioning.sign(store, found, "p1@example.org")
    petitioning.ask(store, found, "p2@example.org")
    row = petitioning.row_of(store, found, "p2@example.org")
    with statements(store.engine) as orders:
        petitioning.confirm(store, row)
    locks = [
        "journal" if "INSERT INTO leaf" in order else "mandate"
        for order in orders
        if "INSERT INTO leaf" in order or ("FROM mandate" in order and "FOR UPDATE" in order)
    ]
    assert (locks[0], "journal" in locks) == ("mandate", True)


@pytest.mark.only("postgresql")
def test_a_signature_that_is_merged_while_it_waits_counts_where_it_went(
    store: Store, mandate: Mandate
) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60))
    ruling = petitioning.guarantor(store, mandate)
    authors = [petitioning.author(store, f"{name}@example.org") for name in ("une", "autre")]
    facts = [replace(petitioning.FACTS, title=title) for title in ("Du bio", "Du bio à la cantine")]
    stays, goes = (
        petitioning.opened(store, mandate, *pair, ruling) for pair in zip(authors, facts, strict=True)
    )
    petitioning.ask(store, goes, "p@example.org")
    row = petitioning.row_of(store, goes, "p@example.org")
    signer = threading.Thread(target=lambda: petitioning.confirm(store, row))
    with store.writing() as session:
        source, into = (session.get_one(Petition, one.id) for one in (goes, stays))
        merging.offer(session, authors[1], source, into)
        merging.accept(session, authors[0], into, source)
        signer.start()
        with store.reading() as other:
            while not other.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                time.sleep(0.01)
        before = into.counted
    signer.join()
    assert (petitioning.fresh(store, stays).counted, petitioning.fresh(store, goes).counted) == (
        before + 1,
        0,
    )
    petitioning.check_count(store, petitioning.fresh(store, stays))


def test_signers_in_processes_that_are_killed_cross_once(
    config: Config, store: Store, mandate: Mandate
) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=20, assembly=100))
    found: Petition = petitioning.opened(store, mandate)
    processes = 1 if store.is_sqlite else 2
    cross_under_kills(config, store, found, 150, processes=processes, kills=2, seed=1)
