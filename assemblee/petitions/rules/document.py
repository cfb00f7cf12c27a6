"""The rules for petitions as a document: thresholds, delays, grounds of refusal, what a crossing opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from assemblee.journal import tree
from assemblee.refusal import Refusal
from votes.errors import BadFraction
from votes.threshold import Spread, Step, Tally, Threshold

FORMAT = "assemblee-petition-rules-1"
ANSWER, ASSEMBLY, OTHER = "answer", "assembly", "other"
OPENINGS = (ANSWER, ASSEMBLY, OTHER)
MOST_DAYS, MOST_PEOPLE, MOST_TEXTS, LONGEST_TEXT = 3_660, 100_000_000, 200, 1_000
# What each number of the document may be.
NUMBERS: Mapping[str, tuple[int, int]] = {
    "inhabitants": (1, MOST_PEOPLE),
    "sponsors": (0, 1_000),
    "sponsor_days": (1, MOST_DAYS),
    "check_days": (1, MOST_DAYS),
    "appeal_days": (1, MOST_DAYS),
    "open_days": (1, MOST_DAYS),
    "review_days": (1, MOST_DAYS),
    "answer_days": (1, MOST_DAYS),
    "per_address": (1, 20),
}
PLAN: Mapping[str, tuple[int, int]] = {
    "notice_days": (7, 365),
    "days": (1, 366),
    "sessions": (1, 60),
    "report_days": (0, 365),
}
WAVE: Mapping[str, tuple[int, int]] = {
    "pool": (0, 2**31 - 1),
    "register": (0, 2**31 - 1),
    "per_seat": (1, 100),
    "letters": (1, 1_000),
    "answer_days": (3, 90),
}


@dataclass(frozen=True)
class Opening:
    """A step and what it opens: an `answer`, an `assembly`, or something `other` that ``promise`` says."""

    opens: str
    step: Step
    promise: str = ""


@dataclass(frozen=True)
class AssemblyPlan:
    """The calendar of an assembly that a crossing opens.

    Parameters
    ----------
    notice_days : int
        From the crossing to its first day: for invitations, the frozen draw, and answers.
    days : int
        From its first day to its last.
    sessions : int
        Days on which it sits, spread evenly over them.
    report_days : int
        From its last day to its report.
    """

    notice_days: int = 60
    days: int = 90
    sessions: int = 4
    report_days: int = 14


@dataclass(frozen=True)
class WaveRules:
    """Who is written to when volunteers are too few.

    Parameters
    ----------
    pool, register : int
        Numbers of the pool that assemblies are drawn from and of the register of inhabitants; 0 for none.
    per_seat : int
        How many volunteers there have to be for each seat that a quota asks for.
    letters : int
        How many inhabitants are written to for each volunteer that is missing.
    answer_days : int
        How long they have to answer.
    """

    pool: int = 0
    register: int = 0
    per_seat: int = 3
    letters: int = 10
    answer_days: int = 21


@dataclass(frozen=True)
class PetitionRules:
    """How petitions go in a mandate; ``number`` is that of the version, 0 if it is none yet.

    Parameters
    ----------
    inhabitants : int
        Over 16, of whom a threshold may be a share.
    steps : tuple of Opening
        In the order in which they are reached; at most one opens an assembly.
    districts : mapping of str to int
        Inhabitants over 16 of each district; empty if signers write where they live.
    sponsors : int
        Signatures before a guarantor checks a petition.
    sponsor_days, check_days, appeal_days, open_days, review_days, answer_days : int
        To find sponsors, for the check, for an appeal and for its answer, for signing, for a review by
        guarantors, for the answer to a step.
    per_address : int
        People who may share one e-mail address.
    categories, grounds : tuple of str
        What petitions are about; for what reasons one is refused.
    """

    inhabitants: int
    steps: tuple[Opening, ...] = ()
    districts: Mapping[str, int] = field(default_factory=dict)
    sponsors: int = 5
    sponsor_days: int = 60
    check_days: int = 14
    appeal_days: int = 14
    open_days: int = 180
    review_days: int = 14
    answer_days: int = 30
    per_address: int = 1
    categories: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    plan: AssemblyPlan = AssemblyPlan()
    wave: WaveRules = WaveRules()
    number: int = 0

    @property
    def opening(self) -> int | None:
        """The place of the step that opens an assembly, if one does."""
        return next((place for place, one in enumerate(self.steps) if one.opens == ASSEMBLY), None)

    def tally(self, counted: int, by_district: Mapping[str, int]) -> Tally:
        """Return signatures beside inhabitants, as steps are judged."""
        return Tally(
            counted,
            self.inhabitants,
            {name: (by_district.get(name, 0), people) for name, people in self.districts.items()},
        )


def ready_made(inhabitants: int) -> PetitionRules:
    """Return the rules that an organiser may publish as they are, or change first."""
    return PetitionRules(
        inhabitants,
        (
            Opening(ANSWER, Step(Threshold.read("100"))),
            Opening(ASSEMBLY, Step(Threshold.read("1000"))),
        ),
        categories=(
            "Santé et solidarités",
            "Éducation et jeunesse",
            "Environnement et énergie",
            "Logement et transports",
            "Travail et économie",
            "Justice et libertés",
            "Institutions",
            "Autre",
        ),
        grounds=(
            "La demande ne porte pas sur la loi, ni sur le travail de l’élu·e.",
            "Le texte injurie, diffame ou appelle à la haine ou à la violence.",
            "Le texte met en cause la vie privée d’une personne.",
            "Le texte fait la publicité d’une entreprise ou d’un parti.",
            "La même demande est déjà ouverte à la signature.",
            "Le texte n’est pas compréhensible.",
        ),
    )


def write(rules: PetitionRules) -> dict[str, Any]:
    """Return rules as a document of whole numbers and texts."""
    return {
        "format": FORMAT,
        **{name: getattr(rules, name) for name in NUMBERS},
        "categories": list(rules.categories),
        "grounds": list(rules.grounds),
        "districts": [[name, people] for name, people in rules.districts.items()],
        "steps": [
            {
                "opens": one.opens,
                "threshold": str(one.step.threshold),
                "spread": [one.step.spread.districts, str(one.step.spread.least)]
                if one.step.spread
                else None,
                "promise": one.promise,
            }
            for one in rules.steps
        ],
        "assembly": vars(rules.plan),
        "wave": vars(rules.wave),
    }


def read(document: object, number: int = 0) -> PetitionRules:
    """Return the rules of a document.

    Raises
    ------
    Refusal
        `petition-rules-invalid`: `where` the first fault is, and what was `expected`.
    """
    try:
        tree.canonical(document)  # type: ignore[arg-type] # that is the question
    except (tree.NotCanonical, ValueError, RecursionError):
        _refuse("", "text in Unicode NFC and whole numbers")
    fields = _object(document, "")
    if fields.get("format") != FORMAT:
        _refuse("format", FORMAT)
    rules = PetitionRules(
        **_numbers(fields, NUMBERS, ""),
        categories=_texts(fields.get("categories"), "categories"),
        grounds=_texts(fields.get("grounds"), "grounds"),
        districts=_districts(fields.get("districts")),
        steps=tuple(_opening(one, f"steps/{place}") for place, one in enumerate(_list(fields, "steps"))),
        plan=AssemblyPlan(**_numbers(_object(fields.get("assembly"), "assembly"), PLAN, "assembly/")),
        wave=WaveRules(**_numbers(_object(fields.get("wave"), "wave"), WAVE, "wave/")),
        number=number,
    )
    _check(rules)
    return rules


def _check(rules: PetitionRules) -> None:
    if not rules.steps:
        _refuse("steps", "one step or more")
    if sum(one.opens == ASSEMBLY for one in rules.steps) > 1:
        _refuse("steps", "one step that opens an assembly")
    if not rules.categories or not rules.grounds:
        _refuse("grounds" if rules.categories else "categories", "one line or more")
    # A step that is lower than the one before would be reached with it, and promise nothing.
    needed = [one.step.threshold.needed(rules.inhabitants) for one in rules.steps]
    if needed != sorted(set(needed)):
        _refuse("steps", "each step higher than the one before")
    if needed[-1] > rules.inhabitants:
        _refuse("steps", f"at most {rules.inhabitants}")
    for one in rules.steps:
        if one.opens == OTHER and not one.promise:
            _refuse("steps", "what the step opens, in words")
        if one.step.spread and not 1 <= one.step.spread.districts <= len(rules.districts):
            _refuse("steps", f"1-{len(rules.districts)} districts")


def _opening(document: object, where: str) -> Opening:
    fields = _object(document, where)
    if fields.get("opens") not in OPENINGS:
        _refuse(f"{where}/opens", ", ".join(OPENINGS))
    spread = None
    if fields.get("spread") is not None:
        number, least = _row(fields["spread"], f"{where}/spread")
        spread = Spread(
            _number(number, f"{where}/spread", 1, MOST_TEXTS), _threshold(least, f"{where}/spread")
        )
    promise = _text(fields.get("promise"), f"{where}/promise")
    return Opening(fields["opens"], Step(_threshold(fields.get("threshold"), where), spread), promise)


def _threshold(value: object, where: str) -> Threshold:
    try:
        return Threshold.read(_text(value, where))
    except BadFraction:
        _refuse(where, "500, 1/20")


def _districts(value: object) -> dict[str, int]:
    if not isinstance(value, list):
        _refuse("districts", "a list")
    people_by_district: dict[str, int] = {}
    for row in value[: MOST_TEXTS + 1]:
        name, people = _row(row, "districts")
        people_by_district[_line(name, "districts")] = _number(people, "districts", 1, MOST_PEOPLE)
    if len(people_by_district) != len(value) or len(people_by_district) > MOST_TEXTS:
        _refuse("districts", "each district once")
    return people_by_district


def _numbers(
    fields: Mapping[str, object], bounds: Mapping[str, tuple[int, int]], where: str
) -> dict[str, Any]:
    return {
        name: _number(fields.get(name), f"{where}{name}", least, most)
        for name, (least, most) in bounds.items()
    }


def _number(value: object, where: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        _refuse(where, f"{least}-{most}")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        _refuse(where, f"0-{MOST_TEXTS} lines")
    lines = tuple(_line(one, where) for one in value)
    if len(set(lines)) != len(lines):
        _refuse(where, "each line once")
    return lines


def _line(value: object, where: str) -> str:
    text = _text(value, where)
    if not text.strip() or "\n" in text:
        _refuse(where, "a line")
    return text


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        _refuse(where, "text")
    return value


def _list(fields: Mapping[str, object], name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        _refuse(name, "a list")
    return value


def _row(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a name and a number
        _refuse(where, "a row of two")
    return value


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(where, "an object")
    return value


def _refuse(where: str, expected: str) -> NoReturn:
    raise Refusal("petition-rules-invalid", status=422, where=where or "rules", expected=expected)
