from __future__ import annotations

import io
import zipfile

import pytest

from assemblee.tabular import layouts, office_open
from assemblee.tabular.layouts import Hidden, Layout, TooLarge, TooMuchText
from assemblee.tabular.office_open import position, workbook_layouts
from tests.tabular import make


def found(parts: dict[str, str]) -> dict[str, Layout]:
    with zipfile.ZipFile(io.BytesIO(make.archive(parts))) as opened:
        return workbook_layouts(opened, {name.lower(): name for name in parts})


def layout(sheet: str, shared: str | None = None) -> Layout:
    return found(make.book_parts(sheet, shared))["S"]


@pytest.mark.parametrize(
    ("reference", "place"), [("A1", (1, 1)), ("ab12", (12, 28)), ("XFD1048576", (1_048_576, 16_384))]
)
def test_a_cell_is_found_by_its_name(reference: str, place: tuple[int, int]) -> None:
    assert position(reference) == place


@pytest.mark.parametrize("reference", ["", "A", "1", "1A", "A1:B2", "ÀB1", "ABCD1", "A1234567890", "A-1"])
def test_what_is_no_name_of_a_cell_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="cell"):
        position(reference)


def test_cells_without_names_stand_beside_the_one_before() -> None:
    row = "<row><c><v>1</v></c><c/><c><v>2</v></c></row>"
    read = layout(row * 3)
    assert (read.rows, read.columns) == (3, 3)
    read = layout('<row r="4"><c r="C4"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>')
    assert (read.rows, read.columns) == (5, 4)


def test_a_cell_reaches_as_far_as_its_own_name_says() -> None:
    read = layout('<row r="1"><c r="b7"><v>1</v></c></row>')
    assert (read.rows, read.columns) == (7, 2)


def test_cells_of_another_namespace_count_as_well() -> None:
    read = layout('<y:row xmlns:y="urn:other"><y:c r="C3"><y:v>1</y:v></y:c></y:row>')
    assert (read.rows, read.columns) == (3, 3)


def test_only_cells_with_a_value_count() -> None:
    styled = '<row r="9"><c r="Z9" s="3"/></row>'
    read = layout(f'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>{styled}')
    assert (read.rows, read.columns) == (1, 1)


def test_rows_and_columns_may_be_hidden() -> None:
    columns = (
        '<col min="2" max="3" hidden="1"/><col min="5" max="16384" hidden="true"/><col min="4" max="4"/>'
    )
    rows = (
        '<row r="1" hidden="1"/><row r="2" hidden="0"><c r="A2"><v>1</v></c></row><row r="3" hidden="true"/>'
    )
    read = layout(columns + rows)
    assert read.hidden_rows == Hidden(1, [1])
    assert read.hidden_columns == {2, 3, *range(5, 1_001)}


def test_only_cells_merged_downwards_are_noted() -> None:
    merged = "".join(f'<mergeCell ref="{one}"/>' for one in ("A1:A3", "B1:D1", "C2:D4", "E1"))
    assert layout(merged).spans == [(0, 2, 0), (1, 3, 2)]


@pytest.mark.parametrize(
    ("cell", "unkept"),
    [
        ('<c r="A1"><f>1</f></c>', {1: {1: "a formula"}}),
        ('<c r="A1"><f>1</f><v/></c>', {1: {1: "a formula"}}),
        ('<c r="A1" t="e"><f>1</f><v>#N/A</v></c>', {1: {1: "#N/A"}}),
        ('<c r="A1" t="e"><v>#REF!</v></c>', {1: {1: "#REF!"}}),
        ('<c r="A1"><f>1</f><v>2</v></c>', {}),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', {}),
        ('<c r="A1"><v/></c>', {}),
    ],
)
def test_formulas_that_give_no_value_are_noted(cell: str, unkept: dict[int, dict[int, str]]) -> None:
    read = layout(f"<row>{cell}</row>")
    assert (read.unkept, read.unknown) == (unkept, None)
    assert (read.rows, read.columns) == (1, 1)


def test_the_first_error_that_the_library_does_not_know_is_noted() -> None:
    cells = "".join(
        f'<c r="{name}1" t="e"><v>{error}</v></c>'
        for name, error in (("A", "#N/A"), ("B", "#CALC!"), ("C", "#X"))
    )
    assert layout(f"<row>{cells}</row>").unknown == (1, "B", "#CALC!")


