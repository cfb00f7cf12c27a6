"""Addresses and names of somebody who means harm, through every form and a file, and what became of them."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mail.addresses import mailbox
from assemblee.mail.delivery import Delivery
from assemblee.mail.letters import addressed
from assemblee.mandates.models import Mandate
from assemblee.petitions.paper import sheets
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.signing import stamps
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from assemblee.written import one_line, visible
from tests import make
from tests.mail.letters import aside, waiting
from tests.mail.server import Behaviour

A_WHILE = timedelta(seconds=20)
PASSED, ERRORS = (200, 302), (422,)
WORDS = (
    "jean",
    "a=0ab",
    "Zoé",
    "",
    " ",
    ".",
    "x" * 65,
    "a.b",
    "a..b",
    "né",
    "李",
    "o'neil",
    "v+1",
    "%",
    "root",
)
DOMAINS = (
    "example.org",
    "EXAMPLE.org",
    "mairie-épinal.fr",
    "xn--mairie-pinal-heb.fr",
    "[127.0.0.1]",
    "[IPv6:::1]",
    "localhost",
    "example",
    "exa mple.org",
    "example.org.",
    "-a.fr",
    "a" * 64 + ".fr",
    ".".join(["a" * 60] * 5) + ".fr",
    "例え.jp",
    "",
)
# What is put around, before or between: encoded words, quotes, comments, routes, second addresses, headers.
SHAPES = (
    "{local}@{domain}",
    "{local}{number}@{domain}",
    "=?utf-8?q?{local}?=@{domain}",
    "=?UTF-8?B?{local}=?=@{domain}",
    "=?utf-8?q?=22{local}=22?= <other@{domain}>",
    '"{local}"@{domain}',
    '"{local}\\"@{domain}',
    "({local}){local}{number}@{domain}",
    "{local}{number}@{domain}({local})",
    "{local} <{local}{number}@{domain}>",
    "<{local}{number}@{domain}>",
    "{local}{number}@{domain}, other@example.org",
    "{local}{number}@{domain};other@example.org",
    "{local}{number}%other@{domain}",
    "other!{local}{number}@{domain}",
    "@route:{local}{number}@{domain}",
    "{local}{number}@{domain}\r\nBcc: other@example.org",
    "{local}{number}@{domain}\nRCPT TO:<other@example.org>",
    "{local}\x00{number}@{domain}",
    "{local}\u202e{number}@{domain}",
    "\u200b{local}{number}@{domain}",
    "{local}{number}+{local}@{domain}",
    "mailto:{local}{number}@{domain}",
    "{local}{number}@{domain}@{domain}",
    "\uff20{local}{number}@{domain}",
    "{local}{number}\uff20{domain}",
)
NAMES = (
    "Ysaline {number}",
    "{{0}} {{link}} %s %(x)s {number}",
    "Ana\r\nBcc: other@example.org",
    "\u202eAna {number}",
    "\u200b\u200b",
    "\u3164",
    "-",
    "=?utf-8?q?Ana?= {number}",
    "<b>Ana</b> {number}",
    "Zoé " + "x" * 300,
    "李 {number}",
    "\x00Ana {number}",
    "'; DROP TABLE mail; -- {number}",
)


@dataclass(frozen=True)
class Case:
    """What somebody types."""

    number: int
    address: str
    name: str


def cases(seed: int, number: int) -> Iterator[Case]:
    """Give cases, the same for the same seed."""
    source = random.Random(seed)  # noqa: S311 - what to type
    for place in range(number):
        local, domain = source.choice(WORDS), source.choice(DOMAINS)
        shape = source.choice(SHAPES) if source.random() < 0.75 else SHAPES[0]
        address = shape.format(local=local, domain=domain, number=place)
        if source.random() < 0.05:
            at = source.randrange(len(address) + 1)
            address = address[:at] + chr(source.randrange(0x3000)) + address[at:]
        yield Case(place, address, source.choice(NAMES).format(number=place))


def meant(typed: str) -> str | None:
    """Return the address that a letter may go to, by the one rule, or nothing if there is none."""
    try:
        return mailbox(typed).address
    except Refusal:
        return None


def in_form(case: Case) -> str | None:
    """Return where a letter may go to somebody who types this into a form."""
    return meant(one_line(case.address))


def in_file(case: Case) -> str | None:
    """Return where a letter may go to somebody of whom a file says this."""
    return meant(visible(_cell(case.address)))


def _cell(text: str) -> str:
    # A file with a NUL is no text, and refused whole.
    return text.replace("\x00", "\x01")


@dataclass
class Doors:
    """Every way by which an address comes in.

    Parameters
    ----------
    owed : set of str
        Whom a letter is owed that a door has let in.
    refused : Counter
        How many each door has refused with a sentence.
    """

    app: Flask
    store: Store
    mandate: Mandate
    pool: Pool
    petition: Petition
    owed: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    client: FlaskClient = field(init=False)
    organiser: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        make.account(self.store, "organisatrice@example.org", password=make.PASSWORD)
        make.organiser(self.store, self.mandate)
        self.organiser = self.app.test_client()
        signed_in = {"email": "organisatrice@example.org", "password": make.PASSWORD}
        assert self.organiser.post("/sign-in", data=signed_in).status_code == 302
        with self.store.writing() as session:
            make.prove(session, "organisatrice@example.org")
            pools.set_open(session, COMMAND_LINE, session.get_one(Pool, self.pool.id), is_open=True)

    def _send(self, case: Case, address: str, data: dict[str, object]) -> None:
        answer = self.client.post(address, data=data)
        assert answer.status_code in (*PASSED, *ERRORS), (case, answer.status_code)
        if answer.status_code in ERRORS:
            assert 'aria-invalid="true"' in answer.text, case
            self.refused[address.rpartition("/")[2]] += 1
        else:
            owed = in_form(case)
            assert owed is not None, case
            self.owed.add(owed)

    def sign(self, case: Case) -> None:
        """Sign a petition."""
        with clock.shifted(-A_WHILE):
            stamp = stamps.write(self.app.extensions["assemblee.config"].secret_key, self.petition.id)
        data = {"name": case.name, "email": case.address, "home": "Le Val", "over_16": "y", "consent": "y"}
        self._send(case, f"/m/val/petitions/{self.petition.id}/sign", {**data, "stamp": stamp})

    def ask_link(self, case: Case) -> None:
        """Ask for a link to sign in."""
        self._send(case, "/sign-in/link", {"email": case.address})

    def volunteer(self, case: Case) -> None:
        """Volunteer by the public form."""
        with self.store.reading() as session:
            pool = session.get_one(Pool, self.pool.id)
            traits = {f"category_{one.id}": one.values[0].name for one in pool.categories}
        data = {"name": case.name, "email": case.address, "may_publish": "", **traits}
        self._send(case, f"/m/val/pools/{self.pool.id}/volunteer", data)

    def give_role(self, case: Case) -> None:
        """Give somebody a role."""
        answer = self.organiser.post("/m/val/roles", data={"email": case.address, "role": "citizen"})
        assert answer.status_code in (*PASSED, *ERRORS), (case, answer.status_code)

    def on_paper(self, case: Case) -> None:
        """Read a line of a sheet of signatures."""
        line = sheets.Line(case.name, "Le Val", case.address)
        with self.store.writing() as session:
            petition = session.get_one(Petition, self.petition.id)
            rules = petition.version.rules
            try:
                (kept,) = sheets._checked(rules, [line])
            except Refusal as refused:
                self.refused[refused.code] += 1
            else:
                assert kept.email in ("", meant(case.address.strip())), case

    def every(self) -> list[Callable[[Case], None]]:
        return [self.sign, self.ask_link, self.volunteer, self.give_role, self.on_paper]

    def bring_file(self, brought: list[Case]) -> None:
        """Import everybody in one file, and write to each of those who were taken."""
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["id", "nom", "courriel", "Genre", "Âge"])
        for case in brought:
            cells = [f"F{case.number}", _cell(case.name), _cell(case.address), "Femmes", "16–39 ans"]
            rows.writerow(cells)
        make.import_people(self.store, self.pool, text.getvalue().encode())
        with self.store.writing() as session:
            people = {one.reference: one for one in session.scalars(select(Volunteer)) if one.reference}
            for case in brought:
                address, person = in_file(case), people.get(f"F{case.number}")
                if address is None and visible(_cell(case.address)):
                    assert person is None, case
                    self.refused["file"] += 1
                    continue
                assert person is not None, case
                assert person.email == address, case
                if address is not None:
                    outbox.write(session, address, "Bonjour", addressed("Bonjour,\n", person.name))
                    self.owed.add(address)


def play(doors: Doors, brought: list[Case], deliver: Delivery, mail_server: Behaviour) -> None:
    """Bring each case through a door and all through a file, send everything, and look whom it reached."""
    # What was written before is the house's own.
    while deliver():
        pass
    mail_server.letters.clear()
    every = doors.every()
    for case in brought:
        every[case.number % len(every)](case)
    doors.bring_file(brought)
    while deliver():
        pass
    allowed = {in_form(case) for case in brought} | {in_file(case) for case in brought}
    reached = set(mail_server.recipients)
    assert reached <= allowed, sorted(reached - allowed)[:10]
    assert doors.owed <= reached, sorted(doors.owed - reached)[:10]
    for recipient, letter in mail_server.letters:
        assert [one.addr_spec for one in letter["To"].addresses] == [recipient]
        assert (letter["Bcc"], letter["Cc"]) == (None, None)
    assert waiting(doors.store) == []
    assert set(aside(doors.store).values()) <= {None}
