"""The outcome of a consultation: ballots counted under its rules (`docs/consultations.md`, *result.json*)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from votes.consultation import NO, NO_OPINION, YES, Rules, Words
from votes.defaults import Default
from votes.errors import NoJudgment, TooLarge
from votes.majority import Judgment, judge
from votes.poll import Poll

FORMAT = "assemblee-consultation-result-1"
BYTE_VALUES = 256
Ballots = NDArray[np.uint8]
"""Answers, shape (ballots, columns): a byte each."""
Document = dict[str, Any]


def counted(ballots: Ballots) -> NDArray[np.int64]:
    """Return how often each column holds each byte, shape (columns, 256)."""
    return np.array(
        [np.bincount(column, minlength=BYTE_VALUES) for column in ballots.T], dtype=np.int64
    ).reshape(ballots.shape[1], BYTE_VALUES)


def poll(
    rules: Rules,
    scale: Sequence[Words],
    counts: Sequence[Sequence[int]],
    no_opinion: Sequence[int],
    judges: int,
    *,
    language: int = 0,
) -> Poll:
    """Return the judgments of one criterion as a poll, its grades named in one language.

    Raises
    ------
    NoJudgment, TooLarge
        If the rule for absent grades has no meaning here.
    """
    names = rules.proposals
    default = Default(**rules.default) if rules.default else Default()
    return Poll.of(
        [words[language] for words in scale],
        dict(zip(names, counts, strict=True)),
        judges,
        default,
        dict(zip(names, no_opinion, strict=True)),
    )


def judged(rules: Rules, scale: Sequence[Words], tally: Document, language: int = 0) -> Judgment | None:
    """Return the judgment that a published tally leads to; none where nobody judged."""
    if tally["ranking"] is None:
        return None
    return judge(poll(rules, scale, tally["counts"], tally["no_opinion"], tally["judges"], language=language))


def outcome(rules: Rules, ballots: Ballots, *, consultation: int, roll: int, marks: int) -> Document:
    """Count ballots.

    Parameters
    ----------
    rules : Rules
    ballots : ndarray of uint8, shape (ballots, columns)
        Each a ballot that `Rules.check` lets pass.
    consultation, roll, marks : int
        Its number, how many people are on its roll, and how many of them are marked.

    Returns
    -------
    dict
        The document ``result.json``: whole numbers, words and lists of them.
    """
    is_blank = (ballots == NO_OPINION).all(axis=1)
    blank = int(is_blank.sum())
    judges = len(ballots) - blank
    quorum_met = marks * rules.quorum.denominator >= rules.quorum.numerator * roll
    found = counted(ballots[~is_blank])
    return {
        "format": FORMAT,
        "consultation": consultation,
        "roll": roll,
        "marks": marks,
        "ballots": len(ballots),
        "blank": blank,
        "quorum_met": quorum_met,
        "tally": TALLIES[rules.kind](rules, found, judges, quorum_met),
    }


def _judgment(rules: Rules, scale: Sequence[Words], found: NDArray[np.int64], judges: int) -> Document:
    counts = found[:, : len(scale)].tolist()
    no_opinion = found[:, NO_OPINION].tolist()
    ranking = majority_grade = None
    try:
        result = judge(poll(rules, scale, counts, no_opinion, judges))
    except (NoJudgment, TooLarge):
        # Published without a ranking: nobody judged, or not every proposal.
        pass
    else:
        ranking, majority_grade = list(result.ranks), list(result.medians)
    return {
        "judges": judges,
        "counts": counts,
        "no_opinion": no_opinion,
        "ranking": ranking,
        "majority_grade": majority_grade,
    }


def _majority_judgment(rules: Rules, found: NDArray[np.int64], judges: int, _quorum_met: object) -> Document:
    return _judgment(rules, rules.scale, found, judges)


def _yes_no(rules: Rules, found: NDArray[np.int64], _judges: object, quorum_met: object) -> Document:
    counts = found[:, [NO, YES]].tolist()
    threshold = rules.threshold
    return {
        "counts": counts,
        "no_opinion": found[:, NO_OPINION].tolist(),
        "adopted": [
            bool(quorum_met) and threshold is not None and threshold.is_met(yes, no) for no, yes in counts
        ],
    }


def _nominal(rules: Rules, found: NDArray[np.int64], judges: int, _quorum_met: object) -> Document:
    counts = found[0, : len(rules.proposals)].tolist()
    return {
        "counts": counts,
        "ranking": ranks([(-number,) for number in counts]) if judges else None,
    }


def _multi_criteria(rules: Rules, found: NDArray[np.int64], judges: int, _quorum_met: object) -> Document:
    width = len(rules.columns) // len(rules.proposals)
    tallies = [
        _judgment(rules, criterion.scale, found[number::width], judges)
        for number, criterion in enumerate(rules.criteria)
    ]
    rankings = [tally["ranking"] for tally in tallies]
    routing = None
    if rules.routing is not None:
        answers = found[width - 1 :: width]
        routing = {
            "counts": answers[:, : len(rules.routing.options)].tolist(),
            "no_opinion": answers[:, NO_OPINION].tolist(),
        }
    return {
        "criteria": tallies,
        "routing": routing,
        "ranking": None if None in rankings else combined(rules, list(zip(*rankings, strict=True))),
    }


TALLIES = {
    "majority-judgment": _majority_judgment,
    "yes-no": _yes_no,
    "nominal": _nominal,
    "multi-criteria": _multi_criteria,
}


def ranks(keys: Sequence[tuple[int, ...]]) -> list[int]:
    """Return competition ranks (1, 2, 2, 4), the smallest key first."""
    return [1 + sum(other < key for other in keys) for key in keys]


def combined(rules: Rules, profiles: Sequence[Sequence[int]]) -> list[int]:
    """Return the rank of each proposal from its ranks by each criterion, as the rules combine them.

    Lexicographic: by the criteria in their declared order. Pareto: the number of the layer, where the first
    holds whatever nothing dominates, the second what nothing outside of the first dominates, and so on.
    """
    if rules.order is not None:
        return ranks([tuple(profile[place] for place in rules.order) for profile in profiles])
    layers = [0] * len(profiles)
    left, layer = set(range(len(profiles))), 0
    while left:
        layer += 1
        best = {place for place in left if not any(dominates(profiles[one], profiles[place]) for one in left)}
        for place in best:
            layers[place] = layer
        left -= best
    return layers


def dominates(one: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether ranks are nowhere worse than others, and somewhere better."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)
