from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assemblee.tabular import Problem, UnreadableTable
from assemblee.tabular.delimited import LONGEST_VALUE, MOST_VALUES, SAMPLE, delimiter, records

Lines = list[tuple[int, list[str]]]
SEPARATORS = [",", ";", "\t", "|"]
WORDS = st.text(st.sampled_from("aé1 ,;|\t\"'\n"), max_size=8)
PLAIN = st.text(st.sampled_from("aé1 '-."), min_size=1, max_size=6).map(lambda text: f"x{text}")


def read(text: str, encoding: str = "utf-8") -> Lines:
    return list(records(io.BytesIO(text.encode(encoding)), encoding, "people.csv"))


def refused(text: str) -> Problem:
    with pytest.raises(UnreadableTable) as caught:
        read(text)
    return caught.value.problem


def attempted(text: str) -> tuple[Lines, Problem | None]:
    try:
        return read(text), None
    except UnreadableTable as unreadable:
        return [], unreadable.problem


def written(
    rows: Sequence[Sequence[str]], mark: str, end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("mark", SEPARATORS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_separator_is_found_whatever_ends_lines(mark: str, end: str) -> None:
    lines = [["id", "nom", "note"], ["1", "Ana", "a"], ["2", "Bob", ""]]
    text = end.join(mark.join(line) for line in lines)
    assert read(text) == list(enumerate(lines, start=1))
    assert read(text + end) == list(enumerate(lines, start=1))


@pytest.mark.parametrize("mark", SEPARATORS)
def test_a_separator_in_quotes_is_none(mark: str) -> None:
    lines = [["id", f"a{mark}b{mark}c"], ["1", f'said "x"{mark}'], ["2", ""]]
    assert [values for _, values in read(written(lines, mark))] == lines


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('Horodateur;"Quel âge, environ ?";"Où, si ce n’est ici, et pourquoi ?"\n1;2;3\n4;5;6\n', ";"),
        ("id;Réponse, libre\n1;oui, mais\n2;non, jamais\n", ";"),
        ("id;montant\n1;1,50\n2;2,75\n", ";"),
        ("nom, prénom;genre;âge\nMartin, Ana;F;30\nPetit, Bob;H;40\n", ";"),
        ("id,heure\n1,10:30;00\n", ","),
        ("Liste des personnes, par nom\nid;nom\n1;Ana\n2;Bob\n3;Chloé\n", ";"),
        ("a|b\n1|2;3\n", "|"),
        (";x, y\n" * 5 + "a;b, c;d\n" + "1;2, 3;4\n" * 9, ";"),
        (";x, y\n" * 6 + "a;b, c;d\n" + "1;2, 3;4\n" * 9, ","),
        ("|Volunteers, May\n|id|nom|note\n|1|Ana|a, b\n|2|Bob|c\n|3|Chloé|d, e\n", "|"),
        ("a,b,c\n1,;,;\n2,;,;\n3,;,;\n", ","),
        ("id\n1\n2\n", ";"),
        ("une seule colonne\n", ";"),
        ("", ";"),
        ("\n;;\n", ";"),
    ],
)
def test_the_separator_is_the_one_by_which_most_lines_are_as_wide_as_the_header(text: str, mark: str) -> None:
    assert delimiter(text) == mark


def test_a_few_ragged_lines_leave_the_separator_as_it_is() -> None:
    lines = ["id;nom, prénom;note", *["1;Martin, Ana;x"] * 20, "2;Petit, Bob", "3;a;b;c"]
    assert delimiter("\n".join(lines)) == ";"
    loose = ["id;nom;note", *["1;Ana;x"] * 8, "2;Bob", "3;Chloé;", "4"]
    assert delimiter("\n".join(loose)) == ";"


def test_a_stray_quotation_mark_hides_no_separator() -> None:
    lines = ['id|nom|"genre|note', "1|Martin, Ana|F|x", "2|Petit, Bob|H|y", "3|Chloé|F|z", "4|Dan|H|"]
    assert delimiter("\n".join(lines)) == "|"


def test_lines_longer_than_the_sample_are_judged_by_more_of_it() -> None:
    rows = ["Registered people, May", "id;nom;note", f"1;Ana;{'x' * 400_000}", "2;Bob;y", "3;Chloé;z"]
    assert [values for _, values in read("\n".join(rows))][-1] == ["3", "Chloé", "z"]


def test_where_no_separator_fits_the_best_one_is_taken() -> None:
    assert delimiter("a;b;c\n1\n2\n3;4;5\n6\n7\n8\n") == ";"