def test_one_text_in_many_cells_counts_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = "<si><t>abc</t></si><si/><si><r><t>de</t></r><r><t>fg</t></r></si>"
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in (0, 2, 2, 1))
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 11)
    assert layout(f"<row>{cells}</row>", shared).excess is None
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 10)
    assert isinstance(layout(f"<row>{cells}</row>", shared).excess, TooMuchText)
    monkeypatch.setattr(layouts, "MOST_CHARACTERS", 6)
    with pytest.raises(TooMuchText):
        layout("", shared)


def test_a_text_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        layout('<row><c t="s"><v>7</v></c></row>', "<si><t>a</t></si>")
    assert layout('<row><c t="s"><v/></c></row>').excess is None


def test_more_texts_or_cells_than_are_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_open, "MOST_CELLS", 3)
    shared = "<si><t>a</t></si>"
    assert layout("", shared * 3).excess is None
    with pytest.raises(TooMuchText):
        layout("", shared * 4)
    same = '<row><c r="A1"><v>1</v></c></row>'
    assert layout(same * 3).excess is None
    assert type(layout(same * 4).excess) is TooLarge


def test_a_workbook_may_stand_in_any_folder_that_its_relations_name() -> None:
    for base in ("xl/", "", "other/place/"):
        assert found(make.book_parts("", base=base)).keys() == {"S"}
    parts = make.book_parts("")
    parts["_rels/.rels"] = make.relations(
        ("rId1", "officeDocument", "/xl/workbook.xml"), ("rId2", "extended-properties", "docProps/app.xml")
    )
    assert found(parts).keys() == {"S"}


@pytest.mark.parametrize(
    "target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml", "WORKSHEETS/Sheet1.XML"]
)
def test_a_sheet_is_where_the_library_looks_for_it(target: str) -> None:
    parts = make.book_parts('<row><c r="C3"><v>1</v></c></row>')
    parts["xl/_rels/workbook.xml.rels"] = make.relations(("rId1", "worksheet", target))
    assert found(parts)["S"].rows == 3


@pytest.mark.parametrize("target", ["xl/worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml", "nowhere.xml"])
def test_a_sheet_that_the_library_would_not_find_is_refused(target: str) -> None:
    parts = make.book_parts("")
    parts["xl/_rels/workbook.xml.rels"] = make.relations(("rId1", "worksheet", target))
    with pytest.raises(KeyError):
        found(parts)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (
            "_rels/.rels",
            make.relations(("a", "officeDocument", "xl/workbook.xml"), ("b", "x", "y/workbook.xml")),
        ),
        ("_rels/.rels", make.relations(("a", "officeDocument", "xl/book.xml"), ("a", "x", "y.xml"))),
        ("_rels/.rels", make.relations(("a", "x", "y.xml"))),
        (
            "xl/workbook.xml",
            '<workbook><sheet name="S" r:id="rId1"/><sheet name="S" r:id="rId1"/></workbook>',
        ),
        ("xl/workbook.xml", '<workbook><sheet name="S" r:id="rId1" q:id="rId2"/></workbook>'),
        ("xl/workbook.xml", '<workbook><sheet name="S"/></workbook>'),
    ],
)
def test_what_the_library_could_read_otherwise_is_refused(name: str, part: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        found(make.book_parts("") | {name: part})


def test_a_part_that_two_sheets_share_is_gone_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make.book_parts('<row><c r="C3"><v>1</v></c></row>')
    parts["xl/workbook.xml"] = (
        '<workbook><sheet name="S" r:id="rId1"/><sheet name="T" r:id="rId1"/></workbook>'
    )
    read = found(parts)
    assert read["S"] is read["T"]


def test_a_list_of_sheets_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make.book_parts("")
    monkeypatch.setattr(office_open, "LARGEST_BOOK", len(parts["xl/workbook.xml"]) - 1)
    with pytest.raises(TooMuchText):
        found(parts)


def test_a_sheet_that_reaches_too_far_leaves_the_others_as_they_are() -> None:
    read = layout('<row><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')
    assert type(read.excess) is TooLarge
