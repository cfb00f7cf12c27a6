from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import BarChart

from assemblee.tabular import scan_table, workbooks
from assemblee.tabular.workbooks import as_text, is_packed
from assemblee.written import visible
from tests.tabular import make

PEOPLE = [["id", "nom", "âge"], [1, "Ana", 30], [2, "Bob", 40], [3, "Chloé", 50]]
SHOWN = [["id", "nom", "âge"], ["1", "Ana", "30"], ["2", "Bob", "40"], ["3", "Chloé", "50"]]
ANYTHING = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=8),
    st.integers(-(10**9), 10**9),
    st.booleans(),
    st.dates(dt.date(1950, 1, 1), dt.date(2050, 1, 1)),
)


@pytest.mark.parametrize("data", [make.workbook({"S": PEOPLE}), make.open_document(make.plain(PEOPLE))])
def test_both_kinds_of_workbook_are_read(data: bytes) -> None:
    assert make.values(data) == SHOWN
    assert make.notices(data) == []
    assert is_packed(data)
    assert not is_packed(b"PK;id\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1990", "1990"),
        (1990, "1990"),
        (1990.0, "1990"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (1e16, "1e+16"),
        (float("inf"), "inf"),
        (True, "TRUE"),
        (False, "FALSE"),
        (dt.date(1990, 5, 1), "1990-05-01"),
        (dt.datetime(1990, 5, 1), "1990-05-01"),  # noqa: DTZ001 - spreadsheets know no zones
        (dt.datetime(1990, 5, 1, 10, 30), "1990-05-01 10:30:00"),  # noqa: DTZ001 - the same
        (dt.time(10, 30), "10:30:00"),
        (dt.timedelta(hours=30), "1 day, 6:00:00"),
    ],
)
def test_a_cell_is_read_as_somebody_would_type_it(value: workbooks.Value, expected: str) -> None:
    assert as_text(value) == expected


def test_the_types_of_a_spreadsheet_come_through_its_file() -> None:
    moment = dt.datetime(2020, 1, 2, 10, 30)  # noqa: DTZ001 - spreadsheets know no zones
    row = ["a", 1990.0, 0.5, True, dt.date(2020, 1, 2), moment, dt.time(10, 30), None, " b "]
    shown = ["a", "1990", "0.5", "TRUE", "2020-01-02", "2020-01-02 10:30:00", "10:30:00", "", "b"]
    header = [f"c{place}" for place in range(len(row))]
    assert make.values(make.workbook({"S": [header, row]})) == [header, shown]
    dated = make.cell(**{"office:value-type": "date", "office:date-value": "2020-01-02"})
    timed = make.cell(**{"office:value-type": "time", "office:time-value": "PT10H30M00S"})
    true = make.cell(**{"office:value-type": "boolean", "office:boolean-value": "true"})
    lines = make.plain([["a", "b", "c", "d"]]) + make.row(dated, timed, true, make.cell("x\ny"))
    assert make.values(make.open_document(lines))[1] == ["2020-01-02", "10:30:00", "TRUE", "x\ny"]


@given(st.lists(st.lists(ANYTHING, min_size=2, max_size=2), min_size=1, max_size=5))
@settings(deadline=None, max_examples=40)
def test_what_another_library_writes_is_read_as_it_shows_it(rows: list[list[object]]) -> None:
    content = io.BytesIO()
    book = Workbook()
    book.active.append(["id", "a", "b"])
    for values in rows:
        # A text that begins as a formula is one for the library.
        book.active.append(["x", *(f"t{one}" if isinstance(one, str) else one for one in values)])
    book.save(content)
    shown = [
        ["x", *(f"t{one}" if isinstance(one, str) else as_text(one) for one in values)] for values in rows
    ]
    read = make.values(content.getvalue())[1:]
    assert read == [[visible(one) for one in values] for values in shown]


