from __future__ import annotations

import smtplib
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mail import carriers, delivery, outbox, undelivered
from assemblee.mail.carriers import Answer, ServerFailedError, judge
from assemblee.mail.delivery import CLAIM_LASTS, FIRST_RETRY, HOUR, Delivery
from assemblee.mail.models import Mail, Reason
from tests.mail.letters import aside, later, row, waiting, write
from tests.mail.server import Behaviour
from tests.sweeps import swept

UNKNOWN = "550 5.1.1 <x@example.org>: no such mailbox"
RELAY = "554 5.7.1 relay access denied"
PEOPLE = [f"p{number}@example.org" for number in range(6)]


def answering(**answers: str) -> Callable[[str], str]:
    """Answer so to the recipients whose names are given, and well to all others."""
    return lambda recipient: answers.get(recipient.partition("@")[0], "250 ok")


def test_a_batch_is_one_connection_and_leaves_nobody_named(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    write(store, *PEOPLE)
    assert (deliver(), deliver()) == (6, 0)
    assert mail_server.recipients == PEOPLE, "the newest first"
    assert (mail_server.connections, mail_server.greetings) == (1, 1)
    sent = row(store)
    assert (sent.recipient, sent.body, sent.claimed_by) == ("", "", None), "a link is not kept"
    assert mail_server.letters[-1][1]["Message-ID"] == f"<{sent.message_id}@exemple.fr>"


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0ab?=@example.org", "jean@", "<", "jean@["])
def test_a_letter_that_cannot_be_written_is_set_aside_and_the_others_leave(
    store: Store, deliver: Delivery, address: str
) -> None:
    write(store, PEOPLE[0], address, PEOPLE[1])
    assert deliver() == 2
    assert aside(store) == {address: Reason.UNWRITABLE}
    assert (waiting(store), row(store, 2).body) == ([], "")


@pytest.mark.both_stores
def test_what_a_server_refuses_for_good_is_set_aside_with_its_words(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.to = answering(p1=UNKNOWN, p2="550 no", p3="552 5.2.2 mailbox full")
    write(store, *PEOPLE[:5])
    assert deliver() == 2
    assert aside(store) == {
        PEOPLE[1]: Reason.ADDRESS_REFUSED,
        PEOPLE[2]: Reason.ADDRESS_REFUSED,
        PEOPLE[3]: Reason.LETTER_REFUSED,
    }
    assert row(store, 4).reply == UNKNOWN
    with later(days=2):
        assert deliver() == 0
    assert len(mail_server.tried) == 5, "never tried again"


def test_an_address_that_was_refused_is_spared_until_somebody_lifts_it(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.to = answering(p1=UNKNOWN, p3="552 5.2.2 mailbox full")
    write(store, PEOPLE[1], PEOPLE[3])
    deliver()
    mail_server.to = answering()
    write(store, PEOPLE[1], PEOPLE[3])
    assert deliver() == 1
    assert mail_server.recipients == [PEOPLE[3]]
    assert row(store, 4).reason == Reason.ADDRESS_SPARED
    with store.writing() as session:
        assert undelivered.lift(session, 2) == 2
    write(store, PEOPLE[1])
    assert deliver() == 1
    assert mail_server.recipients == [PEOPLE[3], PEOPLE[1]]


def test_a_letter_that_is_put_off_waits_longer_each_time_and_not_for_ever(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.to = answering(p1="451 4.3.0 later")
    write(store, PEOPLE[0], PEOPLE[1])
    assert deliver() == 1
    first = row(store)
    assert (first.attempts, first.claimed_by, first.reply) == (1, None, "451 4.3.0 later")
    assert first.due_at - clock.now() > FIRST_RETRY - timedelta(minutes=1)
    assert deliver() == 0
    with later(minutes=6):
        deliver()
        assert row(store).due_at - clock.now() > FIRST_RETRY * 1.9
    with store.writing() as session:
        session.get_one(Mail, 1).attempts = delivery.ATTEMPTS - 1
    with later(days=5):
        deliver()
    assert aside(store) == {PEOPLE[1]: Reason.PUT_OFF}


@pytest.mark.parametrize(
    ("step", "answer"),
    [("CONNECT", "554 go away"), ("EHLO", "502 no"), ("MAIL", "550 5.7.1 not from you"), ("MAIL", "421 bye")],
)
def test_a_server_that_refuses_everything_blames_no_letter(
    store: Store, deliver: Delivery, mail_server: Behaviour, step: str, answer: str
) -> None:
    mail_server.answers = {step: answer, "HELO": answer}
    write(store, *PEOPLE)
    if answer.startswith("421"):
        # It may be about the letter that was under way: one is put off, or two, and the others wait.
        with pytest.raises(ServerFailedError):
            deliver()
        assert Counter(one.attempts for one in (row(store, n) for n in range(1, 7))) == {0: 4, 1: 2}
    else:
        with pytest.raises(ServerFailedError):
            deliver()
        assert {row(store, number).attempts for number in range(1, 7)} == {0}
    assert (waiting(store), aside(store)) == (PEOPLE, {})
    mail_server.answers = {}
    with later(minutes=6):
        assert deliver() == 6


def test_a_sign_in_that_is_refused_blames_no_letter(store: Store, settings: Config) -> None:
    write(store, *PEOPLE)
    refusing = Delivery(store, replace(settings, smtp_user="u", smtp_password="p"), "here", timeout=0.3)
    with pytest.raises(ServerFailedError):
        refusing()
    assert (waiting(store), row(store).claimed_by) == (PEOPLE, None)


def test_a_server_that_relays_for_nobody_blames_no_letter(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.to = lambda _recipient: RELAY
    write(store, *[f"q{number}@example.org" for number in range(30)])
    with pytest.raises(ServerFailedError):
        deliver()
    assert len(mail_server.tried) == delivery.PATIENCE
    assert (len(waiting(store)), aside(store)) == (30, {})


def test_a_rule_against_one_letter_is_its_own_once_the_server_took_another(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.to = answering(p1=RELAY)
    write(store, PEOPLE[1], PEOPLE[0])
    assert deliver() == 1
    assert aside(store) == {PEOPLE[1]: Reason.LETTER_REFUSED}


def test_a_letter_after_which_the_server_drops_does_not_hold_up_the_others(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    def drop(letter: object) -> None:
        mail_server.drops_at = "TEXT" if len(mail_server.letters) == 2 else ""

    mail_server.on_text = drop
    write(store, *PEOPLE)
    assert deliver() == 5
    assert waiting(store) == [PEOPLE[1]]
    with later(minutes=6):
        assert deliver() == 1
    numbers = Counter(letter["Message-ID"] for _recipient, letter in mail_server.letters)
    assert sorted(numbers.values()) == [1] * 5 + [2], "the same number, so that a mailbox shows one"


def test_a_server_that_ends_connections_after_some_letters_gets_them_all_once(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    mail_server.drops_after = 2
    write(store, *PEOPLE)
    assert deliver() == 6
    assert (mail_server.recipients, mail_server.connections) == (PEOPLE, 3)


@pytest.mark.both_stores
@pytest.mark.parametrize("step", ["CONNECT", "TEXT"])
def test_a_server_that_hangs_holds_no_lock(
    store: Store, deliver: Delivery, mail_server: Behaviour, step: str
) -> None:
    mail_server.hangs_at = step
    write(store, *PEOPLE[:3])

    def send() -> None:
        with pytest.raises(ServerFailedError):
            deliver()

    sending = threading.Thread(target=send)
    sending.start()
    slowest = 0.0
    while sending.is_alive():
        began = time.monotonic()
        with store.writing() as session:
            outbox.write(session, "", "", "")
            session.rollback()
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.01)
    sending.join()
    assert slowest < deliver.timeout / 2
    assert waiting(store) == PEOPLE[:3]
    mail_server.hangs_at = ""
    with later(minutes=6):
        assert deliver() == 3


class Killed(BaseException):
    pass


@pytest.mark.both_stores
def test_a_worker_killed_before_it_could_note_it_lets_a_letter_leave_twice_under_one_number(
    store: Store, settings: Config, mail_server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, *PEOPLE[:2])
    with monkeypatch.context() as dying:
        for verb in ("_mark_sent", "_settle"):
            dying.setattr(Delivery, verb, lambda *_: (_ for _ in ()).throw(Killed))
        dying.setattr(delivery, "release", lambda *_: None)
        with pytest.raises(Killed):
            Delivery(store, settings, "first", timeout=0.3)()
    second = Delivery(store, settings, "second", timeout=0.3)
    assert second() == 0, "the first may only be slow"
    with later(seconds=CLAIM_LASTS.total_seconds() + 1):
        assert second() == 2
    numbers = Counter(letter["Message-ID"] for _recipient, letter in mail_server.letters)
    assert sorted(numbers.values()) == [1, 2]
    assert (waiting(store), aside(store)) == ([], {})


def test_the_claims_of_a_worker_that_is_gone_are_given_back(store: Store, deliver: Delivery) -> None:
    write(store, *PEOPLE[:2])
    assert len(Delivery(store, deliver.config, "gone")._claim() or []) == 2
    assert deliver() == 0
    delivery.release(store, "somebody", "else")
    assert deliver() == 0
    delivery.release(store, "somebody", "gone")
    assert deliver() == 2


@pytest.mark.both_stores
def test_two_workers_never_send_the_same_letter(
    store: Store, settings: Config, mail_server: Behaviour
) -> None:
    mail_server.seconds = 0.002
    people = [f"q{number}@example.org" for number in range(60)]
    write(store, *people)
    together = threading.Barrier(3)

    def work(name: str) -> None:
        deliver = Delivery(store, settings, name, chunk=4)
        together.wait()
        while waiting(store):
            deliver()

    workers = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Counter(mail_server.recipients) == dict.fromkeys(people, 1)


@pytest.mark.both_stores
def test_a_day_without_a_server_loses_nothing_and_sends_no_code_that_is_void(
    store: Store, settings: Config, mail_server: Behaviour
) -> None:
    write(store, *PEOPLE[:3])
    write(store, "code@example.org", expires_at=clock.now() + timedelta(hours=24))
    away = Delivery(store, replace(settings, smtp_port=1), "here", timeout=0.3)
    for hours in (0, 1, 5, 12, 23):
        with later(hours=hours), pytest.raises(ServerFailedError):
            away()
    assert len(waiting(store)) == 4
    with later(hours=25):
        assert Delivery(store, settings, "here")() == 3
    assert sorted(mail_server.recipients) == PEOPLE[:3]
    assert aside(store) == {"": Reason.EXPIRED}
    assert row(store, 4).body == ""


def test_an_address_beyond_ascii_waits_for_no_server_that_lacks_it(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    write(store, "andré@mairie-étangs.fr", PEOPLE[0])
    assert deliver() == 1
    assert aside(store) == {"andré@mairie-étangs.fr": Reason.UTF8_MISSING}
    mail_server.knows_utf8 = True
    write(store, "andré@mairie-étangs.fr", "léa@mairie-étangs.fr")
    assert deliver() == 2, "another server may have it"
    assert mail_server.recipients[1:] == ["andré@xn--mairie-tangs-heb.fr", "léa@xn--mairie-tangs-heb.fr"]


def test_no_more_leave_within_a_minute_than_the_settings_say(store: Store, settings: Config) -> None:
    write(store, *PEOPLE)
    deliver = Delivery(store, replace(settings, mails_per_minute=4), "here")
    assert (deliver(), deliver()) == (4, 0)
    with later(seconds=61):
        assert deliver() == 2
    write(store, *PEOPLE)
    unbound = Delivery(store, replace(settings, mails_per_minute=0, same_mails_per_hour=0), "here")
    assert unbound() == 6


def test_a_clock_that_was_set_back_holds_no_letter(
    store: Store, settings: Config, mail_server: Behaviour
) -> None:
    deliver = Delivery(store, replace(settings, mails_per_minute=2, same_mails_per_hour=1), "here")
    write(store, *PEOPLE[:4])
    with later(days=1):
        assert deliver() == 2
        assert len(Delivery(store, settings, "gone")._claim() or []) == 2
    write(store, PEOPLE[0])
    assert deliver() == 2
    with later(minutes=2):
        assert deliver() == 1
    assert Counter(mail_server.recipients) == {PEOPLE[0]: 2, **dict.fromkeys(PEOPLE[1:4], 1)}


def test_one_address_gets_no_more_of_one_letter_within_an_hour_than_the_settings_say(
    store: Store, settings: Config, mail_server: Behaviour
) -> None:
    deliver = Delivery(store, replace(settings, same_mails_per_hour=2), "here")
    write(store, *[PEOPLE[0]] * 3, PEOPLE[1])
    write(store, PEOPLE[0], subject="Autre chose")
    assert deliver() == 4
    write(store, PEOPLE[0])
    assert deliver() == 0
    assert waiting(store) == [PEOPLE[0]] * 2
    assert all(row(store, number).attempts == 0 for number in range(1, 6))
    with later(seconds=HOUR.total_seconds() + 1):
        assert deliver() == 2
    assert Counter(mail_server.recipients) == {PEOPLE[0]: 5, PEOPLE[1]: 1}


def test_a_worker_that_is_told_to_stop_ends_with_the_letter_under_way(
    store: Store, settings: Config, mail_server: Behaviour
) -> None:
    stop = threading.Event()
    mail_server.on_text = lambda _letter: stop.set()
    write(store, *PEOPLE)
    assert Delivery(store, settings, "here", stop)() == 1
    assert (len(waiting(store)), row(store, 1).claimed_by) == (5, None)


def test_a_batch_ends_after_some_seconds(
    store: Store, deliver: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, *PEOPLE)
    monkeypatch.setattr(delivery, "BATCH_SECONDS", -1.0)
    assert deliver() == 0
    monkeypatch.setattr(delivery, "BATCH_SECONDS", 10.0)
    assert deliver() == 6


def test_a_person_erased_while_their_letter_is_under_way_is_not_brought_back(
    store: Store, deliver: Delivery, mail_server: Behaviour
) -> None:
    def erase(_letter: object) -> None:
        with store.writing() as session:
            session.execute(text("DELETE FROM mail"))

    mail_server.on_text = erase
    write(store, PEOPLE[0])
    assert deliver() == 1
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 0


def test_without_a_server_letters_are_written_to_files(store: Store, config: Config) -> None:
    write(store, "p0@example.org", "<", "p1@example.org")
    assert Delivery(store, config, "here")() == 2
    files = sorted((config.instance / "outbox").glob("*.eml"))
    assert [file.name for file in files] == ["000001.eml", "000003.eml"]
    assert b"Message-ID: <" in files[0].read_bytes()
    assert aside(store) == {"<": Reason.UNWRITABLE}


def test_a_sender_that_is_none_blames_no_letter(store: Store, config: Config) -> None:
    write(store, PEOPLE[0])
    with pytest.raises(ValueError):  # noqa: PT011 - its name is all that is shown
        Delivery(store, replace(config, mail_sender="Mairie"), "here")()
    assert waiting(store) == [PEOPLE[0]]


@pytest.mark.both_stores
def test_letters_are_forgotten_some_at_a_time(
    store: Store, config: Config, deliver: Delivery, mail_server: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail_server.to = answering(p1=UNKNOWN)
    write(store, *PEOPLE)
    deliver()
    write(store, "waits@example.org")
    monkeypatch.setattr(delivery, "PRUNED_AT_ONCE", 3)
    pruning = delivery.Pruning()
    pruning(store, config)
    with later(days=31):
        assert [delivery.prune(store) for _ in range(3)] == [3, 2, 0]
    assert len(aside(store)) == 1
    with later(days=91):
        pruning(store, config)
        assert len(aside(store)) == 1, "it has just looked"
        pruning._next = float("-inf")
        pruning(store, config)
    assert (aside(store), waiting(store)) == ({}, ["waits@example.org"])


# Code, words, whether of the address alone; then why it is set aside, if it is, and whether it is doubtful.
JUDGED = (
    (450, "4.2.1 later", True, None, True),
    (550, "5.1.1 nobody", True, Reason.ADDRESS_REFUSED, False),
    (554, "5.1.1 nobody", False, Reason.ADDRESS_REFUSED, False),
    (553, "no such", True, Reason.ADDRESS_REFUSED, False),
    (550, "5.7.1 rules", True, Reason.LETTER_REFUSED, True),
    (550, "no", False, Reason.LETTER_REFUSED, False),
    (552, "5.2.2 full", True, Reason.LETTER_REFUSED, False),
    (554, "no relay", True, Reason.LETTER_REFUSED, True),
    (530, "sign in", True, Reason.LETTER_REFUSED, True),
)


@swept(("code", "said", "is_of_address", "reason", "is_doubtful"), JUDGED)
def test_what_a_refusal_means(
    *, code: int, said: str, is_of_address: bool, reason: Reason | None, is_doubtful: bool
) -> None:
    found = judge(code, f"{said}\a\r\n".encode(), is_of_address=is_of_address)
    assert found == Answer(is_taken=False, reason=reason, reply=f"{code} {said}", is_doubtful=is_doubtful)


def test_of_a_long_answer_the_beginning_is_kept() -> None:
    assert len(judge(550, b"x" * 9_000, is_of_address=True).reply) == 200


def test_with_a_user_the_server_is_checked_before_anything_is_said(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[object] = []

    class Server:
        def __init__(self, host: str, port: int, *, timeout: float) -> None:
            said.append((host, port, timeout))

        def starttls(self, *, context: ssl.SSLContext) -> None:
            said.append(context.verify_mode)

        def login(self, user: str, password: str) -> None:
            said.append((user, password))
            raise smtplib.SMTPAuthenticationError(535, b"no")

        def close(self) -> None:
            said.append("closed")

    monkeypatch.setattr(carriers.smtplib, "SMTP", Server)
    settings = replace(config, smtp_host="mail.example", smtp_user="u", smtp_password="p")
    with pytest.raises(ServerFailedError):
        carriers.Connection(settings, 3)._open()
    assert said == [("mail.example", 25, 3), ssl.CERT_REQUIRED, ("u", "p"), "closed"]


@pytest.mark.both_stores
def test_whether_something_waits_is_answered_by_an_index_alone(store: Store) -> None:
    now = clock.now()
    with store.writing() as session:
        session.execute(
            Mail.__table__.insert(),
            [
                {
                    "message_id": str(n),
                    "recipient": "",
                    "subject": "",
                    "body": "",
                    "written_at": now,
                    "due_at": now,
                    "sent_at": now if n % 10 else None,
                    "set_aside_at": None if n % 10 else now,
                    "attempts": 0,
                }
                for n in range(3_000)
            ],
        )
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    asked = delivery.due_now().compile(store.engine)
    values = {name: str(value) for name, value in asked.params.items()}
    given = tuple(values[name] for name in asked.positiontup) if asked.positiontup else values
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
    with store.engine.connect() as connection:
        plan = "\n".join(map(str, connection.exec_driver_sql(f"{explain} {asked}", given)))
    # Nothing of what has left is in this index, so that where nothing is due no row of the table is read.
    assert "ix_mail_waiting" in plan, plan
    assert "SCAN mail" not in plan
    assert "Seq Scan" not in plan
