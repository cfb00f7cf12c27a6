"""The calendar of a mandate as a drawing: a row for each body, a bar for each term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assemblee.assemblies.terms.models import Term

WIDTH = 100
NARROWEST = 12


@dataclass(frozen=True)
class Bar:
    """One term: where its bar begins, how wide it is, and in which tone it is drawn."""

    term: Term
    left: float
    width: float
    tone: str


@dataclass(frozen=True)
class ChartRow:
    """The terms of one body."""

    body: str
    name: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """The whole drawing; places are in per cent of its width."""

    rows: tuple[ChartRow, ...]
    years: tuple[tuple[int, float], ...]
    today: float | None


def chart(
    terms: Sequence[Term], names: Sequence[tuple[str, str]], first: date, last: date, today: date
) -> Chart:
    """Lay out terms between two days.

    Parameters
    ----------
    names : sequence of (str, str)
        Key and name of each body, in the order of the rows; a body without a term has no row.
    """
    days = (last - first).days + 1

    def place(day: date) -> float:
        return round(WIDTH * (day - first).days / days, 2)

    rows = []
    for key, name in names:
        own = [term for term in terms if term.body == key]
        if own:
            bars = tuple(
                Bar(
                    term,
                    place(term.first),
                    round(WIDTH * ((term.last - term.first).days + 1) / days, 2),
                    _tone(term, today),
                )
                for term in own
            )
            rows.append(ChartRow(key, name, bars))
    years = tuple((year, place(max(first, date(year, 1, 1)))) for year in range(first.year, last.year + 1))
    return Chart(
        tuple(rows),
        years,
        place(today) if first <= today <= last else None,
    )


def _tone(term: Term, today: date) -> str:
    if term.last < today:
        return "past"
    return "now" if term.first <= today else "coming"
