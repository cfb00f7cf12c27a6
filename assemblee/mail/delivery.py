"""Sending what waits: claimed in one short transaction, sent outside of any, marked at once.

No lock is held while a mail server thinks. A worker that dies between sending a letter and marking it lets it
leave once more, with the same `Message-ID`: at least once, never not at all.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.config import Config
from assemblee.db import Store
from assemblee.mail import carriers, composing
from assemblee.mail.carriers import Answer, Carrier, DroppedError, ServerFailedError
from assemblee.mail.models import Mail, Reason, is_aside, waits

# Claimed at once; a letter that somebody waits for is seen before the next so many.
CHUNK = 20
# A batch ends, so that the worker does its other rounds between thousands of letters.
BATCH_SECONDS = 10.0
# Longer than a batch and the slowest server that answers at all to its last letter. The claims of a worker
# that is known to be gone end sooner.
CLAIM_LASTS = timedelta(minutes=15)
HOUR = timedelta(hours=1)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(hours=4)
# More than four days, after which mail servers give up too.
ATTEMPTS = 30
# After so many answers in a row that are no letter's fault, and not one taken, the server is.
PATIENCE = 10
KEEP_SENT, KEEP_ASIDE = timedelta(days=30), timedelta(days=90)
PRUNED_AT_ONCE = 500
PRUNE_SECONDS = 600.0


def next_try(attempts: int) -> timedelta:
    """Return how long a letter waits that was put off so many times."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 16)), LONGEST_RETRY)


def due_now() -> Select[int]:
    """Return the question whether something is due: asked each second, and answered by the index alone."""
    due = select(Mail.id).where(waits(), Mail.due_at <= clock.now())
    return due.order_by(Mail.due_at.desc(), Mail.id.desc()).limit(1)


def release(store: Store, *names: str) -> None:
    """Give back what workers have claimed that are gone, or that begin anew."""
    with store.reading() as session:
        if not session.scalar(select(Mail.id).where(waits(), Mail.claimed_by.in_(names)).limit(1)):
            return
    with store.writing() as session:
        session.execute(
            update(Mail).where(waits(), Mail.claimed_by.in_(names)).values(claimed_by=None, claimed_at=None)
        )


