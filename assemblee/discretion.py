"""What a log may say: which kind of error and where, never whose, whatever program writes to it."""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

# What they say is of the machine, and whoever runs it needs it. The words of any other error may be what
# somebody typed. Those of a database that cannot be used go by name: here nothing waits for its library.
OF_THE_MACHINE = (OSError, ImportError)
NO_DATABASE = "OperationalError"
HIDDEN = "[...]"
# Programs below us put into one line what we would leave out: the address of a page, the words of an error.
PERSONAL = (
    re.compile(r"(?<=Error handling request ).+", re.DOTALL),
    re.compile(r"(?<=Invalid request ).+", re.DOTALL),
    re.compile(r"[^\s\"'<>()=]+@[^\s\"'<>()]+"),
    re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"),
    # The secret of a link, the hash of a code.
    re.compile(r"[\w-]{40,}|(?=[\w-]*\d)[\w-]{16,}"),
)


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def hushed(text: str) -> str:
    """Return a line without what may be somebody's."""
    for kind in PERSONAL:
        text = kind.sub(HIDDEN, text)
    return text


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _name(error: BaseException) -> str:
    name = type(error).__name__
    is_harmless = isinstance(error, OF_THE_MACHINE) or name == NO_DATABASE
    return f"{name}: {hushed(str(error))}" if is_harmless else name


def trace(error: BaseException) -> str:
    """Return the kinds of an error and of its causes, the first of them first, with where each was raised."""
    return "\n".join(
        "".join(traceback.format_tb(one.__traceback__)) + _name(one) for one in reversed(list(_chain(error)))
    )


def _told(value: object) -> object:
    return _name(value) if isinstance(value, BaseException) else value


def hush_logs() -> None:
    """Let no logger of this process write more, whatever library it belongs to."""
    before = logging.getLogRecordFactory()
    if getattr(before, "is_discreet", False):
        return

    def record(*arguments: Any, **more: Any) -> logging.LogRecord:  # noqa: ANN401 - the signature of logging
        made = before(*arguments, **more)
        if made.exc_info and made.exc_info[1] is not None:
            made.exc_text = trace(made.exc_info[1])
        made.exc_info = None
        made.msg = _told(made.msg)
        if isinstance(made.args, tuple):
            made.args = tuple(_told(one) for one in made.args)
        made.msg, made.args = hushed(made.getMessage()), ()
        # Ours are built of names; a library may repeat what somebody sent, which would begin a new line.
        if not made.name.startswith("assemblee"):
            made.msg = CONTROL.sub(lambda found: repr(found.group(0))[1:-1], made.msg)
        return made

    record.is_discreet = True  # type: ignore[attr-defined] # a mark on a function
    logging.setLogRecordFactory(record)


def hush_process() -> None:
    """Let a command that breaks write no more to its terminal, which may be the log of a service."""
    hush_logs()

    def broke(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        sys.stderr.write(f"{trace(error)}\n")

    def broke_beside(what: threading.ExceptHookArgs) -> None:
        if what.exc_value is not None:
            sys.stderr.write(f"{trace(what.exc_value)}\n")

    sys.excepthook = broke
    threading.excepthook = broke_beside