def test_values_far_from_the_first_cell_keep_their_lines() -> None:
    def move(book: Workbook) -> None:
        sheet = book.create_sheet("far")
        for line, values in enumerate(PEOPLE, start=5):
            for column, value in enumerate(values, start=3):
                sheet.cell(line, column, value)

    data = make.workbook({}, move)
    assert make.values(data) == SHOWN
    assert [row.line for row in make.scanned(data).rows] == [6, 7, 8]
    assert make.scanned(data).header_line == 5
    blank = make.row(make.cell(), number_rows_repeated=4)
    assert [row.line for row in make.scanned(make.open_document(blank + make.plain(PEOPLE))).rows] == [
        6,
        7,
        8,
    ]


def test_a_formula_is_its_kept_value() -> None:
    kept = '<c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>"a"</f><v>a</v></c>'
    empty = '<c r="A3"><v>3</v></c><c r="B3" t="str"><f>""</f><v></v></c>'
    header = f'<row r="1">{make.text_cell("A1", "id")}{make.text_cell("B1", "b")}</row>'
    assert make.values(make.book(f'{header}<row r="2">{kept}</row><row r="3">{empty}</row>')) == [
        ["id", "b"],
        ["2", "a"],
        ["3", ""],
    ]


def problems(data: bytes) -> list[tuple[int | None, str | None, str, str]]:
    table, found = scan_table(data, "people")
    assert len(table.rows) + len({one.line for one in found if one.line != table.header_line}) == table.lines
    return [(one.line, one.column, one.code, one.found) for one in found]


def test_a_formula_without_a_value_is_a_problem_of_its_cell() -> None:
    rows = [["id", "nom", "âge"], [1, "Ana", "=2026-1990"], [2, "Bob", 40], ["=A3+1", "=X", 1]]
    assert problems(make.workbook({"S": rows})) == [
        (2, "âge", "formula-without-value", "a formula"),
        (4, "id", "formula-without-value", "a formula"),
        (4, "nom", "formula-without-value", "a formula"),
    ]
    lacking = make.row(make.cell(7), make.cell(table__formula="of:=1"), make.cell(1))
    assert problems(make.open_document(make.plain(PEOPLE) + lacking)) == [
        (5, "nom", "formula-without-value", "a formula")
    ]


def test_an_error_of_a_spreadsheet_is_a_problem_of_its_cell() -> None:
    assert problems(make.workbook({"S": [*PEOPLE, [4, "#N/A", 1]]})) == [
        (5, "nom", "formula-without-value", "#N/A")
    ]
    error = make.cell(
        "#DIV/0!", **{"office:value-type": "string", "office:string-value": "", "calcext:value-type": "error"}
    )
    assert problems(make.open_document(make.plain(PEOPLE) + make.row(make.cell(4), error))) == [
        (5, "nom", "formula-without-value", "#DIV/0!")
    ]


def test_formulas_without_values_in_the_header_or_beside_the_table_are_said() -> None:
    rows = [["id", "=X", "âge"], [1, "Ana", 30], [2, "", 40, "=Y"], [3, "", 1]]
    found = problems(make.workbook({"S": rows}))
    assert found == [
        (1, "B", "empty-header", "no name"),
        (1, "B", "formula-without-value", "a formula"),
        (3, "D", "formula-without-value", "a formula"),
    ]


@pytest.mark.parametrize("below", [[], [[1, "Ana"]]])
def test_a_header_of_nothing_but_formulas_without_values_is_said(below: list[list[object]]) -> None:
    nameless = [(1, "A", "empty-header", "no name"), (1, "B", "empty-header", "no name")] if below else []
    assert problems(make.workbook({"S": [["=X", "#N/A"], *below]})) == [
        *nameless,
        (1, "A", "formula-without-value", "a formula"),
        (1, "B", "formula-without-value", "#N/A"),
    ]


