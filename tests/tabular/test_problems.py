from __future__ import annotations

from assemblee.tabular import Problem, grouped, in_order


def problem(
    line: int | None, code: str = "ragged-row", found: str = "", column: str | None = None
) -> Problem:
    return Problem("people.csv", line, column, code, found, "something")


def test_a_document_of_a_problem_has_a_proposal_only_where_there_is_one() -> None:
    without = Problem("people.csv", 2, "genre", "unknown-value", "Homme", "homme").to_document()
    assert without == {
        "file": "people.csv",
        "line": 2,
        "column": "genre",
        "code": "unknown-value",
        "found": "Homme",
        "expected": "homme",
    }
    proposing = Problem("people.csv", 2, "genre", "unknown-value", "Homme", "homme", "homme")
    assert proposing.to_document() == without | {"proposal": "homme"}


def test_problems_of_the_whole_file_come_first_and_those_of_one_line_keep_their_order() -> None:
    given = [problem(7, "b"), problem(2), problem(7, "a"), problem(None)]
    assert [(one.line, one.code) for one in in_order(given)] == [
        (None, "ragged-row"),
        (2, "ragged-row"),
        (7, "b"),
        (7, "a"),
    ]


def test_a_thousand_problems_of_one_kind_are_one_group_with_their_first_lines() -> None:
    (group,) = grouped(problem(line, found=f"{line} values") for line in range(2, 1_002))
    assert (group.count, group.lines, group.more) == (1_000, [2, 3, 4], 997)
    assert group.first.found == "2 values"


def test_unknown_words_are_told_apart_and_identifiers_are_not() -> None:
    words = [problem(line, "unknown-value", word, "genre") for line, word in ((2, "F"), (3, "H"), (4, "F"))]
    assert [(group.first.found, group.lines) for group in grouped(words)] == [("F", [2, 4]), ("H", [3])]
    twice = [problem(line, "duplicate-id", name, "id") for line, name in ((2, "a"), (3, "b"))]
    assert [group.count for group in grouped(twice)] == [2]


def test_two_columns_or_two_files_are_two_groups() -> None:
    other = Problem("quotas.csv", 2, "genre", "empty-value", "nothing", "F")
    given = [problem(2, "empty-value", column="genre"), problem(2, "empty-value", column="âge"), other]
    assert [group.count for group in grouped(given)] == [1, 1, 1]


def test_a_line_of_two_problems_of_one_kind_is_named_once() -> None:
    (group,) = grouped([problem(2), problem(2), problem(3)])
    assert (group.count, group.lines, group.more) == (3, [2, 3], 1)


def test_a_group_of_the_whole_file_stands_nowhere_else() -> None:
    (group,) = grouped([problem(None, "missing-column"), problem(None, "missing-column")])
    assert (group.count, group.lines, group.more) == (2, [], 0)
