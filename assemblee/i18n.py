"""The two languages: which one a page speaks, and how it writes figures and dates."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, get_locale

from assemblee.days import day_in

LANGUAGES = {"fr": "Français", "en": "English"}
DEFAULT = "fr"
COOKIE = "language"
HOME_ZONE = "Europe/Paris"
MOMENTS = {
    "long": "d MMMM y, HH:mm",
    "short": "d MMM y, HH:mm",
    "weekday": "EEEE d MMMM y, HH:mm",
}
DAYS = {"long": "d MMMM y", "short": "d MMM y", "weekday": "EEEE d MMMM y"}
# The zones whose place takes an article in French.
ARTICLES = {"Pacific/Marquesas": "des Marquises", "Pacific/Gambier": "des Gambier"}


def marked(message: str) -> str:
    """Mark a message for the catalogues where it is only written, not yet shown."""
    return message


def choose_language() -> str:
    """Return the language of the page: what the visitor chose, else French."""
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(current_app.config["LANGUAGE_COOKIE_NAME"], "")
    return chosen if chosen in LANGUAGES else DEFAULT


def language() -> str:
    """Return the code of the language in use."""
    return str(get_locale() or DEFAULT)


def choose_zone() -> str:
    """Return the time zone of the mandate that the page is about."""
    mandate = g.get("mandate") if has_request_context() else None
    return mandate.time_zone if mandate else HOME_ZONE


def number(value: float | Fraction, digits: int | None = None) -> str:
    """Write a number as the reader's language does."""
    pattern = "#,##0" if digits == 0 else ("#,##0." + "0" * digits if digits else None)
    return str(format_decimal(float(value), format=pattern, locale=language()))


def percent(value: float | Fraction, digits: int = 1) -> str:
    """Write a share of one as a percentage."""
    sign = "\N{NARROW NO-BREAK SPACE}%" if language() == "fr" else "%"
    figure = format_percent(
        float(value), format="0." + "0" * digits + "%" if digits else "0%", locale=language()
    )
    return figure.replace("\N{NO-BREAK SPACE}", "").rstrip("%").rstrip() + sign


def whose_hour(zone: str, tongue: str) -> str:
    """Say whose hour it is that a zone shows: `heure de Nouméa`, `Noumea time`."""
    place = get_timezone_location(zone, locale=tongue, return_city=True)
    if tongue != "fr":
        return f"{place} time"
    bare = unicodedata.normalize("NFD", place[:1]).lower()[:1]
    joined = f"d’{place}" if bare and bare in "aeiou" else f"de {place}"
    return f"heure {ARTICLES.get(zone, joined)}"


def told(value: datetime, zone: str, tongue: str) -> str:
    """Write a moment for a letter, which is read anywhere: in a zone, and saying in which."""
    return f"{_moment(value, zone, tongue, MOMENTS['long'])} ({whose_hour(zone, tongue)})"


def _moment(value: datetime, zone: str, tongue: str, pattern: str) -> str:
    return str(format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=tongue))


def moment(value: datetime, length: str = "long") -> str:
    """Write a moment in the mandate's zone, as long as one of `MOMENTS`.

    Away from the zone that most readers live in, it says whose hour that is.
    """
    zone = choose_zone()
    if zone != HOME_ZONE:
        return moment_there(value, length)
    return _moment(value, zone, language(), MOMENTS[length])


def whose_hours() -> str:
    """Say whose hours a page shows."""
    return whose_hour(choose_zone(), language())


def moment_there(value: datetime, length: str = "long") -> str:
    """Write a moment in the mandate's zone, always saying in which: for who may read it anywhere."""
    zone, tongue = choose_zone(), language()
    return f"{_moment(value, zone, tongue, MOMENTS[length])} ({whose_hour(zone, tongue)})"


def day(value: date | str, length: str = "long") -> str:
    """Write a day, or that of a moment in the mandate's zone, as long as one of `DAYS`."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    if isinstance(value, datetime):
        value = day_in(value, choose_zone())
    return str(format_date(value, DAYS[length], locale=language()))


def euros(cents: int) -> str:
    """Write an amount of money, which is kept in cents."""
    return str(format_currency(cents / 100, "EUR", locale=language()))


def install(app: Flask, *, cookie: str = COOKIE) -> None:
    """Give the application its languages and filters; a cookie of this name says which language."""
    app.config["LANGUAGE_COOKIE_NAME"] = cookie
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories="translations",
        locale_selector=choose_language,
        timezone_selector=choose_zone,
    )
    app.jinja_env.globals.update(whose_hours=whose_hours)
    app.jinja_env.filters.update(
        number=number,
        percent=percent,
        moment=moment,
        moment_there=moment_there,
        day=day,
        euros=euros,
    )
