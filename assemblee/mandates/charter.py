"""The charter as a document: the recipe of each body, the calendar, and articles in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, TypeVar

from assemblee.journal import tree
from assemblee.refusal import Refusal
from sortition.recipes import Break, Calendar, Fault, Holiday, Recipe, faults

FORMAT = "assemblee-charter-1"
DAYS_OF_A_WEEK = 7
WHOLE = 10_000
MOST_CENTS = 100_000_00
QUOTAS = ("pool", "parent")
YEAR = re.compile(r"[0-9]{4}")
MONTH_DAY = re.compile(r"([0-9]{2})-([0-9]{2})")
# The number of a term, as it stands after the slash of its label.
TERM_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
T = TypeVar("T")
# What a fault of the form itself says was expected; none of them can come from the page.
NUMBER, TEXT, LIST, OBJECT, DAY = "a whole number", "text", "a list", "an object", "a date as YYYY-MM-DD"


@dataclass(frozen=True)
class Body:
    """What the charter says of one body.

    Parameters
    ----------
    recipe : Recipe
    name : str
        As the mandate calls it.
    quotas : str or mapping
        Those of the ``"pool"``, the shares of the ``"parent"``, or ``{"census": [[category, value, how many
        of ten thousand], ...], "tolerance": seats}``.
    pay_per_day : int
        In cents; 0 for none.
    days_per_week : int
        On which its members work, 0 where there is no such rule.
    purpose : str
        What it is there for.
    """

    recipe: Recipe
    name: str
    quotas: str | Mapping[str, Any] = "pool"
    pay_per_day: int = 0
    days_per_week: int = 0
    purpose: str = ""


@dataclass(frozen=True)
class Charter:
    """One charter; ``number`` is that of the version it was read from, 0 if it is none yet."""

    calendar: Calendar
    bodies: tuple[Body, ...]
    rules: tuple[str, ...] = ()
    number: int = 0

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipe of each body."""
        return tuple(body.recipe for body in self.bodies)

    @property
    def names(self) -> dict[str, str]:
        """The name of each body, by its key."""
        return {body.recipe.key: body.name for body in self.bodies}

    def body(self, key: str) -> Body:
        """Return the body of a key.

        Raises
        ------
        Refusal
            `charter-body-unknown`.
        """
        return self._first(body for body in self.bodies if body.recipe.key == key)

    def opened_by(self, opening: str) -> Body:
        """Return the first body that is opened so: by the `calendar`, or by a `petition`.

        Raises
        ------
        Refusal
            `charter-body-unknown`.
        """
        return self._first(body for body in self.bodies if body.recipe.opens == opening)

    @staticmethod
    def _first(bodies: Iterable[Body]) -> Body:
        for body in bodies:
            return body
        raise Refusal("charter-body-unknown", status=404)


@dataclass(frozen=True)
class Difference:
    """What changes in one place: a body's key, `calendar` or `rules`; values are those of the document."""

    where: str
    field: str
    before: object
    after: object


def write(charter: Charter) -> dict[str, Any]:
    """Return a charter as a document of whole numbers and texts."""
    calendar = charter.calendar
    return {
        "format": FORMAT,
        "calendar": {
            "first": calendar.first.isoformat(),
            "last": calendar.last.isoformat(),
            "session_first": _month_day(calendar.session_first),
            "session_last": _month_day(calendar.session_last),
            "sessions": {
                str(year): [day.isoformat() for day in days]
                for year, days in sorted(calendar.sessions.items())
            },
            "holidays": [
                [one.first.isoformat(), one.last.isoformat(), one.name] for one in calendar.holidays
            ],
            "breaks": [
                [one.body, one.first.isoformat(), one.last.isoformat() if one.last else None]
                for one in calendar.breaks
            ],
            "starts": {label: day.isoformat() for label, day in sorted(calendar.starts.items())},
        },
        "bodies": [_write_body(body) for body in charter.bodies],
        "rules": list(charter.rules),
    }


def _month_day(pair: tuple[int, int]) -> str:
    return f"{pair[0]:02}-{pair[1]:02}"


def _write_body(body: Body) -> dict[str, Any]:
    recipe = {**vars(body.recipe), "incompatible": list(body.recipe.incompatible)}
    return {**recipe, **{one.name: getattr(body, one.name) for one in fields(Body) if one.name != "recipe"}}


