"""What tests expect of an answer: a refusal by its code, a page by its bones."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from assemblee.refusal import Refusal
from tests import make

# Tags without an end in HTML.
MOST_STATEMENTS = 25


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Expect a refusal of this code."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Start acts at once in threads, and return what each was answered."""
    start, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            answers.append("done")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


class Bones(HTMLParser):
    """The parts of a page that every page must have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.language: str | None = None
        self.inline: list[str] = []
        self._inside: list[str] = []
        self.texts: dict[str, str] = {"title": "", "h1": ""}
        self.headings = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if values.get("id"):
            self.ids[str(values["id"])] += 1
        if tag == "html":
            self.language = values.get("lang")
        if tag == "label" and values.get("for"):
            self.labelled.add(str(values["for"]))
        if tag in {"input", "select", "textarea"} and values.get("type") not in {"hidden", "submit"}:
            self.fields.append(values)
        if "style" in values or any(name.startswith("on") for name in values):
            self.inline.append(tag)
        if tag in {"script", "style"} and not values.get("src"):
            self.inline.append(tag)
        if tag == "h1":
            self.headings += 1
        if (tag in self.texts and "svg" not in self._inside) or tag == "svg":
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] in self.texts:
            self.texts[self._inside[-1]] += data


def check_page(text: str, language: str) -> None:
    """Check what every page owes to its readers."""
    bones = Bones(text)
    heading = " ".join(bones.texts["h1"].split())
    assert bones.headings == 1
    assert " ".join(bones.texts["title"].split()) == f"{heading} · Assemblée"
    assert bones.language == language
    assert [name for name, number in bones.ids.items() if number > 1] == []
    nameless = [
        field
        for field in bones.fields
        if field.get("id") not in bones.labelled
        and not field.get("aria-label")
        and not field.get("aria-labelledby")
    ]
    assert nameless == []
    assert bones.inline == [], "the content security policy would block it"
    assert not re.search(r"%\(\w+\)s|\{\{|\}\}", text), "a placeholder was left unfilled"


class Confirming(FlaskClient):
    """A client that confirms the check page of an act, wherever one comes: they have tests of their own."""

    def open(self, *arguments: Any, **more: Any) -> TestResponse:  # noqa: ANN401 - of Werkzeug
        answer = super().open(*arguments, **more)
        if (
            answer.request.method != "POST"
            or answer.status_code != HTTPStatus.OK
            or answer.mimetype != "text/html"
        ):
            return answer
        carried = carried_by(answer.text)
        sent = {(name, str(value)) for name, value in MultiDict(more.get("data") or {}).items(multi=True)}
        # What a page shows that was not sent is to be looked at first.
        if (
            "seal" not in carried
            or {one for one in carried.items(multi=True) if one[0] not in ("seal", "once")} - sent
        ):
            return answer
        carried["sure"] = "y"
        return super().open(answer.request.path, method="POST", data=carried)


def carried_by(page: str) -> MultiDict[str, str]:
    """Return what the form of a check page sends, but the box; nothing if a page is none."""
    form = re.search(r'<form class="sure".*?</form>', page, re.DOTALL)
    fields = re.findall(r"<input[^>]*>", form[0]) if form else []
    hidden = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in fields if 'type="hidden"' in one]
    return MultiDict(
        (unescape(one["name"]), unescape(one["value"])) for one in hidden if one["name"] != "csrf_token"
    )


class Visitor:
    """Somebody who opens pages, and checks each of them."""

    def __init__(
        self, app: Flask, email: str | None = None, language: str = "fr", *, second_factor: bool = True
    ) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.language = language
        self.client.set_cookie("language", language)
        if email is not None:
            answer = self.client.post("/sign-in", data={"email": email, "password": make.PASSWORD})
            assert answer.status_code == 302
            if second_factor:
                with app.extensions["assemblee.store"].writing() as session:
                    make.prove(session, email)

    def visit(self, address: str, status: int = 200) -> str:
        """Open a page and check it; return its text."""
        with statements(self.app.extensions["assemblee.store"].engine) as asked:
            answer = self.client.get(address)
        assert answer.status_code == status, address
        check_page(answer.text, self.language)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert len(asked) <= MOST_STATEMENTS, f"{address} asks the database {len(asked)} times"
        return answer.text

    def send(self, address: str, status: int = 302, **data: object) -> str:
        """Send a form; return where it leads, or the page of its errors."""
        answer = self.client.post(address, data=data, content_type="multipart/form-data")
        assert answer.status_code == status, (address, answer.status_code, answer.text[:2000])
        if answer.status_code == 302:
            return answer.headers["Location"]
        check_page(answer.text, self.language)
        return answer.text


@contextmanager
def rows_read(engine: Engine) -> Iterator[list[tuple[str, int]]]:
    """Note each question and how many rows it gives, by asking it once more."""
    found: list[tuple[str, int]] = []

    def count(
        _connection: object, cursor: object, statement: str, parameters: object, *_rest: object
    ) -> None:
        if statement.lstrip().startswith("SELECT"):
            again = cursor.connection.cursor()
            again.execute(statement, parameters)
            found.append((statement, len(again.fetchall())))

    event.listen(engine, "after_cursor_execute", count)
    yield found
    event.remove(engine, "after_cursor_execute", count)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Give the questions and orders that the database gets meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)
