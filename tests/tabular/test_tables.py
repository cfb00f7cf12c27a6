from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assemblee import spreadsheets
from assemblee.tabular import Problem, Row, Table, scan_table
from assemblee.tabular.tables import (
    LONGEST_CELL,
    MOST_COLUMNS,
    NEUTRALISED,
    column_letters,
    meant,
    split_header,
)
from assemblee.written import visible
from tests.tabular import make

CELLS = st.builds(
    "{}{}".format, st.sampled_from(["", "", "\t"]), st.text(st.sampled_from("aé =+-@'\"0"), max_size=6)
)


def read(text: str) -> tuple[Table, list[Problem]]:
    return scan_table(text.encode(), "people.csv")


def told(text: str) -> list[tuple[int | None, str | None, str, str, str]]:
    return [(one.line, one.column, one.code, one.found, one.expected) for one in read(text)[1]]


def test_a_table_is_its_header_and_its_rows_with_their_lines() -> None:
    table, problems = read("id;nom\n1;Ana\n\n2;Bob\n")
    assert problems == []
    assert table.header == ("id", "nom")
    assert table.rows == (Row(2, ("1", "Ana")), Row(4, ("2", "Bob")))
    assert (table.file, table.lines, table.header_line, table.encoding) == ("people.csv", 2, 1, "utf-8")
    assert (table.column("nom"), table.column("Nom")) == (1, -1)


def test_values_are_read_without_what_nobody_sees() -> None:
    accents = unicodedata.normalize("NFD", "É")
    assert make.values(f"id;nom\n 1 ;\u200b{accents}va\u202e\n".encode()) == [["id", "nom"], ["1", "Éva"]]


def test_blank_lines_and_columns_around_a_table_are_passed_over() -> None:
    text = ";;;;\n\n;id;;nom;\n;;;;\n;1;;Ana;\n;2;;Bob;\n;;;;\n"
    table, problems = read(text)
    assert (problems, table.header, table.header_line, table.lines) == ([], ("id", "nom"), 3, 2)
    assert table.rows == (Row(5, ("1", "Ana")), Row(6, ("2", "Bob")))


def test_a_line_of_marks_that_nobody_sees_is_blank() -> None:
    assert make.values("id;nom\n1;Ana\n\u200b;\u3164\n".encode()) == [["id", "nom"], ["1", "Ana"]]


@pytest.mark.parametrize("text", ["", "\n", ";;\n;;\n", "\ufeff", "sep=;\n"])
def test_a_file_without_a_value_is_refused(text: str) -> None:
    problem = make.refused(text.encode())
    assert (problem.code, problem.line, problem.expected) == ("empty-file", None, "a header line")


def test_a_header_alone_is_a_table_without_rows() -> None:
    table, problems = read("id;nom\n")
    assert (problems, table.header, table.rows, table.lines) == ([], ("id", "nom"), (), 0)


def test_titles_above_the_header_are_passed_over_and_said() -> None:
    text = "Liste des volontaires;;\n\nau 1er mai\nid;nom;âge\n1;Ana;30\n2;Bob;40\n3;Chloé;50\n4;Dan;60\n"
    table, problems = read(text)
    assert (problems, table.header, table.header_line, table.lines) == ([], ("id", "nom", "âge"), 4, 4)
    assert [(notice.code, notice.found) for notice in table.notices] == [("lines-above", "2")]


def test_one_column_has_no_titles() -> None:
    assert make.values(b"id\n1\n2\n3\n4\n") == [["id"], ["1"], ["2"], ["3"], ["4"]]


def test_more_lines_above_than_titles_have_are_no_titles() -> None:
    lines = [*(f"titre {number}" for number in range(6)), "id;nom", *(f"{one};x" for one in range(20))]
    table, _ = read("\n".join(lines))
    assert (table.header, table.header_line) == (("titre 0",), 1)


def test_five_lines_above_are_titles() -> None:
    lines = [*(f"titre {number}" for number in range(5)), "id;nom", *(f"{one};x" for one in range(20))]
    table, problems = read("\n".join(lines))
    assert (table.header, table.header_line, problems) == (("id", "nom"), 6, [])


def test_a_title_above_a_table_of_hardly_any_line_is_taken_for_the_header() -> None:
    assert read("titre\nid;nom\n1;Ana\n")[0].header == ("titre",)
    assert read("titre\nid;nom\n1;Ana\n2;Bob\n")[0].header == ("id", "nom")


def test_a_column_of_names_that_is_seldom_filled_is_no_title() -> None:
    lines = iter([(1, ["a", ""]), (2, ["b", "c"]), (3, ["d", ""]), (4, ["e", ""]), (5, ["f", ""])])
    titles, header, rest = split_header(lines)
    assert (titles, header, len(list(rest))) == (0, (1, ["a"]), 4)
    assert split_header(iter(()))[:2] == (0, None)


