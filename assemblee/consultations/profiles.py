"""How a result is shown: merit profiles, ranks with their reasons, margin, sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from assemblee.consultations.messages import DEFAULTS, SENSITIVITY
from assemblee.i18n import language, number
from assemblee.messages import describe
from votes.consultation import Rules, Words
from votes.majority import Explanation, Judgment
from votes.margin import Margin, margin
from votes.outcome import judged
from votes.sensitivity import Sensitivity, sensitivity

PALETTE = 7
AXES = (0, 1)
# A figure needs this share of a bar, and this distance from the line in its middle.
ROOM, CLEAR, MEDIAN = 0.06, 0.04, 0.5


def _(sentence: str, **words: object) -> str:
    return str(gettext(sentence, **words))


@dataclass(frozen=True)
class Segment:
    """A part of a bar: who gave one grade, and from where to where it goes, in shares of one."""

    grade: str
    tone: int
    count: int
    start: float
    share: float

    @property
    def label(self) -> float | None:
        """Where its figure stands: off the median line, and nowhere if there is no room."""
        if self.share < ROOM:
            return None
        middle = self.start + self.share / 2
        if abs(middle - MEDIAN) >= CLEAR:
            return middle
        left, right = self.start, self.start + self.share
        if MEDIAN - left >= 2 * CLEAR:
            return (left + MEDIAN - CLEAR) / 2
        return (right + MEDIAN + CLEAR) / 2 if right - MEDIAN >= 2 * CLEAR else None


@dataclass(frozen=True)
class ProposalBar:
    """A proposal in a merit profile, best grades first."""

    name: str
    rank: int | None
    grade: str
    segments: list[Segment]
    no_opinion: int


@dataclass(frozen=True)
class Profile:
    """A majority judgment as it is shown.

    Parameters
    ----------
    title : str
        The criterion; nothing where there is one judgment only.
    grades : list of (str, int)
        Names, best first, and their tone in the palette of seven.
    bars : list of ProposalBar
        In the order of the ranking; below the quorum in that of the rules, without ranks.
    reasons : list of str
        Why each stands before the next.
    """

    title: str
    grades: list[tuple[str, int]]
    bars: list[ProposalBar]
    reasons: list[str]
    margin: list[str]
    others: list[tuple[str, str]]
    judges: int


def spoken(words: Words) -> str:
    """Return a name in the language of the page."""
    return words[1] if language() == "en" else words[0]


def missed(result: dict[str, Any]) -> str:
    """Return the sentence that stands above the figures of a vote that decides nothing."""
    return _(
        "Quorum not reached: %(marks)s of %(needed)s needed",
        marks=number(result["marks"], 0),
        needed=number(result["needed"], 0),
    )


def of(rules: Rules, result: dict[str, Any]) -> list[Profile]:
    """Return the merit profiles of a result: one for each judgment that was made."""
    tally = result["tally"]
    if rules.kind == "majority-judgment":
        return _profile(rules, "", rules.scale, tally)
    if rules.kind == "multi-criteria":
        return [
            profile
            for criterion, one in zip(rules.criteria, tally["criteria"], strict=True)
            for profile in _profile(rules, spoken(criterion.name), criterion.scale, one)
        ]
    return []


@dataclass(frozen=True)
class Map:
    """Where proposals lie by their majority grades on the first two criteria.

    Parameters
    ----------
    across, down : str
        The two criteria.
    columns : list of str
        Grades of the first one, worst first.
    rows : list of (str, list of list of str)
        Grades of the second one, best first, and the proposals in each place.
    """

    across: str
    down: str
    columns: list[str]
    rows: list[tuple[str, list[list[str]]]]


def criteria_map(rules: Rules, result: dict[str, Any]) -> Map | None:
    """Return the map of the first two criteria; none where there are not two, or a ranking is missing."""
    tallies = result["tally"].get("criteria", [])[:2]
    if len(tallies) < len(AXES) or any(tally["ranking"] is None for tally in tallies):
        return None
    across, down = (rules.criteria[axis] for axis in AXES)
    places = list(zip(*(tally["majority_grade"] for tally in tallies), strict=True))
    return Map(
        spoken(across.name),
        spoken(down.name),
        [spoken(grade) for grade in across.scale],
        [
            (
                spoken(down.scale[row]),
                [
                    [
                        name
                        for name, place in zip(rules.proposals, places, strict=True)
                        if place == (column, row)
                    ]
                    for column in range(len(across.scale))
                ],
            )
            for row in reversed(range(len(down.scale)))
        ],
    )


def _profile(rules: Rules, title: str, scale: Sequence[Words], tally: dict[str, Any]) -> list[Profile]:
    judgment = judged(rules, scale, tally, language=1 if language() == "en" else 0)
    if judgment is None:
        return []
    best_first = list(enumerate(judgment.poll.grades))[::-1]
    is_ranked = tally["ranking"] is not None
    tones = [1 + round(grade * (PALETTE - 1) / (len(scale) - 1)) for grade in range(len(scale))]
    return [
        Profile(
            title=title,
            grades=[(name, tones[grade]) for grade, name in best_first],
            bars=[
                _bar(judgment, place, tones, is_ranked=is_ranked)
                for place in (judgment.order if is_ranked else range(len(rules.proposals)))
            ],
            reasons=[_reason(judgment, one) for one in judgment.explanations] if is_ranked else [],
            margin=_margin(margin(judgment)) if is_ranked else [],
            others=_others(judgment, sensitivity(judgment)) if is_ranked else [],
            judges=judgment.poll.judges,
        )
    ]


def _bar(judgment: Judgment, place: int, tones: Sequence[int], *, is_ranked: bool) -> ProposalBar:
    counts = judgment.balanced[place]
    total = sum(counts)
    segments, start = [], 0
    for grade in range(len(counts) - 1, -1, -1):
        segments.append(
            Segment(
                judgment.poll.grades[grade],
                tones[grade],
                counts[grade],
                start / total if total else 0,
                counts[grade] / total if total else 0,
            )
        )
        start += counts[grade]
    return ProposalBar(
        judgment.poll.proposals[place],
        judgment.ranks[place] if is_ranked else None,
        judgment.poll.grades[judgment.medians[place] or 0],
        segments,
        judgment.poll.no_opinion[place],
    )


def _reason(judgment: Judgment, one: Explanation) -> str:
    names = {"first": one.first, "second": one.second}
    if one.code == "identical":
        return _("%(first)s and %(second)s: identical counts, equal ranks.", **names)
    if one.numbers is None:
        return _(
            "%(first)s before %(second)s: %(one)s against %(other)s.",
            one=one.grades[0],
            other=one.grades[1],
            **names,
        )
    more, fewer = (number(value, 0) for value in one.numbers)
    given = {**names, "grade": one.grades[0], "bound": one.bound, "more": more, "fewer": fewer}
    if judgment.poll.default.mode == "normalized" and len(set(map(sum, judgment.poll.counts))) > 1:
        # Scaled counts are not people: only the order of the shares is said.
        if one.code == "higher":
            return _(
                "%(first)s before %(second)s: both %(grade)s; first difference: a larger share judged "
                "%(first)s higher than %(bound)s.",
                **given,
            )
        return _(
            "%(first)s before %(second)s: both %(grade)s; first difference: a smaller share judged "
            "%(first)s lower than %(bound)s.",
            **given,
        )
    if one.code == "higher":
        return _(
            "%(first)s before %(second)s: both %(grade)s; first difference: %(more)s judged %(first)s higher "
            "than %(bound)s, %(fewer)s judged %(second)s higher.",
            **given,
        )
    return _(
        "%(first)s before %(second)s: both %(grade)s; first difference: %(more)s judged %(first)s lower than "
        "%(bound)s, %(fewer)s judged %(second)s lower.",
        **given,
    )


def _margin(margin: Margin) -> list[str]:
    said = []
    if margin.first_place is not None:
        count = {"num": margin.first_place, "number": number(margin.first_place, 0)}
        said.append(
            ngettext(
                "To change the first place, %(number)s judgment would have to be another.",
                "To change the first place, %(number)s judgments would have to be others.",
                **count,
            )
            if margin.proved
            else ngettext(
                "To change the first place, %(number)s other judgment would be enough.",
                "To change the first place, %(number)s other judgments would be enough, perhaps fewer.",
                **count,
            )
        )
    if margin.any_rank is not None and margin.any_rank != margin.first_place:
        said.append(_("To change any rank: %(number)s.", number=number(margin.any_rank, 0)))
    return said


def _others(judgment: Judgment, sensitivity: Sensitivity) -> list[tuple[str, str]]:
    rows = [(describe(SENSITIVITY, rule), ", ".join(first)) for rule, first in sensitivity.rules.items()]
    rows += [
        (
            _("if a missing grade counted as: %(rule)s", rule=describe(DEFAULTS, default.mode)),
            ", ".join(first),
        )
        for default, first in sensitivity.defaults
        if default != judgment.poll.default
    ]
    return rows
