"""Who erases themselves: nothing of them is left anywhere but what the page said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from assemblee.accounts.models import Account
from assemblee.db import Store
from assemblee.mandates import erasing
from assemblee.mandates.erasing import Fate
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, PetitionState, Signature
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Actor, Role
from tests import make, petitioning, voting
from tests.answers import Visitor, refused

NAME, EMAIL, WORDS = "Ziggourat Quenouille", "ziggourat@example.org", "zygomatique"


@pytest.fixture
def person(store: Store, mandate: Mandate, pool: Pool) -> Account:
    """Give somebody who has left traces in every room that takes people without a role."""
    found = make.account(store, EMAIL, password=make.PASSWORD)
    content = make.respondents(1, first=70).decode()
    content = content.replace("p70@example.org", EMAIL).replace("Zéphirine 70", NAME)
    make.import_people(store, pool, content.encode())
    voting.guarantors(store, mandate)
    voting.settled(store, mandate, pool)
    rules = petitioning.rules(mandate, answer=2, assembly=4, sponsors=1, open_days=20)
    petitioning.publish(store, mandate, rules)
    ruling = petitioning.guarantor(store, mandate, 9)
    for number, title in enumerate(("Une", "Deux")):
        author = petitioning.author(store, f"autrice{number}@example.org")
        facts = replace(petitioning.FACTS, title=title)
        petition = petitioning.opened(store, mandate, author, facts, ruling)
        petitioning.sign(store, petition, EMAIL, NAME)
    # The first is out of the step that opens an assembly, the second has crossed it.
    for number in range(2):
        petitioning.sign(store, petition, f"p{number}@example.com", f"Quidam {number} Passant")
    actor = Actor(found.id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))
    mine = replace(petitioning.FACTS, author=NAME)
    petitioning.written(store, mandate, actor, replace(mine, title=f"Brouillon {WORDS}"))
    petitioning.opened(store, mandate, actor, replace(mine, title="Publiée"), ruling)
    return found


def everything(store: Store) -> dict[str, str]:
    """Return all that stands in the database, by table."""
    found = {}
    with store.engine.connect() as connection:
        for table in inspect(store.engine).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            found[table] = "\\n".join(" ".join(map(str, row)) for row in rows)
    return found


@pytest.mark.both_stores
def test_nothing_is_left_but_what_the_page_said(
    app: Flask, store: Store, mandate: Mandate, pool: Pool, person: Account
) -> None:
    assert any(EMAIL in rows for rows in everything(store).values())
    visitor = Visitor(app, EMAIL)
    page = visitor.visit("/me/erase")
    for said in ("Une", "Deux", "Publiée", WORDS, NAME, pool.name):
        assert said in page, said
    with store.reading() as session:
        told = erasing.traces(session, session.get_one(Account, person.id))
    assert {trace.fate for trace in told} == set(Fate)
    before = make.leaves(store, "account-erased")
    assert visitor.send("/me/erase") == "/"
    assert make.leaves(store, "account-erased") == before + 1
    left = {
        (table, word)
        for table, rows in everything(store).items()
        for word in (NAME, EMAIL, EMAIL.partition("@")[0], WORDS)
        if word.lower() in rows.lower()
    }
    assert left == set()
    assert visitor.client.get("/me").status_code == 302, "the session has ended"
    stranger = Visitor(app)
    with store.reading() as session:
        numbers = session.scalars(select(Petition.id)).all()
        assert len(numbers) == 3, "the draft is gone, the petition that people have read stays"
    for number in numbers:
        shown = stranger.visit(f"/m/val/petitions/{number}")
        assert NAME not in shown
        assert NAME not in stranger.visit(f"/m/val/petitions/{number}/signatures")


@pytest.mark.only("sqlite")
def test_a_signature_that_can_be_taken_back_counts_no_more(app: Flask, store: Store, person: Account) -> None:
    del person
    counted = {petition.title: petition.counted for petition in petitions(store)}
    Visitor(app, EMAIL).send("/me/erase")
    after = {petition.title: petition.counted for petition in petitions(store)}
    assert counted["Une"] - after["Une"] == 1
    with store.reading() as session:
        assert {row.email_mark for row in session.scalars(select(Signature)) if row.name is None} <= {None}


def petitions(store: Store) -> list[Petition]:
    with store.reading() as session:
        found = session.scalars(select(Petition).where(Petition.state != PetitionState.DRAFT)).all()
        session.expunge_all()
        return list(found)


@pytest.mark.only("sqlite")
def test_who_holds_a_role_gives_it_back_first(app: Flask, store: Store, mandate: Mandate) -> None:
    actor = make.organiser(store, mandate, EMAIL)
    with store.writing() as session:
        account = session.get_one(Account, actor.account)
        with refused("account-holds-roles"):
            erasing.erase(session, COMMAND_LINE, account)


@pytest.mark.only("sqlite")
def test_an_open_account_without_anything_is_erased_too(app: Flask, store: Store) -> None:
    make.account(store, EMAIL, password=make.PASSWORD)
    visitor = Visitor(app, EMAIL)
    visitor.visit("/me/erase")
    visitor.send("/me/erase")
    assert not any(EMAIL in rows for rows in everything(store).values())
