# ruff: noqa: N818  refusals are named after what is wrong, not after being errors
"""What the core refuses, as small named classes with a code and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from assemblee.tabular.problems import Problem


class VotesError(Exception):
    """The base of every refusal of this package: a code and its parameters, never a sentence."""

    code: ClassVar[str] = "votes-error"

    def __init__(self, **parameters: object) -> None:
        super().__init__(self.code, parameters)
        self.parameters = parameters


class UnreadableBallots(VotesError):
    """A file of ballots holds problems; the first ones are listed."""

    code = "unreadable-ballots"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems=len(problems))
        self.problems = tuple(problems)


class BadDocument(VotesError):
    """A document of counts has not the form that was expected at some place."""

    code = "bad-document"


class BadScale(VotesError):
    """A scale has too few or too many grades."""

    code = "bad-scale"


class UnknownScale(VotesError):
    """No ready-made scale has this many grades, or holds all the grades of the ballots."""

    code = "unknown-scale"


class ReservedGrade(VotesError):
    """A grade is named by what means something else in a ballot: a number, or the words for no opinion."""

    code = "reserved-grade"


class BadName(VotesError):
    """A name is empty, or holds characters that cannot be printed."""

    code = "bad-name"


class DuplicateName(VotesError):
    """Two proposals, or two grades, have one name."""

    code = "duplicate-name"


class NoProposal(VotesError):
    """There is nothing to vote on."""

    code = "no-proposal"


class BadCount(VotesError):
    """A number of judgments or people is not a whole number in its range."""

    code = "bad-count"


class BadWidth(VotesError):
    """A row does not have as many values as it should."""

    code = "bad-width"


class BadBallot(VotesError):
    """A ballot is not a row of known bytes of the right length."""

    code = "bad-ballot"


class BadDefault(VotesError):
    """What absent grades count as is not one of the rules there are."""

    code = "bad-default"


class Incoherent(VotesError):
    """A proposal has more judgments than there are judges."""

    code = "incoherent"


class Unbalanced(VotesError):
    """Proposals have different numbers of judgments, and no default was declared."""

    code = "unbalanced"


class NoJudgment(VotesError):
    """A proposal has no judgment, so that it has no median."""

    code = "no-judgment"


class TooLarge(VotesError):
    """A common total would be a number too long to be published."""

    code = "too-large"


class Contradiction(VotesError):
    """A file and an option say different things."""

    code = "contradiction"


class BadFraction(VotesError):
    """A threshold is not a fraction or a whole number in its range."""

    code = "bad-fraction"


class BadQuestion(VotesError):
    """A question's rules do not fit together."""

    code = "bad-question"
