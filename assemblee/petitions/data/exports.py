"""What is published of signatures: counts per day and per district, which tell nothing of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from assemblee.petitions.data import disclosure
from assemblee.petitions.data import queries as public_queries
from assemblee.petitions.data.disclosure import Period
from assemblee.petitions.paper import samples
from assemblee.petitions.paper.models import Sample
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.rules.queries import rules_of
from assemblee.spreadsheets import as_csv
from votes.sampling import CONFIDENCE

FORMAT = "assemblee-petition-1"
NOTE = (
    "Counts under 5 are null, and with them the counts by which they could be computed; `periods` add up "
    "to the signatures."
)


@dataclass(frozen=True)
class DistrictCount:
    """Signatures of a district, or none where they are hidden, beside its inhabitants over 16."""

    name: str
    count: int | None
    inhabitants: int | None

    @property
    def share(self) -> float | None:
        """Return the share of its inhabitants who signed."""
        return self.count / self.inhabitants if self.count is not None and self.inhabitants else None


def periods(session: Session, petition: Petition) -> list[Period]:
    """Return the days of a petition as they may be published."""
    return disclosure.periods(_every_day(public_queries.per_day(session, petition)))


def _every_day(days: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    if not days:
        return []
    counts, first = dict(days), days[0][0]
    number = (days[-1][0] - first).days + 1
    every = [first + timedelta(days=after) for after in range(number)]
    return [(one, counts.get(one, 0)) for one in every]


def districts(session: Session, petition: Petition, rules: PetitionRules) -> list[DistrictCount]:
    """Return the districts of the rules with their signatures, and last those of no district."""
    if not rules.districts:
        return []
    by_district = queries.by_district(session, petition)
    if petition.erased_at is not None and not by_district:
        # What signers wrote is gone: nobody can say any more where they lived.
        return []
    counts = {name: by_district.get(name, 0) for name in rules.districts}
    elsewhere = petition.counted - sum(counts.values())
    if elsewhere > 0:
        counts[""] = elsewhere
    shown = disclosure.cells(counts)
    return [DistrictCount(name, shown[name], rules.districts.get(name)) for name in counts]


def days(periods: Sequence[Period]) -> list[tuple[date, int | None]]:
    """Return each day of some periods with its count, or none where it is hidden."""
    return [
        (one.first + timedelta(days=after), one.count if one.is_day else None)
        for one in periods
        for after in range((one.last - one.first).days + 1)
    ]


def summary(petition: Petition, phase: PetitionState) -> dict[str, Any]:
    """Return what a list says of a petition."""
    return {
        "id": petition.id,
        "title": petition.title,
        "aim": petition.aim,
        "category": petition.category,
        "state": str(phase),
        "signatures": petition.counted,
        "opened_at": _moment(petition, petition.opened_at),
        "closes_at": _moment(petition, petition.closes_at),
    }


def document(session: Session, petition: Petition, phase: PetitionState) -> dict[str, Any]:
    """Return a petition as open data: its text, its steps, its counts, and nobody's name."""
    rules = rules_of(petition.version)
    every_period = periods(session, petition)
    crossed = {one.number: one for one in petition.crossings}
    return {
        "format": FORMAT,
        **summary(petition, phase),
        "text": petition.text,
        "rules": {"number": petition.version.number, "hash": petition.version.hash},
        "steps": [
            {
                "number": number,
                "opens": one.opens,
                "promise": one.promise,
                "threshold": str(one.step.threshold),
                "needed": one.step.threshold.needed(rules.inhabitants),
                "reached_at": _moment(petition, crossed[number].at) if number in crossed else None,
                "leaf": crossed[number].leaf if number in crossed else None,
            }
            for number, one in enumerate(rules.steps, 1)
        ],
        "term": petition.term_id,
        "sessions": list(petition.sessions),
        "report_by": petition.report_by.isoformat() if petition.report_by else None,
        "note": NOTE,
        "periods": [
            {"first": one.first.isoformat(), "last": one.last.isoformat(), "signatures": one.count}
            for one in every_period
        ],
        "days": [{"day": one.isoformat(), "signatures": count} for one, count in days(every_period)],
        "districts": [
            {"name": one.name or None, "signatures": one.count, "inhabitants_over_16": one.inhabitants}
            for one in districts(session, petition, rules)
        ],
        "samples": [_sample(petition, one) for one in samples.of_petition(session, petition)],
    }


def _sample(petition: Petition, sample: Sample) -> dict[str, Any]:
    return {
        "drawn_at": _moment(petition, sample.drawn_at),
        "dice": sample.dice,
        "population": sample.population,
        "size": sample.size,
        "leaf": sample.leaf,
        "judged_at": _moment(petition, sample.closed_at),
        "valid": sample.valid,
        "estimate": sample.middle,
        "low": sample.low,
        "high": sample.high,
        "confidence": str(CONFIDENCE),
        "result_leaf": sample.result_leaf,
    }


def days_table(session: Session, petition: Petition) -> bytes:
    """Return the counts per day for a spreadsheet."""
    rows = [
        (one.isoformat(), "" if count is None else count, _note(count))
        for one, count in days(periods(session, petition))
    ]
    return as_csv((_("Day"), _("Signatures"), _("Note")), rows)


def districts_table(session: Session, petition: Petition) -> bytes:
    """Return the counts per district for a spreadsheet."""
    rows = [
        (
            one.name or _("no district given"),
            "" if one.count is None else one.count,
            one.inhabitants or "",
            _note(one.count),
        )
        for one in districts(session, petition, rules_of(petition.version))
    ]
    return as_csv((_("District"), _("Signatures"), _("Inhabitants over 16"), _("Note")), rows)


def _note(count: int | None) -> str:
    return str(_("hidden")) if count is None else ""


def _moment(petition: Petition, value: datetime | None) -> str | None:
    """Write a moment as the clocks of the mandate show it, so that its day is the one of the pages."""
    if value is None:
        return None
    return value.astimezone(ZoneInfo(petition.mandate.time_zone)).isoformat(timespec="seconds")
