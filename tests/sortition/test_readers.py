from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from sortition import (
    Cell,
    Pool,
    Problem,
    Quotas,
    UnreadableFiles,
    read_files,
    read_pool,
    read_quotas,
    read_table,
)

QUOTAS = b"category,feature,min,max\ngender,female,1,2\ngender,male,1,2\n"


def problems(read: Callable[[], object]) -> list[Problem]:
    with pytest.raises(UnreadableFiles) as caught:
        read()
    assert caught.value.parameters == {"problems": len(caught.value.problems)}
    return list(caught.value.problems)


def codes(read: Callable[[], object]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.line, problem.column, problem.code) for problem in problems(read)]


@pytest.mark.parametrize(
    "header",
    [
        "category,feature,min,max",
        "category,name,min,max",
        "category,value,min,max",
        "feature,value,min,max",
        "feature,name,min,max",
        "Category , Feature,MIN, Max ",
        "category;feature;min;max",
        "category\tfeature\tmin\tmax",
    ],
)
def test_the_headers_of_the_field_are_read(header: str) -> None:
    mark = next(mark for mark in ",;\t" if mark in header)
    text = header + "\n" + mark.join(["gender", "female", "1", "2"]) + "\n"
    assert read_quotas(text.encode()) == Quotas((Cell("gender", "female", 1, 2),))


def test_flexible_bounds_are_optional_and_may_be_left_empty() -> None:
    text = "category,feature,min,max,min flex,max_flex\na,x,2,3,1,4\na,y,2,3,,\n"
    assert read_quotas(text.encode()).cells == (Cell("a", "x", 2, 3, 1, 4), Cell("a", "y", 2, 3))


def test_columns_may_stand_in_any_order_and_notes_are_ignored() -> None:
    text = "max,note,feature,min,category\n2,hello,female,1,gender\n"
    assert read_quotas(text.encode()).cells == (Cell("gender", "female", 1, 2),)


def test_a_file_of_a_spreadsheet_is_read_with_its_mark_quotes_and_line_ends() -> None:
    accents = unicodedata.normalize("NFD", "région")
    text = f'\ufeffcategory;feature;min;max\r\n"{accents}";"Île; de ""France"" ";1;+2\r\n\r\n;;;\r\n'
    assert read_quotas(text.encode()).cells == (Cell("région", 'Île; de "France"', 1, 2),)


def test_quotas_stand_in_one_order_whatever_the_order_of_lines() -> None:
    cells = (Cell("b", "é", 0, 1), Cell("b", "z", 0, 1), Cell("a", "x", 0, 1))
    assert Quotas(cells) == Quotas(cells[::-1])
    assert list(Quotas(cells).categories) == ["a", "b"]
    assert [cell.value for cell in Quotas(cells).categories["b"]] == ["z", "é"]


def test_every_problem_of_the_quotas_comes_in_one_answer() -> None:
    text = (
        b"category,feature,min,max,min_flex,max_flex\n"
        b"a,x,-1,2.5,,\n"
        b"a,,1,2,,\n"
        b"a,y,3,2,,\n"
        b"a,z,1,2,2,1\n"
        b"a,w,1,2,,\n"
        b"a,w,1,2,,\n"
        b"a,v,1,2,,,x\n"
        b"a,u,,2,x,\n"
    )
    assert codes(lambda: read_quotas(text)) == [
        (2, "min", "negative"),
        (2, "max", "not-a-number"),
        (3, "feature", "empty-value"),
        (4, "min", "minimum-over-maximum"),
        (5, "min_flex", "flex-inside-quota"),
        (5, "max_flex", "flex-inside-quota"),
        (7, "feature", "duplicate-cell"),
        (8, None, "ragged-row"),
        (9, "min", "not-a-number"),
        (9, "min_flex", "not-a-number"),
    ]


def test_a_problem_says_what_was_found_and_what_was_expected() -> None:
    (problem,) = problems(lambda: read_quotas(b"category,feature,min,max\na,x,one,2\n", "q.csv"))
    assert problem == Problem("q.csv", 2, "min", "not-a-number", "one", "a whole number from 0 to 999999999")
    assert problem.to_document()["found"] == "one"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (None, None, "empty-file")),
        (b"\n ,\n", (None, None, "empty-file")),
        (
            "category,feature,min,max\nré,x,1,2\n".encode() + "ré,y,1,2\n".encode("latin-1"),
            (3, None, "mixed-encodings"),
        ),
        (b"category,feature,min,max\na,\0,1,2\n", (2, None, "not-text")),
        (b'category,feature,min,max\na,"x,1,2\n', (2, None, "bad-quoting")),
        (b"category,category,feature,min,max\n", (1, "category", "duplicate-header")),
        (b"category,,feature,min,max\na,b,c,1,2\n", (1, "B", "empty-header")),
        (b"category,feature,min,max\n", (None, None, "no-category")),
        (b"category,feature,min\n", (1, "max", "missing-column")),
        (b"category,feature,min,max,max_flex\n", (1, "min_flex", "missing-column")),
        (b"kind,of,min,max\n", (1, "category", "missing-column")),
    ],
)
def test_a_file_that_is_no_table_of_quotas_is_refused(data: bytes, expected: tuple[object, ...]) -> None:
    assert expected in codes(lambda: read_quotas(data))


