"""Whom to invite when volunteers are too few: a simple draw within each missing stratum (``asm-wave-1``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sortition.errors import BadSize
from sortition.protocol import digest
from sortition.quotas import Quotas
from sortition.stream import Stream

PROTOCOL = "asm-wave-1"


@dataclass(frozen=True)
class Stratum:
    """One value of one category of which there are too few volunteers.

    Parameters
    ----------
    category, value : str
    minimum : int
        The least people of it in the panel.
    available : int
        Volunteers of it.
    missing : int
        Volunteers that there should be more.
    wanted : int
        People to invite.
    """

    category: str
    value: str
    minimum: int
    available: int
    missing: int
    wanted: int


def strata(
    quotas: Quotas, available: Mapping[tuple[str, str], int], *, per_seat: int, letters: int
) -> tuple[Stratum, ...]:
    """Return the strata of which there are too few volunteers, in the canonical order of the quotas.

    Parameters
    ----------
    quotas : Quotas
        Those of the panel.
    available : mapping of (str, str) to int
        Volunteers of each value of each category.
    per_seat : int
        Volunteers that there should be for each seat of a minimum.
    letters : int
        People to invite for each volunteer that is missing.

    Examples
    --------
    >>> from sortition.quotas import Cell
    >>> quotas = Quotas((Cell("Age", "16-39", 2, 3), Cell("Age", "40+", 2, 3)))
    >>> [one.wanted for one in strata(quotas, {("Age", "40+"): 6}, per_seat=3, letters=10)]
    [60]
    """
    scarce = []
    for cell in quotas.cells:
        have = available.get((cell.category, cell.value), 0)
        missing = per_seat * cell.minimum - have
        if missing > 0:
            scarce.append(Stratum(cell.category, cell.value, cell.minimum, have, missing, letters * missing))
    return tuple(scarce)


def seed(frozen: bytes, beacon: bytes) -> bytes:
    """Return the seed of the draw.

    Parameters
    ----------
    frozen : bytes
        SHA-256 of the published document.
    beacon : bytes
        The 32 bytes of the announced randomness.
    """
    return digest(f"{PROTOCOL}/seed", frozen, beacon)


def choose(rows: Sequence[Collection[int]], wanted: Sequence[int], seed: bytes) -> list[int]:
    """Draw people, stratum after stratum, each time among those of the stratum who are not chosen yet.

    Who was chosen for an earlier stratum counts in the later ones that they belong to as well. Within a
    stratum everybody left is as likely as everybody else. A stratum with too few people is invited whole.

    Parameters
    ----------
    rows : sequence of collections of int
        For each person, the places of the strata that they belong to.
    wanted : sequence of int
        How many people of each stratum are invited.
    seed : bytes
        32 bytes.

    Returns
    -------
    list of int
        Places of the people chosen, in the order of the draw.

    Raises
    ------
    BadSeed
        If the seed has another length.
    BadSize
        If a number of people is negative.
    """
    if any(number < 0 for number in wanted):
        raise BadSize(found=min(wanted), expected=0)
    chosen: list[int] = []
    is_chosen = [False] * len(rows)
    for place, number in enumerate(wanted):
        stream = Stream(seed, f"{PROTOCOL}/stratum/{place}")
        rest = [row for row, held in enumerate(rows) if place in held and not is_chosen[row]]
        already = sum(place in rows[row] for row in chosen)
        for _ in range(min(number - already, len(rest))):
            at = stream.below(len(rest))
            # The last of those left takes the place of the one chosen.
            rest[at], rest[-1] = rest[-1], rest[at]
            row = rest.pop()
            chosen.append(row)
            is_chosen[row] = True
    return chosen
