from __future__ import annotations

import doctest
import importlib
import json
from fractions import Fraction

import pytest

import sortition
from sortition import BadLottery, BadSeed, Lottery, Optimality, Panel, Stream
from tests.sortition import make
from tests.sweeps import swept

VECTORS = json.loads((make.VECTORS / "draw.json").read_text())


def small() -> Lottery:
    return Lottery(
        rule="leximin",
        size=2,
        tickets=10,
        people=("a", "b", "c"),
        exact=(Fraction(2, 3), Fraction(2, 3), Fraction(2, 3)),
        panels=(Panel(4, (0, 1)), Panel(3, (0, 2)), Panel(3, (1, 2))),
        optimality=Optimality("2/3", "2/3", proved=True),
        excluded=(),
    )


@swept("case", VECTORS["below"])
def test_numbers_follow_the_published_vectors(case: dict[str, object]) -> None:
    stream = Stream(bytes.fromhex(str(case["seed"])), str(case["label"]))
    assert [stream.below(int(str(case["bound"]))) for _ in case["numbers"]] == case["numbers"]
    assert stream.attempts == case["attempts"]


@swept("case", VECTORS["draws"])
def test_draws_follow_the_published_vectors(case: dict[str, object]) -> None:
    drawn = sortition.draw(Lottery.from_document(VECTORS["lottery"]), bytes.fromhex(str(case["seed"])))
    assert (drawn.ticket, drawn.panel, list(drawn.members)) == (
        case["ticket"],
        case["panel"],
        case["members"],
    )


def test_each_panel_is_drawn_as_often_as_its_tickets_say() -> None:
    seeds = [number.to_bytes(32) for number in range(2_000)]
    panels = [sortition.draw(small(), seed).panel for seed in seeds]
    assert [round(panels.count(panel) / 200) for panel in range(3)] == [4, 3, 3]


def test_a_long_bound_takes_more_than_one_block() -> None:
    assert Stream(bytes(32), "panel").below(2**500).bit_length() > 400


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadSeed) as caught:
        sortition.draw(small(), bytes(length))
    assert caught.value.parameters == {"found": length, "expected": 32}


def test_a_lottery_comes_back_from_its_document() -> None:
    document = small().to_document()
    again = Lottery.from_document(json.loads(json.dumps(document)))
    assert again.to_document() == document
    assert again.panels == small().panels
    assert again.canonical_bytes() == small().canonical_bytes()
    assert b'"exact":["0.6666666666667"' in again.canonical_bytes()


def test_the_figures_of_a_lottery_are_exact() -> None:
    figures = sortition.statistics(small())
    assert figures == sortition.Statistics(Fraction(3, 5), Fraction(7, 10), Fraction(2, 3), Fraction(1, 30))
    assert small().largest_rounding_error == Fraction(1, 15)


@swept(
    ("path", "value"),
    [
        ("format", "assemblee-lottery-2"),
        ("rule", ""),
        ("size", 4),
        ("size", True),
        ("tickets", 0),
        ("tickets", 11),
        ("people", ["b", "a", "c"]),
        ("people", ["a", "a", "c"]),
        ("people", "abc"),
        ("exact", ["0.5"] * 3),
        ("exact", ["1.5000000000000"] * 3),
        ("exact", ["0.5000000000000"] * 2),
        ("exact", [1, 2, 3]),
        ("panels", []),
        ("panels", [{"tickets": 10, "members": [0, 1, 2]}]),
        ("panels", [{"tickets": 10, "members": [1, 0]}]),
        ("panels", [{"tickets": 10, "members": [0, 3]}]),
        ("panels", [{"tickets": 5, "members": [0, 1]}, {"tickets": 5, "members": [0, 1]}]),
        ("panels", [{"tickets": 10}]),
        ("optimality", {"minimum": "1/0", "upper_bound": "1", "proved": True}),
        ("optimality", {"minimum": "1", "upper_bound": "1", "proved": "yes"}),
        ("excluded", ["z"]),
        ("excluded", ["b", "a"]),
    ],
)
def test_a_document_with_a_wrong_member_is_refused_with_its_path(path: str, value: object) -> None:
    with pytest.raises(BadLottery) as caught:
        Lottery.from_document({**small().to_document(), path: value})
    assert str(caught.value.parameters["path"]).startswith("lottery.")


def test_what_is_no_lottery_at_all_is_refused() -> None:
    with pytest.raises(BadLottery):
        Lottery.from_document([])


@pytest.mark.parametrize("module", ["stream", "exact"])
def test_the_examples_in_the_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"sortition.{module}")).failed == 0
