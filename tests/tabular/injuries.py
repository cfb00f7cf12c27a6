"""What goes wrong with tables of people: in a cell, in a line, or in the bytes of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.tabular.habits import AGE, GENDER, Brought, Plan, planned, written


def _one(plan: Plan) -> int:
    place = plan.chance.randrange(len(plan.people))
    plan.injured = {place}
    return place


def unknown_word(plan: Plan) -> None:
    plan.instead[_one(plan), GENDER] = plan.chance.choice(("femme", "Monsieur", "F", "FEMME", "?"))
    plan.expected = "unknown-value"


def blank_answer(plan: Plan) -> None:
    plan.instead[_one(plan), AGE] = plan.chance.choice(("", " ", "\u00a0"))
    plan.expected = "empty-value"


def blank_id(plan: Plan) -> None:
    plan.instead[_one(plan), "id"] = ""
    plan.expected = "empty-id"


def doubled_id(plan: Plan) -> None:
    first, second = sorted(plan.chance.sample(range(len(plan.people)), 2))
    plan.instead[second, "id"] = plan.people[first]["id"].swapcase()
    plan.injured, plan.expected = {second}, "duplicate-id"


def ragged_row(plan: Plan) -> None:
    plan.beyond[_one(plan)] = "de trop"
    plan.expected = "ragged-row"


def very_long_cell(plan: Plan) -> None:
    # The library that writes .xlsx would cut it.
    plan.kind, plan.is_merged = ".ods" if plan.kind == ".xlsx" else plan.kind, False
    plan.instead[_one(plan), plan.columns[-1]] = "x" * plan.chance.choice((32_768, 400_000))
    plan.expected = "cell-too-long"


def formula(plan: Plan) -> None:
    plan.kind = ".xlsx"
    plan.instead[_one(plan), "id"] = plan.chance.choice(("=ROW()", "#N/A", "#REF!"))
    plan.expected = "formula-without-value"


def line_twice(plan: Plan) -> None:
    place = _one(plan)
    plan.people.insert(place + 1, plan.people[place])
    plan.injured, plan.expected = {place + 1}, "duplicate-id"


PLANNED: tuple[Callable[[Plan], None], ...] = (
    *(unknown_word, blank_answer, blank_id, doubled_id, ragged_row, very_long_cell, formula, line_twice),
)


def stray_quote(brought: Brought) -> Brought:
    return _struck(brought, '"'.encode(_plain(brought.plan)), None)


def nul(brought: Brought) -> Brought:
    return _struck(brought, "\0".encode(_plain(brought.plan)), "not-text")


def wrong_bytes(brought: Brought) -> Brought:
    return _struck(brought, brought.plan.chance.choice((b"\xff", b"\xe9", b"\x81", b"\xc3")), None)


def truncated(brought: Brought) -> Brought:
    at = brought.plan.chance.randrange(4, len(brought.data))
    if brought.plan.kind != ".csv":
        return replace(brought, data=brought.data[:at], expected="damaged-workbook")
    cut = _lines_at(brought, at)
    below = {line for line in brought.starts if line > min(cut)}
    return _changed(brought, brought.data[:at], cut | below)


def stray_quotes(brought: Brought) -> Brought:
    struck = stray_quote(stray_quote(brought))
    return struck if brought.plan.chance.random() < 0.5 else stray_quote(struck)


def swallowing(brought: Brought) -> Brought:
    """Open a quotation where a value begins, and close it where one ends on a line below."""
    plan = brought.plan
    if plan.kind != ".csv":
        return flipped(brought)
    text = brought.data.decode(plan.encoding)
    marks = [match.start() for match in re.finditer(re.escape(plan.mark), text)]
    first, last = sorted(plan.chance.sample(marks, 2))
    struck = f'{text[: first + 1]}"{text[first + 1 : last]}"{text[last:]}'
    lines = range(min(_rows(brought, first)), max(_rows(brought, last)) + 1)
    return _changed(brought, struck.encode(plan.encoding), set(lines))


def flipped(brought: Brought) -> Brought:
    plan = brought.plan
    while True:
        data = bytearray(brought.data)
        at = plan.chance.randrange(4, len(data))
        data[at] ^= 1 << plan.chance.randrange(8)
        if plan.kind != ".csv":
            return replace(brought, data=bytes(data))
        # Another number of lines would be no injury of one of them.
        if _ends(data, plan) == _ends(brought.data, plan):
            return _changed(brought, bytes(data), _lines_at(brought, at))


def _ends(data: bytes, plan: Plan) -> int:
    text = data.decode(plan.encoding, "replace")
    return text.count("\n") + text.count("\r")


STRUCK: tuple[Callable[[Brought], Brought], ...] = (
    *(stray_quote, stray_quotes, swallowing, nul, wrong_bytes, truncated, flipped),
)


def _plain(plan: Plan) -> str:
    """Return an encoding without the mark at the beginning."""
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(plan.encoding, plan.encoding)


def _line(brought: Brought, place: int) -> int:
    """Return on which line a character of a text stands."""
    before = brought.data.decode(brought.plan.encoding)[:place]
    return len(before.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _lines_at(brought: Brought, at: int) -> set[int]:
    """Return the lines of the row in which a byte stands."""
    return _rows(brought, len(brought.data[:at].decode(brought.plan.encoding, "ignore")))


def _rows(brought: Brought, place: int) -> set[int]:
    """Return the lines of the row in which a letter stands: of several, each can become one of its own."""
    line = _line(brought, place)
    first = max(start for start in (1, *brought.starts) if start <= line)
    return set(range(first, min((start for start in brought.starts if start > line), default=line + 1)))


def _struck(brought: Brought, struck: bytes, expected: str | None) -> Brought:
    """Put some bytes in between others."""
    if brought.plan.kind != ".csv":
        return flipped(brought)
    # Between letters, and not between the two marks of one line end.
    text = brought.data.decode(brought.plan.encoding)
    place = brought.plan.chance.randrange(2, len(text))
    place += text[place - 1 : place + 1] == "\r\n"
    at = len(text[:place].encode(brought.plan.encoding))
    data = brought.data[:at] + struck + brought.data[at:]
    return replace(_changed(brought, data, _lines_at(brought, at)), expected=expected)


def _changed(brought: Brought, data: bytes, injured: set[int]) -> Brought:
    return replace(brought, data=data, injured=brought.injured | injured)


def tables(seed: int, number: int) -> Iterator[Brought]:
    """Give tables, the same for the same seed; every other one is injured."""
    for place in range(number):
        plan = planned(seed, place)
        if place % 2 == 0:
            yield written(plan)
            continue
        injury = plan.chance.choice((*PLANNED, *STRUCK))
        plan.injury = injury.__name__
        if injury in PLANNED:
            injury(plan)
            yield written(plan)
        else:
            yield injury(written(plan))
