"""How requests are received: whole, by one loop that nobody can hold up, before a thread takes them."""

from __future__ import annotations

import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# A browser sends its head at once, and a slow line a body faster than this.
HEAD_SECONDS, BYTES_A_SECOND = 20.0, 16_384
LONGEST_HEAD, LONGEST_BODY = 65_536, 22 * 2**20
# Of all requests together that are on their way.
MOST_WAITING = 256 * 2**20
AT_ONCE = 65_536
LINGER_SECONDS = 2.0
# For each piece of an answer, to whoever reads slowly.
ANSWER_SECONDS = 30.0

LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
TOO_LONG_HEAD, TOO_LONG_BODY, NO_LENGTH = (
    b"431 Request Header Fields Too Large",
    b"413 Content Too Large",
    b"411 Length Required",
)


class Arriving(TConn):  # type: ignore[misc] # gunicorn has no types
    """A connection whose request is on its way.

    ``whole`` is how many bytes the request has, once its head is there.
    """

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - those of gunicorn
        super().__init__(*arguments)
        self.begin(b"")

    def begin(self, first: bytes) -> None:
        """Wait for the next request, of which this was read already."""
        self.received, self.whole = bytearray(), 0
        self.since = time.monotonic()
        self.timeout = self.since + HEAD_SECONDS
        self.fault = b""
        self.add(first)

    def add(self, data: bytes) -> None:
        """Take what has come."""
        looked = max(0, len(self.received) - 3)
        self.received += data
        if not self.whole:
            end = self.received.find(b"\r\n\r\n", looked)
            if end >= 0:
                self._read_head(bytes(self.received[: end + 4]))
            elif len(self.received) > LONGEST_HEAD:
                self.fault = TOO_LONG_HEAD

    def _read_head(self, head: bytes) -> None:
        length = LENGTH.search(head)
        body = int(length.group(1)) if length else 0
        if CHUNKED.search(head):
            self.fault = NO_LENGTH
        elif body > LONGEST_BODY:
            self.fault = TOO_LONG_BODY
        self.whole = len(head) + body
        self.timeout = time.monotonic() + HEAD_SECONDS + body / BYTES_A_SECOND

    @property
    def is_whole(self) -> bool:
        """Whether the request is there."""
        return bool(self.whole) and len(self.received) >= self.whole

    def take(self) -> bytes:
        """Give what has come away."""
        taken, self.received = bytes(self.received), bytearray()
        return taken


class PatientWorker(ThreadWorker):  # type: ignore[misc] # the same
    """Threads that answer, behind a loop that waits for requests and ends connections.

    gunicorn's own gives a thread to each connection from its first byte on, so that eight clients who send a
    byte a second silence eight threads; and its loop waits for each client that does not close its end.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 - the same
        super().__init__(*arguments, **more)
        self.arriving: dict[Arriving, None] = {}
        self.leaving: dict[Arriving, None] = {}
        self.waiting = 0

    def accept(self, listener: socket.socket) -> None:
        """Let a connection in."""
        try:
            client, address = listener.accept()
        except OSError:
            return
        self.nr_conns += 1
        self._await(Arriving(self.cfg, client, address, listener.getsockname()), b"")
        if self.nr_conns >= self.worker_connections:
            self._make_room()

    def enqueue_req(self, conn: Arriving) -> None:
        """Wait for the rest of a request of which something was read with the one before."""
        self._await(conn, conn.parser.unreader.take_buffered())

    def on_client_socket_readable(self, conn: Arriving, client: socket.socket) -> None:
        """Wait for the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn, b"")

    def _await(self, conn: Arriving, first: bytes) -> None:
        conn.begin(first)
        self.waiting += len(conn.received)
        conn.sock.settimeout(0)
        self.arriving[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        self._go_on(conn)

    def _receive(self, conn: Arriving, client: socket.socket) -> None:
        try:
            data = client.recv(AT_ONCE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop(conn)
            return
        conn.add(data)
        self.waiting += len(data)
        self._go_on(conn)
        while self.waiting > MOST_WAITING:
            # Whoever holds most, so that a form still comes through.
            self._drop(max(self.arriving, key=lambda one: len(one.received)))

    def _go_on(self, conn: Arriving) -> None:
        if conn.fault:
            self._forget(conn)
            with suppress(OSError):
                conn.sock.send(
                    b"HTTP/1.1 " + conn.fault + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                )
            self._linger(conn)
        elif conn.is_whole:
            self._forget(conn)
            conn.data_ready = True
            super().enqueue_req(conn)

    def _forget(self, conn: Arriving) -> None:
        self.waiting -= len(conn.received)
        del self.arriving[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Arriving) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _make_room(self) -> None:
        """End what has waited longest: whoever sends at once is here for milliseconds."""
        if self.arriving:
            self._drop(min(self.arriving, key=lambda one: one.since))

    def handle(self, conn: Arriving) -> Any:  # noqa: ANN401 - what gunicorn takes
        """Answer a request that is there."""
        conn.sock.settimeout(None)
        conn.init()
        conn.parser.unreader.unread(conn.take())
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Arriving) -> Any:  # noqa: ANN401 - the same
        """Answer, but wait for no reader for ever."""
        conn.sock.settimeout(ANSWER_SECONDS)
        return super().handle_request(req, conn)

    def finish_request(self, conn: Arriving, fs: Any) -> None:  # noqa: ANN401 - the same
        """Keep a connection, or end it without waiting here for its client."""
        if fs.cancelled() or fs.exception() is not None or not fs.result():
            self._linger(conn)
        else:
            super().finish_request(conn, fs)

    def _linger(self, conn: Arriving) -> None:
        """Say that nothing more comes, and let the client close first, who may lose an answer's end else."""
        try:
            conn.sock.settimeout(0)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._leave, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.leaving[conn] = None

    def _leave(self, conn: Arriving, client: socket.socket) -> None:
        try:
            if client.recv(AT_ONCE):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self._end(conn)

    def _end(self, conn: Arriving) -> None:
        del self.leaving[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """End whatever takes too long, once a second."""
        now = time.monotonic()
        for conn in [one for one in self.arriving if one.timeout < now]:
            self._drop(conn)
        for conn in [one for one in self.leaving if one.timeout < now]:
            self._end(conn)
