from __future__ import annotations

from fractions import Fraction

import pytest

from tests.sweeps import swept
from tests.votes.questions import CRITERIA, EXAMPLES, SCALE, WORST, rules
from votes.ballots import NO_OPINION
from votes.consultation import (
    KINDS,
    MOST_COLUMNS,
    MOST_CRITERIA,
    MOST_PROPOSALS,
    Column,
    Routing,
    Rules,
)
from votes.errors import BadBallot, BadQuestion


def refusal(kind: str, /, **changes: object) -> str:
    with pytest.raises(BadQuestion) as refused:
        rules(kind, **changes)
    assert refused.value.parameters["expected"]
    return str(refused.value.parameters["place"])


def test_every_kind_has_its_columns() -> None:
    assert set(EXAMPLES) == set(KINDS)
    grade = [Column(place, None, 3, is_judgment=True) for place in (0, 1)]
    assert list(rules("majority-judgment").columns) == grade
    answer = [Column(place, None, 2, is_judgment=False) for place in (0, 1)]
    assert list(rules("yes-no").columns) == answer
    assert rules("nominal").columns == (Column(None, None, 3, is_judgment=False),)
    each = [
        [Column(place, 0, 3, is_judgment=True), Column(place, 1, 2, is_judgment=True), answer[place]]
        for place in (0, 1)
    ]
    assert list(rules("multi-criteria").columns) == each[0] + each[1]
    without = rules("multi-criteria", routing=None).columns
    assert list(without) == each[0][:2] + each[1][:2]


def test_rules_are_read_whole() -> None:
    found = rules("multi-criteria", quorum=[2, 6], combination={"mode": "pareto"})
    assert (found.quorum, found.order, found.threshold) == (Fraction(1, 3), None, None)
    assert found.criteria[1].name == ("Coût", "Cost")
    assert found.routing == Routing(("Suite", "Next"), (("pacte", "pact"), ("convention", "convention")))
    assert rules("multi-criteria").order == (1, 0)
    threshold = rules("yes-no").threshold
    assert threshold is not None
    assert str(threshold) == ">1/2"
    assert str(rules("yes-no", threshold=[2, 3, "at-least"]).threshold) == "2/3"
    # A tuple is as good as a list: organisers' forms make them.
    assert rules("nominal", proposals=("A", "B"), quorum=(1, 1)).quorum == 1


def test_what_is_of_another_kind_is_left_aside() -> None:
    found = rules(
        "nominal", scale="?", criteria="?", routing="?", threshold="?", default="?", combination="?"
    )
    assert found == rules("nominal")


@pytest.mark.parametrize("default", [None, {"mode": "median"}, {"mode": "normalized"}, WORST])
def test_every_rule_for_absent_grades_is_read(default: object) -> None:
    assert rules("majority-judgment", default=default).default == default