def test_a_line_of_nothing_but_a_formula_without_a_value_is_not_lost() -> None:
    assert problems(make.workbook({"S": [["id", "nom"], [1, "Ana"], ["=A2+1"]]})) == [
        (3, "id", "formula-without-value", "a formula")
    ]


def test_an_error_that_the_library_does_not_know_refuses_the_sheet_with_its_cell() -> None:
    cells = make.text_cell("A1", "id") + '<c r="B1" t="e"><v>#N/A</v></c>'
    spilt = '<row r="2"><c r="A2"><v>1</v></c><c r="AB2" t="e"><v>#SPILL!</v></c></row>'
    problem = make.refused(make.book(f'<row r="1">{cells}</row>{spilt}'))
    assert (problem.code, problem.line, problem.column) == ("formula-without-value", 2, "AB")
    assert problem.found == "#SPILL!"


def test_hidden_rows_and_columns_are_read_and_said() -> None:
    def hide(book: Workbook) -> None:
        for line in (2, 4, 99):
            book.active.row_dimensions[line].hidden = True
        for letter in ("B", "Z"):
            book.active.column_dimensions[letter].hidden = True

    data = make.workbook({"S": PEOPLE}, hide)
    assert make.values(data) == SHOWN
    assert make.notices(data) == [("hidden-rows", "2, 4"), ("hidden-columns", "2")]
    filtered = make.row(make.cell(9), visibility="filter", number_rows_repeated=7)
    column = '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    data = make.open_document(f"{column}<table:table-column/>{make.plain(PEOPLE)}{filtered}")
    assert make.notices(data) == [("hidden-rows", "5, 6, 7, 8, 9, … (7)"), ("hidden-columns", "1, 2")]
    assert len(make.scanned(data).rows) == 10


@pytest.mark.parametrize("kind", [".xlsx", ".ods"])
def test_cells_merged_downwards_hold_their_value_on_each_line(kind: str) -> None:
    rows = [
        ["catégorie", "valeur"],
        ["Genre", "F"],
        ["", "H"],
        ["", "X"],
        ["Âge", "16-34"],
        ["", "35+"],
        ["", "?"],
    ]
    if kind == ".xlsx":
        data = make.workbook(
            {"S": rows}, lambda book: [book.active.merge_cells(one) for one in ("A2:A4", "A5:A6")]
        )
    else:
        first = make.row(make.cell("Genre", table__number_rows_spanned=3), make.cell("F"))
        second = make.row(make.cell("Âge", table__number_rows_spanned=2), make.cell("16-34"))
        covered = "<table:covered-table-cell/>"
        data = make.open_document(
            make.plain(rows[:1])
            + first
            + "".join(make.row(covered, make.cell(one)) for one in ("H", "X"))
            + second
            + make.row(covered, make.cell("35+"))
            + make.row(make.cell(), make.cell("?"))
        )
    assert [values[0] for values in make.values(data)[1:]] == ["Genre"] * 3 + ["Âge"] * 2 + [""]
    assert make.notices(data) == [("merged-cells", "2")]


def test_cells_merged_sideways_or_below_the_table_are_nothing_to_say() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("E1:F1")
        book.active.merge_cells("A9:A12")

    assert make.notices(make.workbook({"S": PEOPLE}, merge)) == []


def test_what_stands_under_a_merged_cell_is_not_written_over() -> None:
    rows = [["a", "b"], ["x", "1"], ["y", "2"]]
    written = make.row(make.cell("x", table__number_rows_spanned=2), make.cell(1)) + make.plain([["y", 2]])
    assert make.values(make.open_document(make.plain(rows[:1]) + written))[2][0] == "y"


