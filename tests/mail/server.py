"""A mail server in a thread, which can refuse, hang, drop and be slow."""

from __future__ import annotations

import email
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import Any, cast

OK = "250 2.0.0 ok"


@dataclass
class Behaviour:
    """How the server answers, and what it has seen; both may be changed and read while it runs.

    Steps are named by their command: `CONNECT`, `EHLO`, `MAIL`, `RCPT`, `DATA`, and `TEXT` for the letter.
    """

    to: Callable[[str], str] = lambda _recipient: OK
    answers: dict[str, str] = field(default_factory=dict)
    hangs_at: str = ""
    drops_at: str = ""
    drops_after: int = 0
    seconds: float = 0.0
    greets_after: float = 0.0
    knows_utf8: bool = False
    on_text: Callable[[EmailMessage], None] = lambda _letter: None
    connections: int = 0
    greetings: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def recipients(self) -> list[str]:
        """To whom letters were taken, in their order."""
        return [recipient for recipient, _letter in self.letters]


class _Dropped(Exception):  # noqa: N818 - it ends a conversation, by plan
    pass


class _Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.behaviour: Behaviour = cast(Any, self.server).behaviour
        self.behaviour.connections += 1
        try:
            self._talk()
        except (_Dropped, ConnectionError):
            return

    def _say(self, step: str, answer: str) -> bool:
        """Answer a step as planned; tell whether it went well."""
        if step == self.behaviour.hangs_at:
            self.behaviour.ended.wait()
        if step in (self.behaviour.drops_at, self.behaviour.hangs_at):
            raise _Dropped
        answer = self.behaviour.answers.get(step, answer)
        self.wfile.write(f"{answer}\r\n".encode())
        return answer[0] in "23"

    def _talk(self) -> None:
        behaviour, taken, recipient = self.behaviour, 0, ""
        time.sleep(behaviour.greets_after)
        self._say("CONNECT", "220 mail.example ready")
        while line := self.rfile.readline():
            command = line.split(maxsplit=1)[0].upper().decode()
            if command == "EHLO":
                behaviour.greetings += 1
                utf8 = "250-SMTPUTF8\r\n" if behaviour.knows_utf8 else ""
                self._say("EHLO", f"250-mail.example\r\n{utf8}250 8BITMIME")
            elif command == "RCPT":
                recipient = line.decode()[len("RCPT TO:<") :].split(">")[0]
                behaviour.tried.append(recipient)
                self._say("RCPT", behaviour.to(recipient))
            elif command == "DATA":
                if self._say("DATA", "354 go on"):
                    letter = self._text()
                    time.sleep(behaviour.seconds)
                    if behaviour.answers.get("TEXT", OK)[0] == "2":
                        behaviour.letters.append((recipient, letter))
                        behaviour.on_text(letter)
                    self._say("TEXT", OK)
                    taken += 1
                    if taken == behaviour.drops_after:
                        return
            elif command == "QUIT":
                self._say("QUIT", "221 bye")
                return
            else:
                self._say(command, OK)

    def _text(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise _Dropped
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return cast(EmailMessage, email.message_from_string(b"".join(lines).decode(), policy=SMTPUTF8))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def running() -> Iterator[Behaviour]:
    """Run a mail server."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        shown = Behaviour(port=server.server_address[1])
        cast(Any, server).behaviour = shown
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield shown
        finally:
            shown.ended.set()
            server.shutdown()
            thread.join()
