"""Addresses: one mailbox each, or refused; one person in every room, however they spell theirs."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from assemblee.accounts.queries import account_by_email
from assemblee.db import Store
from assemblee.mail.addresses import key_of, mailbox
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Signature
from assemblee.pools import actions as pools
from assemblee.pools import queries as pool_queries
from assemblee.pools.imports import preview
from assemblee.pools.models import ImportDraft, Pool, Volunteer
from assemblee.security import COMMAND_LINE, Actor
from tests import make, petitioning
from tests.answers import Visitor, refused
from tests.sweeps import swept

NO_MAILBOX = (
    "",
    "<",
    "jean",
    "jean@",
    "jean@[",
    "jean@localhost",
    "jean@example",
    "jean@example.org.",
    "jean@-example.org",
    "jean@[127.0.0.1]",
    "jean@[IPv6:::1]",
    ".jean@example.org",
    "jean..dupont@example.org",
    "jean dupont@example.org",
    "jean@b@example.org",
    "=?utf-8?q?jean?=@example.org",
    "=?utf-8?q?a=0ab?=@example.org",
    "=?UTF-8?B?amVhbg==?=@example.org",
    '"jean"@example.org',
    '"jean\\"x"@example.org',
    "(note)jean@example.org",
    "jean@example.org(note)",
    "Jean <jean@example.org>",
    "jean@example.org, bob@example.org",
    "jean@example.org; bob@example.org",
    "jean%example.com@example.org",
    "example.com!jean@example.org",
    "jean@example.org\nBcc: bob@example.org",
    "jean\x00@example.org",
    "jean\u200b@example.org",
    "\u202ejean@example.org",
    "jean@exa\u200dmple.org",
    "néant",
    "é@example.org",
    "ａ@example.org",
    "x" * 65 + "@example.org",
    "x@" + ".".join(["a" * 60] * 5) + ".fr",
)
MAILBOXES = (
    ("Jean@Example.ORG", "jean@example.org", "jean@example.org"),
    (" jean@example.org ", "jean@example.org", "jean@example.org"),
    ("jean+petition@example.org", "jean+petition@example.org", "jean@example.org"),
    ("+@example.org", "+@example.org", "+@example.org"),
    ("j.e.a.n+1@googlemail.com", "j.e.a.n+1@googlemail.com", "jean@gmail.com"),
    ("j-ean@pm.me", "j-ean@pm.me", "jean@proton.me"),
    ("o'neil@example.org", "o'neil@example.org", "o'neil@example.org"),
    ("maire@Mairie-Épinal.fr", "maire@xn--mairie-pinal-heb.fr", "maire@xn--mairie-pinal-heb.fr"),
    ("maire@xn--mairie-pinal-heb.fr", "maire@xn--mairie-pinal-heb.fr", "maire@xn--mairie-pinal-heb.fr"),
)
# Of one mailbox, as somebody would write it who wants to count six times.
SPELLINGS = (
    "v@example.org",
    "V@example.org",
    "v+1@example.org",
    "v+2@EXAMPLE.org",
    " v@example.org",
    "v+@example.org",
)


@swept("text", NO_MAILBOX)
def test_what_leads_to_no_one_mailbox_is_refused(text: str) -> None:
    with refused("email-invalid"):
        mailbox(text)


@swept(("text", "address", "key"), MAILBOXES)
def test_an_address_is_where_the_letter_goes_and_its_key_is_whose_it_is(
    text: str, address: str, key: str
) -> None:
    found = mailbox(text)
    assert (found.address, found.key) == (address, key)
    assert mailbox(found.address) == found, "what is kept is read as the same"
    assert key_of(text) == key


def test_who_was_erased_keeps_a_key_that_nobody_has() -> None:
    assert (key_of(None), key_of("erased-7")) == (None, "erased-7")


def test_a_pool_takes_one_person_of_a_mailbox(store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate, people=0)
    with store.writing() as session:
        pools.set_open(session, COMMAND_LINE, session.get_one(Pool, pool.id), is_open=True)

    def come(email: str) -> None:
        with store.writing() as session:
            register = session.get_one(Pool, pool.id)
            traits = {category.name: category.values[0].name for category in register.categories}
            pools.volunteer(
                session, Actor(), register, name="Vé", email=mailbox(email).address, traits=traits
            )

    come(SPELLINGS[0])
    for spelling in SPELLINGS[1:]:
        with refused("volunteer-already-in"):
            come(spelling)


def test_a_petition_counts_one_signature_of_a_mailbox(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60))
    petition = petitioning.opened(store, mandate)
    for spelling in SPELLINGS:
        petitioning.ask(store, petition, spelling, "Vé Six")
    with refused("email-invalid"):
        petitioning.ask(store, petition, "=?utf-8?q?v?=@example.org", "Vé Six")
    with store.reading() as session:
        names = session.scalars(select(Signature.name)).all()
    assert names.count("Vé Six") == 1


@pytest.mark.parametrize(
    "cell", ['"a@example.org, b@example.org"', "a@example.org; b@example.org", "néant", "a@"]
)
def test_a_file_names_the_line_of_what_is_no_address(store: Store, mandate: Mandate, cell: str) -> None:
    pool = make.pool(store, mandate, people=0)
    lines = ["id,nom,courriel,Genre,Âge", f"P1,Ana,{cell},Femmes,16–39 ans", "P2,Bob,,Hommes,16–39 ans"]
    with store.reading() as session:
        draft = ImportDraft(file_name="r.csv", content="\n".join(lines).encode(), choices={})
        plan = preview(session, session.get_one(Pool, pool.id), draft)
    assert [(one.line, one.column, one.code) for one in plan.refused] == [(2, "courriel", "bad-email")]
    assert [one.reference for one in plan.new] == ["P2"]


def test_who_shares_a_mailbox_is_shown_and_nothing_decided(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    pool = make.pool(store, mandate, people=0)
    lines = ["id,nom,courriel,Genre,Âge"]
    lines += [f"P{one},Ana {one},foyer+{one}@example.org,Femmes,16–39 ans" for one in range(3)]
    lines += ["P9,Bob,bob@example.org,Hommes,16–39 ans"]
    make.import_people(store, pool, "\n".join(lines).encode())
    make.account(store, "org@example.org", password=make.PASSWORD)
    make.organiser(store, mandate, "org@example.org")
    with store.reading() as session:
        people, total = pool_queries.sharing_mailbox(
            session, session.get_one(Pool, pool.id), offset=0, limit=50
        )
        assert total == 3
        assert {person.email_key for person in people} == {"foyer@example.org"}
        assert session.scalar(select(func.count()).select_from(Volunteer)) == 4
        assert [number for _, number in pool_queries.shared_mailboxes(session, mandate.id)] == [1]
    visitor = Visitor(app, "org@example.org")
    assert "3 volontaires partagent" in visitor.visit(f"/m/val/pools/{pool.id}")
    page = visitor.visit(f"/m/val/pools/{pool.id}/mailboxes")
    assert "foyer+2@example.org" in page
    assert "bob@example.org" not in page


def test_an_account_is_found_however_its_address_is_written(store: Store) -> None:
    made = make.account(store, "Maire@Mairie-Épinal.fr")
    assert made.email == "maire@xn--mairie-pinal-heb.fr"
    with store.reading() as session:
        found = account_by_email(session, " maire@mairie-épinal.fr")
        assert found is not None
        assert found.id == made.id
        assert account_by_email(session, "=?utf-8?q?maire?=@mairie-épinal.fr") is None