def test_the_first_sheet_that_is_seen_and_not_empty_is_read() -> None:
    def hide(book: Workbook) -> None:
        book["hidden"].sheet_state = "hidden"
        book["very hidden"].sheet_state = "veryHidden"

    sheets = {"hidden": [["x"]], "very hidden": [["z"]], "empty": [], "people": PEOPLE, "notes": [["y"]]}
    table = make.scanned(make.workbook(sheets, hide))
    assert (table.sheet, table.sheets) == ("people", ("hidden", "very hidden", "notes"))
    assert [(one.code, one.found) for one in table.notices] == [
        ("other-sheets", "hidden, very hidden, notes")
    ]
    styles = "".join(
        f'<style:style style:name="{name}"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("hidden", "false"), ("people", "true"))
    )
    parts = make.open_parts({"hidden": make.plain([["x"]]), "people": make.plain(PEOPLE)}, styles)
    table = make.scanned(make.archive(parts))
    assert (table.sheet, table.sheets) == ("people", ("hidden",))


def test_where_only_hidden_sheets_have_values_the_first_is_read() -> None:
    def hide(book: Workbook) -> None:
        book["b"].sheet_state = "hidden"

    assert make.scanned(make.workbook({"a": [], "b": PEOPLE}, hide)).sheet == "b"


def test_a_sheet_can_be_asked_for_by_its_name() -> None:
    sheets = {"a": [["x"]], "b & c": [["y"]], "empty": []}
    for data in (
        make.workbook(sheets),
        make.archive(make.open_parts({name: make.plain(rows) for name, rows in sheets.items()})),
    ):
        assert make.values(data, sheet="b & c") == [["y"]]
        assert make.scanned(data, sheet="b & c").sheets == ("a",)
        assert make.refused(data, sheet="empty").code == "empty-file"
        problem = make.refused(data, sheet="B")
        assert (problem.code, problem.found, problem.expected) == ("unknown-sheet", "B", "a, b & c, empty")


def test_an_empty_workbook_is_refused() -> None:
    assert make.refused(make.workbook({"S": []})).code == "empty-file"
    assert make.refused(make.open_document("")).code == "empty-file"
    problem = make.refused(make.archive(make.open_parts({})))
    assert (problem.code, problem.found, problem.expected) == ("no-sheet", "no sheet", "a sheet")


def test_a_sheet_of_a_chart_is_none() -> None:
    def draw(book: Workbook) -> None:
        book.create_chartsheet("chart", 0).add_chart(BarChart())

    table = make.scanned(make.workbook({"people": PEOPLE}, draw))
    assert (table.sheet, table.sheets) == ("people", ())
    assert make.refused(make.workbook({"people": PEOPLE}, draw), sheet="chart").code == "unknown-sheet"


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"word/document.xml": "<a/>", "[Content_Types].xml": "<a/>"}, ".docx"),
        ({"xl/workbook.bin": b"\0"}, ".xlsb"),
        ({"xl/workbook.bin": b"\0", **make.book_parts("<sheetData/>")}, ".xlsb"),
        ({"ppt/presentation.xml": "<a/>"}, ".pptx"),
        ({"Index/Document.iwa": b"\0"}, ".numbers"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}, ".odt"),
        ({"mimetype": "application/vnd.oasis.opendocument.presentation"}, ".odp"),
        ({"mimetype": b"\xff" * 90}, "an archive"),
        ({"people.csv": "id;nom\n"}, "an archive"),
        ({}, "an archive"),
    ],
)
def test_an_archive_that_is_no_workbook_is_refused_by_its_kind(
    parts: dict[str, str | bytes], kind: str
) -> None:
    problem = make.refused(make.archive(parts))
    assert (problem.code, problem.line, problem.found) == ("not-a-workbook", None, kind)


def test_a_spreadsheet_with_a_password_is_refused() -> None:
    manifest = "<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    parts = make.open_parts({"S": ""}) | {"META-INF/manifest.xml": manifest, "content.xml": b"\x8f\x01"}
    assert make.refused(make.archive(parts)).code == "protected-workbook"


def damaged(data: bytes) -> str:
    problem = make.refused(data)
    assert (problem.code, problem.line, problem.expected) == (
        "damaged-workbook",
        None,
        "a workbook that opens",
    )
    return problem.found


