"""What was typed comes back and acts once: signed out, another tab, Back, a double click, no cookies."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assemblee import once
from assemblee.accounts.models import SignIn
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.once import SentForm
from assemblee.petitions.petition.models import Petition
from assemblee.petitions.text import drafting
from assemblee.refusal import Refusal
from assemblee.security import Actor
from tests import make, petitioning
from tests.answers import Visitor, at_once, check_page

AUTHOR = "autrice@example.org"
NEW = "/m/val/petitions/new"
WORDS = "Nous demandons que les cantines servent des repas bio. " * 40
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def author(app: Flask, store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Give the browser of somebody who writes a petition, with form tokens as they are."""
    petitioning.publish(store, mandate)
    make.account(store, AUTHOR, password=make.PASSWORD)
    monkeypatch.setattr(app, "test_client_class", FlaskClient)
    client = Visitor(app, AUTHOR).client
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def inputs(page: str) -> dict[str, str]:
    """Return the hidden fields of the form in the main part of a page."""
    main = page.partition("<main")[2]
    found = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(r"<input[^>]*>", main)]
    return {unescape(one["name"]): unescape(one["value"]) for one in found if one.get("type") == "hidden"}


def written(client: FlaskClient) -> dict[str, str]:
    """Fill the form of a petition."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', client.get(NEW).text)
    assert token
    page = client.post(NEW, data={"csrf_token": token[1], "title": "Des repas bio"}).text
    return {
        **inputs(page),
        "title": "Des repas bio",
        "aim": "Loi alimentation",
        "category": petitioning.FACTS.category,
        "text": WORDS,
        "author": "Ondine Quatrevents",
    }


def petitions(store: Store) -> list[str]:
    with store.reading() as session:
        return list(session.scalars(select(Petition.text)))


def test_who_was_signed_out_meanwhile_gets_the_text_back_and_sends_it(
    author: FlaskClient, store: Store
) -> None:
    form = written(author)
    # In another tab.
    author.post("/sign-out", data={"csrf_token": form["csrf_token"]})
    answer = author.post(NEW, data=form, headers=FROM_HERE)
    assert (answer.status_code, petitions(store)) == (400, [])
    check_page(answer.text, "fr")
    kept = inputs(answer.text)
    assert kept["text"] == WORDS
    assert "blockquote" in answer.text, "it can be copied"
    assert 'href="/sign-in"' in answer.text
    sign_in = inputs(author.get("/sign-in").text)
    author.post("/sign-in", data={**sign_in, "email": AUTHOR, "password": make.PASSWORD})
    # The token of that page was one of the session that has ended: it shows once more.
    again = author.post(NEW, data=kept, headers=FROM_HERE)
    assert again.status_code == 400
    assert 'href="/sign-in"' not in again.text.partition("<main")[2]
    done = author.post(NEW, data=inputs(again.text), headers=FROM_HERE)
    assert done.status_code == 302
    assert petitions(store) == [WORDS.strip()]


def test_a_session_that_has_ended_on_the_server_loses_nothing(author: FlaskClient, store: Store) -> None:
    form = written(author)
    with store.writing() as session:
        for row in session.scalars(select(SignIn)):
            row.ended_at = row.opened_at
    answer = author.post(NEW, data=form, headers=FROM_HERE)
    assert answer.status_code == 401
    assert inputs(answer.text)["text"] == WORDS
    assert petitions(store) == []


def test_a_browser_without_cookies_gets_its_text_back(app: Flask, author: FlaskClient) -> None:
    form = written(author)
    answer = FlaskClient(app, app.response_class).post(NEW, data=form, headers=FROM_HERE)
    assert answer.status_code == 400
    assert inputs(answer.text)["text"] == WORDS
    check_page(answer.text, "fr")
    assert "n’envoie pas de cookies" in answer.text


def test_who_signs_in_without_cookies_is_told_that_they_are_needed(app: Flask, author: FlaskClient) -> None:
    form = {"email": AUTHOR, "password": make.PASSWORD}
    answer = FlaskClient(app, app.response_class).post("/sign-in", data=form, headers=FROM_HERE)
    assert answer.status_code == 400
    check_page(answer.text, "fr")
    assert "n’envoie pas de cookies" in answer.text
    assert make.PASSWORD not in answer.text


def test_a_refusal_shows_what_was_written_to_copy(author: FlaskClient, store: Store) -> None:
    place = author.post(NEW, data=written(author)).location
    form = {**inputs(author.get(f"{place}/change").text), "title": "Des repas bio", "text": WORDS}
    with store.writing() as session:
        row = session.scalars(select(Petition)).one()
        drafting.submit(session, Actor(row.account_id), row)
    answer = author.post(f"{place}/change", data=form, headers=FROM_HERE)
    assert answer.status_code == 409
    check_page(answer.text, "fr")
    assert WORDS.strip() in answer.text
    elsewhere = author.post(f"{place}/change", data=form, headers={"Origin": "https://evil.example"})
    assert (elsewhere.status_code, WORDS.strip() in elsewhere.text) == (409, False)


def test_of_a_form_that_is_too_large_nothing_is_read_again(app: Flask, author: FlaskClient) -> None:
    form = written(author)
    app.config["MAX_CONTENT_LENGTH"] = len(WORDS) // 2
    answer = author.post(NEW, data=form, headers=FROM_HERE)
    assert answer.status_code == 413
    assert WORDS.strip() not in answer.text


def test_who_is_refused_because_the_same_form_has_just_acted_is_led_on(
    author: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, known = written(author), once.require_unsent
    first = author.post(NEW, data=form)
    looked: list[Session] = []

    def look(session: Session) -> None:
        """See nothing yet when the second of two clicks comes, and what has acted when it is refused."""
        looked.append(session)
        if len(looked) > 1:
            known(session)

    def refuse(*_arguments: object) -> None:
        raise Refusal("petition-is-open")

    monkeypatch.setattr(once, "require_unsent", look)
    monkeypatch.setattr(once, "take", lambda _session: None)
    monkeypatch.setattr(drafting, "write", refuse)
    again = author.post(NEW, data=form)
    assert (again.status_code, again.location) == (302, first.location)
    assert len(petitions(store)) == 1


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_of_another_site_is_not_offered_to_be_sent(
    author: FlaskClient, headers: dict[str, str]
) -> None:
    form = written(author)
    del form["csrf_token"]
    answer = author.post(NEW, data=form, headers=headers)
    assert answer.status_code == 400
    assert "text" not in inputs(answer.text)


def test_passwords_do_not_come_back(author: FlaskClient) -> None:
    answer = author.post("/sign-in", data={"email": AUTHOR, "password": "très secret"}, headers=FROM_HERE)
    assert answer.status_code == 400
    assert "très secret" not in answer.text


def test_a_double_click_and_back_make_one_draft_and_lead_to_it(author: FlaskClient, store: Store) -> None:
    form = written(author)
    first, second = (author.post(NEW, data=form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.location == second.location
    # Back, something more is typed, sent again: it is the same form.
    back = author.post(NEW, data={**form, "text": f"{WORDS}!"})
    assert back.location == first.location
    assert len(petitions(store)) == 1


def test_a_form_that_was_refused_may_be_sent_again(author: FlaskClient, store: Store) -> None:
    form = written(author)
    assert author.post(NEW, data={**form, "category": "Rien"}).status_code == 422
    assert author.post(NEW, data={**form, "author": ""}).status_code == 422
    assert author.post(NEW, data=form).status_code == 302
    assert len(petitions(store)) == 1


@pytest.mark.both_stores
def test_of_many_who_send_one_form_at_once_one_acts(app: Flask, author: FlaskClient, store: Store) -> None:
    form = written(author)
    cookies = {one.key: one.decoded_value for one in author._cookies.values()}

    def send() -> None:
        client = FlaskClient(app, app.response_class)
        for name, value in cookies.items():
            client.set_cookie(name, value)
        assert client.post(NEW, data=form).status_code in {200, 302}

    assert at_once([send] * 8) == ["done"] * 8
    assert len(petitions(store)) == 1
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(SentForm)) == 1
