"""The rules of a consultation, and what a ballot is under them: one byte for each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from votes.ballots import NO_OPINION
from votes.errors import BadBallot, BadQuestion
from votes.scales import LEAST, MOST, fold
from votes.threshold import Threshold

MOST_PROPOSALS = 200
MOST_CRITERIA = 5
# A ballot of more answers than this would be one nobody fills in.
MOST_COLUMNS = 500
LANGUAGES = 2
KINDS = ("majority-judgment", "yes-no", "nominal", "multi-criteria")

Words = tuple[str, str]
"""A name in French and in English."""


@dataclass(frozen=True)
class Column:
    """One answer of a ballot.

    Parameters
    ----------
    proposal : int or None
        What is answered about; none where the answer is one of the proposals.
    criterion : int or None
        The criterion, in a multi-criteria judgment.
    options : int
        Answers from 0 to one less, and `NO_OPINION`.
    is_judgment : bool
        Whether the answer is a grade.
    """

    proposal: int | None
    criterion: int | None
    options: int
    is_judgment: bool


@dataclass(frozen=True)
class Criterion:
    """What proposals are judged by, and its own scale, worst first."""

    name: Words
    scale: tuple[Words, ...]


@dataclass(frozen=True)
class Routing:
    """A question beside the judgments of each proposal, such as where it should go next."""

    name: Words
    options: tuple[Words, ...]


@dataclass(frozen=True)
class Rules:
    """How a consultation is answered and counted (`docs/consultations.md`, *rules.json*).

    ``default`` is what a missing grade counts as: nothing is missing where it is None. ``order`` is the order
    of criteria of a lexicographic combination, and None for Pareto layers and for every other kind.
    """

    kind: str
    proposals: tuple[str, ...]
    scale: tuple[Words, ...]
    criteria: tuple[Criterion, ...]
    routing: Routing | None
    order: tuple[int, ...] | None
    default: Mapping[str, Any] | None
    quorum: Fraction
    threshold: Threshold | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """What each byte of a ballot answers."""
        places = range(len(self.proposals))
        if self.kind == "majority-judgment":
            return tuple(Column(place, None, len(self.scale), is_judgment=True) for place in places)
        if self.kind == "yes-no":
            return tuple(Column(place, None, 2, is_judgment=False) for place in places)
        if self.kind == "nominal":
            return (Column(None, None, len(self.proposals), is_judgment=False),)
        columns = []
        for place in places:
            for number, criterion in enumerate(self.criteria):
                columns.append(Column(place, number, len(criterion.scale), is_judgment=True))
            if self.routing is not None:
                columns.append(Column(place, None, len(self.routing.options), is_judgment=False))
        return tuple(columns)

    @property
    def blank(self) -> bytes:
        """The ballot that says nothing: it is counted apart."""
        return bytes([NO_OPINION]) * len(self.columns)

    def check(self, ballot: bytes) -> None:
        """Refuse bytes that are not a ballot.

        Raises
        ------
        BadBallot
            With the code's parameters ``length`` and ``expected``, or ``column`` and ``expected``.
        """
        columns = self.columns
        if len(ballot) != len(columns):
            raise BadBallot(length=len(ballot), expected=len(columns))
        if ballot == self.blank:
            return
        for place, (value, column) in enumerate(zip(ballot, columns, strict=True)):
            if value == NO_OPINION:
                if column.is_judgment and self.default is None:
                    raise BadBallot(column=place, expected=column.options)
            elif value >= column.options:
                raise BadBallot(column=place, expected=column.options)


def _refuse(place: str, expected: str) -> BadQuestion:
    return BadQuestion(place=place, expected=expected)


def _words(value: object, place: str) -> Words:
    if (
        not isinstance(value, list | tuple)
        or len(value) != LANGUAGES
        or not all(isinstance(word, str) and word.strip() for word in value)
    ):
        raise _refuse(place, "a name in French and one in English")
    return (value[0], value[1])


def _scale(value: object, place: str) -> tuple[Words, ...]:
    if not isinstance(value, list | tuple) or not LEAST <= len(value) <= MOST:
        raise _refuse(place, f"{LEAST} to {MOST} names")
    words = tuple(_words(one, f"{place}.{number}") for number, one in enumerate(value))
    for language in range(LANGUAGES):
        if len({fold(word[language]) for word in words}) != len(words):
            raise _refuse(place, "names that are all different")
    return words


def _proposals(value: object, least: int) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not least <= len(value) <= MOST_PROPOSALS:
        raise _refuse("proposals", f"{least} to {MOST_PROPOSALS} proposals")
    if not all(isinstance(name, str) and name.strip() for name in value):
        raise _refuse("proposals", "a name for each")
    if len({fold(name) for name in value}) != len(value):
        raise _refuse("proposals", "names that are all different")
    return tuple(value)


def _fraction(value: object, place: str) -> Fraction:
    if (
        not isinstance(value, list | tuple)
        or len(value) != 2  # noqa: PLR2004 - numerator and denominator
        or not all(type(part) is int for part in value)
        or not 0 <= value[0] <= value[1]
        or not value[1]
    ):
        raise _refuse(place, "a fraction from 0 to 1")
    return Fraction(value[0], value[1])


def _default(value: object, grades: Sequence[int]) -> Mapping[str, Any] | None:
    if value is None:
        return None
    modes: tuple[object, ...] = ({"mode": "median"}, {"mode": "normalized"})
    if value in modes:
        return dict(value)  # type: ignore[call-overload, no-any-return] # one of the two above
    if isinstance(value, Mapping) and value.keys() == {"mode", "grade"} and value["mode"] == "static":
        grade = value["grade"]
        if type(grade) is int and all(0 <= grade < number for number in grades):
            return dict(value)
    raise _refuse("default", "what a missing grade counts as")


def _criteria(value: object) -> tuple[Criterion, ...]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_CRITERIA:
        raise _refuse("criteria", f"1 to {MOST_CRITERIA} criteria")
    return tuple(
        Criterion(
            _words(one.get("name"), f"criteria.{number}.name"),
            _scale(one.get("scale"), f"criteria.{number}.scale"),
        )
        if isinstance(one, Mapping)
        else _unnamed(number)
        for number, one in enumerate(value)
    )


def _unnamed(number: int) -> Criterion:
    raise _refuse(f"criteria.{number}", "a name and a scale")


def _routing(value: object) -> Routing | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _refuse("routing", "a question and its answers")
    return Routing(_words(value.get("name"), "routing.name"), _scale(value.get("options"), "routing.options"))


def _is_permutation(order: Sequence[object], number: int) -> bool:
    return all(type(one) is int for one in order) and sorted(map(str, order)) == list(map(str, range(number)))


def _order(value: object, criteria: int) -> tuple[int, ...] | None:
    if value == {"mode": "pareto"}:
        return None
    if isinstance(value, Mapping) and value.get("mode") == "lexicographic":
        order = value.get("order")
        if isinstance(order, list | tuple) and _is_permutation(order, criteria):
            return tuple(order)
    raise _refuse("combination", "an order of all criteria, or Pareto layers")


def _threshold(value: object) -> Threshold:
    if not isinstance(value, list | tuple) or len(value) != 3 or value[2] not in {"more-than", "at-least"}:  # noqa: PLR2004 - two numbers and a word
        raise _refuse("threshold", "a fraction, and “more-than” or “at-least”")
    share = _fraction(value[:2], "threshold")
    if not share:
        raise _refuse("threshold", "a fraction above 0")
    return Threshold(share, is_share=True, is_strict=value[2] == "more-than")


def read_rules(document: Mapping[str, Any]) -> Rules:
    """Read the rules of a consultation; what is not about answers and their count is left aside.

    Parameters
    ----------
    document : mapping
        ``rules.json``, or the part of it that organisers write.

    Raises
    ------
    BadQuestion
        With the parameters ``place``, such as ``criteria.0.scale``, and ``expected``.
    """
    kind = document.get("kind")
    if kind not in KINDS:
        raise _refuse("kind", ", ".join(KINDS))
    proposals = _proposals(document.get("proposals"), 1 if kind == "yes-no" else 2)
    is_judged, is_many = kind == "majority-judgment", kind == "multi-criteria"
    scale = _scale(document.get("scale"), "scale") if is_judged else ()
    criteria = _criteria(document.get("criteria")) if is_many else ()
    grades = [len(one.scale) for one in criteria] if is_many else [len(scale)]
    rules = Rules(
        kind=kind,
        proposals=proposals,
        scale=scale,
        criteria=criteria,
        routing=_routing(document.get("routing")) if is_many else None,
        order=_order(document.get("combination"), len(criteria)) if is_many else None,
        default=_default(document.get("default"), grades) if is_judged or is_many else None,
        quorum=_fraction(document.get("quorum"), "quorum"),
        threshold=_threshold(document.get("threshold")) if kind == "yes-no" else None,
    )
    if len(rules.columns) > MOST_COLUMNS:
        raise _refuse("proposals", f"{MOST_COLUMNS} answers on a ballot at most")
    return rules
