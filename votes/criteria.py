"""Several criteria: their rankings are combined by ranks, and grades are never added up."""

from __future__ import annotations

from collections.abc import Sequence


def lexicographic(profiles: Sequence[Sequence[int]], order: Sequence[int]) -> tuple[int, ...]:
    """Return competition ranks by the first criterion of an order, then the next where that one is equal.

    Parameters
    ----------
    profiles : sequence of sequences of int
        The ranks of each proposal by each criterion.
    order : sequence of int
        Positions of the criteria.
    """
    found = [[profile[place] for place in order] for profile in profiles]
    return tuple(1 + sum(other < one for other in found) for one in found)


def layers(profiles: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the Pareto layer of each proposal.

    The first layer holds those that no other one dominates, the next one those that only the first layer
    dominates, and so on. One dominates another if it is nowhere ranked worse and somewhere better.

    Parameters
    ----------
    profiles : sequence of sequences of int
        The ranks of each proposal by each criterion.
    """
    layer_of = [0] * len(profiles)
    left = set(range(len(profiles)))
    layer = 0
    while left:
        layer += 1
        top = {one for one in left if not any(_dominates(profiles[other], profiles[one]) for other in left)}
        for one in top:
            layer_of[one] = layer
        left -= top
    return tuple(layer_of)


def _dominates(ones: Sequence[int], others: Sequence[int]) -> bool:
    return ones != others and all(one <= other for one, other in zip(ones, others, strict=True))