def test_a_table_longer_than_the_sample_is_judged_by_its_whole_lines() -> None:
    line = "0123456789;b;c\n"
    text = "id;nom;note\n" + line * (SAMPLE // len(line) + 3)
    assert delimiter(text[:SAMPLE]) == ";"
    assert delimiter("x;" * (SAMPLE // 2)) == ";"
    assert len(read(text)) == text.count("\n")


@pytest.mark.parametrize(
    ("first", "mark"),
    [("sep=;", ";"), ("SEP=|", "|"), ('"sep=,"', ","), ("sep=\t", "\t"), ("sep=^", "^"), ("sep=;;;", ";")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_first_line_that_names_the_separator_is_obeyed_and_passed_over(
    first: str, mark: str, end: str
) -> None:
    text = end.join([first, mark.join(["a", "b,c", "d;e|f" if mark not in ";|" else "g"])])
    assert read(text)[0][0] == 2
    assert read(f"{first}{end}a{mark}b{end}1{mark}2") == [(2, ["a", "b"]), (3, ["1", "2"])]


@pytest.mark.parametrize("first", ["sep=", 'sep="', "sep=a", "sep= ", "\nsep=;", "sep=;x"])
def test_what_names_no_separator_is_a_line_as_any_other(first: str) -> None:
    assert "".join(value for _, values in read(first + "\n") for value in values).startswith("sep=")


def test_the_file_that_a_caller_gave_stays_open() -> None:
    data = io.BytesIO(b"a;b\n1;2\n")
    assert len(list(records(data, "utf-8", "people.csv"))) == 2
    assert not data.closed
    lines = records(data, "utf-8", "people.csv")
    next(lines)
    data.close()
    lines.close()


@pytest.mark.parametrize(
    "text",
    ["https://example.org/x", "  http://example.org\n", "[InternetShortcut]\r\nURL=https://a.fr/b\r\n"],
)
def test_a_file_that_holds_a_link_is_refused(text: str) -> None:
    problem = refused(text)
    assert (problem.code, problem.line) == ("link", 1)
    assert "http" in problem.found


def test_a_link_among_other_values_is_a_value() -> None:
    assert read("https://example.org;x\n1;2\n")[0][1] == ["https://example.org", "x"]


def test_a_value_may_have_spaces_before_its_quotes_and_hold_lines() -> None:
    assert read('id;nom\n1; "Ana\nMaria"\n2;"a ""b"""\n') == [
        (1, ["id", "nom"]),
        (2, ["1", "Ana\nMaria"]),
        (4, ["2", 'a "b"']),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id;nom\n1;Ana\n2;"Bob\n3;Chloé\n', 3),
        ('id;nom\n1;"Bob" Martin\n', 2),
        ('id;nom\n1;"Bob\n2;"Chloé"\n', 2),
        ('"id;nom\n1;Ana\n', 1),
        ('sep=;\nid;nom\n1;"Ana\n', 3),
    ],
)
def test_a_stray_quotation_mark_is_refused_with_its_line(text: str, line: int) -> None:
    problem = refused(text)
    assert (problem.code, problem.line) == ("bad-quoting", line)


def test_a_quotation_mark_inside_of_a_value_is_one_of_its_letters() -> None:
    assert read('id;nom\n1;Ana "la" Rouge\n2;5"\n')[1:] == [(2, ["1", 'Ana "la" Rouge']), (3, ["2", '5"'])]


@pytest.mark.parametrize(
    ("text", "line", "lines"),
    [
        # On neighbouring lines, so that a record is as wide as the others and holds two of them.
        ('id;nom;note\n1;"Ana;x\n2;Bob";y\n3;Chloé;z\n', 2, 2),
        ('id;nom;note\n1;Ana;"x\n2;Bob;y"\n3;Chloé;z\n', 2, 2),
        ('id;nom;note\n"1;Ana;x\n2";Bob;y\n3;Chloé;z\n', 2, 2),
        # Opened further to the right than it is closed: a line wider than the header.
        ('id;nom;note\n1;Ana;"x\n2";Bob;y\n3;Chloé;z\n', 2, 2),
        # In two columns, so that what is quoted holds no separator.
        ('id;nom\n1;"Ana\n2";Bob\n3;Chloé\n4;Dan\n', 2, 2),
        # Opened further to the left: a narrower one.
        ('id;nom;note\n1;"Ana;x\n2;Bob;y"\n3;Chloé;z\n', 2, 2),
        # Over many lines.
        ('id;nom;note\n1;"Ana;x\n2;Bob;y\n3;Chloé";z\n4;Dan;t\n', 2, 3),
        # In the header.
        ('id;"nom;note\n1;Ana;x\n2;Bob";y\n3;Chloé;z\n4;Dan;t\n5;Eve;u\n', 1, 3),
        ('id;nom;"âge;note\n1;Ana;30;x"\n2;Bob;4;y\n3;Chloé;5;z\n', 1, 2),
        # Below a title, which is narrower than the table.
        ('Liste\nid;nom;note\n1;"Ana;x\n2;Bob";y\n3;Chloé;z\n4;Dan;t\n', 3, 2),
    ],
)
def test_a_mark_that_swallows_lines_is_refused_with_the_first_of_them(
    text: str, line: int, lines: int
) -> None:
    problem = refused(text)
    assert (problem.code, problem.line, problem.found) == (
        "swallowed-lines",
        line,
        f"{lines} lines in one value",
    )


@pytest.mark.parametrize(
    "value",
    [
        "12, rue X\n93000 Bobigny",
        "oui\nnon\npeut-être",
        "a; b\nc",
        "a\n\nb",
        "a\nb; c\n",
        "\n",
        "a\r\nb",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_text_of_several_lines_is_one_value(value: str, place: int) -> None:
    lines = [["id", "nom", "note", "âge"], ["1", "Ana", "x", "30"], ["2", "Bob", "y", "40"]]
    lines[1][place] = value
    read_back = read(written(lines, ";"))
    assert [values for _, values in read_back] == lines
    assert read_back[-1][0] == 3 + len(value.splitlines()) - 1 + value.endswith("\n")


def test_a_column_alone_may_hold_texts_of_several_lines() -> None:
    assert [values for _, values in read('note\n"a\nb"\n"c\nd\ne"\n')] == [["note"], ["a\nb"], ["c\nd\ne"]]


def test_a_text_of_several_lines_in_a_title_is_one_value() -> None:
    assert read('"Liste\nde tous"\nid;nom\n1;Ana\n2;Bob\n')[0] == (1, ["Liste\nde tous"])


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_value_longer_than_any_text_is_refused_with_its_line(end: str) -> None:
    problem = refused("id;note\n1;" + "x" * (LONGEST_VALUE + 1) + end)
    assert (problem.code, problem.line) == ("cell-too-long", 2)


def test_lines_without_end_in_quotes_are_an_open_mark_and_no_long_value() -> None:
    problem = refused('id;note\n1;"' + ("x" * 1_000 + "\n") * (LONGEST_VALUE // 1_000 + 1))
    assert (problem.code, problem.line) == ("bad-quoting", 2)


def test_more_columns_than_can_be_held_are_refused_with_their_line() -> None:
    assert (refused("id;nom\n1;Ana\n" + ";x" * (MOST_VALUES + 1)).line, MOST_VALUES) == (3, 131_072)
    assert refused(";" * (MOST_VALUES + 1)).code == "too-many-columns"
    assert len(read(";" * MOST_VALUES)[0][1]) == MOST_VALUES + 1
    # A record of many lines can have as many.
    assert refused('a;b\n"' + '\n";"' * (MOST_VALUES + 1) + '"').code == "bad-quoting"
    assert len(read("a;b\n" + "1;2\n" * (MOST_VALUES + 5))) == MOST_VALUES + 6


@given(
    st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=8, max_size=12), st.sampled_from(SEPARATORS)
)
@settings(deadline=None, max_examples=100)
def test_what_the_library_writes_is_read_back_or_refused(rows: list[list[str]], mark: str) -> None:
    text = written([["id", "nom", "note"], *rows], mark, quoting=csv.QUOTE_ALL)
    lines, problem = attempted(f"sep={mark}\r\n{text}")
    if problem is None:
        stripped = [[value.lstrip(" ") for value in row] for row in rows]
        assert [values for _, values in lines[1:]] in (rows, stripped)
    else:
        assert problem.code == "swallowed-lines"
        assert any("\n" in value for row in rows for value in row)


@given(
    st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=3, max_size=8),
    st.sampled_from(SEPARATORS),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 10_000), min_size=1, max_size=3),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
@example([["xa", "xb", "xc"], ["xd", "xe", "xf"], ["xg", "xh", "xi"]], ";", "\n", [17, 25], csv.QUOTE_MINIMAL)
@settings(deadline=None, max_examples=200)
def test_quotation_marks_anywhere_lose_no_line(
    rows: list[list[str]], mark: str, end: str, places: list[int], quoting: int
) -> None:
    text = written([["id", "nom", "note"], *rows], mark, end, quoting)
    for place in places:
        at = place % (len(text) + 1)
        at += text[at - 1 : at + 1] == "\r\n"
        text = text[:at] + '"' + text[at:]
    lines, problem = attempted(text)
    if problem is None:
        # A line of a mark alone, below the last one, is lost with nothing in it.
        valued = [line for line, given in enumerate(text.splitlines(), start=1) if given.strip('"')]
        assert [line for line, given in lines if any(given)] == valued
    else:
        assert problem.code in {"bad-quoting", "swallowed-lines"}
        assert problem.line in range(1, len(text.splitlines()) + 1)
