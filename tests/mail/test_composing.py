from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import cast

import pytest

from assemblee.mail import composing
from assemblee.mail.composing import UnwritableError, compose, read_sender
from assemblee.mail.models import Mail
from tests.sweeps import swept

SENDER = read_sender("Mairie des Étangs <lettres@mairie-étangs.fr>")
WRITTEN = datetime(2026, 11, 1, 10, tzinfo=UTC)


def letter(recipient: str, **more: str) -> Mail:
    values = {"message_id": "a1", "subject": "Votre lien", "body": "Bonjour,\n", **more}
    return Mail(recipient=recipient, written_at=WRITTEN, **values)


def read(content: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_string(content.decode(), policy=SMTPUTF8))


def test_a_letter_says_what_it_is() -> None:
    made = compose(letter("p1@example.org", unsubscribe="https://exemple.fr/stop"), SENDER)
    message = read(made.content)
    assert message["Message-ID"] == "<a1@xn--mairie-tangs-heb.fr>"
    assert message["Date"].datetime == WRITTEN
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://exemple.fr/stop>"
    assert message["From"] == "Mairie des Étangs <lettres@xn--mairie-tangs-heb.fr>"
    assert (made.sender, made.recipient) == ("lettres@xn--mairie-tangs-heb.fr", "p1@example.org")
    assert message.get_content() == "Bonjour,\r\n"
    assert "List-Unsubscribe" not in read(compose(letter("p1@example.org"), SENDER).content)


WRITABLE = {
    "jean.dupont+vote@example.org": "jean.dupont+vote@example.org",
    "o'neil@example.org": "o'neil@example.org",
    "jean@mairie-étangs.fr": "jean@xn--mairie-tangs-heb.fr",
    "jean@BÜCHER.example": "jean@xn--bcher-kva.example",
    f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 40}.example": None,
}


@swept("address", WRITABLE)
def test_addresses_that_can_be_written_to(address: str) -> None:
    made = compose(letter(address), SENDER)
    expected = WRITABLE[address] or address
    assert (made.recipient, made.needs_utf8) == (expected, False)
    assert [one.addr_spec for one in read(made.content)["To"].addresses] == [expected]


def test_an_address_beyond_ascii_needs_a_server_that_knows_it() -> None:
    made = compose(letter("andré@mairie-étangs.fr"), SENDER)
    assert (made.recipient, made.needs_utf8) == ("andré@xn--mairie-tangs-heb.fr", True)
    assert read(made.content)["To"] == "andré@xn--mairie-tangs-heb.fr"


UNWRITABLE = (
    "=?utf-8?q?a=0ab?=@example.org",
    "=?utf-8?q?victime=40example=2Ecom?=@example.org",
    "jean@",
    "@example.org",
    "<",
    "",
    "jean@[",
    "jean@[127.0.0.1]",
    "jean dupont@example.org",
    "jean@example.org, autre@example.org",
    "a,b@example.org",
    '"a b"@example.org',
    "jean\r\nBcc: x@example.org",
    "jean@example.org\n",
    "a\x00b@example.org",
    "jean..dupont@example.org",
    f"{'a' * 65}@example.org",
    "jean@exa mple.org",
    "jean@-.org",
    "\ud800@example.org",
    "jean@\ud800.org",
)


@swept("address", UNWRITABLE)
def test_addresses_that_no_letter_can_be_written_to(address: str) -> None:
    with pytest.raises(UnwritableError):
        compose(letter(address), SENDER)


def test_what_stands_in_a_subject_is_no_header_and_a_text_that_is_none_is_refused() -> None:
    message = read(
        compose(letter("p1@example.org", subject="Vote\r\nBcc: x@example.org\x00"), SENDER).content
    )
    assert (message["Subject"], message["Bcc"]) == ("Vote Bcc: x@example.org ", None)
    with pytest.raises(UnwritableError):
        compose(letter("p1@example.org", body="\ud800"), SENDER)


def test_a_library_that_reads_another_address_than_was_meant_sends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(composing, "split_address", lambda _address: ("a", "b.example, victime@example.org"))
    with pytest.raises(UnwritableError):
        compose(letter("a@b.example"), SENDER)


def test_a_setting_that_is_no_address_is_no_letters_fault() -> None:
    assert read_sender("assemblee@localhost").address == "assemblee@localhost"
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, no letter is blamed
        read_sender("Mairie")
