"""The outcome of a consultation: ballots counted under its rules (`docs/consultations.md`, *result.json*)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from votes.ballots import NO_OPINION, Count, count
from votes.consultation import Rules, Words
from votes.criteria import layers, lexicographic
from votes.defaults import Default
from votes.errors import NoJudgment, TooLarge
from votes.majority import Judgment, judge
from votes.poll import Poll

FORMAT = "assemblee-consultation-result-2"
Ballots = NDArray[np.uint8]
"""Answers, shape (ballots, columns): a byte each."""
Document = dict[str, Any]


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
    if tally["majority_grade"] is None:
        return None
    return judge(poll(rules, scale, tally["counts"], tally["no_opinion"], tally["judges"], language=language))


def needed(rules: Rules, roll: int) -> int:
    """Return how many people on the roll must be marked for the vote to decide."""
    return ceil(rules.quorum * roll)


def unranked(tally: Document) -> Document:
    """Return a tally as it is published below the quorum: its figures, and no order of the proposals."""
    silenced = {name: None if name == "ranking" else value for name, value in tally.items()}
    if "criteria" in tally:
        silenced["criteria"] = [unranked(one) for one in tally["criteria"]]
    return silenced


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
    least = needed(rules, roll)
    quorum_met = marks >= least
    columns = [column.options for column in rules.columns]
    counted = count(ballots[~is_blank], len(columns), columns)
    tally = TALLIES[rules.kind](rules, counted, judges, quorum_met)
    return {
        "format": FORMAT,
        "consultation": consultation,
        "roll": roll,
        "marks": marks,
        "ballots": len(ballots),
        "blank": blank,
        "needed": least,
        "quorum_met": quorum_met,
        "tally": tally if quorum_met else unranked(tally),
    }


def _judgment(rules: Rules, scale: Sequence[Words], counted: Count, columns: slice, judges: int) -> Document:
    counts = counted.answers[columns, : len(scale)].tolist()
    no_opinion = counted.no_opinion[columns].tolist()
    result = None
    if judges:
        # Published without a ranking where somebody judged, but not every proposal.
        with contextlib.suppress(NoJudgment, TooLarge):
            result = judge(poll(rules, scale, counts, no_opinion, judges))
    return {
        "judges": judges,
        "counts": counts,
        "no_opinion": no_opinion,
        "ranking": list(result.ranks) if result else None,
        "majority_grade": list(result.medians) if result else None,
    }


def _majority_judgment(rules: Rules, counted: Count, judges: int, _quorum_met: object) -> Document:
    return _judgment(rules, rules.scale, counted, slice(None), judges)


def _yes_no(rules: Rules, counted: Count, _judges: object, quorum_met: object) -> Document:
    counts = counted.answers.tolist()
    threshold = rules.threshold
    return {
        "counts": counts,
        "no_opinion": counted.no_opinion.tolist(),
        "adopted": [
            bool(quorum_met) and threshold is not None and threshold.is_met(yes, no + yes)
            for no, yes in counts
        ],
    }


def _nominal(_rules: object, counted: Count, judges: int, _quorum_met: object) -> Document:
    counts = counted.answers[0].tolist()
    ranking = [1 + sum(other > one for other in counts) for one in counts] if judges else None
    return {"counts": counts, "ranking": ranking}


def _multi_criteria(rules: Rules, counted: Count, judges: int, _quorum_met: object) -> Document:
    width = len(rules.columns) // len(rules.proposals)
    tallies = [
        _judgment(rules, criterion.scale, counted, slice(number, None, width), judges)
        for number, criterion in enumerate(rules.criteria)
    ]
    rankings = [tally["ranking"] for tally in tallies]
    routing = None
    if rules.routing is not None:
        last = slice(width - 1, None, width)
        routing = {
            "counts": counted.answers[last, : len(rules.routing.options)].tolist(),
            "no_opinion": counted.no_opinion[last].tolist(),
        }
    return {
        "criteria": tallies,
        "routing": routing,
        "ranking": None if None in rankings else _combined(rules, list(zip(*rankings, strict=True))),
    }


def _combined(rules: Rules, profiles: Sequence[Sequence[int]]) -> list[int]:
    return list(layers(profiles) if rules.order is None else lexicographic(profiles, rules.order))


TALLIES = {
    "majority-judgment": _majority_judgment,
    "yes-no": _yes_no,
    "nominal": _nominal,
    "multi-criteria": _multi_criteria,
}
