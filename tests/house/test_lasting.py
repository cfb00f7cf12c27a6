"""What cannot be undone is done from its check page only: every act, by every role and by program."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse

from assemblee import clock
from assemblee.confirming import SEAL, SEAL_LASTS_SECONDS, SURE
from assemblee.security import access_table, is_lasting
from tests import played
from tests.filling import FoundForm, check_of
from tests.house.conftest import World, act_at
from tests.house.doors import LASTING, Door

pytestmark = pytest.mark.only("sqlite")
OTHERS = 3
FORGED = "WyJhIl0.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa"
BY_PROGRAM = {"Accept": "application/json"}
REFUSED = {400, 401, 403, 404, 409, 410, 422}


def test_every_act_that_lasts_is_tried(app: Flask) -> None:
    anything = defaultdict(lambda: 1)
    tried = {act_at(app, door.at(anything))[0] for door in LASTING}
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    assert tried == {name for name, view in views.items() if is_lasting(view)}
    assert len(tried) > 48


def on_other_rows(world: World, door: Door) -> Iterator[str]:
    """Give the addresses of the same act on other rows, by each of its parameters in turn."""
    name, values = act_at(world.app, door.at(world.words))
    with world.app.test_request_context():
        for argument, value in values.items():
            for other in world.values(name, argument)[-OTHERS:]:
                if other != value:
                    yield world.app.url_for(name, **{**values, argument: other})


def require_nothing_done(world: World, answer: TestResponse, *case: object) -> None:
    """Expect a check page, a form with its errors or a refusal, and that nothing was written."""
    case = (answer.request.path, *case, answer.status_code)
    assert answer.status_code in REFUSED or answer.status_code == HTTPStatus.OK, case
    assert world.is_as_played(), case


# Slow: more than two thousand requests, on a site that takes three seconds to play.
@pytest.mark.slow
def test_nobody_does_what_lasts_by_a_form_alone(world: World) -> None:
    browsers = {who: world.browser(who) for who in played.PEOPLE}
    access = access_table(world.app)
    met = 0
    for door in LASTING:
        address = door.at(world.words)
        wanted = access[act_at(world.app, address)[0]]
        elsewhere = list(on_other_rows(world, door))
        form = door.form(browsers[door.who], world.words)
        filled = {**door.typed(world.words), SURE: "y", SEAL: FORGED}
        for who, browser in browsers.items():
            for place in [address, *(elsewhere if wanted & played.ROLES[who] else [])]:
                here = replace(form, action=place)
                with clock.jumped(door.leap):
                    empty = FoundForm(place, is_check=False)
                    require_nothing_done(world, browser.send(empty), who, "empty")
                    require_nothing_done(world, browser.send(here, filled, **BY_PROGRAM), who, "filled")
                    browser.client.get(place, query_string=here.filled(filled))
                    assert world.is_as_played(), (place, who, "by its address")
                met += 3
    assert met > 2_000


# Slow: fifty acts from their page to their end, each on a site of its own.
@pytest.mark.slow
def test_an_act_that_lasts_takes_the_seal_and_the_box_of_its_own_check_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_another_act = FORGED
    for door in LASTING:
        world.restore()
        browsers = {who: world.browser(who) for who in played.PEOPLE}
        browser = browsers[door.who]
        with clock.jumped(door.leap):
            first = browser.send(door.form(browser, world.words), door.typed(world.words))
            check = check_of(first)
            assert check is not None, (door.address, first.status_code)
            require_nothing_done(world, first)
            for changed in (
                {},
                {SURE: "y", SEAL: ""},
                {SURE: "y", SEAL: FORGED},
                {SURE: "y", SEAL: of_another_act},
                {SURE: "y", "something": "else"},
            ):
                require_nothing_done(world, browser.send(check, changed), changed)
            for who, other in browsers.items():
                if who != door.who:
                    require_nothing_done(world, other.send(check, {SURE: "y"}), who)
            with monkeypatch.context() as later:
                grown = int(time.time()) + SEAL_LASTS_SECONDS + 60
                later.setattr(TimestampSigner, "get_timestamp", lambda _self, grown=grown: grown)
                require_nothing_done(world, browser.send(check, {SURE: "y"}), "a seal of an hour ago")
            done = browser.confirm(first)
        is_done = done.status_code == HTTPStatus.FOUND or door.address.endswith("/letter")
        assert is_done, (door.address, re.findall(r"<p[^>]*>([^<]+)</p>", done.text)[:4])
        assert not world.is_as_played(), door.address
        of_another_act = check.fields[SEAL]
