"""A sample of lines drawn so that anybody can redo it, and how many of all lines are valid by it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from votes.errors import BadCount

SEED_BYTES = 32
LABEL = b"assemblee-sample-1\0"
CONFIDENCE = Fraction(95, 100)


class _Numbers:
    """Whole numbers below a bound from a seed: HMAC-SHA256 of a counter, what is not below thrown away."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise BadCount(found=len(seed), expected=SEED_BYTES)
        self.seed, self.attempts = seed, 0

    def below(self, bound: int) -> int:
        bits = (bound - 1).bit_length()
        size = (bits + 7) // 8
        while True:
            block = hmac.digest(self.seed, LABEL + self.attempts.to_bytes(8), "sha256")[:size]
            self.attempts += 1
            number = int.from_bytes(block) >> (8 * size - bits)
            if number < bound:
                return number


def sample(seed: bytes, population: int, size: int) -> tuple[int, ...]:
    """Draw some of the numbers from 0 to ``population - 1``, each set of them being equally likely.

    Number ``i`` of the sample is taken among those left, the last of which takes its place. Attempt ``n``
    (from 0) reads the first bytes of ``HMAC-SHA256(seed, "assemblee-sample-1" || 00 || uint64be(n))``, as
    many as the bound needs, and drops the low bits that are too many.

    Parameters
    ----------
    seed : bytes
        32 bytes.
    population, size : int

    Returns
    -------
    tuple of int
        In ascending order.

    Raises
    ------
    BadCount
        If the seed has another length, or the sample is empty or larger than the population.

    Examples
    --------
    >>> sample(bytes(32), 1000, 3)
    (172, 694, 708)
    """
    numbers = _Numbers(seed)
    if not 1 <= size <= population:
        raise BadCount(found=size, expected=f"1-{population}")
    moved: dict[int, int] = {}
    chosen = []
    for left in range(population, population - size, -1):
        place = numbers.below(left)
        chosen.append(moved.get(place, place))
        moved[place] = moved.get(left - 1, left - 1)
    return tuple(sorted(chosen))


@dataclass(frozen=True)
class Estimate:
    """How many of all lines are valid, by a sample of them.

    Parameters
    ----------
    population, size, valid : int
        Lines in all, lines looked at, and valid ones among these.
    low, high : int
        The least and the most valid lines in all that go with the sample at the stated confidence.
    """

    population: int
    size: int
    valid: int
    low: int
    high: int

    @property
    def share(self) -> Fraction:
        """The share of valid lines in the sample."""
        return Fraction(self.valid, self.size)

    @property
    def middle(self) -> int:
        """The number of valid lines in all that the share gives, to the nearest, halves up."""
        return (2 * self.valid * self.population + self.size) // (2 * self.size)


def _tail(population: int, valid: int, size: int, most: int) -> int:
    """Return in how many of the samples at most ``most`` lines are valid, if ``valid`` are in all."""
    least = max(0, size - (population - valid))
    if most < least:
        return 0
    term = comb(valid, least) * comb(population - valid, size - least)
    total = term
    for number in range(least, min(most, valid, size)):
        # From one number of valid lines to the next; the division leaves no rest.
        term = (
            term
            * (valid - number)
            * (size - number)
            // ((number + 1) * (population - valid - size + number + 1))
        )
        total += term
    return total


def estimate(population: int, size: int, valid: int, confidence: Fraction = CONFIDENCE) -> Estimate:
    """Return the exact interval of Clopper and Pearson for a sample without replacement.

    The number of valid lines in a sample follows the hypergeometric law. The interval holds every number of
    valid lines in all for which neither so few nor so many in the sample would be rarer than half of what the
    confidence leaves out: it is right at least as often as stated, whatever the truth is.

    Parameters
    ----------
    population, size, valid : int
    confidence : Fraction
        From 0 to 1, both left out.

    Raises
    ------
    BadCount
        If the numbers do not fit together.

    Examples
    --------
    >>> valid = estimate(1000, 100, 90)
    >>> valid.low, valid.middle, valid.high
    (828, 900, 948)
    """
    if not 1 <= size <= population:
        raise BadCount(found=size, expected=f"1-{population}")
    if not 0 <= valid <= size:
        raise BadCount(found=valid, expected=f"0-{size}")
    if not 0 < confidence < 1:
        raise BadCount(found=str(confidence), expected="0-1")
    samples = comb(population, size)
    rare = (1 - confidence) / 2

    def is_rare(number: int) -> bool:
        return number * rare.denominator <= samples * rare.numerator

    # Each tail only grows or only shrinks with the number of valid lines, so that halving finds its end.
    least, most = valid, population - (size - valid)
    low, top = least, most
    while low < top:
        middle = (low + top) // 2
        if is_rare(samples - _tail(population, middle, size, valid - 1)):
            low = middle + 1
        else:
            top = middle
    bottom, high = least, most
    while bottom < high:
        middle = (bottom + high + 1) // 2
        if is_rare(_tail(population, middle, size, valid)):
            high = middle - 1
        else:
            bottom = middle
    return Estimate(population, size, valid, low, high)
