"""What carries letters away: a connection to a mail server, or a folder of files."""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from assemblee.config import Config
from assemblee.mail.composing import Letter
from assemblee.mail.models import LONGEST_REPLY, Reason

TIMEOUT_SECONDS = 20.0
OK = range(200, 300)
FOR_GOOD = range(500, 600)
GOODBYE = 421
NOT_SIGNED_IN = (530, 535, 538)
# Also said by a server that carries letters of its own people only.
NOT_FOR_OTHERS = 554
NO_SUCH_MAILBOX = (550, 551, 552, 553)
# A mailbox that is full is there.
FULL = "5.2.2"
# Said of the address, by RFC 3463; and of rules, which are often about who sends.
ADDRESS, RULES = "5.1.", "5.7."
BROKEN = (OSError, smtplib.SMTPException)


class ServerFailedError(Exception):
    """The server takes no letter at all: none of them is at fault."""


class DroppedError(Exception):
    """The connection broke in the middle of a letter.

    Parameters
    ----------
    may_have_arrived : bool
        Whether the server had the whole letter by then.
    """

    def __init__(self, *, may_have_arrived: bool) -> None:
        super().__init__()
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True)
class Answer:
    """What became of a letter: taken, to be tried later (without a reason), or refused for good.

    Parameters
    ----------
    is_doubtful : bool
        Whether the server may answer so to every letter; then it is the installation's fault.
    """

    is_taken: bool
    reason: Reason | None = None
    reply: str = ""
    is_doubtful: bool = False


TAKEN = Answer(is_taken=True)


class Carrier(Protocol):
    """A way out, used for one batch and closed after it."""

    def open(self) -> None:
        """Begin the batch."""

    def carry(self, number: int, letter: Letter) -> Answer:
        """Carry one letter away."""

    def close(self) -> None:
        """End the batch."""


class Folder:
    """The folder `outbox/` of the instance, where there is no mail server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def carry(self, number: int, letter: Letter) -> Answer:
        """Write a letter to a file of its own."""
        (self.folder / f"{number:06}.eml").write_bytes(letter.content)
        return TAKEN

    def close(self) -> None:
        """Do nothing: each file is closed."""


class Connection:
    """One connection to the mail server, opened again when it breaks.

    Parameters
    ----------
    timeout : float
        Seconds after which a server that says nothing has failed, at each step.
    """

    def __init__(self, config: Config, timeout: float = TIMEOUT_SECONDS) -> None:
        self.config = config
        self.timeout = timeout
        self._server: smtplib.SMTP | None = None
        self._is_fresh = True

    def open(self) -> None:
        """Sign in, unless a connection stands.

        Raises
        ------
        ServerFailedError
            The server cannot be reached, or does not let us in.
        """
        if self._server is None:
            self._server, self._is_fresh = self._open(), True

    def carry(self, number: int, letter: Letter) -> Answer:
        """Hand one letter to the server.

        Raises
        ------
        ServerFailedError
            It cannot be reached, does not let us in, or takes nothing from this sender.
        DroppedError
        """
        del number
        try:
            return self._hand_over(letter)
        except DroppedError as dropped:
            # Servers end a connection after so many letters; with another the same letter may well leave.
            if self._is_fresh or dropped.may_have_arrived:
                raise
        return self._hand_over(letter)

    def close(self) -> None:
        """Take leave, as far as the server lets us."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(*BROKEN):
                server.quit()
            server.close()

    def _open(self) -> smtplib.SMTP:
        config = self.config
        try:
            server = smtplib.SMTP(config.smtp_host, config.smtp_port, timeout=self.timeout)
        except BROKEN as error:
            raise ServerFailedError from error
        try:
            if config.smtp_user:
                server.starttls(context=ssl.create_default_context())
                server.login(config.smtp_user, config.smtp_password)
            else:
                server.ehlo_or_helo_if_needed()
        except BROKEN as error:
            server.close()
            raise ServerFailedError from error
        return server

    def _hand_over(self, letter: Letter) -> Answer:
        self.open()
        may_have_arrived = False
        try:
            server = cast(smtplib.SMTP, self._server)
            if letter.needs_utf8 and not server.has_extn("smtputf8"):
                return Answer(is_taken=False, reason=Reason.UTF8_MISSING)
            code, said = server.mail(letter.sender, ("SMTPUTF8", "BODY=8BITMIME") * letter.needs_utf8)
            _require_open(code, said)
            if code not in OK:
                self._hang_up()
                raise ServerFailedError from smtplib.SMTPSenderRefused(code, said, letter.sender)
            code, said = server.rcpt(letter.recipient)
            is_of_address = code not in OK
            if not is_of_address:
                may_have_arrived = True
                code, said = _send_text(server, letter.content)
            _require_open(code, said)
            if code in OK:
                self._is_fresh = False
                return TAKEN
        except BROKEN as error:
            self._hang_up()
            raise DroppedError(may_have_arrived=may_have_arrived) from error
        self._is_fresh = False
        try:
            server.rset()
        except BROKEN:
            # It has answered; only the next letter needs another connection.
            self._hang_up()
        return judge(code, said, is_of_address=is_of_address)

    def _hang_up(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


def _send_text(server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    try:
        return server.data(content)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""


def _require_open(code: int, said: bytes) -> None:
    if code == GOODBYE:
        raise smtplib.SMTPResponseException(code, said)


def judge(code: int, said: bytes, *, is_of_address: bool) -> Answer:
    """Say what a refusal means.

    Parameters
    ----------
    code, said : int, bytes
        What the server answered.
    is_of_address : bool
        Whether it answered so to the address alone, before it knew the letter.
    """
    words = " ".join(said.decode("utf-8", "replace").split())
    reply = f"{code} {''.join(filter(str.isprintable, words))}"[:LONGEST_REPLY]
    found = re.match(r"\d\.\d{1,3}\.\d{1,3}\b", words)
    status = found[0] if found else ""
    if code not in FOR_GOOD:
        return Answer(is_taken=False, reply=reply, is_doubtful=True)
    if status.startswith(ADDRESS):
        return Answer(is_taken=False, reason=Reason.ADDRESS_REFUSED, reply=reply)
    is_doubtful = (
        status.startswith(RULES) or code in NOT_SIGNED_IN or (is_of_address and code == NOT_FOR_OTHERS)
    )
    if is_of_address and not is_doubtful and code in NO_SUCH_MAILBOX and status != FULL:
        return Answer(is_taken=False, reason=Reason.ADDRESS_REFUSED, reply=reply)
    return Answer(is_taken=False, reason=Reason.LETTER_REFUSED, reply=reply, is_doubtful=is_doubtful)


def carrier(config: Config, timeout: float = TIMEOUT_SECONDS) -> Carrier:
    """Return the way out that the settings name."""
    return Connection(config, timeout) if config.smtp_host else Folder(config.instance / "outbox")


def refusal(answer: Answer) -> smtplib.SMTPResponseException:
    """Return what a server answered as an error, where it answers so to every letter."""
    code, _, words = answer.reply.partition(" ")
    return smtplib.SMTPResponseException(int(code), words)
