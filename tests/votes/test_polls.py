from __future__ import annotations

from math import prod

import pytest

from tests.votes import make
from votes import defaults, scales
from votes.defaults import Default
from votes.document import document
from votes.errors import (
    BadCount,
    BadDefault,
    BadName,
    BadScale,
    BadWidth,
    DuplicateName,
    Incoherent,
    NoJudgment,
    NoProposal,
    ReservedGrade,
    TooLarge,
    Unbalanced,
    UnknownScale,
)
from votes.majority import judge
from votes.poll import Poll

TWO = ("non", "oui")


def ascii_start(number: object) -> str:
    return type(number).__name__


@pytest.mark.parametrize("vector", make.vectors("must_refuse"), ids=lambda vector: vector["name"])
def test_what_must_be_refused_is_refused(vector: dict[str, object]) -> None:
    with pytest.raises((Unbalanced, Incoherent)) as refused:
        Poll.of(vector["grades"], vector["proposals"], vector.get("judges"))
    assert refused.value.code == vector["expected_error"]


@pytest.mark.parametrize(
    "number", [-1, True, 1.0, "1", None, float("nan"), 10**30 + 1, 10**5000], ids=ascii_start
)
def test_only_whole_numbers_are_counts(number: object) -> None:
    with pytest.raises(BadCount) as refused:
        Poll.of(TWO, {"A": [1, number]})
    assert (refused.value.parameters["proposal"], refused.value.parameters["grade"]) == ("A", "oui")
    if number is not None:
        with pytest.raises(BadCount):
            Poll.of(TWO, {"A": [0, 0]}, number)
    with pytest.raises(BadCount):
        Poll.of(TWO, {"A": [0, 0]}, 1, None, {"A": number})


def test_the_largest_counts_are_counted_exactly() -> None:
    poll = Poll.of(TWO, {"A": [10**30 - 1, 10**30], "B": [10**30, 10**30 - 1]})
    judgment = judge(poll)
    assert judgment.ranks == (1, 2)
    assert judgment.medians == (1, 0)
    assert document(judgment)["margin"] == {"first_place": 1, "any_rank": 1, "proved": True}


@pytest.mark.parametrize("grades", [[], ["a"], [f"g{place}" for place in range(11)]])
def test_scales_have_two_to_ten_grades(grades: list[str]) -> None:
    with pytest.raises(BadScale):
        Poll.of(grades, {"A": [1] * len(grades)})


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2J", "\ud800", "a\u2028b"])
def test_names_can_be_printed(name: str) -> None:
    with pytest.raises(BadName):
        Poll.of(TWO, {name: [1, 1]})
    with pytest.raises(BadName):
        Poll.of(["non", name], {"A": [1, 1]})


def test_names_are_unique_however_they_are_written() -> None:
    with pytest.raises(DuplicateName):
        Poll.of(TWO, {"\u00e9cole": [1, 1], " e\u0301cole": [1, 1]})
    with pytest.raises(DuplicateName):
        Poll.of(["Oui", "oui"], {"A": [1, 1]})
    assert Poll.of(TWO, {"A": [1, 1], "a": [1, 1]}).proposals == ("A", "a")


def test_a_poll_has_a_proposal_and_a_count_for_each_grade() -> None:
    with pytest.raises(NoProposal):
        Poll.of(TWO, {})
    with pytest.raises(BadWidth):
        Poll.of(TWO, {"A": [1, 2, 3]})


@pytest.mark.parametrize(
    "default",
    [Default("mean"), Default("static"), Default("static", 2), Default("static", -1), Default("median", 0)],
)
def test_a_default_is_one_of_the_rules(default: Default) -> None:
    with pytest.raises(BadDefault):
        Poll.of(TWO, {"A": [1, 1]}, None, default)


@pytest.mark.parametrize("mode", ["median", "normalized"])
def test_a_proposal_without_judgment_has_no_median_of_its_own(mode: str) -> None:
    with pytest.raises(NoJudgment):
        Poll.of(TWO, {"A": [1, 1], "B": [0, 0]}, None, Default(mode))
    judgment = judge(Poll.of(TWO, {"A": [1, 1], "B": [0, 0]}, None, Default("static", 1)))
    assert judgment.ranks == (2, 1)


