"""What takes more than one line: signed out, another tab, Back, a double click, no cookies, a day later."""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse
from wtforms import TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.widgets import TextArea

from assemblee import clock
from assemblee.config import Config
from assemblee.confirming import SURE
from assemblee.forms import Form
from assemblee.once import ONCE
from assemblee.security import access_table
from tests.answers import at_once
from tests.filling import FoundForm, check_of, form_of, forms_of
from tests.house.conftest import World, act_at
from tests.house.doors import LASTING, NOTED, SAID, WRITTEN, Door
from tests.played import ROLES
from tests.sweeps import swept

# Slow: thirty forms, each on a site of its own, which takes three seconds to play and a moment to copy.
pytestmark = [pytest.mark.slow, pytest.mark.only("sqlite")]
A_DAY = timedelta(days=1)
# Who writes on another tab, or after going back, writes this.
WORD, OTHER_WORD = "la trace", "la mémoire"
READERS = ("author", "guarantor", "organiser", "operator")
RECEIVED = "Déjà reçu"
NO_PAGES = (".json", ".pdf", ".csv", ".xlsx", ".zip", ".ics", ".age", "/verify", "/embed", "<code>")
# The site is the same for all of them, and so is what each form does on it.
EFFECTS: dict[str, dict[str, int]] = {}
each_form = swept("door", WRITTEN, name=lambda door: door.address)


class Writer:
    """Somebody who has opened a form on a site where nothing was done yet."""

    def __init__(self, world: World, door: Door) -> None:
        # Here the tokens of forms are as they are.
        world.app.config["WTF_CSRF_ENABLED"] = True
        world.restore()
        self.world, self.door = world, door
        self.browser = world.browser(door.who)
        self.form = self.open()
        self.typed = door.typed(world.words)
        self.otherwise = {name: text.replace(WORD, OTHER_WORD) for name, text in self.typed.items()}

    def open(self) -> FoundForm:
        return self.door.form(self.browser, self.world.words)

    def send(self) -> TestResponse:
        return self.browser.send(self.form, self.typed)

    def sign_out(self) -> None:
        """Sign out in another tab."""
        token = {"csrf_token": self.form.fields["csrf_token"]}
        self.browser.send(FoundForm("/sign-out", is_check=False), token)

    def finish(self, answer: TestResponse) -> TestResponse:
        """Sign in again, and do what each page says: send it now, or tick the box."""
        self.world.sign_in(self.browser, self.door.who)
        for _ in range(4):
            if check_of(answer) is not None:
                answer = self.browser.confirm(answer)
            elif answer.status_code in (400, 401, 403):
                answer = self.browser.send(form_of(answer, self.form.action))
        return answer

    def has_shown(self, answer: TestResponse, typed: dict[str, str]) -> bool:
        """Tell whether a page holds all that was written in several lines, seen or carried on."""
        shown = unescape(answer.text)
        for form in forms_of(answer):
            # A charter is carried as it will be published.
            shown += b64decode(form.fields.get("document", "")).decode()
        written = [typed[name] for name in self.form.several_lines if name in typed]
        assert written
        return all(line.strip() in shown for text in written for line in text.splitlines())


def effect_of(world: World, door: Door) -> dict[str, int]:
    """Return what one sending does, when nothing comes between."""
    if door.address not in EFFECTS:
        writer = Writer(world, door)
        assert writer.browser.confirm(writer.send()).status_code == HTTPStatus.FOUND
        EFFECTS[door.address] = world.changes()
    assert EFFECTS[door.address]
    return EFFECTS[door.address]


def pages(world: World) -> list[tuple[str, str]]:
    """Return the pages about what is acted upon, which may hold a form, each with its readers in turn."""
    access, found = access_table(world.app), set()
    acts = [act_at(world.app, door.at(world.words)) for door in (*LASTING, *NOTED)]
    with world.app.test_request_context():
        for rule in world.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule.endswith(NO_PAGES):
                continue
            # Votes and petitions both have a number.
            room = rule.endpoint.partition(".")[0] if "number" in rule.arguments else ""
            for endpoint, values in acts:
                if rule.arguments <= set(values) and endpoint.startswith(room):
                    here = {name: values[name] for name in rule.arguments}
                    found.add((rule.endpoint, world.app.url_for(rule.endpoint, **here)))
    return [(address, who) for name, address in sorted(found) for who in READERS if access[name] & ROLES[who]]


