"""How often forms are sent: counters in the memory of one process."""

from __future__ import annotations

import time
from threading import Lock

from limits.storage import Storage

SWEEP_SECONDS = 60.0


class Counters(Storage):
    """The counters of fixed windows, which flask-limiter finds by the address `counters://`.

    Those of the library start a thread after each hit, which looks for what is over among all the others: a
    tenth of the work of a signature. Here the first hit of each minute does it.
    """

    STORAGE_SCHEME = ["counters"]  # noqa: RUF012 - as limits declares it

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock = Lock()
        # The hits of a window, and the second at which it ends.
        self._windows: dict[str, tuple[int, float]] = {}
        self._sweep_at = 0.0

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What the store may raise: nothing."""
        return ()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count hits of a window, which a first hit opens for ``expiry`` seconds, and return how many."""
        with self._lock:
            now = time.time()
            if now >= self._sweep_at:
                self._sweep_at = now + SWEEP_SECONDS
                self._windows = {name: window for name, window in self._windows.items() if window[1] > now}
            hits, end = self._windows.get(key, (0, now))
            if end <= now:
                hits, end = 0, now + expiry
            self._windows[key] = (hits + amount, end)
            return hits + amount

    def get(self, key: str) -> int:
        """Return the hits of a window."""
        hits, end = self._windows.get(key, (0, 0.0))
        return hits if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return the second at which a window ends, or now if there is none."""
        return self._windows.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Tell whether the store answers."""
        return True

    def reset(self) -> int:
        """Forget every hit, and return how many windows there were."""
        with self._lock:
            number = len(self._windows)
            self._windows = {}
            return number

    def clear(self, key: str) -> None:
        """Forget the hits of a window."""
        with self._lock:
            self._windows.pop(key, None)
