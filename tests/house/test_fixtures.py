"""What tests share must not carry one of them into the next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from assemblee import security
from assemblee.accounts import actions as accounts
from assemblee.config import Config
from assemblee.db import Store
from tests import make
from tests.conftest import lent

EMAIL = "claire@example.org"


def state(app: Flask) -> tuple[object, ...]:
    return dict(app.config), dict(app.extensions), sorted(map(str, app.url_map.iter_rules()))


def test_nothing_that_a_test_does_to_the_application_stays(
    built_app: Flask, store: Store, config: Config
) -> None:
    def fail(app: Flask) -> None:
        assert app.test_client().get("/").status_code == 200
        app.config.update(TESTING=False, WTF_CSRF_ENABLED=True, SECRET_KEY="another", NEW=1)
        app.extensions.update({"assemblee.config": None, "new": 1})
        raise ZeroDivisionError

    before = state(built_app)
    with pytest.raises(ZeroDivisionError), lent(built_app, config, store) as app:
        fail(app)
    assert state(built_app) == before
    with lent(built_app, config, store) as app:
        assert app.extensions["assemblee.store"] is store
        assert app.secret_key == config.secret_key


def test_a_sign_in_of_one_test_opens_nothing_in_the_next(
    built_app: Flask, store: Store, config: Config
) -> None:
    account = make.account(store, EMAIL)
    with store.writing() as session:
        token = accounts.open_session(session, account)
    with lent(built_app, config, store) as app:
        visitor = app.test_client()
        with visitor.session_transaction() as cookie:
            cookie["_user_id"] = token
        assert EMAIL in visitor.get("/me").text
    with lent(built_app, replace(config, secret_key="t" * 48), store) as app:
        assert visitor.get("/me").status_code == 302
        assert app.test_client().get("/me").status_code == 302


def test_a_page_is_read_from_the_store_that_was_lent(app: Flask, store: Store) -> None:
    assert not security.limiter.enabled
    assert "Mandat du Val" not in app.test_client().get("/").text
    make.mandate(store)
    assert "Mandat du Val" in app.test_client().get("/").text
