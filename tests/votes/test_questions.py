from __future__ import annotations

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes.ballots import ABSENT, NO_OPINION, count
from votes.criteria import Criteria, Criterion, layers, lexicographic
from votes.defaults import Default
from votes.errors import BadFraction, BadQuestion, DuplicateName
from votes.kinds import KINDS, Question
from votes.questions import MajorityJudgment, Nominal, Requirement, YesNo
from votes.threshold import Threshold, reached

WORST = Default("static", 0)
EXAMPLES: dict[str, Question] = {
    "majority-judgment": MajorityJudgment(("Parc", "Halle"), ("non", "bof", "oui"), WORST),
    "yes-no": YesNo(),
    "nominal": Nominal(("Parc", "Halle", "Pont")),
    "multi-criteria": Criteria(
        ("Parc", "Halle"),
        (
            Criterion("urgence", ("peut attendre", "vite"), WORST),
            Criterion("maturité", ("a", "b", "c"), WORST),
        ),
        routing=("pacte", "convention"),
    ),
}


def outcome(question: Question, rows: list[list[int]], entitled: int = 100) -> dict[str, object]:
    ballots = np.array(rows, dtype=np.uint8).reshape(-1, len(question.options))
    found = question.outcome(count(ballots, len(question.options), question.options), entitled)
    return found.to_document()


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_counts_every_ballot_in_any_order(name: str) -> None:
    question = EXAMPLES[name]
    assert isinstance(question, KINDS[name])
    chance = np.random.default_rng(3)
    columns = [chance.choice([*range(most), NO_OPINION, ABSENT], 40) for most in question.options]
    rows = np.stack(columns, axis=1).tolist()
    found = outcome(question, rows)
    assert found["kind"] == name
    assert json.loads(json.dumps(found)) == found
    assert outcome(question, rows[::-1]) == found
    assert outcome(question, [[NO_OPINION] * len(question.options)] * 3)
    assert outcome(question, [])
    assert "." not in json.dumps(found), "no number is a float"


@pytest.mark.parametrize(
    ("yes", "no", "blank", "question", "adopted"),
    [
        (51, 49, 0, YesNo(), True),
        (50, 50, 0, YesNo(), False),
        (2, 1, 97, YesNo(), True),
        (0, 0, 100, YesNo(), False),
        (0, 0, 0, YesNo(), False),
        (2, 1, 97, YesNo((Requirement(Threshold.read(">1/2"), "ballots"),)), False),
        (
            20,
            10,
            0,
            YesNo((Requirement(Threshold.read(">1/2")), Requirement(Threshold.read("1/5"), "entitled"))),
            True,
        ),
        (
            19,
            0,
            0,
            YesNo((Requirement(Threshold.read(">1/2")), Requirement(Threshold.read("1/5"), "entitled"))),
            False,
        ),
        (2, 1, 30, YesNo(quorum=Threshold.read("1/3")), False),
        (2, 1, 31, YesNo(quorum=Threshold.read("1/3")), True),
        (66, 33, 1, YesNo((Requirement(Threshold.read("2/3")),)), True),
        (65, 33, 1, YesNo((Requirement(Threshold.read("2/3")),)), False),
    ],
)
def test_yes_and_no(yes: int, no: int, blank: int, question: YesNo, adopted: bool) -> None:  # noqa: FBT001
    found = outcome(question, [[1]] * yes + [[0]] * no + [[NO_OPINION]] * blank)
    assert (found["yes"], found["no"], found["blank"], found["adopted"]) == (yes, no, blank, adopted)


def test_more_ballots_than_people_are_refused() -> None:
    for name in ("yes-no", "nominal"):
        with pytest.raises(BadQuestion):
            outcome(EXAMPLES[name], [[0], [1]], 1)


def test_nominal_shows_ties_as_ties() -> None:
    found = outcome(EXAMPLES["nominal"], [[0], [1], [1], [2], [2], [ABSENT]])
    assert found == {
        "kind": "nominal",
        "counts": {"Parc": 1, "Halle": 2, "Pont": 2},
        "blank": 1,
        "ranking": {"Parc": 3, "Halle": 1, "Pont": 1},
    }


def criteria(order: tuple[int, ...] | None) -> Criteria:
    scale = ("0", "1", "2")
    return Criteria(("A", "B", "C", "D"), (Criterion("x", scale), Criterion("y", scale)), order)