def test_every_form_of_several_lines_is_tried_and_bears_its_value(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind, show = Form.Meta.bind_field, TextArea.__call__
    shown: set[str] = set()

    def note_form(meta: object, form: Form, unbound: UnboundField, options: dict[str, Any]) -> object:
        made = bind(meta, form, unbound, options)
        made.of = type(form).__name__
        return made

    def note_shown(widget: TextArea, field: Any, **more: object) -> str:  # noqa: ANN401 - of WTForms
        shown.add(field.of)
        return show(widget, field, **more)

    monkeypatch.setattr(Form.Meta, "bind_field", note_form)
    monkeypatch.setattr(TextArea, "__call__", note_shown)
    found: set[str] = set()
    tried = {act_at(world.app, door.at(world.words))[0] for door in WRITTEN}
    browsers = {who: world.browser(who) for who in READERS}
    for address, who in pages(world):
        for form in forms_of(browsers[who].open(address)):
            if form.several_lines:
                assert ONCE in form.fields, (address, form.action)
                found.add(act_at(world.app, form.action)[0])
    in_two_steps = [door for door in WRITTEN if door.first]
    for door in in_two_steps:
        assert ONCE in Writer(world, door).form.fields
        found.add(act_at(world.app, door.at(world.words))[0])
    assert found == tried
    assert {kind.__name__ for kind in kinds(Form) if takes_lines(kind)} <= shown


def kinds(kind: type[Form]) -> Iterator[type[Form]]:
    for one in kind.__subclasses__():
        yield one
        yield from kinds(one)


def takes_lines(kind: type[Form]) -> bool:
    fields = (getattr(kind, name, None) for name in dir(kind))
    return any(isinstance(one, UnboundField) and issubclass(one.field_class, TextAreaField) for one in fields)


@each_form
def test_who_was_signed_out_meanwhile_gets_the_text_back_and_acts_once(world: World, door: Door) -> None:
    effect = effect_of(world, door)
    for is_checked in (False, True) if door in SAID else (False,):
        writer = Writer(world, door)
        answer = writer.send() if is_checked else None
        writer.sign_out()
        kept = writer.send() if answer is None else writer.browser.confirm(answer)
        assert kept.status_code in (400, 401)
        assert writer.has_shown(kept, writer.typed)
        assert 'href="/sign-in"' in kept.text.partition("<main")[2]
        assert world.changes() == {}
        assert writer.finish(kept).status_code == HTTPStatus.FOUND
        assert world.changes() == effect


@each_form
def test_of_two_tabs_each_acts_or_gives_its_text_back(world: World, door: Door) -> None:
    effect = effect_of(world, door)
    writer = Writer(world, door)
    other = writer.open()
    first, second = writer.send(), writer.browser.send(other, writer.otherwise)
    assert writer.browser.confirm(first).status_code == HTTPStatus.FOUND
    last = writer.browser.confirm(second)
    if last.status_code != HTTPStatus.FOUND:
        assert writer.has_shown(last, writer.otherwise)
        assert world.changes() == effect
    elif writer.otherwise != writer.typed:
        assert world.holds(OTHER_WORD)


@each_form
def test_back_and_again_acts_once_and_leads_to_the_same_place(world: World, door: Door) -> None:
    effect = effect_of(world, door)
    writer = Writer(world, door)
    writer.send()
    if door in SAID:
        # Back from the check page, to write it otherwise.
        answer = writer.browser.send(writer.form, writer.otherwise)
        assert writer.has_shown(answer, writer.otherwise)
        done = writer.browser.confirm(answer)
        assert writer.browser.confirm(answer).location == done.location
    else:
        done = writer.send()
    assert done.status_code == HTTPStatus.FOUND
    again = writer.browser.send(writer.form, {**writer.typed, "something": "more"})
    assert again.location == done.location
    assert world.changes() == effect


@each_form
def test_a_double_click_acts_once(world: World, door: Door) -> None:
    effect = effect_of(world, door)
    writer = Writer(world, door)
    form, fields = writer.form, writer.typed
    if door in SAID:
        check = check_of(writer.send())
        assert check is not None
        form, fields = check, {SURE: "y"}
    answers: list[TestResponse] = []
    at_once([lambda: answers.append(writer.browser.twin(world.app).send(form, fields))] * 2)
    assert len(answers) == 2
    places = {one.location for one in answers if one.status_code == HTTPStatus.FOUND}
    assert len(places) == 1
    assert all(one.location or RECEIVED in one.text for one in answers), [one.status_code for one in answers]
    assert world.changes() == effect


@each_form
def test_without_cookies_the_text_comes_back_with_what_to_do(world: World, door: Door) -> None:
    effect = effect_of(world, door)
    writer = Writer(world, door)
    writer.browser.forget()
    kept = writer.send()
    for _ in range(2):
        assert kept.status_code in (400, 401)
        assert writer.has_shown(kept, writer.typed)
        assert "n’envoie pas de cookies" in kept.text
        writer.browser.forget()
        kept = writer.browser.send(form_of(kept, writer.form.action))
    assert world.changes() == {}
    assert writer.finish(kept).status_code == HTTPStatus.FOUND
    assert world.changes() == effect


@contextmanager
def a_day_later(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live a day later, on a site that signs staff out after so long, and where seals grow old."""
    settings = world.app.extensions["assemblee.config"]
    usual = {"staff_idle_minutes": Config.staff_idle_minutes, "staff_hours": Config.staff_hours}
    later = int(time.time() + A_DAY.total_seconds())
    with clock.shifted(A_DAY), monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: later)
        patch.setitem(world.app.extensions, "assemblee.config", replace(settings, **usual))
        yield


@each_form
def test_a_day_later_the_text_comes_back_and_acts_once(
    world: World, monkeypatch: pytest.MonkeyPatch, door: Door
) -> None:
    effect = effect_of(world, door)
    writer = Writer(world, door)
    answer = writer.send() if door in SAID else None
    with a_day_later(world, monkeypatch):
        kept = writer.send() if answer is None else writer.browser.confirm(answer)
        # Who is no staff is signed in still.
        if kept.status_code != HTTPStatus.FOUND:
            assert writer.has_shown(kept, writer.typed)
            assert world.changes() == {}
        else:
            assert door.who == "author"
        done = writer.finish(kept)
        if door.address.endswith("/cosign"):
            assert writer.has_shown(done, writer.typed), "it is too late by then"
        else:
            assert done.status_code == HTTPStatus.FOUND
            assert world.changes() == effect