def test_a_common_total_too_long_to_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    primes = [number for number in range(2, 60) if all(number % one for one in range(2, number))]
    counts = {f"p{number}": [number - 1, 1] for number in primes}
    poll = Poll.of(TWO, counts, None, Default("normalized"))
    assert poll.total == prod(primes)
    assert poll.received().dtype == object
    assert document(judge(poll))["total"] == poll.total
    monkeypatch.setattr(defaults, "MOST_BITS", 60)
    with pytest.raises(TooLarge):
        Poll.of(TWO, counts, None, Default("normalized"))


def test_who_has_no_opinion_is_a_judge() -> None:
    with pytest.raises(Unbalanced):
        Poll.of(TWO, {"A": [1, 1]}, None, None, {"A": 1})
    with pytest.raises(Incoherent):
        Poll.of(TWO, {"A": [1, 1]}, 2, None, {"A": 1})
    poll = Poll.of(TWO, {"A": [1, 1]}, None, Default("static", 0), {"A": 1})
    assert (poll.judges, poll.no_opinion, poll.balanced().tolist()) == (3, (1,), [[2, 1]])


def test_nobody_judged_anything() -> None:
    judgment = judge(Poll.of(TWO, {"A": [0, 0], "B": [0, 0]}))
    found = document(judgment)
    assert found["ranking"] == {"A": 1, "B": 1}
    assert found["majority_grade"] == {"A": None, "B": None}
    assert found["margin"] == {"first_place": None, "any_rank": None, "proved": True}
    assert [one.code for one in judgment.explanations] == ["identical"]


def test_ready_made_scales_are_parts_of_one_and_named_in_both_languages() -> None:
    for number, scale in scales.READY_MADE.items():
        assert scale == scales.ready_made(str(number))
        assert len(scale.french) == len(scale.english) == number
        assert all(name in scales.SEVEN.french for name in scale.french)
        words = scales.words(scale.french)
        for grade, both in enumerate(zip(scale.french, scale.english, strict=True)):
            assert {words[scales.fold(name)] for name in both} == {grade} == {words[str(grade)]}
    with pytest.raises(UnknownScale):
        scales.ready_made("8")


def test_a_word_of_a_scale_of_ones_own_keeps_its_meaning() -> None:
    # Here Bien and Good are two grades: neither stands for the other.
    words = scales.words(["Good", "Bien"])
    assert (words["good"], words["bien"]) == (0, 1)
    assert "excellent" not in words


@pytest.mark.parametrize("grades", [["1", "2"], ["non", "Sans opinion"], ["non", "٣"]])
def test_a_grade_is_not_named_as_something_else_in_a_ballot(grades: list[str]) -> None:
    with pytest.raises(ReservedGrade):
        scales.words(grades)
    assert scales.words(["0", "1"]) == {"0": 0, "1": 1}


def test_the_first_place_of_other_rules() -> None:
    # Large outside groups with a small difference, as in Fabre's examples.
    judgment = judge(
        Poll.of(["a", "b", "c"], {"A": [40, 15, 45], "B": [10, 60, 30], "C": [0, 98, 2], "D": [34, 33, 33]})
    )
    found = document(judgment)["sensitivity"]
    assert judgment.first() == ("A",)
    assert found == {"usual": ["A", "B"], "typical": ["B"], "central": ["C"], "mean": ["B"], "defaults": []}


def test_the_first_place_with_other_defaults() -> None:
    counts = {"A": [1, 6], "B": [0, 3]}
    judgment = judge(Poll.of(TWO, counts, 7, Default("static", 0)))
    assert document(judgment)["sensitivity"]["defaults"] == [
        {"default": {"mode": "median"}, "first": ["B"]},
        {"default": {"mode": "normalized"}, "first": ["B"]},
    ]
    without = judge(Poll.of(TWO, {**counts, "C": [0, 0]}, 7, Default("static", 1)))
    assert document(without)["sensitivity"]["defaults"] == [
        {"default": {"mode": "static", "grade": 0}, "first": ["A"]}
    ]
