"""How many are enough: a fixed number, or an exact share of some people, and from how many districts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from votes.errors import BadFraction

TEXT = re.compile(r"(>?)([0-9]{1,15})(?:/([0-9]{1,15}))?", re.ASCII)


@dataclass(frozen=True)
class Threshold:
    """What has to be reached, made by :meth:`read`.

    Parameters
    ----------
    amount : Fraction
        A whole number from 1, or a share from 0 to 1.
    is_share : bool
    is_strict : bool
        Whether more than this is needed: ``1/2`` of 10 is 5, ``>1/2`` is 6.
    """

    amount: Fraction
    is_share: bool
    is_strict: bool

    @classmethod
    def read(cls, text: str) -> Threshold:
        """Read a threshold such as ``"500"``, ``"1/20"`` or ``">1/2"``.

        Raises
        ------
        BadFraction
            If the text is something else, nothing at all, or a share greater than 1.

        Examples
        --------
        >>> Threshold.read(">1/2").needed(10)
        6
        """
        match = TEXT.fullmatch(text)
        if not match or (match[3] and int(match[3]) == 0):
            raise BadFraction(found=text)
        made = cls(Fraction(int(match[2]), int(match[3] or 1)), match[3] is not None, match[1] == ">")
        if made.amount == 0 or (made.is_share and made.amount > 1):
            raise BadFraction(found=text)
        return made

    def needed(self, people: int) -> int:
        """Return the smallest number that reaches the threshold: at least 1, since nobody decides nothing.

        Parameters
        ----------
        people : int
            How many the share is of.
        """
        exact = self.amount * people if self.is_share else self.amount
        whole = exact.numerator // exact.denominator
        if self.is_strict or whole < exact:
            whole += 1
        return max(whole, 1)

    def is_met(self, found: int, people: int) -> bool:
        """Tell whether a number reaches the threshold."""
        return found >= self.needed(people)

    def __str__(self) -> str:
        share = f"/{self.amount.denominator}" if self.is_share else ""
        return f"{'>' if self.is_strict else ''}{self.amount.numerator}{share}"


@dataclass(frozen=True)
class Tally:
    """Who supports something, beside who could.

    Parameters
    ----------
    found, people : int
        Signatures, or votes; and how many a share is of.
    districts : mapping of str to (int, int)
        The same two numbers in each district.
    """

    found: int
    people: int
    districts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Spread:
    """Support that has to come from several districts.

    Parameters
    ----------
    districts : int
        In how many of them ``least`` has to be reached.
    least : Threshold
    """

    districts: int
    least: Threshold

    def reached_in(self, tally: Tally) -> list[str]:
        """Return the districts in which there is enough support."""
        return [name for name, (found, people) in tally.districts.items() if self.least.is_met(found, people)]

    def is_met(self, tally: Tally) -> bool:
        """Tell whether enough districts support it."""
        return len(self.reached_in(tally)) >= self.districts


@dataclass(frozen=True)
class Step:
    """A threshold, and perhaps the districts that the support has to come from."""

    threshold: Threshold
    spread: Spread | None = None

    def is_met(self, tally: Tally) -> bool:
        """Tell whether a tally reaches the step."""
        enough = self.threshold.is_met(tally.found, tally.people)
        return enough and (self.spread is None or self.spread.is_met(tally))


def reached(steps: Sequence[Step], tally: Tally) -> int:
    """Return how many steps are reached, one after the other.

    Parameters
    ----------
    steps : sequence of Step
        In the order in which they open something; one that is not reached bars those after it.
    tally : Tally

    Examples
    --------
    >>> steps = [Step(Threshold.read("1/100")), Step(Threshold.read("1/20"))]
    >>> reached(steps, Tally(30, 1000))
    1
    """
    for place, step in enumerate(steps):
        if not step.is_met(tally):
            return place
    return len(steps)
