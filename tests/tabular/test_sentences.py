from __future__ import annotations

import re
from pathlib import Path

import assemblee.tabular
from assemblee.tabular import Problem, grouped
from assemblee.tabular.sentences import NOTICES, said_of

SOURCES = Path(assemblee.tabular.__file__).parent.glob("*.py")


def said(*problems: Problem) -> str:
    (group,) = grouped(problems)
    return said_of(group)


def test_a_problem_is_said_with_its_place_and_what_to_do() -> None:
    assert said(Problem("p.csv", 3, "genre", "unknown-value", "f", "F", "F")) == (
        "p.csv, line 3, column genre: found f; expected F; F? [unknown-value]"
    )
    assert said(Problem("p.xls", None, None, "old-workbook", ".xls", ".xlsx")) == (
        "p.xls: found .xls; expected .xlsx [old-workbook]: open it in a spreadsheet and save it as .xlsx"
    )


def test_problems_of_one_kind_are_one_sentence_with_their_lines() -> None:
    problems = [Problem("p.csv", line, "id", "empty-id", "nothing", "an id") for line in range(2, 9)]
    assert said(*problems[:2]).endswith("[empty-id] (2 lines: 2, 3)")
    assert said(*problems).endswith("[empty-id] (7 lines: 2, 3, 4 and 4 more)")


def test_every_notice_of_the_readers_has_a_sentence() -> None:
    given = {code for path in SOURCES for code in re.findall(r'Notice\(\s*"([a-z-]+)"', path.read_text())}
    assert "encoding-guessed" in given
    assert given | {"hidden-rows", "hidden-columns", "merged-cells", "other-sheets"} <= NOTICES.keys()
    assert all(sentence.format(found="x") for sentence in NOTICES.values())