@swept(
    ("kind", "changes", "place"),
    [
        ("nominal", {"kind": "raffle"}, "kind"),
        ("nominal", {"kind": None}, "kind"),
        ("nominal", {"proposals": None}, "proposals"),
        ("nominal", {"proposals": "AB"}, "proposals"),
        ("nominal", {"proposals": ["A"]}, "proposals"),
        ("yes-no", {"proposals": []}, "proposals"),
        ("nominal", {"proposals": [str(one) for one in range(MOST_PROPOSALS + 1)]}, "proposals"),
        ("nominal", {"proposals": ["A", " "]}, "proposals"),
        ("nominal", {"proposals": ["A", 1]}, "proposals"),
        ("nominal", {"proposals": ["A", " a "]}, "proposals"),
        ("majority-judgment", {"scale": None}, "scale"),
        ("majority-judgment", {"scale": SCALE[:1]}, "scale"),
        ("majority-judgment", {"scale": [[str(one), str(one)] for one in range(11)]}, "scale"),
        ("majority-judgment", {"scale": [["mal", "bad"], ["Mal", "worse"]]}, "scale"),
        ("majority-judgment", {"scale": [["mal", "bad"], ["pire", "BAD"]]}, "scale"),
        ("majority-judgment", {"scale": [["mal", "bad"], "bien"]}, "scale.1"),
        ("majority-judgment", {"scale": [["mal", "bad"], ["bien"]]}, "scale.1"),
        ("majority-judgment", {"scale": [["mal", ""], ["bien", "good"]]}, "scale.0"),
        ("majority-judgment", {"scale": [["mal", 1], ["bien", "good"]]}, "scale.0"),
        ("majority-judgment", {"default": "median"}, "default"),
        ("majority-judgment", {"default": {"mode": "mean"}}, "default"),
        ("majority-judgment", {"default": {"mode": "static"}}, "default"),
        ("majority-judgment", {"default": {"mode": "static", "grade": 3}}, "default"),
        ("majority-judgment", {"default": {"mode": "static", "grade": -1}}, "default"),
        ("majority-judgment", {"default": {"mode": "static", "grade": True}}, "default"),
        ("majority-judgment", {"default": {"mode": "median", "grade": 0}}, "default"),
        # A static grade is one of every scale.
        ("multi-criteria", {"default": {"mode": "static", "grade": 2}}, "default"),
        ("multi-criteria", {"criteria": None}, "criteria"),
        ("multi-criteria", {"criteria": []}, "criteria"),
        ("multi-criteria", {"criteria": CRITERIA * (MOST_CRITERIA // 2 + 1)}, "criteria"),
        ("multi-criteria", {"criteria": [CRITERIA[0], "cost"]}, "criteria.1"),
        ("multi-criteria", {"criteria": [{"scale": SCALE}]}, "criteria.0.name"),
        ("multi-criteria", {"criteria": [{"name": ["a", "b"], "scale": []}]}, "criteria.0.scale"),
        ("multi-criteria", {"routing": "where"}, "routing"),
        ("multi-criteria", {"routing": {"options": SCALE}}, "routing.name"),
        ("multi-criteria", {"routing": {"name": ["a", "b"], "options": SCALE[:1]}}, "routing.options"),
        ("multi-criteria", {"combination": None}, "combination"),
        ("multi-criteria", {"combination": {"mode": "mean"}}, "combination"),
        ("multi-criteria", {"combination": {"mode": "lexicographic"}}, "combination"),
        ("multi-criteria", {"combination": {"mode": "lexicographic", "order": [0]}}, "combination"),
        ("multi-criteria", {"combination": {"mode": "lexicographic", "order": [0, 0]}}, "combination"),
        ("multi-criteria", {"combination": {"mode": "lexicographic", "order": [False, 1]}}, "combination"),
        ("nominal", {"quorum": None}, "quorum"),
        ("nominal", {"quorum": [1]}, "quorum"),
        ("nominal", {"quorum": [0, 0]}, "quorum"),
        ("nominal", {"quorum": [2, 1]}, "quorum"),
        ("nominal", {"quorum": [-1, 2]}, "quorum"),
        ("nominal", {"quorum": [0.5, 1]}, "quorum"),
        ("nominal", {"quorum": [True, 1]}, "quorum"),
        ("yes-no", {"threshold": None}, "threshold"),
        ("yes-no", {"threshold": [1, 2]}, "threshold"),
        ("yes-no", {"threshold": [1, 2, "about"]}, "threshold"),
        ("yes-no", {"threshold": [0, 2, "at-least"]}, "threshold"),
        ("yes-no", {"threshold": [3, 2, "at-least"]}, "threshold"),
    ],
)
def test_rules_that_cannot_be_are_refused(kind: str, changes: dict[str, object], place: str) -> None:
    assert refusal(kind, **changes) == place


def test_no_ballot_has_more_answers_than_somebody_fills_in() -> None:
    names = [str(one) for one in range(MOST_COLUMNS // 3 + 1)]
    assert refusal("multi-criteria", proposals=names) == "proposals"
    assert len(rules("multi-criteria", proposals=names[:-1]).columns) <= MOST_COLUMNS


def refused(found: Rules, ballot: bytes) -> dict[str, object]:
    with pytest.raises(BadBallot) as error:
        found.check(ballot)
    return error.value.parameters


@pytest.mark.parametrize("kind", KINDS)
def test_a_ballot_answers_within_its_options(kind: str) -> None:
    found = rules(kind)
    best = bytes(column.options - 1 for column in found.columns)
    assert found.blank == bytes([NO_OPINION] * len(found.columns))
    for ballot in (best, bytes(len(best)), found.blank):
        found.check(ballot)
    assert refused(found, best + b"\0") == {"length": len(best) + 1, "expected": len(best)}
    assert refused(found, b"") == {"length": 0, "expected": len(best)}
    for place, column in enumerate(found.columns):
        found.check(best[:place] + bytes([NO_OPINION]) + best[place + 1 :])
        for value in (column.options, 253, 255):
            wrong = best[:place] + bytes([value]) + best[place + 1 :]
            assert refused(found, wrong) == {"column": place, "expected": column.options}


@pytest.mark.parametrize("kind", ["majority-judgment", "multi-criteria"])
def test_no_grade_is_missing_where_nothing_stands_for_it(kind: str) -> None:
    found = rules(kind, default=None)
    found.check(found.blank)
    best = bytes(column.options - 1 for column in found.columns)
    for place, column in enumerate(found.columns):
        without = best[:place] + bytes([NO_OPINION]) + best[place + 1 :]
        if column.is_judgment:
            assert refused(found, without) == {"column": place, "expected": column.options}
        else:
            found.check(without)
