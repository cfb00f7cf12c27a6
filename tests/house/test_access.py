from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assemblee.accounts import actions as accounts
from assemblee.app import create_app
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates import actions as mandates
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Role, UndeclaredAccess, access_table, allow
from tests import ceremony, make

TABLE = Path(__file__).with_name("roles.txt")
ROLES = (Role.EVERYONE, Role.SIGNED_IN, Role.CITIZEN, Role.GUARANTOR, Role.ORGANISER, Role.OPERATOR)

pytestmark = pytest.mark.only("sqlite")


def routes(app: Flask) -> list[tuple[str, str, frozenset[Role]]]:
    access = access_table(app)
    return sorted(
        (rule.rule, method, access[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def test_roles_and_routes_are_those_of_the_reviewed_table(app: Flask) -> None:
    found = [f"{method:4} {rule}  {' '.join(sorted(access))}" for rule, method, access in routes(app)]
    assert found == TABLE.read_text(encoding="utf-8").splitlines(), "review tests/house/roles.txt"


def test_a_route_without_a_declaration_stops_the_start(config: Config, store: Store) -> None:
    app = create_app(config, store)
    app.add_url_rule("/forgotten", "forgotten", lambda: "oops")
    with pytest.raises(UndeclaredAccess, match="forgotten"):
        access_table(app)


def test_a_declaration_changes_nothing_else() -> None:
    def view() -> str:
        return "page"

    assert allow(Role.OPERATOR)(view) is view


def test_each_role_opens_what_the_table_says_and_nothing_more(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    draw = ceremony.ready_draw(store, pool)
    values = {
        "mandate": mandate.slug,
        "pool_id": pool.id,
        "draw_id": draw.id,
        "code": "fr",
        "token": "nothing",
        "kind": "csv",
        "verb": "withdraw",
        "lottery": "loto",
        "filename": "assemblee.css",
    }
    for role in ROLES:
        # One that goes on from no check page: what lasts would change who may do what.
        client = FlaskClient(app, app.response_class)
        if role is not Role.EVERYONE:
            email = f"{role}@example.org"
            with store.writing() as session:
                account = accounts.add(
                    session, email, password=make.PASSWORD, is_operator=role is Role.OPERATOR
                )
                if role in mandates.MANDATE_ROLES:
                    mandates.give_role(session, COMMAND_LINE, mandate, email, role)
                token = accounts.open_session(session, account)
                make.prove(session, email)
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
        held = {Role.EVERYONE, role} | ({Role.SIGNED_IN} if role is not Role.EVERYONE else set())
        for rule in app.url_map.iter_rules():
            if rule.endpoint == "accounts.sign_out":
                continue
            filled = {name: values.get(name, 999) for name in rule.arguments}
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **filled)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                with client.open(address, method=method) as answer:
                    status = answer.status_code
                opened = bool(access_table(app)[rule.endpoint] & held)
                assert status < 500, (role, method, address, status)
                if opened:
                    assert status not in (401, 403), (role, method, address, status)
                elif role is Role.EVERYONE:
                    assert status in (302, 401), (role, method, address, status)
                else:
                    assert status == 403, (role, method, address, status)
