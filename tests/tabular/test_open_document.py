from __future__ import annotations

import io
import zipfile

import pytest

from assemblee.tabular import layouts, open_document
from assemblee.tabular.layouts import Hidden, Layout, TooLarge, TooMuchText
from assemblee.tabular.open_document import open_document_layouts
from tests.tabular import make

SPACED = (
    '<table:table-cell office:value-type="string">'
    '<text:p>a<text:s text:c="9"/>b<text:s/></text:p></table:table-cell>'
)


def found(sheets: dict[str, str]) -> dict[str, Layout]:
    parts = make.open_parts(sheets)
    with zipfile.ZipFile(io.BytesIO(make.archive(parts))) as opened:
        return open_document_layouts(opened, {name.lower(): name for name in parts})


def layout(rows: str) -> Layout:
    return found({"S": rows})["S"]


def test_cells_and_rows_are_repeated() -> None:
    blank = make.row(make.cell(), number_rows_repeated=5)
    cells = make.cell(table__number_columns_repeated=3) + make.cell("x", table__number_columns_repeated=2)
    read = layout(blank + make.row(cells, make.cell(), number_rows_repeated=4))
    assert (read.rows, read.columns) == (9, 5)


def test_blank_cells_to_the_end_of_the_sheet_reach_nowhere() -> None:
    rest = make.cell(table__number_columns_repeated=16_384)
    read = layout(make.row(make.cell("x"), rest) + make.row(rest, number_rows_repeated=1_048_575))
    assert (read.rows, read.columns) == (1, 1)


@pytest.mark.parametrize(
    "attributes",
    [
        {"office:value-type": "string"},
        {"office:value": "1"},
        {"office:date-value": "2020-01-01"},
        {"office:boolean-value": "true"},
        {"table:formula": "of:=1"},
        {"other:value": "1"},
    ],
)
def test_whatever_the_library_takes_for_a_value_counts(attributes: dict[str, str]) -> None:
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    read = layout(make.row(make.cell(), f'<table:table-cell xmlns:other="urn:o"{told}/>'))
    assert (read.rows, read.columns) == (1, 2)


@pytest.mark.parametrize("times", ["0", "-1", "x"])
def test_cells_and_rows_stand_at_least_once(times: str) -> None:
    for rows in (
        make.row(make.cell("x"), number_rows_repeated=times),
        make.row(make.cell("x", table__number_columns_repeated=times)),
        f'<table:table-column table:number-columns-repeated="{times}"/>',
    ):
        with pytest.raises(ValueError, match=r"times|invalid literal"):
            layout(rows)


def test_blank_cells_between_others_are_counted_as_the_library_makes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_document, "MOST_CELLS", 10)
    wide = make.row(make.cell(table__number_columns_repeated=4), make.cell())
    assert layout(wide * 2).rows == 0
    with pytest.raises(TooLarge):
        layout(wide * 3)


def test_all_sheets_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_document, "MOST_CELLS", 10)
    rows = make.row(make.cell("x"), number_rows_repeated=5)
    assert found({"a": rows, "b": rows}).keys() == {"a", "b"}
    with pytest.raises(TooLarge):
        found({"a": rows, "b": rows, "c": make.row(make.cell("x"))})


@pytest.mark.parametrize(
    ("cell", "characters"),
    [
        (make.cell("abc"), 3),
        (make.cell("abc", table__number_columns_repeated=4), 12),
        (make.cell(**{"office:value-type": "string", "office:string-value": "abcde"}), 5),
        (SPACED, 12),
    ],
)
def test_a_text_counts_as_often_as_it_is_repeated(
    cell: str, characters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = make.row(cell, number_rows_repeated=5)
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 5 * characters)
    assert layout(rows).rows == 5
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 5 * characters - 1)
    with pytest.raises(TooMuchText):
        layout(rows)


def test_text_that_is_in_no_cell_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 1)
    assert layout("<table:shapes><text:p>a note<text:s text:c='9'/></text:p></table:shapes>").rows == 0


def test_rows_and_columns_may_be_hidden_or_filtered() -> None:
    columns = (
        "<table:table-column/>"
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="filter" table:number-columns-repeated="16381"/>'
    )
    rows = (
        make.row(make.cell("x"))
        + make.row(make.cell(), visibility="collapse", number_rows_repeated=3)
        + make.row(make.cell("y"), visibility="filter")
        + make.row(make.cell(), visibility="collapse", number_rows_repeated=10**6)
    )
    read = layout(columns + rows)
    assert read.hidden_rows == Hidden(4, [2, 3, 4, 5])
    assert read.hidden_columns == set(range(2, 1_001))


def test_only_cells_merged_downwards_are_noted() -> None:
    first = make.row(
        make.cell("x", table__number_rows_spanned=3), make.cell("y", table__number_columns_spanned=2)
    )
    assert layout(make.row(make.cell()) + first).spans == [(1, 3, 0)]


def test_formulas_that_give_no_value_are_noted_in_every_cell_they_are_repeated_in() -> None:
    lacking = make.cell(table__formula="of:=1", table__number_columns_repeated=2)
    kept = make.cell(3, table__formula="of:=1") + make.cell("a", table__formula="of:=1")
    error = make.cell("#N/A", **{"office:value-type": "string", "calcext:value-type": "error"})
    read = layout(make.row(lacking, kept, error, number_rows_repeated=2))
    assert read.unkept == {row: {1: "a formula", 2: "a formula", 5: "#N/A"} for row in (1, 2)}


def test_a_sheet_inside_of_another_or_of_its_name_is_refused() -> None:
    with pytest.raises(ValueError, match="inside"):
        layout('<table:table table:name="T"/>')
    parts = make.open_parts({"S": ""})
    parts["content.xml"] = parts["content.xml"].replace(
        "</table:table>", '</table:table><table:table table:name="S"/>'
    )
    with zipfile.ZipFile(io.BytesIO(make.archive(parts))) as opened, pytest.raises(ValueError, match="twice"):
        open_document_layouts(opened, {name.lower(): name for name in parts})
