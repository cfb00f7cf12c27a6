"""Sign-ins and their second factors, as tests bring them about."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pyotp
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.accounts import actions, factors, queries
from assemblee.accounts.models import SignIn
from assemblee.db import Store
from assemblee.refusal import Refusal

EMAIL = "claire@example.org"
Answer = TypeVar("Answer")
STEP = timedelta(seconds=factors.STEP_SECONDS)
RACERS = 6


def sign_in(store: Store, email: str = EMAIL) -> str:
    with store.writing() as session:
        return actions.open_session(session, actions.ensure(session, email))


def row(session: Session, token: str) -> SignIn:
    found = queries.open_sign_in(session, token)
    assert found is not None
    return found


def code(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + steps * STEP)


def act(store: Store, token: str, verb: Callable[..., Answer], *words: object) -> Answer:
    """Do something as the owner of a sign-in, in a transaction of its own."""
    with store.writing() as session:
        return verb(session, row(session, token), *words)


def enrol(store: Store, token: str) -> tuple[str, tuple[str, ...]]:
    """Add an app; return its secret and the recovery codes."""
    act(store, token, factors.begin_authenticator)
    secret = act(store, token, factors.waiting_secret)
    codes = act(store, token, factors.confirm_authenticator, code(secret))
    assert codes is not None
    return secret, codes


def is_proven(store: Store, token: str) -> bool:
    with store.reading() as session:
        return row(session, token).second_factor_at is not None


def race(act_once: Callable[[int], object]) -> list[object]:
    """Do something in several threads at once; return what each got, a refusal as its code."""
    start = threading.Barrier(RACERS)
    answers: list[object] = []

    def run(place: int) -> None:
        start.wait()
        try:
            answers.append(act_once(place))
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
