from __future__ import annotations

import csv
import io
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

import sortition
from assemblee import spreadsheets
from assemblee.draws import results

DANGEROUS = ["=1+1", "+33 6", "-2", "@sum", "\tx", "\rx", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_can_act_as_a_formula(text: str) -> None:
    assert spreadsheets.neutral(text) == f"'{text}"
    rows = list(csv.reader(io.StringIO(spreadsheets.as_csv(["a"], [[text]]).decode("utf-8-sig"), newline="")))
    assert rows == [["a"], [f"'{text}"]]


def test_a_workbook_holds_text_and_numbers_and_no_formula() -> None:
    book = load_workbook(io.BytesIO(spreadsheets.as_xlsx(["=a", "n"], [["=1+1", 12], ["Zoé", 3]])))
    cells = [[(cell.value, cell.data_type) for cell in row] for row in book.active.iter_rows()]
    assert cells == [[("'=a", "s"), ("n", "s")], [("'=1+1", "s"), (12, "n")], [("Zoé", "s"), (3, "n")]]


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=60).filter(lambda held: sum(held) > 0))
def test_every_person_stands_in_one_bar_of_the_histogram(held: list[int]) -> None:
    total = max(held)
    lottery = sortition.Lottery(
        rule="leximin",
        size=1,
        tickets=total,
        people=tuple(f"{number:02}" for number in range(len(held))),
        exact=tuple(Fraction(value, total) for value in held),
        panels=tuple(sortition.Panel(value, (person,)) for person, value in enumerate(held) if value),
        optimality=sortition.Optimality("0", "1", proved=False),
        excluded=(),
    )
    chances = results.chances(lottery)
    assert sum(bar.count for bar in chances.bins) == len(held)
    assert chances.minimum == Fraction(min(held), total)
    assert chances.lowest == chances.bins[0].count >= 1
