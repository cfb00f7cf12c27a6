"""The published result of a tally: one JSON object that is itself a file of counts."""

from __future__ import annotations

from votes.majority import Judgment
from votes.margin import margin
from votes.sensitivity import sensitivity

FORMAT = "assemblee-tally-1"


def document(judgment: Judgment) -> dict[str, object]:
    """Return the result of a poll as a JSON object of whole numbers and texts.

    Parameters
    ----------
    judgment : Judgment

    Returns
    -------
    dict
        ``grades``, ``proposals``, ``judges``, ``default`` and ``no_opinion`` repeat the input; the others are
        what was made of it. ``docs/votes.md`` describes each member.
    """
    poll = judgment.poll
    best_first = judgment.order
    names = [poll.proposals[place] for place in best_first]
    return {
        "format": FORMAT,
        "grades": list(poll.grades),
        "proposals": dict(zip(poll.proposals, map(list, poll.counts), strict=True)),
        "judges": poll.judges,
        "default": poll.default.to_document(),
        "no_opinion": dict(zip(poll.proposals, poll.no_opinion, strict=True)),
        "total": poll.total,
        "ranking": {name: judgment.ranks[place] for name, place in zip(names, best_first, strict=True)},
        "majority_grade": {
            name: judgment.gauges[place].grade for name, place in zip(names, best_first, strict=True)
        },
        "gauge": {
            name: judgment.gauges[place].to_document() for name, place in zip(names, best_first, strict=True)
        },
        "explanations": [explanation.to_document() for explanation in judgment.explanations],
        "margin": margin(judgment).to_document(),
        "sensitivity": sensitivity(judgment).to_document(),
    }