@pytest.mark.parametrize("data", [make.workbook({"S": PEOPLE}), make.open_document(make.plain(PEOPLE))])
def test_a_workbook_cut_anywhere_is_refused(data: bytes) -> None:
    for kept in range(4, len(data) - 1, max(len(data) // 40, 1)):
        assert damaged(data[:kept])


def test_a_wrong_check_or_size_of_a_part_is_refused() -> None:
    name = "xl/worksheets/sheet1.xml"
    data = make.workbook({"S": PEOPLE})
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entry = opened.getinfo(name)
    assert "CRC" in damaged(make.declaring(data, name, entry.file_size, 1))
    for size in (10, entry.file_size + 10):
        assert damaged(make.declaring(data, name, size)) == f"{name} of another size"


def test_a_part_that_goes_on_behind_the_size_it_declares_is_refused() -> None:
    """Its check is right for what it declares: who reads so far only finds nothing wrong."""
    parts = make.open_parts({"S": make.plain(PEOPLE)})
    content = parts["content.xml"].encode()
    behind = f"<table:table table:name='T'>{make.row(make.cell(1), number_rows_repeated=10**9)}</table:table>"
    data = make.archive(parts | {"content.xml": content + behind.encode()})
    data = make.declaring(data, "content.xml", len(content), workbooks.zlib.crc32(content))
    assert damaged(data)


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(make.workbook({"S": PEOPLE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert damaged(bytes(data)).startswith("File <ZipInfo")


@pytest.mark.parametrize(
    "parts",
    [
        {"XL/Workbook.xml": "<a/>"},
        {"xl\\workbook.xml": "<a/>"},
        {"xl/worksheets/&#115;heet1.xml": "<a/>"},
    ],
)
def test_parts_that_could_be_taken_for_one_another_are_refused(parts: dict[str, str]) -> None:
    assert (
        damaged(make.archive(make.book_parts("<sheetData/>") | parts))
        == "parts that could be taken for one another"
    )


def test_a_workbook_of_two_kinds_is_refused() -> None:
    both = make.book_parts("<sheetData/>") | make.open_parts({"S": make.plain(PEOPLE)})
    assert damaged(make.archive(both)) == "two kinds of workbook in one"


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("xl/workbook.xml", "<workbook><sheets>"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row></sheetData></worksheet>"),
        ("xl/worksheets/sheet1.xml", "<!DOCTYPE a [<!ENTITY b 'bb'>]><worksheet/>"),
        (
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row><c r='1A'><v>1</v></c></row></sheetData></worksheet>",
        ),
        ("xl/styles.xml", "<styleSheet>"),
        ("xl/_rels/workbook.xml.rels", "<Relationships/>"),
    ],
)
def test_a_workbook_of_broken_parts_is_refused(name: str, part: str) -> None:
    row = f'<row r="1">{make.text_cell("A1", "id")}</row>'
    parts = make.book_parts(f"<sheetData>{row}</sheetData>")
    assert make.values(make.archive(parts)) == [["id"]]
    assert damaged(make.archive(parts | {name: part}))


def test_a_sheet_that_reaches_too_far_is_refused_only_where_it_is_read() -> None:
    far = make.text_cell("A1", "id") + make.text_cell("XFD1048576", "x")
    parts = make.parts(make.workbook({"a": [["id"]], "b": [["id"]]}))
    parts["xl/worksheets/sheet2.xml"] = f"<worksheet><sheetData>{far}</sheetData></worksheet>".encode()
    data = make.archive(parts)
    assert make.scanned(data).sheets == ("b",)
    problem = make.refused(data, sheet="b")
    assert (problem.code, problem.found) == ("too-many-cells", "more")
    assert problem.expected == "at most 1000 columns and 3000000 cells"


def test_a_workbook_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make.workbook({"S": PEOPLE})
    monkeypatch.setattr(workbooks, "MOST_PARTS", len(make.parts(data)) - 1)
    assert make.refused(data).code == "too-large-unpacked"


def test_all_parts_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make.workbook({"S": PEOPLE})
    size = sum(map(len, make.parts(data).values()))
    monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", size)
    assert make.values(data) == SHOWN
    monkeypatch.setattr(workbooks, "LARGEST_UNPACKED", size - 1)
    assert make.refused(data).code == "too-large-unpacked"


def far_apart() -> bytes:
    return make.book(f"<row>{make.text_cell('A1', 'id')}</row><row>{make.text_cell('xfd1048576', 'x')}</row>")


def one_text_in_many_cells() -> bytes:
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    return make.book(row * 300, f"<si><t>{'x' * 32_000}</t></si>")


def packed(beginning: str, megabyte: bytes, times: int) -> bytes:
    parts = make.book_parts("")
    parts.pop("xl/worksheets/sheet1.xml")
    return make.bomb(parts, "xl/worksheets/sheet1.xml", beginning, megabyte, times)


def rows_again_and_again() -> bytes:
    return packed("<worksheet>", b"<row/>" * 174_762, 300)


def a_picture() -> bytes:
    return make.bomb(make.book_parts("<sheetData/>"), "xl/media/image1.png", "", b"\0" * 2**20, 400)


def deep() -> bytes:
    return packed("<a>", b"<a>" * 300_000, 200)


def one_long_tag() -> bytes:
    return packed('<a b="', b">" * 2**20, 200)


def repeated() -> bytes:
    return make.open_document(
        make.row(make.cell("x", table__number_columns_repeated=900), number_rows_repeated=10**6)
    )


def repeated_without_a_value() -> bytes:
    return make.open_document(make.row(make.cell(table__number_columns_repeated=10**9), make.cell()))


def many_sheets() -> bytes:
    rows = make.row(make.cell("x", table__number_columns_repeated=900), number_rows_repeated=3_000)
    return make.archive(make.open_parts({f"S{number}": rows for number in range(100)}))


def spaces() -> bytes:
    text = '<text:p><text:s text:c="4000000000"/></text:p>'
    return make.open_document(
        make.row(f'<table:table-cell office:value-type="string">{text}</table:table-cell>')
    )


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        (far_apart, "too-many-cells"),
        (one_text_in_many_cells, "too-large-unpacked"),
        (rows_again_and_again, "too-large-unpacked"),
        (a_picture, "too-large-unpacked"),
        (deep, "damaged-workbook"),
        (one_long_tag, "too-large-unpacked"),
        (repeated, "too-many-cells"),
        (repeated_without_a_value, "too-many-cells"),
        (many_sheets, "too-many-cells"),
        (spaces, "too-large-unpacked"),
    ],
)
def test_a_file_that_would_take_all_memory_is_refused_in_little_of_it(
    hostile: Callable[[], bytes], code: str, tmp_path: Path
) -> None:
    data = hostile()
    cost = make.cost(data, tmp_path)
    assert cost.code == code
    assert cost.megabytes < 100
    assert cost.seconds < 5
    assert len(data) < 5_000_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"id;nom\n1;" + b"x" * 33_000_000, "line-too-long"),
        ("id;nom\n1;é".encode("cp1252") + b"x" * 50_000_000, "line-too-long"),
        (b"id;nom\n1;" + b"x;" * 1_000_000, "too-many-columns"),
        (b"id;nom\n1;" + b"x" * 7_000_000, "cell-too-long"),
        (b"id;nom\n1;" + "é".encode() * 7_000_000, "cell-too-long"),
        (b'id;nom\n1;"' + b"x;y\n" * 8_000_000, "bad-quoting"),
    ],
)
def test_a_text_that_would_take_all_memory_is_refused_in_little_of_it(
    text: bytes, code: str, tmp_path: Path
) -> None:
    cost = make.cost(text, tmp_path)
    assert cost.code == code
    assert cost.megabytes < 100
    assert cost.seconds < 5
