"""What nobody types by mistake, in every parameter and word of an address: refused or ignored."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

import assemblee
from assemblee.accounts import actions as accounts
from assemblee.db import Store
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from sortition import Stream
from tests import make, petitioning, voting

SOURCE = Path(assemblee.__file__).parent
FIRST = (
    "0", "-1", "1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1e9", "٣", "½",
    "9" * 30, "9" * 5000, "-" + "9" * 400, "0x10", "1.5", "nan", "inf", "1_000", " 1", "+1", "",
    "\x00", "a\x00b", "1\x00", "/a\nb", "/a\r\nSet-Cookie: a=b", "\r\n", "\t", "/\t/example.org", "\x1b[31m",
    "//example.org", "//[", "http://[", "/\\example.org", "\\\\example.org", "javascript:alert(1)", "https://x",
    "/" * 3000, "?" * 50, "#", "%", "%00", "%zz", "%25", "&", "=", ";", "..", "../../etc/passwd", "/..",
    "\u202e", "\u200b", "\ufeff", "é", "e\u0301" * 400, "\U0001f469\u200d\U0001f33e", "\U0010ffff", "\u2028",
    "'", '"', "' OR 1=1 --", "%' AND '1", "_", "\\", "{{7*7}}", "{%", "%(x)s", "{0}", "<script>", "</title>",
    "a" * 20_000, "é" * 9000, "[]", "{}", "null", "true", "open", "reached", "most", "newest", "fr", "en",
)  # fmt: skip
# Bytes that are no text: half a character, a lone surrogate as some programs write it, and Latin-1.
BYTES = (b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xe9t\xe9", b"\x80\x00\xff", b"\xf4\x90\x80\x80")
ALPHABET = "\x00\x01\n\r\t %&=#?/\\.:;'\"<>{}[]()+-_0129azé\u00a0\u0301\u200b\u202e\u2029\uffff\U0001f600"
NUMBER = 200
PARTS, SOME = 3, 20


def hostile() -> list[bytes]:
    """Return two hundred values: those that have broken something somewhere, and others by chance."""
    stream = Stream(bytes(32), "hostile values")
    made = [text.encode() for text in FIRST] + list(BYTES)
    while len(made) < NUMBER:
        length = 1 + stream.below(12)
        made.append("".join(ALPHABET[stream.below(len(ALPHABET))] for _ in range(length)).encode())
    assert len(made) == NUMBER
    return made


def is_query(node: ast.expr) -> bool:
    """Tell whether an expression is `request.args` or `request.values`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"args", "values"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    )