def test_rows_are_shorter_or_longer_than_the_header_by_empty_cells_only() -> None:
    table, problems = read("id;nom;note\n1\n2;Bob;x;;\n3;Chloé;y;;z\n4;;;w\n")
    assert table.rows == (Row(2, ("1", "", "")), Row(3, ("2", "Bob", "x")))
    assert [(one.line, one.code, one.found, one.expected) for one in problems] == [
        (4, "ragged-row", "5 values", "3 values"),
        (5, "ragged-row", "4 values", "3 values"),
    ]
    assert table.lines == 4


def test_a_column_with_values_needs_a_name_and_is_named_by_its_letters() -> None:
    assert told("id;;nom\n1;x;Ana\n") == [(1, "B", "empty-header", "no name", "a name for each column")]


def test_a_value_of_a_ragged_row_counts_for_a_column_without_a_name() -> None:
    assert [(code, column) for _, column, code, _, _ in told("id;;nom\n1;x;Ana;t\n2;;Bob\n")] == [
        ("empty-header", "B"),
        ("ragged-row", None),
    ]


def test_two_columns_of_one_name_are_said_by_it() -> None:
    assert told("id;nom;nom\n1;Ana;x\n") == [(1, "nom", "duplicate-header", "nom", "each header once")]


def test_a_cell_longer_than_spreadsheets_allow_is_one_problem_of_its_line() -> None:
    longest = "x" * LONGEST_CELL
    table, problems = read(f"id;nom\n1;{longest}\n{longest};{longest}x\n3;Chloé\n")
    assert [row.line for row in table.rows] == [2, 4]
    assert [(one.line, one.column, one.code, one.found, one.expected) for one in problems] == [
        (3, "nom", "cell-too-long", "32768 characters", "at most 32767")
    ]


def test_a_long_cell_below_no_name_is_known_by_its_letters() -> None:
    problems = read(f"id;;nom\n1;{'x' * (LONGEST_CELL + 1)};Ana\n")[1]
    assert [(one.code, one.column) for one in problems] == [("empty-header", "B"), ("cell-too-long", "B")]


def test_a_header_longer_than_a_cell_is_refused_with_its_letters() -> None:
    problem = make.refused(f"id;{'x' * (LONGEST_CELL + 1)}\n1;Ana\n".encode())
    assert (problem.code, problem.line, problem.column) == ("cell-too-long", 1, "B")


def test_more_columns_than_anybody_can_use_are_refused() -> None:
    header = ";".join(f"c{place}" for place in range(MOST_COLUMNS))
    assert len(make.scanned(f"{header}\n1;2\n".encode()).header) == MOST_COLUMNS
    problem = make.refused(f"{header};more\n1;2\n".encode())
    assert (problem.code, problem.line, problem.found) == ("too-many-columns", 1, "1001 columns")


def test_problems_of_the_header_stand_before_those_of_lines() -> None:
    assert [one[2] for one in told("id;id\n1;2;3\n")] == ["duplicate-header", "ragged-row"]


def test_what_cannot_be_read_on_a_later_line_leaves_nothing() -> None:
    problem = make.refused(b'id;nom\n1;Ana\n2;"Bob\n')
    assert (problem.code, problem.line) == ("bad-quoting", 3)


def test_the_letters_of_columns_are_those_of_spreadsheets() -> None:
    assert [column_letters(place) for place in (1, 26, 27, 702, 703, 16_384)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("'=1+1", "=1+1"),
        ("'+33 6", "+33 6"),
        ("'-", "-"),
        ("'@ana", "@ana"),
        ("'\tx", "\tx"),
        ("'t Hooft", "'t Hooft"),
        ("'", "'"),
        ("=1", "=1"),
        ("''=1", "''=1"),
    ],
)
def test_an_apostrophe_is_left_out_where_a_formula_would_begin(value: str, expected: str) -> None:
    assert meant(value) == expected


def is_taken_for_ours(value: str) -> bool:
    return value.lstrip().startswith(NEUTRALISED) or visible(value).startswith(NEUTRALISED)


@pytest.mark.parametrize("write", [spreadsheets.as_csv, spreadsheets.as_xlsx])
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
@settings(deadline=None, max_examples=25)
def test_what_we_write_is_read_back(
    write: Callable[[list[str], list[list[str]]], bytes], rows: list[tuple[str, str]]
) -> None:
    # What begins so of its own cannot be told from what we have written.
    raw = [["x", *("" if is_taken_for_ours(value) else value for value in row)] for row in rows]
    lines = [[visible(value) for value in line] for line in raw]
    header = ["=x", "-id", "@note"]
    assert make.values(write(header, raw)) == [header, *lines]


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(st.sampled_from("ab;,\t|\"'\n\r =é\u2019\ufeff\u200b0"), max_size=120).map(str.encode),
        st.text(max_size=80).map(lambda text: text.encode("utf-16", "surrogatepass")),
    )
)
@settings(deadline=None, max_examples=300)
def test_whatever_a_file_holds_its_lines_add_up(data: bytes) -> None:
    table, problems = scan_table(data, "people")
    refused = {one.line for one in problems if one.line is not None and one.line > table.header_line}
    if table.header:
        assert len(table.rows) + len(refused) == table.lines
        assert not refused & {row.line for row in table.rows}
    else:
        assert len({one.line for one in problems}) == 1
        assert (table.rows, table.lines) == ((), 0)
