"""A poll: a scale, proposals, and how many judges gave each grade to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from votes.defaults import Default, common_total, fill
from votes.errors import BadCount, BadWidth, Incoherent, NoProposal
from votes.key import Matrix, matrix
from votes.scales import check_grades, check_names

# More than anybody will ever count, and short enough to publish any sum of it.
MOST = 10**30


@dataclass(frozen=True)
class Poll:
    """Judgments as they were received, made by :meth:`of` only.

    Parameters
    ----------
    grades : tuple of str
        The scale, worst first.
    proposals : tuple of str
    counts : tuple of tuples of int
        For each proposal, how many judges gave each grade, worst first.
    judges : int
        Participants, whether or not they graded every proposal.
    default : Default
        What absent grades count as.
    no_opinion : tuple of int
        For each proposal, how many said that they have no opinion; their grade is absent.
    total : int
        The judgments of each proposal once absent grades are counted.
    """

    grades: tuple[str, ...]
    proposals: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    judges: int
    default: Default
    no_opinion: tuple[int, ...]
    total: int

    @classmethod
    def of(
        cls,
        grades: Sequence[str],
        counts: Mapping[str, Sequence[object]],
        judges: object = None,
        default: Default | None = None,
        no_opinion: Mapping[str, object] | None = None,
    ) -> Poll:
        """Make a poll of counts.

        Parameters
        ----------
        grades : sequence of str
            From 2 to 10 names, worst first.
        counts : mapping of str to sequence of int
            For each proposal, how many judges gave each grade, worst first.
        judges : int, optional
            Participants; the largest number of judgments of a proposal where it is not said.
        default : Default, optional
            What absent grades count as; refused where it is not said.
        no_opinion : mapping of str to int, optional
            For each proposal, how many said that they have no opinion.

        Raises
        ------
        BadScale, BadName, DuplicateName, NoProposal, BadWidth, BadCount, BadDefault
            If an argument is not what it should be.
        Incoherent
            If a proposal has more judgments and abstentions than there are judges.
        Unbalanced, NoJudgment, TooLarge
            If the counts cannot be balanced, see :func:`votes.defaults.common_total`.

        Examples
        --------
        >>> Poll.of(["Non", "Oui"], {"Parc": [3, 4]}).total
        7
        """
        check_grades(grades)
        if not counts:
            raise NoProposal
        check_names("proposal", tuple(counts))
        default = default or Default()
        default.check(len(grades))
        rows = []
        for name, row in counts.items():
            if len(row) != len(grades):
                raise BadWidth(proposal=name, found=len(row), expected=len(grades))
            pairs = zip(grades, row, strict=True)
            rows.append(tuple(checked(number, name, grade) for grade, number in pairs))
        totals = [sum(row) for row in rows]
        given = no_opinion or {}
        without = tuple(checked(given.get(name, 0), name, "no opinion") for name in counts)
        # Who has no opinion is a judge too.
        heard = [total + number for total, number in zip(totals, without, strict=True)]
        people = max(heard) if judges is None else checked(judges, "judges", "all")
        for name, number in zip(counts, heard, strict=True):
            if number > people:
                raise Incoherent(proposal=name, found=number, judges=people)
        total = common_total(tuple(counts), totals, people, default)
        return cls(tuple(grades), tuple(counts), tuple(rows), people, default, without, total)

    def received(self) -> Matrix:
        """Return the judgments received, shape (proposals, grades), in a type that holds the common total."""
        return matrix(self.counts, self.total)

    def balanced(self) -> Matrix:
        """Return the judgments with absent grades counted, ``total`` of them in each row."""
        return fill(self.received(), self.default, self.total)


def checked(number: object, proposal: str, grade: str) -> int:
    """Return a whole number from 0 to 10**30.

    Raises
    ------
    BadCount
        For anything else.
    """
    if type(number) is not int or not 0 <= number <= MOST:
        raise BadCount(found=_shown(number), most=MOST, proposal=proposal, grade=grade)
    return number


def _shown(number: object) -> str:
    """Return what was found, in a few characters; whole numbers may be too long to be written."""
    if type(number) is int and abs(number) > MOST:
        return f"a number of {number.bit_length()} bits"
    return ascii(number)[:60]
