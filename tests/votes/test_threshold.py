from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes.errors import BadFraction
from votes.threshold import Spread, Step, Tally, Threshold, reached


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
    steps = [Step(Threshold.read(text)) for text in ("1/100", "1/20", "5")]
    assert [reached(steps, Tally(number, 1000)) for number in (9, 10, 49, 50)] == [0, 1, 1, 3]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400)), max_size=6),
    st.integers(1, 6),
    st.sampled_from(["3", "1/10", ">1/10"]),
)
def test_a_spread_asks_for_support_in_enough_districts(
    districts: list[tuple[int, int]], needed: int, least: str
) -> None:
    enough = {
        "3": lambda found, _people: found >= 3,
        "1/10": lambda found, people: found >= 1 and 10 * found >= people,
        ">1/10": lambda found, people: found >= 1 and 10 * found > people,
    }[least]
    tally = Tally(10**6, 10**6, {str(place): pair for place, pair in enumerate(districts)})
    spread = Spread(needed, Threshold.read(least))
    in_reach = sum(enough(found, people) for found, people in districts)
    assert len(spread.reached_in(tally)) == in_reach
    assert Step(Threshold.read("1"), spread).is_met(tally) == (in_reach >= needed)
    assert not Step(Threshold.read(">1/1"), spread).is_met(tally)