def test_a_table_is_read_for_itself_and_names_its_columns() -> None:
    table = read_table(b'a,b\n"1\n2",3\n4,5\n', "t.csv")
    assert [(row.line, row.values) for row in table.rows] == [(2, ("1\n2", "3")), (4, ("4", "5"))]
    assert (table.column("b"), table.column("c")) == (1, -1)
    assert codes(lambda: read_table(b"", "t.csv")) == [(None, None, "empty-file")]


def test_people_stand_in_the_order_of_their_ids_and_columns_do_not_matter() -> None:
    quotas = read_quotas(QUOTAS)
    one = read_pool(b"id,gender,x\nb,male,1\na,female,2\n", quotas, id_column="id")
    two = read_pool(b"gender;id\nfemale;a\nmale;b\n", quotas, id_column="id")
    assert one.people == two.people == ("a", "b")
    assert one.traits.tolist() == two.traits.tolist() == [[0], [1]]
    assert one.values == (("female", "male"),)


def test_the_number_of_the_row_is_the_id_without_a_column_of_ids() -> None:
    rows = b"gender\n" + b"male\n" * 10
    assert read_pool(rows, read_quotas(QUOTAS)).people == ("1", "10", *map(str, range(2, 10)))


def test_every_problem_of_the_people_comes_in_one_answer() -> None:
    data = b"id,gender\n,male\na,female\na,other\nb,\nc,male,more\n"
    assert codes(lambda: read_pool(data, read_quotas(QUOTAS), id_column="id")) == [
        (2, "id", "empty-id"),
        (4, "id", "duplicate-id"),
        (4, "gender", "unknown-value"),
        (5, "gender", "empty-value"),
        (6, None, "ragged-row"),
    ]


def test_a_category_or_an_id_column_that_is_missing_is_told_once() -> None:
    data = b"name,age\na,1\nb,2\n"
    assert codes(lambda: read_pool(data, read_quotas(QUOTAS), id_column="id")) == [
        (1, "id", "missing-column"),
        (1, "gender", "missing-column"),
    ]


def test_a_pool_without_people_is_refused() -> None:
    assert codes(lambda: read_pool(b"gender\n", read_quotas(QUOTAS))) == [(None, None, "no-people")]
    assert codes(lambda: read_pool(b"", read_quotas(QUOTAS))) == [(None, None, "empty-file")]


def test_the_problems_of_both_files_come_together() -> None:
    found = problems(lambda: read_files(QUOTAS + b"gender,third,x,1\n", b"gender\nthird\na,b\n", None))
    assert [(problem.file, problem.line, problem.code) for problem in found] == [
        ("categories.csv", 4, "not-a-number"),
        ("respondents.csv", 3, "ragged-row"),
    ]
    found = problems(lambda: read_files(QUOTAS + b"gender,third,x,1\n", b"id,gender\n1,third\n1,\n", "id"))
    assert [(problem.file, problem.line, problem.code) for problem in found] == [
        ("categories.csv", 4, "not-a-number"),
        ("respondents.csv", 3, "duplicate-id"),
        ("respondents.csv", 3, "empty-value"),
    ]


def test_good_files_give_quotas_and_pool() -> None:
    quotas, pool = read_files(QUOTAS, b"gender\nmale\nfemale\nmale\n")
    assert len(quotas.cells) == 2
    assert pool.types.members == ((1,), (0, 2))
    assert pool.types.counts.tolist() == [1, 2]


def test_rows_of_a_database_make_the_same_pool_or_the_same_problems() -> None:
    quotas = read_quotas(QUOTAS)
    pool = Pool.from_rows(["b", "a"], [{"gender": "male"}, {"gender": " female"}], quotas)
    assert pool.people == ("a", "b")
    assert codes(lambda: Pool.from_rows([" "], [{"gender": "male"}], quotas)) == [(1, "id", "empty-id")]
    assert codes(lambda: Pool.from_rows(["a", "a"], [{}, {"gender": "x"}], quotas)) == [
        (1, "gender", "empty-value"),
        (2, "id", "duplicate-id"),
        (2, "gender", "unknown-value"),
    ]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_header_of_a_million_columns_is_refused_at_once(mark: str) -> None:
    for header in (mark.join(["a"] * 10**6), mark.join(map(str, range(10**5)))):
        content = f"{header}\n{header}\n".encode()
        assert codes(lambda content=content: read_table(content, "f")) == [(1, None, "too-many-columns")]


def test_a_value_that_is_too_long_to_be_read_is_refused() -> None:
    for content in ("A" * 10**6, "A" * 10**6 + ",B\n1,2\n", "A,B\n1," + "9" * 10**6):
        found = problems(lambda content=content: read_table(content.encode(), "f"))
        assert found[0].code == "cell-too-long"