def read_names(function: ast.AST) -> Iterator[str]:
    """Give the names of what a function reads from the query of an address."""
    aliases = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and is_query(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def asks(node: ast.expr) -> bool:
        return is_query(node) or (isinstance(node, ast.Name) and node.id in aliases)

    for node in ast.walk(function):
        names: list[ast.expr] = []
        if isinstance(node, ast.Subscript) and asks(node.value):
            names = [node.slice]
        elif isinstance(node, ast.Compare) and any(map(asks, node.comparators)):
            names = [node.left]
        elif isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                names = node.args[:1] if called.attr in {"get", "getlist"} and asks(called.value) else []
            elif isinstance(called, ast.Name) and called.id == "asked_number":
                names = node.args[:1]
            elif isinstance(called, ast.Name) and called.id == "asked_page":
                yield "page"
        for name in names:
            assert isinstance(name, ast.Constant), f"{ast.unparse(node)} cannot be followed"
            yield str(name.value)


def reads() -> dict[tuple[str, str], set[str]]:
    """Return what each view reads from the query, by its module and name."""
    found: dict[tuple[str, str], set[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(("assemblee", *path.relative_to(SOURCE).with_suffix("").parts))
        if module in {"assemblee.pager", "assemblee.app"}:
            # They read for others, by names that those give.
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (names := set(read_names(node))):
                found[module, node.name] = names
    return found


class Site:
    """A site with one of each, and somebody who may open everything."""

    def __init__(self, app: Flask, store: Store, mandate: Mandate, pool: Pool) -> None:
        self.app = app
        guarantors = voting.guarantors(store, mandate)
        vote = voting.settled(store, mandate, pool)
        voting.vote(store, vote, voting.roll(store, vote)[0], bytes([2, 1, 0]))
        voting.count(store, vote, guarantors)
        petitioning.publish(store, mandate)
        petition = petitioning.opened(store, mandate)
        draw = make.draw(store, pool)
        self.values = {
            "mandate": mandate.slug, "pool_id": pool.id, "draw_id": draw.id, "code": "fr", "token": "nothing",
            "kind": "csv", "verb": "withdraw", "filename": "assemblee.css", "number": petition.id,
        }  # fmt: skip
        email = "toutes@example.org"
        with store.writing() as session:
            account = accounts.add(session, email, password=make.PASSWORD, is_operator=True)
            for role in mandates.MANDATE_ROLES:
                mandates.give_role(session, COMMAND_LINE, mandate, email, role)
            token = accounts.open_session(session, account)
            make.prove(session, email)
        self.client = app.test_client()
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token

    def rules(self) -> list[Rule]:
        """Return the rules of what can be read, but the end of the session."""
        return [
            rule
            for rule in self.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint != "accounts.sign_out"
        ]

    def address(self, rule: Rule, **others: str) -> str:
        """Return the address of a page, with words in the places of its parameters."""
        filled = {
            name: f"@{name}@" if name in others else self.values.get(name, 1) for name in rule.arguments
        }
        path = rule.rule
        for name, value in filled.items():
            path = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", lambda _, value=value: str(value), path)
        for name, value in others.items():
            path = path.replace(f"@{name}@", value)
        return path

    def open(self, address: str) -> None:
        """Open an address, which may be refused and not break."""
        try:
            with self.client.get(address) as answer:
                assert answer.status_code < 500 or answer.status_code == 503
        except (
            Exception
        ) as fault:  # whatever it is, the address that brings it about is what one needs to know
            raise AssertionError(f"{address[:300]} breaks") from fault


@pytest.fixture
def site(app: Flask, store: Store, mandate: Mandate, pool: Pool) -> Site:
    return Site(app, store, mandate, pool)


def asked(site: Site) -> Iterator[tuple[str, list[str]]]:
    """Give each address whose view reads something from its query, and the names of what it reads."""
    found = reads()
    for rule in site.rules():
        view = site.app.view_functions[rule.endpoint]
        module = view.__module__
        inner = getattr(view, "__name__", "")
        own = found.get((module, inner), set())
        # What a function beside the views reads, it reads for some of them.
        views = {one.__name__ for one in site.app.view_functions.values() if one.__module__ == module}
        shared = {
            name
            for (where, of), names in found.items()
            if where == module and of not in views
            for name in names
        }
        if own or shared:
            yield site.address(rule), sorted(own | shared)


def test_every_reading_of_the_query_is_followed() -> None:
    everywhere = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    followed = {name for names in reads().values() for name in names}
    assert {"page", "next", "sheet", "into", "place", "text", "state", "code"} <= followed
    # Numbers have bounds, which `pager` knows.
    assert len(re.findall(r"\.args\.get\([^)]*type=int", everywhere)) == 1
    # A form that is filled from the query has the names of its fields.
    assert re.findall(r"formdata=request\.(?:args|values)", everywhere) == ["formdata=request.args"]


# Slow: two thousand requests, 200 for each parameter.
@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_no_value_in_a_query_breaks_a_page(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    pages = list(asked(site))
    values = hostile()
    quotas = f"/m/{site.values['mandate']}/pools/{site.values['pool_id']}/quotas"
    cells = re.findall(r'name="([^"]+)"', site.client.get(quotas).text)
    assert len(cells) > 4
    met: set[str] = set()
    for address, names in pages:
        # A name is most often read in one way everywhere: where it comes again, some values are enough.
        for value in values if set(names) - met else values[::SOME]:
            site.open(address + "?" + "&".join(f"{name}={quote(value)}" for name in names))
        met |= set(names)
    for value in values[::SOME]:
        site.open(f"{quotas}/live?" + "&".join(f"{quote(name)}={quote(value)}" for name in cells))
        site.open(f"/?{quote(value)}={quote(value)}&{quote(value)}")
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.only("sqlite")
def test_no_value_in_an_address_breaks_a_page(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    values = hostile()
    place = 0
    for rule in site.rules():
        for name in sorted(rule.arguments):
            for _ in range(PARTS):
                place += 1
                site.open(site.address(rule, **{name: quote(values[place % NUMBER], safe="")}))
    assert place > NUMBER, "every value had its turn"
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.only("postgresql")
def test_no_value_reaches_a_database_that_cannot_take_it(site: Site) -> None:
    # PostgreSQL takes neither a NUL in a text nor a number of more than 31 bits for a row.
    values = ("a\x00b", "\x00", str(2**31), str(2**63), "9" * 400)
    for address, names in asked(site):
        for value in values:
            site.open(address + "?" + "&".join(f"{name}={quote(value)}" for name in names))
    place = 0
    for rule in site.rules():
        for name in sorted(rule.arguments):
            place += 1
            site.open(site.address(rule, **{name: quote(values[place % len(values)], safe="")}))
