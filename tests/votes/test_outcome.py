from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.votes import reference
from tests.votes.questions import EXAMPLES, document, rules
from votes.ballots import NO_OPINION
from votes.consultation import KINDS, Rules
from votes.criteria import layers, lexicographic
from votes.outcome import TALLIES, judged, outcome

NONE = NO_OPINION


def counted(
    found: Rules, ballots: Sequence[Sequence[int]], *, roll: int = 20, marks: int | None = None
) -> Any:  # noqa: ANN401 - a JSON object
    cells = np.array(ballots, dtype=np.uint8).reshape(len(ballots), len(found.columns))
    return outcome(found, cells, consultation=3, roll=roll, marks=len(ballots) if marks is None else marks)


def tally(kind: str, ballots: Sequence[Sequence[int]], **changes: object) -> Any:  # noqa: ANN401 - the same
    return counted(rules(kind, **changes), ballots)["tally"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_counts_every_ballot_in_any_order(kind: str) -> None:
    assert set(TALLIES) == set(KINDS) == set(EXAMPLES)
    found = rules(kind)
    chance = np.random.default_rng(3)
    columns = [chance.choice([*range(column.options), NONE], 40) for column in found.columns]
    ballots = [*np.stack(columns, axis=1).tolist(), [NONE] * len(columns)]
    result = counted(found, ballots)
    assert json.loads(json.dumps(result)) == result
    assert "." not in json.dumps(result), "no number is a float"
    assert counted(found, ballots[::-1]) == result
    cast = [bytes(one) for one in ballots]
    assert result["tally"] == reference.tally(document(kind), cast, quorum_met=True)
    assert (result["ballots"], result["blank"]) == (41, cast.count(found.blank))
    assert (result["consultation"], result["roll"], result["marks"]) == (3, 20, 41)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("blank", [0, 3])
def test_nobody_ranks_nothing(kind: str, blank: int) -> None:
    found = rules(kind)
    result = counted(found, [list(found.blank)] * blank)
    assert result["blank"] == result["ballots"] == blank
    if kind == "yes-no":
        assert result["tally"] == {"counts": [[0, 0]] * 2, "no_opinion": [0, 0], "adopted": [False] * 2}
    else:
        assert result["tally"]["ranking"] is None


def test_a_blank_ballot_is_no_opinion_of_nobody() -> None:
    found = tally("majority-judgment", [[2, NONE], [NONE, NONE], [NONE, 1]])
    assert found["judges"] == 2
    assert found["counts"] == [[0, 0, 1], [0, 1, 0]]
    assert found["no_opinion"] == [1, 1]
    assert found["ranking"] == [1, 2]
    assert found["majority_grade"] == [0, 0]


@pytest.mark.parametrize(
    ("default", "ranking"),
    [
        ({"mode": "static", "grade": 0}, [1, 2]),
        ({"mode": "static", "grade": 2}, [2, 1]),
        ({"mode": "median"}, None),
        ({"mode": "normalized"}, None),
    ],
)
def test_a_proposal_that_nobody_judged_has_no_rank_of_its_own(default: object, ranking: object) -> None:
    found = tally("majority-judgment", [[1, NONE], [1, NONE]], default=default)
    assert found["ranking"] == ranking
    assert (found["majority_grade"] is None) == (ranking is None)
    assert (found["judges"], found["no_opinion"]) == (2, [0, 2])


def test_a_criterion_without_a_ranking_leaves_none_in_all() -> None:
    found = tally("multi-criteria", [[1, 1, 0, 2, NONE, NONE]], default={"mode": "median"})
    assert found["criteria"][0]["ranking"] == [2, 1]
    assert found["criteria"][1]["ranking"] is None
    assert found["ranking"] is None
    assert found["routing"] == {"counts": [[1, 0], [0, 0]], "no_opinion": [0, 1]}


def test_criteria_are_combined_as_declared_and_never_added_up() -> None:
    scale = [["0", "0"], ["1", "1"], ["2", "2"]]
    changes = {
        "proposals": ["A", "B", "C", "D"],
        "criteria": [{"name": [name, name], "scale": scale} for name in "xy"],
        "routing": None,
    }
    one = [[2, 0, 1, 1, 0, 2, 0, 0]]

    def ranking(**combination: object) -> object:
        return tally("multi-criteria", one, combination=combination, **changes)["ranking"]

    assert ranking(mode="pareto") == [1, 1, 1, 2]
    assert ranking(mode="lexicographic", order=[0, 1]) == [1, 2, 3, 4]
    assert ranking(mode="lexicographic", order=[1, 0]) == [3, 2, 1, 4]
    assert tally("multi-criteria", one, combination={"mode": "pareto"}, **changes)["routing"] is None


def test_nominal_shows_ties_as_ties() -> None:
    found = tally("nominal", [[0], [1], [1], [2], [2], [NONE]])
    assert found == {"counts": [1, 2, 2], "ranking": [3, 1, 1]}


@pytest.mark.parametrize(
    ("yes", "no", "threshold", "adopted"),
    [
        (51, 49, [1, 2, "more-than"], True),
        (50, 50, [1, 2, "more-than"], False),
        (50, 50, [1, 2, "at-least"], True),
        (66, 33, [2, 3, "at-least"], True),
        (66, 33, [2, 3, "more-than"], False),
        (67, 33, [2, 3, "more-than"], True),
        (65, 33, [2, 3, "at-least"], False),
        (3, 0, [1, 1, "at-least"], True),
        (3, 1, [1, 1, "at-least"], False),
        (3, 0, [1, 1, "more-than"], False),
        (0, 3, [1, 10, "at-least"], False),
        (0, 0, [1, 10, "at-least"], False),
    ],
)
def test_yes_at_the_threshold(yes: int, no: int, threshold: list[object], adopted: bool) -> None:  # noqa: FBT001
    ballots = [[1, 0]] * yes + [[0, 1]] * no + [[NONE, 1]] * 5
    found = tally("yes-no", ballots, threshold=threshold)
    assert found["counts"][0] == [no, yes]
    assert found["no_opinion"] == [5, 0]
    assert found["adopted"][0] == adopted


@pytest.mark.parametrize(
    ("quorum", "marks", "met"),
    [([1, 3], 6, False), ([1, 3], 7, True), ([1, 4], 5, True), ([0, 1], 0, True), ([1, 1], 19, False)],
)
def test_the_quorum_is_of_marks_on_the_roll(quorum: list[int], marks: int, met: bool) -> None:  # noqa: FBT001
    found = rules("yes-no", quorum=quorum)
    result = counted(found, [[1, 1]] * min(marks, 3), roll=20, marks=marks)
    assert result["quorum_met"] == met
    assert result["tally"]["adopted"] == [met and marks > 0] * 2
    assert result["needed"] == next(least for least in range(21) if least * quorum[1] >= quorum[0] * 20)
    ranking = counted(rules("nominal", quorum=quorum), [[0]], roll=20, marks=marks)["tally"]["ranking"]
    assert ranking == ([1, 2, 2] if met else None)


@pytest.mark.parametrize("kind", KINDS)
def test_below_the_quorum_figures_have_no_order(kind: str) -> None:
    ballots = [[1] * len(rules(kind).columns)] * 3
    decided, missed = (
        counted(rules(kind, quorum=[1, 2]), ballots, roll=20, marks=marks) for marks in (10, 9)
    )
    assert (decided["quorum_met"], missed["quorum_met"], missed["needed"]) == (True, False, 10)
    assert "ranking" not in missed["tally"] or decided["tally"]["ranking"]
    for one in (missed["tally"], *missed["tally"].get("criteria", [])):
        assert one.get("ranking") is None
        assert not any(one.get("adopted", []))
    for name in ("counts", "no_opinion", "majority_grade", "routing"):
        assert missed["tally"].get(name) == decided["tally"].get(name)


def test_a_published_tally_leads_back_to_its_judgment() -> None:
    found = rules("majority-judgment", default={"mode": "median"})
    published = counted(found, [[2, 1], [2, NONE], [0, 1]])["tally"]
    for language in (0, 1):
        judgment = judged(found, found.scale, published, language)
        assert judgment is not None
        assert list(judgment.ranks) == published["ranking"]
        assert judgment.poll.grades == tuple(words[language] for words in found.scale)
    assert judged(found, found.scale, counted(found, [])["tally"]) is None


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
