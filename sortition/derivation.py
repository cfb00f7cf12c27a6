"""Values that follow from something else: a band of age from a birth, a district from a postcode."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

AGE, POSTCODE = "age", "postcode"
OLDEST = 120
YEAR = re.compile(r"([12][0-9]{3})(?:[.,]0+)?")
# As ISO 8601 writes a day, and as it is written by hand: the day first.
DAYS = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[ T].*)?"),
    re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"),
)
POSTCODE_DIGITS = 5
MOST_POSTCODES = 2_000
BAND = re.compile(
    r"(?P<value>.*\S)\s*[:=]\s*(?P<least>[0-9]{1,3})\s*(?:[-\u2013]\s*(?P<most>[0-9]{1,3})?)?\s*\+?"
)
PLACE = re.compile(r"(?P<code>[^:=]*[^:=\s])\s*[:=]\s*(?P<value>.*\S)")


class Underivable(ValueError):  # noqa: N818 - named after what is wrong
    """A text from which no value follows; its argument is the code of the problem."""


@dataclass(frozen=True)
class Band:
    """A value, and the ages that have it, the last one included; without end where there is none."""

    value: str
    least: int
    most: int | None


@dataclass(frozen=True)
class AgeBands:
    """The age of people on one day, in bands.

    Of a birth of which only the year is known, the age is that which is reached in the year of the day.
    """

    on: date
    bands: tuple[Band, ...]

    def value_of(self, text: str) -> str:
        """Return the band of somebody by their year or day of birth.

        Raises
        ------
        Underivable
            ``not-a-birth``, ``birth-impossible``, or ``outside-bands``.

        Examples
        --------
        >>> bands = AgeBands(date(2027, 1, 15), (Band("16-39", 16, 39), Band("40+", 40, None)))
        >>> bands.value_of("1987"), bands.value_of("16/01/1987"), bands.value_of("1987-01-15")
        ('40+', '16-39', '40+')
        """
        age = self._age(text)
        if not 0 <= age <= OLDEST:
            raise Underivable("birth-impossible")
        for band in self.bands:
            if band.least <= age and (band.most is None or age <= band.most):
                return band.value
        raise Underivable("outside-bands")

    def _age(self, text: str) -> int:
        if year := YEAR.fullmatch(text):
            return self.on.year - int(year[1])
        for pattern in DAYS:
            if found := pattern.fullmatch(text):
                try:
                    born = date(int(found["year"]), int(found["month"]), int(found["day"]))
                except ValueError:
                    raise Underivable("birth-impossible") from None
                had_birthday = (self.on.month, self.on.day) >= (born.month, born.day)
                return self.on.year - born.year - (not had_birthday)
        raise Underivable("not-a-birth")

    def to_document(self) -> dict[str, Any]:
        """Return the rule as a JSON object."""
        return {
            "kind": AGE,
            "on": self.on.isoformat(),
            "bands": [
                [band.value, band.least, *(() if band.most is None else (band.most,))] for band in self.bands
            ],
        }


@dataclass(frozen=True)
class Districts:
    """A value for each postcode of a list."""

    postcodes: Mapping[str, str]

    def value_of(self, text: str) -> str:
        """Return the district of a postcode; a nought that a spreadsheet took from its beginning is put back.

        Raises
        ------
        Underivable
            ``postcode-unknown``.

        Examples
        --------
        >>> Districts({"01210": "North"}).value_of("1210")
        'North'
        """
        code = "".join(text.split()).removesuffix(".0")
        for known in (code, code.zfill(POSTCODE_DIGITS) if code.isdecimal() else code):
            if known in self.postcodes:
                return self.postcodes[known]
        raise Underivable("postcode-unknown")

    def to_document(self) -> dict[str, Any]:
        """Return the rule as a JSON object."""
        return {"kind": POSTCODE, "postcodes": [list(pair) for pair in sorted(self.postcodes.items())]}


Rule = AgeBands | Districts


def rule_of(document: Mapping[str, Any]) -> Rule:
    """Return the rule that a JSON object holds, as its ``to_document`` wrote it."""
    if document["kind"] == AGE:
        bands = tuple(
            Band(value, least, most[0] if most else None) for value, least, *most in document["bands"]
        )
        return AgeBands(date.fromisoformat(document["on"]), bands)
    return Districts(dict(document["postcodes"]))


def read_bands(lines: Sequence[str], on: date) -> AgeBands:
    """Read bands as somebody types them, one a line: ``16–39: 16-39``, the last one ``40 et plus: 40-``.

    Raises
    ------
    Underivable
        ``bad-band`` with the line, ``bands-overlap`` or ``bands-empty``.
    """
    bands = []
    for line in lines:
        found = BAND.fullmatch(line.strip())
        if found is None:
            raise Underivable("bad-band", line)
        is_open = found["most"] is None
        bands.append(Band(found["value"], int(found["least"]), None if is_open else int(found["most"])))
    if not bands:
        raise Underivable("bands-empty")
    ordered = sorted(bands, key=lambda band: band.least)
    for lower, upper in itertools.pairwise(ordered):
        if lower.most is None or lower.most >= upper.least:
            raise Underivable("bands-overlap", upper.value)
    if any(band.most is not None and band.most < band.least for band in bands):
        raise Underivable("bands-overlap", bands[0].value)
    return AgeBands(on, tuple(bands))


def read_postcodes(lines: Sequence[str]) -> Districts:
    """Read postcodes as somebody types them, one a line: ``01210: Nord``.

    Raises
    ------
    Underivable
        ``bad-postcode`` with the line, ``postcode-twice`` with the code, ``postcodes-empty`` or
        ``postcodes-too-many``.
    """
    postcodes: dict[str, str] = {}
    for line in lines:
        found = PLACE.fullmatch(line.strip())
        if found is None:
            raise Underivable("bad-postcode", line)
        code = "".join(found["code"].split())
        if postcodes.setdefault(code, found["value"]) != found["value"]:
            raise Underivable("postcode-twice", code)
    if not 1 <= len(postcodes) <= MOST_POSTCODES:
        raise Underivable("postcodes-empty" if not postcodes else "postcodes-too-many")
    return Districts(postcodes)
