"""Every act says whether it can be undone; what cannot is reached through its check page only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from assemblee import clock, confirming
from assemblee.app import create_app
from assemblee.checkout import ROOT
from assemblee.config import Config
from assemblee.db import Store
from assemblee.forms import retrying, writing
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool, Volunteer, VolunteerState
from assemblee.security import UndeclaredAccess, access_table, allow, is_lasting
from tests import make
from tests.answers import Visitor, carried_by

TABLE = Path(__file__).with_name("acts.txt")
ORGANISER = "organisatrice@example.org"

pytestmark = pytest.mark.only("sqlite")


def acts(app: Flask) -> list[tuple[str, str]]:
    """Return every address that takes a POST, and what undoes it; nothing if it lasts."""
    return sorted(
        (rule.rule, "" if is_lasting(view) else view.undone_by)
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and (view := app.view_functions[rule.endpoint])
    )


def test_acts_are_those_of_the_reviewed_table(app: Flask) -> None:
    found = [f"{rule}  {undone or 'LASTS'}" for rule, undone in acts(app)]
    assert found == TABLE.read_text(encoding="utf-8").splitlines(), "review tests/house/acts.txt"


def test_what_undoes_an_act_is_an_act(app: Flask) -> None:
    named = [undone for _, undone in acts(app) if "." in undone and " " not in undone]
    assert named
    assert [one for one in named if one not in app.view_functions] == []


def test_an_act_that_does_not_say_stops_the_start(config: Config, store: Store) -> None:
    app = create_app(config, store)
    app.add_url_rule("/forgotten", "forgotten", allow()(lambda: "oops"), methods=["POST"])
    with pytest.raises(UndeclaredAccess, match="forgotten"):
        access_table(app)


def test_no_act_that_lasts_writes_before_its_check_page(app: Flask) -> None:
    lasting = [rule for rule in app.url_map.iter_rules() if is_lasting(app.view_functions[rule.endpoint])]
    assert len(lasting) > 40
    for rule in lasting:
        with app.test_request_context(method="POST"):
            request.url_rule = rule
            with pytest.raises(RuntimeError, match=rule.endpoint), writing():
                pytest.fail("it wrote")
            with pytest.raises(RuntimeError, match=rule.endpoint):
                retrying(lambda _session: pytest.fail("it wrote"))


def test_no_door_opens_a_transaction_of_its_own() -> None:
    doors = [path for path in (ROOT / "assemblee").rglob("views*.py") if path.parts[-2] != "standalone"]
    assert len(doors) > 20
    for path in doors:
        called = [
            ast.unparse(node.func)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        ]
        assert [name for name in called if name.endswith((".writing", ".retrying"))] == [], path


@pytest.fixture
def organiser(app: Flask, store: Store, mandate: Mandate) -> Iterator[FlaskClient]:
    """Give the browser of an organiser, which does not confirm by itself."""
    make.account(store, ORGANISER, password=make.PASSWORD)
    make.organiser(store, mandate, ORGANISER)
    app.test_client_class, kept = FlaskClient, app.test_client_class
    yield Visitor(app, ORGANISER).client
    app.test_client_class = kept


def state(store: Store) -> str:
    with store.reading() as session:
        return session.get_one(Volunteer, 1).state


def test_a_check_page_says_what_is_done_and_does_it_once_it_was_read(
    organiser: FlaskClient, store: Store, pool: Pool
) -> None:
    address = f"/m/val/pools/{pool.id}/people/1/erase"
    page = organiser.post(address).text
    assert "Personne 1" in page or "Zéphirine 1" in page or "p1@example.org" in page
    sealed = carried_by(page)
    unsure = organiser.post(address, data=sealed)
    assert (unsure.status_code, state(store)) == (200, VolunteerState.VOLUNTEER)
    assert 'aria-invalid="true"' in unsure.text
    assert organiser.post(address, data={**sealed, "sure": "y"}).status_code == 302
    assert state(store) == VolunteerState.ERASED


@pytest.mark.parametrize(
    "changes",
    [
        {"seal": ""},
        {"seal": "made.up.seal"},
        {"and": "something else"},
    ],
)
def test_without_its_seal_nothing_is_done(
    organiser: FlaskClient, store: Store, pool: Pool, changes: dict[str, str]
) -> None:
    address = f"/m/val/pools/{pool.id}/people/1/erase"
    sealed = carried_by(organiser.post(address).text)
    answer = organiser.post(address, data={**sealed, "sure": "y", **changes})
    assert (answer.status_code, state(store)) == (200, VolunteerState.VOLUNTEER)


def test_a_seal_is_for_one_act_of_one_person(
    app: Flask, organiser: FlaskClient, store: Store, mandate: Mandate, pool: Pool
) -> None:
    address = f"/m/val/pools/{pool.id}/people/1/erase"
    sealed = {**carried_by(organiser.post(address).text), "sure": "y"}
    make.account(store, "autre@example.org", password=make.PASSWORD)
    make.organiser(store, mandate, "autre@example.org")
    other = Visitor(app, "autre@example.org").client
    assert other.post(address, data=sealed).status_code == 200
    assert organiser.post(f"/m/val/pools/{pool.id}/people/2/erase", data=sealed).status_code == 200
    assert state(store) == VolunteerState.VOLUNTEER


def test_a_seal_grows_old(
    organiser: FlaskClient, store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/m/val/pools/{pool.id}/people/1/erase"
    sealed = {**carried_by(organiser.post(address).text), "sure": "y"}
    later = (clock.now() + timedelta(seconds=confirming.SEAL_LASTS_SECONDS + 60)).timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(later))
    assert organiser.post(address, data=sealed).status_code == 200
    assert state(store) == VolunteerState.VOLUNTEER


def test_what_is_to_be_changed_comes_back_as_it_was_typed(
    organiser: FlaskClient, store: Store, pool: Pool
) -> None:
    address = f"/m/val/draws/{make.draw(store, pool).id}/cancel"
    page = organiser.post(address, data={"reason": "La salle est prise."}).text
    assert "La salle est prise." in page
    again = organiser.post(address, data={**carried_by(page), "change": "y"})
    assert again.status_code == 200
    assert "La salle est prise.</textarea>" in again.text.replace("\r\n", "")
    assert 'role="alert"' not in again.text
