"""A day is that of the place, everywhere, and an hour says whose it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

import assemblee
from assemblee import days, i18n
from assemblee.forms import Form, MomentField

ROOT = Path(assemblee.__file__).resolve().parent
# The only places where the day of a moment is read without a zone, and why it is that of one.
ALLOWED = {
    "days.py": "the one place",
    "forms.py": "it says an hour as it was typed",
    "paper.py": "it is given a moment that is in the zone already",
    "draws/beacons.py": "lotteries are drawn on the days of Paris",
    "tabular/workbooks.py": "a cell of a workbook is in no zone",
    "demo/past.py": "years that were invented are lived by the days of UTC",
    "demo/years.py": "years that were invented are lived by the days of UTC",
}
ZONES = ("Pacific/Noumea", "America/Martinique", "Pacific/Tahiti", "Europe/Paris")
PARIS = ZoneInfo("Europe/Paris")


def naive(tree: ast.AST) -> Iterator[int]:
    """Find the lines that take the day of a moment, or write one, without having asked for a zone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            shape = ast.unparse(node.format_spec)
            is_placed = isinstance(node.value, ast.Call) and ast.unparse(node.value.func).endswith(
                "astimezone"
            )
            if "%H" in shape and "SZ" not in shape and not is_placed:
                yield node.lineno
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        on = node.func.value
        is_day = (
            node.func.attr in {"today", "utcnow"}
            and isinstance(on, ast.Name)
            and on.id in {"date", "datetime"}
        )
        if is_day or (node.func.attr == "date" and not node.args):
            yield node.lineno
        elif node.func.attr == "strftime" and node.args and isinstance(node.args[0], ast.Constant):
            # In UTC it says so with its Z.
            text = str(node.args[0].value)
            if "%H" in text and not text.endswith("Z"):
                yield node.lineno


def test_nobody_takes_the_day_of_a_moment_without_a_zone() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in ROOT.rglob("*.py")
        if str(path.relative_to(ROOT)) not in ALLOWED and "standalone" not in path.parts
        for line in naive(ast.parse(path.read_text()))
    }
    assert not found, "days.day_in and i18n.told are for that"
    idle = {name for name in ALLOWED if not any(naive(ast.parse((ROOT / name).read_text())))}
    assert not idle, "these need no leave any more"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 31)])
def test_a_day_ends_with_its_last_instant(zone: str, day: date) -> None:
    end = days.end_of_day(day, zone)
    here = end.astimezone(ZoneInfo(zone))
    assert (here.date(), here.hour, here.minute, here.second) == (day, 23, 59, 59)
    assert days.day_in(end, zone) == day
    assert days.day_in(end + days.INSTANT, zone) == day + timedelta(days=1)


def test_days_are_counted_as_days_across_both_changes_of_clocks() -> None:
    opened = datetime(2026, 9, 15, 7, 12, tzinfo=UTC)
    assert days.day_in(days.days_after(opened, 60, "Europe/Paris"), "Europe/Paris") == date(2026, 11, 14)
    late = datetime(2027, 3, 27, 23, 30, tzinfo=PARIS)
    assert days.days_after(late, 1, "Europe/Paris").astimezone(PARIS).date() == date(2027, 3, 28)


def test_the_hour_of_a_place_is_named_in_both_languages() -> None:
    found = {zone: (i18n.whose_hour(zone, "fr"), i18n.whose_hour(zone, "en")) for zone in ZONES}
    assert found == {
        "Pacific/Noumea": ("heure de Nouméa", "Noumea time"),
        "America/Martinique": ("heure de Martinique", "Martinique time"),
        "Pacific/Tahiti": ("heure de Tahiti", "Tahiti time"),
        "Europe/Paris": ("heure de Paris", "Paris time"),
    }
    assert i18n.whose_hour("Europe/Athens", "fr") == "heure d’Athènes"
    assert i18n.whose_hour("Pacific/Marquesas", "fr") == "heure des Marquises"
    noon = datetime(2026, 12, 8, 1, 29, tzinfo=UTC)
    assert i18n.told(noon, "Pacific/Noumea", "fr") == "8 décembre 2026, 12:29 (heure de Nouméa)"


class WhenForm(Form):
    """A form that takes a moment."""

    when = MomentField("When")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-10-25T01:59", None),
        ("2026-10-25T02:00", "02:00"),
        ("2026-10-25T02:59", "03:00"),
        ("2026-10-25T03:00", None),
        ("2027-03-28T02:30", "horloges"),
    ],
)
def test_an_hour_that_is_not_one_moment_is_asked_about(app: Flask, written: str, said: str | None) -> None:
    with app.test_request_context("/"):
        form = WhenForm(MultiDict({"when": written}), meta={"csrf": False})
        assert form.validate() == (said is None)
        if said is not None:
            (error,) = form.when.errors
            assert said in error or "heure" in error
        # What was typed stands in the form that comes back.
        assert written in str(form.when()).replace(" ", "T")


def test_every_page_says_whose_hours_it_shows(app: Flask) -> None:
    assert "heure de Paris" in app.test_client().get("/").text
