"""The result of a consultation by the definitions, judgment by judgment: slow, short, and on its own."""

from __future__ import annotations

from math import lcm
from typing import Any

BLANK = 254
Document = dict[str, Any]


def removed(judgments: list[int]) -> list[int]:
    """Take the lower median away until nothing is left, and give what was taken, in order."""
    left = sorted(judgments)
    return [left.pop((len(left) - 1) // 2) for _ in judgments]


def ranks(number: int, better: Any) -> list[int]:  # noqa: ANN401 - a question about two places
    return [1 + sum(better(other, one) for other in range(number)) for one in range(number)]


def majority(answers: list[list[int]], grades: int, default: Document | None) -> Document:
    """Judge proposals by their answers, a list for each proposal."""
    judges = len(answers[0])
    received = [[one for one in row if one != BLANK] for row in answers]
    found: Document = {
        "judges": judges,
        "counts": [[row.count(grade) for grade in range(grades)] for row in received],
        "no_opinion": [row.count(BLANK) for row in answers],
        "ranking": None,
        "majority_grade": None,
    }
    mode = default["mode"] if default else None
    if judges == 0 or (mode != "static" and not all(received)):
        return found
    if mode != "normalized":
        for row in received:
            grade = default["grade"] if default and mode == "static" else removed(row)[0]
            row.extend([grade] * (judges - len(row)))

    def better(one: int, other: int) -> bool:
        # Two proposals at a time: what all have in common may have millions of judgments.
        common = lcm(len(received[one]), len(received[other]))
        pair = [row * (common // len(row)) for row in (received[one], received[other])]
        return removed(pair[0]) > removed(pair[1])

    found["ranking"] = ranks(len(answers), better)
    found["majority_grade"] = [removed(row)[0] for row in received]
    return found


def tally(rules: Document, ballots: list[bytes], *, quorum_met: bool) -> Document:
    found = counts(rules, ballots, quorum_met=quorum_met)
    for one in [found, *found.get("criteria", [])]:
        if "ranking" in one and not quorum_met:
            one["ranking"] = None
    return found


def counts(rules: Document, ballots: list[bytes], *, quorum_met: bool) -> Document:
    number, kind = len(rules["proposals"]), rules["kind"]
    cast = [one for one in ballots if set(one) != {BLANK}]
    if kind == "nominal":
        votes = [sum(one[0] == place for one in cast) for place in range(number)]
        order = ranks(number, lambda one, other: votes[one] > votes[other])
        return {"counts": votes, "ranking": order if cast else None}
    if kind == "majority-judgment":
        columns = [[one[place] for one in cast] for place in range(number)]
        return majority(columns, len(rules["scale"]), rules["default"])
    if kind == "yes-no":
        return yes_no(rules, cast, number, quorum_met=quorum_met)
    width = len(rules["criteria"]) + (rules["routing"] is not None)
    criteria = [
        majority(
            [[one[width * proposal + place] for one in cast] for proposal in range(number)],
            len(criterion["scale"]),
            rules["default"],
        )
        for place, criterion in enumerate(rules["criteria"])
    ]
    found: Document = {"criteria": criteria, "routing": None, "ranking": None}
    if rules["routing"] is not None:
        rows = [[one[width * proposal + width - 1] for one in cast] for proposal in range(number)]
        options = range(len(rules["routing"]["options"]))
        found["routing"] = {
            "counts": [[row.count(option) for option in options] for row in rows],
            "no_opinion": [row.count(BLANK) for row in rows],
        }
    if all(one["ranking"] for one in criteria):
        found["ranking"] = combined(rules["combination"], [one["ranking"] for one in criteria])
    return found


def yes_no(rules: Document, cast: list[bytes], number: int, *, quorum_met: bool) -> Document:
    above, below, word = rules["threshold"]
    found: Document = {"counts": [], "no_opinion": [], "adopted": []}
    for place in range(number):
        answers = [one[place] for one in cast]
        no, yes = answers.count(0), answers.count(1)
        enough = yes * below > above * (no + yes) or (
            word == "at-least" and yes * below == above * (no + yes)
        )
        found["counts"].append([no, yes])
        found["no_opinion"].append(answers.count(BLANK))
        found["adopted"].append(quorum_met and no + yes > 0 and enough)
    return found


def combined(combination: Document, rankings: list[list[int]]) -> list[int]:
    number = len(rankings[0])
    if combination["mode"] == "lexicographic":
        order = [rankings[place] for place in combination["order"]]
        keys = [[ranking[place] for ranking in order] for place in range(number)]
        return ranks(number, lambda one, other: keys[one] < keys[other])

    def dominates(one: int, other: int) -> bool:
        pairs = [(ranking[one], ranking[other]) for ranking in rankings]
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    found, layer = [0] * number, 0
    while 0 in found:
        layer += 1
        left = [place for place in range(number) if not found[place]]
        for one in [one for one in left if not any(dominates(other, one) for other in left)]:
            found[one] = layer
    return found