@dataclass
class Delivery:
    """One worker's way of sending what waits.

    Parameters
    ----------
    name : str
        Under which this worker claims.
    stop : threading.Event
        Set when the worker is told to stop: it ends with the letter that is under way.
    timeout : float
        Seconds that a mail server may say nothing.
    """

    store: Store
    config: Config
    name: str
    stop: threading.Event = field(default_factory=threading.Event)
    timeout: float = carriers.TIMEOUT_SECONDS
    chunk: int = CHUNK
    # When letters of one kind left for one address. In memory only: no table shall tell who was written to.
    _of_late: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    _pending: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    _doubtful: list[tuple[Mail, Answer]] = field(default_factory=list)
    _taken: int = 0

    def __call__(self) -> int:
        """Send what is due, for some seconds, over one connection.

        Returns
        -------
        int
            How many letters left.

        Raises
        ------
        ServerFailedError
            The server takes nothing; what waits goes on waiting, and no letter is blamed.
        """
        with self.store.reading() as session:
            if session.scalar(due_now()) is None or not self._left(session, clock.now()):
                return 0
        sender = composing.read_sender(self.config.mail_sender)
        carrier = carriers.carrier(self.config, self.timeout)
        ends = time.monotonic() + BATCH_SECONDS
        self._taken, self._pending, self._doubtful = 0, [], []
        self._forget_pace()
        try:
            # First, so that nothing is written where no server answers.
            carrier.open()
            while time.monotonic() < ends and not self.stop.is_set():
                letters = self._claim()
                if letters is None:
                    break
                self._send(letters, sender, carrier, ends)
                self._settle()
            if self._doubtful:
                raise ServerFailedError from carriers.refusal(self._doubtful[0][1])
        finally:
            carrier.close()
            for mail, answer in self._doubtful:
                self._put_off(mail, answer.reply)
            self._settle()
            # What this batch has claimed and not come to.
            release(self.store, self.name)
        return self._taken

    def _claim(self) -> list[Mail] | None:
        """Claim the newest of what is due, and set aside what must not be tried; none: nothing is due."""
        now = clock.now()
        # Newest first: a link that somebody waits for does not queue behind everybody's letters.
        due = (
            select(Mail)
            .where(
                waits(),
                Mail.due_at <= now,
                or_(
                    Mail.claimed_at.is_(None),
                    Mail.claimed_at < now - CLAIM_LASTS,
                    Mail.claimed_at > now + CLAIM_LASTS,
                ),
            )
            .order_by(Mail.due_at.desc(), Mail.id.desc())
        )
        with self.store.writing() as session:
            left = self._left(session, now)
            found = session.scalars(due.limit(left).with_for_update(skip_locked=True)).all() if left else []
            if not found:
                return None
            spared = self._spared(session, found)
            claimed: list[Mail] = []
            kinds: Counter[tuple[str, str]] = Counter()
            for mail in found:
                if mail.expires_at is not None and mail.expires_at <= now:
                    _update(session, mail.id, _aside(Reason.EXPIRED) | {"recipient": ""})
                elif mail.recipient in spared:
                    _update(session, mail.id, _aside(Reason.ADDRESS_SPARED))
                elif frees_at := self._too_many(mail, kinds[mail.recipient, mail.subject], now):
                    _update(session, mail.id, {"due_at": frees_at})
                else:
                    kinds[mail.recipient, mail.subject] += 1
                    mail.claimed_at, mail.claimed_by = now, self.name
                    claimed.append(mail)
        return claimed

    def _left(self, session: Session, now: datetime) -> int:
        """Return how many letters may be claimed now, by the pace of the installation."""
        if not self.config.mails_per_minute:
            return self.chunk
        # Nothing after now: a clock that was set back must not hold letters until it has caught up.
        within = select(func.count()).where(Mail.sent_at > now - timedelta(minutes=1), Mail.sent_at <= now)
        return max(0, min(self.chunk, self.config.mails_per_minute - (session.scalar(within) or 0)))

    @staticmethod
    def _spared(session: Session, letters: Sequence[Mail]) -> set[str]:
        """Return the addresses that a server has refused for good, which no operator has lifted."""
        addresses = {mail.recipient for mail in letters}
        return set(
            session.scalars(
                select(Mail.recipient).where(
                    is_aside(), Mail.reason == Reason.ADDRESS_REFUSED, Mail.recipient.in_(addresses)
                )
            )
        )

    def _too_many(self, mail: Mail, beside: int, now: datetime) -> datetime | None:
        """Return when a letter may leave that would be one too many of its kind for one address."""
        most = self.config.same_mails_per_hour
        left = self._of_late.get((mail.recipient, mail.subject), [])
        if not most or len(left) + beside < most:
            return None
        return (left[-most] if len(left) >= most else now) + HOUR

    def _forget_pace(self) -> None:
        now = clock.now()
        recent = {
            kind: [left for left in times if now - HOUR < left <= now]
            for kind, times in self._of_late.items()
        }
        self._of_late = {kind: times for kind, times in recent.items() if times}

    def _send(self, letters: list[Mail], sender: composing.Sender, carrier: Carrier, ends: float) -> None:
        drops = blameless = 0
        for mail in letters:
            if time.monotonic() >= ends or self.stop.is_set():
                return
            try:
                answer = carrier.carry(mail.id, composing.compose(mail, sender))
            except composing.UnwritableError:
                self._pending.append((mail.id, _aside(Reason.UNWRITABLE)))
                continue
            except DroppedError as dropped:
                drops += 1
                self._put_off(mail, "")
                if drops > 1:
                    # The first may have been about its letter.
                    raise ServerFailedError from dropped.__cause__
                continue
            if answer.is_taken:
                drops = blameless = 0
                self._of_late.setdefault((mail.recipient, mail.subject), []).append(clock.now())
                self._mark_sent(mail)
                continue
            blameless = blameless + 1 if answer.is_doubtful else 0
            self._judge(mail, answer)
            if blameless >= PATIENCE and not self._taken:
                raise ServerFailedError from carriers.refusal(answer)

    def _judge(self, mail: Mail, answer: Answer) -> None:
        if answer.reason is None:
            self._put_off(mail, answer.reply)
        elif answer.is_doubtful and not self._taken:
            # Only a server that takes others has something against this one.
            self._doubtful.append((mail, answer))
        else:
            self._pending.append((mail.id, _aside(answer.reason, answer.reply)))

    def _put_off(self, mail: Mail, reply: str) -> None:
        """Let one letter wait longer each time, without the others."""
        attempts = mail.attempts + 1
        if attempts >= ATTEMPTS:
            self._pending.append((mail.id, _aside(Reason.PUT_OFF, reply)))
            return
        values = {"attempts": attempts, "due_at": clock.now() + next_try(attempts), "reply": reply}
        self._pending.append((mail.id, values | _UNCLAIMED))

    def _mark_sent(self, mail: Mail) -> None:
        """Note at once that a letter has left: a crash may let one leave twice, never two."""
        self._taken += 1
        for doubtful, answer in self._doubtful:
            self._judge(doubtful, answer)
        self._doubtful = []
        # Nobody needs to know again who was written to, nor to read a one-time link.
        emptied = {"recipient": "", "body": "", "unsubscribe": None, "reply": None}
        self._pending.append((mail.id, {"sent_at": clock.now()} | emptied | _UNCLAIMED))
        self._settle()

    def _settle(self) -> None:
        if self._pending:
            with self.store.writing() as session:
                for number, values in self._pending:
                    _update(session, number, values)
            self._pending = []


_UNCLAIMED: dict[str, Any] = {"claimed_at": None, "claimed_by": None}


def _aside(reason: Reason, reply: str = "") -> dict[str, Any]:
    values = {"set_aside_at": clock.now(), "reason": reason, "reply": reply, "body": "", "unsubscribe": None}
    return values | _UNCLAIMED


def _update(session: Session, number: int, values: dict[str, Any]) -> None:
    # Of a person who was erased meanwhile no row is left, and what has left by another worker stays so.
    session.execute(
        update(Mail)
        .where(Mail.id == number, Mail.sent_at.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )


class Pruning:
    """Forgets letters once nobody needs them any more, some at a time."""

    def __init__(self) -> None:
        self._next = float("-inf")

    def __call__(self, store: Store, config: Config) -> bool:
        """Forget some of what is old, unless that was just done; tell which."""
        del config
        if time.monotonic() < self._next:
            return False
        if prune(store) < PRUNED_AT_ONCE:
            self._next = time.monotonic() + PRUNE_SECONDS
        return True


def prune(store: Store) -> int:
    """Forget letters that left, or were set aside, too long ago; return how many."""
    now = clock.now()
    left = select(Mail.id).where(Mail.sent_at.is_not(None), Mail.sent_at < now - KEEP_SENT)
    aside = select(Mail.id).where(is_aside(), Mail.set_aside_at < now - KEEP_ASIDE)
    with store.reading() as session:
        old = [
            *session.scalars(left.limit(PRUNED_AT_ONCE)),
            *session.scalars(aside.limit(PRUNED_AT_ONCE)),
        ][:PRUNED_AT_ONCE]
    if old:
        with store.writing() as session:
            session.execute(delete(Mail).where(Mail.id.in_(old)))
    return len(old)
