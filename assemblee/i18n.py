"""The two languages: which one a page speaks, and how it writes figures and dates."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale

LANGUAGES = {"fr": "Français", "en": "English"}
DEFAULT = "fr"
COOKIE = "language"


def marked(message: str) -> str:
    """Mark a message for the catalogues where it is only written, not yet shown."""
    return message


def choose_language() -> str:
    """Return the language of the page: what the visitor chose, else French."""
    if not has_request_context():
        return DEFAULT
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else DEFAULT


def language() -> str:
    """Return the code of the language in use."""
    return str(get_locale() or DEFAULT)


def choose_zone() -> str:
    """Return the time zone of the mandate that the page is about."""
    mandate = g.get("mandate") if has_request_context() else None
    return mandate.time_zone if mandate else "Europe/Paris"


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


def moment(value: datetime, length: str = "long") -> str:
    """Write a moment in the mandate's zone, its month in full (`long`) or cut (`short`)."""
    pattern = "d MMMM y, HH:mm" if length == "long" else "d MMM y, HH:mm"
    return str(format_datetime(value, pattern, tzinfo=ZoneInfo(choose_zone()), locale=language()))


def day(value: date, length: str = "long") -> str:
    """Write a day, or that of a moment in the mandate's zone, its month in full (`long`) or cut (`short`)."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(choose_zone())).date()
    return str(format_date(value, "d MMMM y" if length == "long" else "d MMM y", locale=language()))


def euros(cents: int) -> str:
    """Write an amount of money, which is kept in cents."""
    return str(format_currency(cents / 100, "EUR", locale=language()))


def install(app: Flask) -> None:
    """Give the application its languages and filters."""
    Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories="translations",
        locale_selector=choose_language,
        timezone_selector=choose_zone,
    )
    app.jinja_env.filters.update(number=number, percent=percent, moment=moment, day=day, euros=euros)
