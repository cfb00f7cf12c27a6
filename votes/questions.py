"""Every kind of question: majority judgment, yes or no, one of several; the rules of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from votes.ballots import Count
from votes.criteria import Criteria
from votes.defaults import Default
from votes.document import document
from votes.errors import BadQuestion
from votes.kinds import KINDS, kind
from votes.majority import Judgment, judge
from votes.poll import Poll
from votes.scales import check_grades, check_names
from votes.threshold import Threshold

__all__ = ["KINDS", "Criteria", "MajorityJudgment", "Nominal", "Requirement", "YesNo"]

NO, YES = 0, 1
BASES = ("decided", "ballots", "entitled")


@kind("majority-judgment")
@dataclass(frozen=True)
class MajorityJudgment:
    """Each proposal gets a grade.

    Parameters
    ----------
    proposals : tuple of str
    grades : tuple of str
        The scale, worst first.
    default : Default
        What absent grades count as.
    """

    proposals: tuple[str, ...]
    grades: tuple[str, ...]
    default: Default = field(default_factory=Default)

    def __post_init__(self) -> None:
        check_grades(self.grades)
        check_names("proposal", self.proposals)
        self.default.check(len(self.grades))

    @property
    def options(self) -> tuple[int, ...]:
        """A grade for each proposal."""
        return (len(self.grades),) * len(self.proposals)

    def outcome(self, count: Count, entitled: int) -> JudgmentOutcome:  # noqa: ARG002 - who came judges
        """Rank the proposals.

        Raises
        ------
        Unbalanced, NoJudgment, TooLarge
            If the default does not give every proposal a grade.
        """
        rows = dict(zip(self.proposals, count.answers.tolist(), strict=True))
        no_opinion = dict(zip(self.proposals, count.no_opinion.tolist(), strict=True))
        return JudgmentOutcome(judge(Poll.of(self.grades, rows, count.ballots, self.default, no_opinion)))


@dataclass(frozen=True)
class JudgmentOutcome:
    """The result of a majority judgment."""

    judgment: Judgment

    def to_document(self) -> dict[str, object]:
        """Return the outcome as the JSON object that a tally writes."""
        return {"kind": "majority-judgment", **document(self.judgment)}


@dataclass(frozen=True)
class Requirement:
    """A number of yes that is needed.

    Parameters
    ----------
    threshold : Threshold
    base : {"decided", "ballots", "entitled"}
        Of whom its share is: of those who said yes or no, of all who cast a ballot, or of all who might have.
    """

    threshold: Threshold
    base: str = "decided"

    def __post_init__(self) -> None:
        if self.base not in BASES:
            raise BadQuestion(found=self.base, expected=BASES)


@kind("yes-no")
@dataclass(frozen=True)
class YesNo:
    """Yes, no or blank to one proposal.

    Parameters
    ----------
    requirements : tuple of Requirement
        All of them must be met; more than half of those who decide, where nothing else is declared.
    quorum : Threshold or None
        How many ballots, blank ones among them, make the vote valid, of all who might have cast one.
    """

    requirements: tuple[Requirement, ...] = (Requirement(Threshold.read(">1/2")),)
    quorum: Threshold | None = None

    def __post_init__(self) -> None:
        if not self.requirements:
            raise BadQuestion(found="no requirement", expected=BASES)

    @property
    def options(self) -> tuple[int, ...]:
        """One answer: 0 for no, 1 for yes; anything else that a ballot may hold is blank."""
        return (2,)

    def outcome(self, count: Count, entitled: int) -> YesNoOutcome:
        """Tell whether the proposal is adopted.

        Raises
        ------
        BadQuestion
            If there are more ballots than people entitled.
        """
        check_entitled(count, entitled)
        no, yes = count.answers[0].tolist()
        people = {"decided": no + yes, "ballots": count.ballots, "entitled": entitled}
        return YesNoOutcome(
            yes,
            no,
            count.ballots - yes - no,
            entitled,
            None if self.quorum is None else self.quorum.needed(entitled),
            tuple(one.threshold.needed(people[one.base]) for one in self.requirements),
        )


@dataclass(frozen=True)
class YesNoOutcome:
    """The numbers of a vote by yes or no, and what they had to reach.

    Parameters
    ----------
    yes, no, blank, entitled : int
    quorum : int or None
        Ballots that were needed.
    needed : tuple of int
        Yes that were needed for each requirement.
    """

    yes: int
    no: int
    blank: int
    entitled: int
    quorum: int | None
    needed: tuple[int, ...]

    @property
    def is_valid(self) -> bool:
        """Whether the quorum was reached."""
        return self.quorum is None or self.yes + self.no + self.blank >= self.quorum

    @property
    def is_adopted(self) -> bool:
        """Whether the vote is valid and every requirement is met."""
        return self.is_valid and all(self.yes >= number for number in self.needed)

    def to_document(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        return {
            "kind": "yes-no",
            "yes": self.yes,
            "no": self.no,
            "blank": self.blank,
            "entitled": self.entitled,
            "quorum": self.quorum,
            "needed": list(self.needed),
            "valid": self.is_valid,
            "adopted": self.is_adopted,
        }


@kind("nominal")
@dataclass(frozen=True)
class Nominal:
    """One of several answers, or blank: the numbers are shown, and ties as ties."""

    answers: tuple[str, ...]

    def __post_init__(self) -> None:
        check_names("proposal", self.answers)
        if len(self.answers) < 2:  # noqa: PLR2004 - a choice has two sides
            raise BadQuestion(found=len(self.answers), expected="two answers or more")

    @property
    def options(self) -> tuple[int, ...]:
        """One of the answers."""
        return (len(self.answers),)

    def outcome(self, count: Count, entitled: int) -> NominalOutcome:
        """Count the answers.

        Raises
        ------
        BadQuestion
            If there are more ballots than people entitled.
        """
        check_entitled(count, entitled)
        numbers = tuple(count.answers[0].tolist())
        return NominalOutcome(self.answers, numbers, count.ballots - sum(numbers))


@dataclass(frozen=True)
class NominalOutcome:
    """How many chose each answer, and how many none."""

    answers: tuple[str, ...]
    numbers: tuple[int, ...]
    blank: int

    @property
    def ranks(self) -> tuple[int, ...]:
        """The rank of each answer: 1, 2, 2, 4."""
        return ranks(self.numbers)

    def to_document(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        return {
            "kind": "nominal",
            "counts": dict(zip(self.answers, self.numbers, strict=True)),
            "blank": self.blank,
            "ranking": dict(zip(self.answers, self.ranks, strict=True)),
        }


def ranks(numbers: Sequence[int]) -> tuple[int, ...]:
    """Return competition ranks, the largest number first."""
    return tuple(1 + sum(other > number for other in numbers) for number in numbers)


def check_entitled(count: Count, entitled: int) -> None:
    """Refuse more ballots than people.

    Raises
    ------
    BadQuestion
    """
    if count.ballots > entitled:
        raise BadQuestion(found=count.ballots, expected=entitled)