def test_criteria_are_combined_as_declared_and_never_added_up() -> None:
    one = [[2, 0, 1, 1, 0, 2, 0, 0]]
    assert outcome(criteria(None), one)["ranking"] == {"A": 1, "B": 1, "C": 1, "D": 2}
    assert outcome(criteria((0, 1)), one)["ranking"] == {"A": 1, "B": 2, "C": 3, "D": 4}
    found = outcome(criteria((1, 0)), one)
    assert found["ranking"] == {"A": 3, "B": 2, "C": 1, "D": 4}
    assert found["map"] == {"A": [2, 0], "B": [1, 1], "C": [0, 2], "D": [0, 0]}
    assert found["routing"] == {}


def test_the_routing_question_is_counted_for_each_proposal() -> None:
    found = outcome(EXAMPLES["multi-criteria"], [[1, 2, 0, 0, 1, 1], [1, 2, 0, 0, 1, ABSENT]])
    assert found["routing"] == {
        "Parc": {"pacte": 2, "convention": 0, "": 0},
        "Halle": {"pacte": 0, "convention": 1, "": 1},
    }
    assert found["order"] is None
    assert found["map"] == {"Parc": [1, 2], "Halle": [0, 1]}


def test_three_criteria_have_no_map() -> None:
    question = Criteria(("A",), tuple(Criterion(name, ("0", "1")) for name in "xyz"), (2, 0, 1))
    found = outcome(question, [[0, 1, 1]])
    assert found["map"] == {}
    assert found["order"] == [2, 0, 1]


profiles = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(1, 4)] * width), min_size=1, max_size=7)
)


@given(profiles)
def test_a_layer_is_dominated_by_the_one_before(found: list[tuple[int, ...]]) -> None:
    def dominates(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return one != other and all(a <= b for a, b in zip(one, other, strict=True))

    places = layers(found)
    for one, other in itertools.product(range(len(found)), repeat=2):
        if dominates(found[one], found[other]):
            assert places[one] < places[other]
    for place, layer in enumerate(places):
        above = [other for other, number in enumerate(places) if number == layer - 1]
        assert layer == 1 or any(dominates(found[other], found[place]) for other in above)
    assert lexicographic(found, range(len(found[0]))) == tuple(1 + sum(b < a for b in found) for a in found)


def test_rules_that_do_not_fit_are_refused() -> None:
    for wrong in (
        lambda: Requirement(Threshold.read("1/2"), "everybody"),
        lambda: YesNo(()),
        lambda: Nominal(("Parc",)),
        lambda: criteria((0, 0)),
        lambda: criteria((0,)),
        lambda: Criteria(("A",), ()),
    ):
        with pytest.raises(BadQuestion):
            wrong()
    with pytest.raises(DuplicateName):
        Nominal(("Parc", "Parc"))


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 200), st.booleans())
def test_what_is_needed_is_the_smallest_number_that_is_enough(
    top: int, bottom: int, people: int, is_strict: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    if top > bottom:
        top, bottom = bottom, top
    threshold = Threshold.read(f"{'>' * is_strict}{top}/{bottom}")
    needed = threshold.needed(people)
    assert needed >= 1
    for number in (needed - 1, needed):
        exact = Fraction(number) > Fraction(top * people, bottom) if is_strict else (
            Fraction(number) >= Fraction(top * people, bottom)
        )  # fmt: skip
        assert threshold.is_met(number, people) == (exact and number > 0)
    assert Threshold.read(str(threshold)) == threshold


def test_fixed_numbers_do_not_depend_on_people() -> None:
    assert Threshold.read("500").needed(3) == 500
    assert Threshold.read(">500").needed(10**9) == 501
    assert str(Threshold.read("0500")) == "500"


@pytest.mark.parametrize(
    "text", ["", "0", "0/5", "5/4", "1/0", "-1", "1.5", "1/2/3", " 1", "٣", "1" * 16, ">", "½"]
)
def test_other_texts_are_no_threshold(text: str) -> None:
    with pytest.raises(BadFraction):
        Threshold.read(text)


def test_steps_are_reached_one_after_the_other() -> None:
    steps = [Threshold.read("1/100"), Threshold.read("1/20"), Threshold.read("5")]
    assert [reached(steps, number, 1000) for number in (9, 10, 49, 50)] == [0, 1, 1, 3]
