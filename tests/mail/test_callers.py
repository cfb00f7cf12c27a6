"""Until when each letter with a link or a code is worth sending, as the rooms that write them say."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.assemblies.terms import queries as terms
from assemblee.db import Store
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition import letters
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.signing.actions import PENDING_DAYS
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import bodies, make, petitioning, voting
from tests.answers import Visitor

A_DAY, A_MINUTE = timedelta(hours=24), timedelta(minutes=1)


def expiry(store: Store, recipient: str) -> datetime:
    with store.reading() as session:
        found = session.scalars(
            select(Mail.expires_at).where(Mail.recipient == recipient).order_by(Mail.id.desc())
        )
        moment = found.first()
    assert moment is not None
    return moment


def test_a_link_to_sign_in_or_to_volunteer_is_not_sent_after_a_day(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    del mandate
    make.account(store, "claire@example.org")
    Visitor(app).send("/sign-in/link", status=200, email="claire@example.org")
    assert abs(expiry(store, "claire@example.org") - clock.now() - A_DAY) < A_MINUTE
    with store.writing() as session:
        pools.set_open(session, COMMAND_LINE, session.get_one(Pool, pool.id), is_open=True)
        categories = session.get_one(Pool, pool.id).categories
        answers = {f"category_{category.id}": category.values[0].name for category in categories}
    visitor = Visitor(app)
    visitor.send(
        f"/m/val/pools/{pool.id}/volunteer",
        status=200,
        name="Zoé",
        over_16="y",
        consent="y",
        email="zoe@example.org",
        **answers,
    )
    assert abs(expiry(store, "zoe@example.org") - clock.now() - A_DAY) < A_MINUTE


def test_what_a_voter_gets_is_not_sent_after_the_vote(store: Store, mandate: Mandate, pool: Pool) -> None:
    voting.guarantors(store, mandate)
    vote = voting.settled(store, mandate, pool)
    entry = voting.roll(store, vote)[0]
    assert expiry(store, str(entry.address)) == vote.closes_at


def test_who_signs_gets_no_link_that_confirms_nothing_any_more(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    found = petitioning.opened(store, mandate)
    petitioning.ask(store, found, "ysaline@example.org")
    closes_at = petitioning.fresh(store, found).closes_at
    assert closes_at is not None
    void_at = clock.now() + timedelta(days=PENDING_DAYS)
    assert abs(expiry(store, "ysaline@example.org") - void_at) < A_MINUTE
    with clock.shifted(closes_at - clock.now() - timedelta(days=1)):
        petitioning.ask(store, found, "zoe@example.org")
    assert expiry(store, "zoe@example.org") == closes_at


def test_who_is_called_to_a_seat_is_not_asked_after_the_day_to_answer(store: Store) -> None:
    place = bodies.mandate(store)
    found = bodies.drawn(store, place, bodies.pool(store, place), f"{bodies.ASSEMBLY}/1")
    with store.reading() as session:
        seat = next(seat for seat in terms.seats(session, found) if seat.answer_until is not None)
        address = str(seat.address)
    assert expiry(store, address) == seat.answer_until


def news_of(store: Store, found: Petition) -> dict[str, str | None]:
    """Write news of a petition to everybody, and return where each recipient ends them."""
    subject = f"Nouvelles {secrets.token_hex(4)}"
    with store.writing() as session:
        letters.to_everybody(session, session.get_one(Petition, found.id), subject, "Une suite.")
    with store.reading() as session:
        rows = session.execute(select(Mail.recipient, Mail.unsubscribe).where(Mail.subject == subject)).all()
    return {row.recipient: row.unsubscribe for row in rows}


def test_news_say_where_they_end(app: Flask, store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    found = petitioning.opened(store, mandate)
    for email, wants_news in (("ysaline@example.org", True), ("zoe@example.org", False)):
        petitioning.ask(store, found, email, wants_news=wants_news)
        petitioning.confirm(store, petitioning.row_of(store, found, email))
    page = f"/signatures/{petitioning.row_of(store, found, 'ysaline@example.org').nonce}"
    news = news_of(store, found)
    assert str(news["ysaline@example.org"]).endswith(page)
    assert "zoe@example.org" not in news
    assert news["autrice@example.org"] is None, "it is no subscription of theirs"
    visitor = Visitor(app)
    visitor.visit("/signatures/nothing", status=404)
    assert "Ne plus recevoir de nouvelles" in visitor.visit(page)
    visitor.send(f"{page}/no-news")
    assert "Ne plus recevoir de nouvelles" not in visitor.visit(page)
    assert petitioning.row_of(store, found, "ysaline@example.org").counts
    assert "ysaline@example.org" not in news_of(store, found)