def read(document: object, number: int = 0) -> Charter:
    """Return the charter of a document.

    Raises
    ------
    Refusal
        `charter-invalid`: `where` and `expected` of its first fault, and `faults`, all of them.
    """
    try:
        tree.canonical(document)  # type: ignore[arg-type] # that is the question
    except (tree.NotCanonical, ValueError, RecursionError):
        # Half a character, or lists in lists without end, have no byte form either.
        raise _invalid([_misshapen("", "text in Unicode NFC and whole numbers")]) from None
    content = _object(document, "")
    if content.get("format") != FORMAT:
        raise _invalid([_misshapen("format", FORMAT)])
    bodies = _list(content.get("bodies"), "bodies")
    charter = Charter(
        _read_calendar(_object(content.get("calendar"), "calendar")),
        tuple(_read_body(one, f"bodies/{place}") for place, one in enumerate(bodies)),
        tuple(_text(one, "rules") for one in _list(content.get("rules"), "rules")),
        number,
    )
    check(charter)
    return charter


def check(charter: Charter) -> None:
    """Check what a charter says.

    Raises
    ------
    Refusal
        `charter-invalid`.
    """
    wrong = faults(charter.recipes, charter.calendar)
    for label in charter.calendar.starts:
        key, _, number = label.rpartition("/")
        if key not in charter.names:
            wrong.append(Fault("calendar", "starts", "unknown-term", label, ", ".join(charter.names)))
        elif not TERM_NUMBER.fullmatch(number):
            wrong.append(Fault("calendar", "starts", "bad-term-number", label, f"{key}/1"))
    for body in charter.bodies:
        wrong += _wrong_body(body)
    if wrong:
        raise _invalid(wrong)


def differences(before: Charter, after: Charter) -> list[Difference]:
    """Return what changes from one charter to another; a body that comes or goes is told by its name."""
    old, new = write(before), write(after)
    differences = _compared("calendar", old["calendar"], new["calendar"])
    old_bodies = {body["key"]: body for body in old["bodies"]}
    new_bodies = {body["key"]: body for body in new["bodies"]}
    for key in {**old_bodies, **new_bodies}:
        earlier, later = old_bodies.get(key), new_bodies.get(key)
        if earlier is None or later is None:
            differences.append(
                Difference(key, "name", earlier and earlier["name"], later and later["name"]),
            )
        else:
            differences += _compared(key, earlier, later)
    return differences + _compared("rules", {"rules": old["rules"]}, {"rules": new["rules"]})


def _compared(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(where, name, before[name], after[name]) for name in after if before[name] != after[name]
    ]


def _wrong_body(body: Body) -> list[Fault]:
    key = body.recipe.key
    faults = []
    for name, most in (("pay_per_day", MOST_CENTS), ("days_per_week", DAYS_OF_A_WEEK)):
        value = getattr(body, name)
        if not 0 <= value <= most:
            faults.append(Fault(key, name, "out-of-range", str(value), f"0-{most}"))
    if not body.name:
        faults.append(Fault(key, "name", "empty", "", TEXT))
    if isinstance(body.quotas, str):
        known = QUOTAS if body.recipe.source == "body" else QUOTAS[:1]
        if body.quotas not in known:
            faults.append(Fault(key, "quotas", "unknown-word", body.quotas, ", ".join(known)))
        return faults
    sums: dict[str, int] = {}
    for category, _, share in body.quotas["census"]:
        sums[category] = sums.get(category, 0) + share
        if share < 0:
            faults.append(Fault(key, "quotas", "out-of-range", str(share), f"0-{WHOLE}"))
    faults += [
        Fault(key, "quotas", "shares-do-not-add-up", f"{category}: {total}", str(WHOLE))
        for category, total in sums.items()
        if total != WHOLE
    ]
    if not 0 <= body.quotas["tolerance"] <= body.recipe.size:
        faults.append(
            Fault(key, "tolerance", "out-of-range", str(body.quotas["tolerance"]), f"0-{body.recipe.size}")
        )
    return faults


