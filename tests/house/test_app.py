"""Whose a request is: a sign-in of staff ends when nobody sits before it any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.accounts.models import SignIn
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import Role
from tests import ceremony, make
from tests.answers import Visitor
from tests.conftest import lent

pytestmark = pytest.mark.only("sqlite")
IDLE = timedelta(minutes=31)
STAFF = (Role.ORGANISER, Role.GUARANTOR, Role.OPERATOR)


@pytest.fixture
def strict(app: Flask, config: Config, store: Store) -> Iterator[Flask]:
    """Give the application with the length that installations have."""
    with lent(app, replace(config, staff_idle_minutes=30, staff_hours=12), store) as made:
        yield made


def member(app: Flask, store: Store, role: Role) -> Visitor:
    email = f"{role}@example.org"
    if role is Role.OPERATOR:
        make.account(store, email, password=make.PASSWORD, is_operator=True)
        return Visitor(app, email)
    return ceremony.person(app, store, email, *([role] if role != Role.SIGNED_IN else []))


def ended(store: Store) -> list[bool]:
    with store.reading() as session:
        return [one.ended_at is not None for one in session.scalars(select(SignIn))]


@pytest.mark.parametrize("role", STAFF)
def test_a_sign_in_of_staff_ends_after_half_an_hour_without_a_request(
    strict: Flask, store: Store, mandate: Mandate, role: Role
) -> None:
    visitor = member(strict, store, role)
    with clock.shifted(timedelta(minutes=29)):
        visitor.visit("/me")
    with clock.shifted(timedelta(minutes=58)):
        visitor.visit("/me")
    with clock.shifted(timedelta(minutes=58) + IDLE):
        answer = visitor.client.get("/me")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/me")
        assert ended(store) == [True]
        page = visitor.visit("/sign-in?next=/me")
        assert "30\N{NO-BREAK SPACE}minutes" in page or "30 minutes" in page
    # The token itself is over, wherever it was kept.
    with clock.shifted(timedelta(minutes=59)):
        assert visitor.client.get("/me").status_code == 302


@pytest.mark.parametrize("role", STAFF)
def test_a_sign_in_of_staff_ends_after_half_a_day_however_much_it_is_used(
    strict: Flask, store: Store, mandate: Mandate, role: Role
) -> None:
    visitor = member(strict, store, role)
    for minutes in range(0, 12 * 60, 25):
        with clock.shifted(timedelta(minutes=minutes)):
            visitor.visit("/me")
    with clock.shifted(timedelta(hours=12, minutes=2)):
        assert visitor.client.get("/me").status_code == 302
        assert "12" in visitor.visit("/sign-in")
        assert ended(store) == [True]


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.SIGNED_IN])
def test_citizens_stay_signed_in_for_a_fortnight(
    strict: Flask, store: Store, mandate: Mandate, role: Role
) -> None:
    visitor = member(strict, store, role)
    with clock.shifted(timedelta(days=13)):
        visitor.visit("/me")
    with clock.shifted(timedelta(days=15)):
        assert visitor.client.get("/me").status_code == 302


def test_what_staff_send_too_late_is_refused_and_says_why(
    strict: Flask, store: Store, mandate: Mandate
) -> None:
    visitor = member(strict, store, Role.ORGANISER)
    with clock.shifted(IDLE):
        page = visitor.send("/m/val/pools/new", 401, name="Registre zébré", size="4")
        assert "30" in page
        with store.reading() as session:
            assert session.scalars(select(Pool)).all() == []


@contextmanager
def writes(store: Store) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SELECT", "BEGIN", "PRAGMA")):
            found.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield found
    event.remove(store.engine, "before_cursor_execute", note)


def test_use_is_noted_once_a_minute_at_most(strict: Flask, store: Store, mandate: Mandate) -> None:
    visitor = member(strict, store, Role.ORGANISER)
    with writes(store) as found:
        for seconds in (0, 30, 59):
            with clock.shifted(timedelta(seconds=seconds)):
                visitor.visit("/m/val/")
        assert found == []
        for seconds in (65, 70, 120, 130):
            with clock.shifted(timedelta(seconds=seconds)):
                visitor.visit("/m/val/")
        assert len(found) == 2


def test_signing_in_again_gives_a_new_token_and_ends_the_former(
    strict: Flask, store: Store, mandate: Mandate
) -> None:
    visitor = member(strict, store, Role.ORGANISER)
    with visitor.client.session_transaction() as cookie:
        former = cookie["_user_id"]
    with store.writing() as session:
        token = accounts.issue_link(session, "organiser@example.org", "sign-in")
    visitor.send(f"/sign-in/link/{token}")
    with visitor.client.session_transaction() as cookie:
        assert cookie["_user_id"] != former
    assert ended(store) == [True, False]


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(
    strict: Flask, store: Store, mandate: Mandate
) -> None:
    visitor = member(strict, store, Role.ORGANISER)
    for minutes in range(0, 36, 5):
        with clock.shifted(timedelta(minutes=minutes)):
            status = visitor.client.get("/me", headers={"X-Refresh": "1"}).status_code
    assert status == 302
    with clock.shifted(IDLE):
        assert "30" in visitor.visit("/"), "whoever comes back reads why"
    assert ended(store) == [True]


def test_a_sign_in_from_before_the_column_counts_from_its_beginning(
    strict: Flask, store: Store, mandate: Mandate
) -> None:
    visitor = member(strict, store, Role.GUARANTOR)
    with store.writing() as session:
        session.scalars(select(SignIn)).one().used_at = None
    with clock.shifted(timedelta(minutes=10)):
        visitor.visit("/me")
    with store.writing() as session:
        assert session.scalars(select(SignIn)).one().used_at is not None