def _read_body(document: object, where: str) -> Body:
    content = _object(document, where)
    recipe = Recipe(
        key=_text(content.get("key"), f"{where}/key"),
        source=_text(content.get("source"), f"{where}/source"),
        parent=_optional(_text, content.get("parent"), f"{where}/parent"),
        length=_text(content.get("length"), f"{where}/length"),
        months=_optional(_number, content.get("months"), f"{where}/months"),
        incompatible=tuple(
            _text(one, f"{where}/incompatible")
            for one in _list(content.get("incompatible"), f"{where}/incompatible")
        ),
        opens=_text(content.get("opens"), f"{where}/opens"),
        **{name: _number(content.get(name), f"{where}/{name}") for name in NUMBERS},
    )
    return Body(
        recipe,
        _text(content.get("name"), f"{where}/name"),
        _read_quotas(content.get("quotas"), f"{where}/quotas"),
        _number(content.get("pay_per_day"), f"{where}/pay_per_day"),
        _number(content.get("days_per_week"), f"{where}/days_per_week"),
        _text(content.get("purpose"), f"{where}/purpose"),
    )


NUMBERS = (
    "size",
    "parts",
    "overlap_days",
    "rest_months",
    "alternates",
    "freeze_days",
    "hold_days",
    "answer_days",
)


def _read_quotas(value: object, where: str) -> str | dict[str, Any]:
    if isinstance(value, str):
        return value
    content = _object(value, where)
    census = []
    for row in _list(content.get("census"), f"{where}/census"):
        category, name, share = _row(row, 3, f"{where}/census")
        census.append([_text(category, where), _text(name, where), _number(share, where)])
    return {"census": census, "tolerance": _number(content.get("tolerance"), f"{where}/tolerance")}


def _read_calendar(content: Mapping[str, object]) -> Calendar:
    sessions = {}
    for year, days in _object(content.get("sessions"), "calendar/sessions").items():
        first, last = _row(days, 2, "calendar/sessions")
        if not YEAR.fullmatch(year):
            raise _invalid([_misshapen("calendar/sessions", NUMBER)])
        sessions[int(year)] = (_day(first, "calendar/sessions"), _day(last, "calendar/sessions"))
    holidays = []
    for row in _list(content.get("holidays"), "calendar/holidays"):
        first, last, name = _row(row, 3, "calendar/holidays")
        where = "calendar/holidays"
        holidays.append(Holiday(_day(first, where), _day(last, where), _text(name, where)))
    breaks = []
    for row in _list(content.get("breaks"), "calendar/breaks"):
        body, first, last = _row(row, 3, "calendar/breaks")
        where = "calendar/breaks"
        breaks.append(Break(_text(body, where), _day(first, where), _optional(_day, last, where)))
    starts = _object(content.get("starts"), "calendar/starts")
    return Calendar(
        _day(content.get("first"), "calendar/first"),
        _day(content.get("last"), "calendar/last"),
        _pair(content.get("session_first"), "calendar/session_first"),
        _pair(content.get("session_last"), "calendar/session_last"),
        sessions,
        tuple(holidays),
        tuple(breaks),
        {label: _day(day, "calendar/starts") for label, day in starts.items()},
    )


def _invalid(wrong: Sequence[Fault]) -> Refusal:
    first = wrong[0]
    where = "/".join(part for part in (first.where, first.field) if part) or "charter"
    return Refusal("charter-invalid", status=422, where=where, expected=first.expected, faults=tuple(wrong))


def _misshapen(where: str, expected: str) -> Fault:
    return Fault(where, "", "misshapen", "", expected)


def _object(value: object, where: str) -> dict[str, Any]:
    return _of(dict, value, where, OBJECT)


def _list(value: object, where: str) -> list[Any]:
    return _of(list, value, where, LIST)


def _text(value: object, where: str) -> str:
    return _of(str, value, where, TEXT)


def _number(value: object, where: str) -> int:
    return _of(int, None if isinstance(value, bool) else value, where, NUMBER)


def _of(kind: type[T], value: object, where: str, expected: str) -> T:
    if not isinstance(value, kind):
        raise _invalid([_misshapen(where, expected)])
    return value


def _optional(reader: Callable[[object, str], T], value: object, where: str) -> T | None:
    return None if value is None else reader(value, where)


def _row(value: object, length: int, where: str) -> list[Any]:
    parts = _list(value, where)
    if len(parts) != length:
        raise _invalid([_misshapen(where, LIST)])
    return parts


def _day(value: object, where: str) -> date:
    try:
        return date.fromisoformat(_text(value, where))
    except ValueError:
        raise _invalid([_misshapen(where, DAY)]) from None


def _pair(value: object, where: str) -> tuple[int, int]:
    matched = MONTH_DAY.fullmatch(_text(value, where))
    if matched is None:
        raise _invalid([_misshapen(where, "a month and a day as MM-DD")])
    return int(matched[1]), int(matched[2])
