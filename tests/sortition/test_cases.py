"""Files that people sent to other tools and were refused or lost, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assemblee.checkout import ROOT
from sortition.__main__ import main

CASES = ROOT / "tests" / "vectors" / "files"
EXISTS = "A panel of 4 that fits the quotas exists."
# Of each case the status, and what is said; a panel exists where nothing else is.
EXPECTED: dict[str, tuple[int, tuple[str, ...]]] = {
    "blank_ids_below_the_list": (2, ("column id: found nothing", "(3 lines: 14, 15, 16)")),
    "cell_over_131072_characters": (2, ("line 5", "140000 characters", "[cell-too-long]")),
    "exact_quotas_1000_people": (0, ("A panel of 100 that fits the quotas exists.",)),
    "every_line_refused": (2, ("woman? [unknown-value] (6 lines: 2, 4, 6 and 3 more)",)),
    "flex_bounds_break": (3, ("No change within min_flex and max_flex", "(beyond its flexible bounds)")),
    "google_form_headers": (0, (EXISTS, "[same-person]")),
    "look_alikes_nbsp_dash_spaces": (2, ("16-34? [unknown-value]", "other woman? [unknown-value]")),
    "merged_cells": (0, (EXISTS, "read as the one above: 2")),
    "minima_too_high_in_8_districts": (3, ("g0: minimum 3 to 2", "g6: minimum 3 to 2")),
    "no_id_column_then_other_order": (0, (EXISTS, "--id-column 'Response ID'")),
    "one_mailbox_two_people_and_no_mailbox": (0, (EXISTS, "[shared-mailbox]", "NOT an email")),
    "people_cp1252_accent_on_line_5": (0, (EXISTS, "Windows-1252")),
    "people_utf16_tab": (0, (EXISTS, "UTF-16")),
    "quota_names_that_differ_by_case": (0, (EXISTS, "Man, man")),
    "quotas_file_with_a_header_only": (2, ("[no-category]",)),
    "text_after_closing_quote_line_5": (2, ("line 5", "[bad-quoting]: nothing of the file was read")),
    "unclosed_quote_line_5_of_13": (2, ("line 5", "[bad-quoting]: nothing of the file was read")),
}
SIZES = {"minima_too_high_in_8_districts": "22", "exact_quotas_1000_people": "100"}
WITHOUT_IDENTIFIER = {"google_form_headers", "no_id_column_then_other_order"}


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_each_file_is_read_or_refused_with_its_place(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    people = next(CASES.joinpath(case).glob("respondents.*"))
    size = SIZES.get(case, "4")
    arguments = ["check", "--categories", str(CASES / case / "categories.csv")]
    arguments += ["--respondents", str(people), "--size", size]
    if case not in WITHOUT_IDENTIFIER:
        arguments += ["--id-column", "id (number)" if "line_break" in case else "id"]
    status, words = EXPECTED.get(case, (0, (EXISTS,)))
    assert main(arguments) == status
    told = "".join(capsys.readouterr())
    assert [word for word in words if word not in told] == []


@pytest.mark.slow
def test_quotas_that_leave_no_play_have_a_lottery_that_is_proved(tmp_path: Path) -> None:
    # 3 s of a processor for 1,000 people: with fewer, giving up early would not show.
    case = CASES / "exact_quotas_1000_people"
    files = ["--categories", str(case / "categories.csv"), "--respondents", str(case / "respondents.csv")]
    out = tmp_path / "lottery.json"
    assert main(["lottery", *files, "--size", "100", "--id-column", "id", "--out", str(out)]) == 0
    lottery = json.loads(out.read_text(encoding="utf-8"))
    assert lottery["optimality"]["proved"] is True


def test_a_file_goes_by_its_own_sheet_and_encoding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    categories = tmp_path / "categories.csv"
    categories.write_bytes("catégorie;valeur;mini;maxi\nrôle;élu;1;1,0\nrôle;né;0;2\n".encode("mac_roman"))
    people = tmp_path / "people.csv"
    people.write_bytes("n°;rôle\n1;élu\n2;né\n".encode("mac_roman"))
    arguments = ["check", "--categories", str(categories), "--respondents", str(people), "--size", "2"]
    assert main([*arguments, "--encoding", "mac_roman"]) == 0
    assert main([*arguments, "--encoding", "utf-8"]) == 2
    assert "save it as CSV UTF-8 or .xlsx" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seed", "words"),
    [("00", "found 2 of them"), ("0" * 63 + "g", "found 'g' at place 64"), ("0" * 65, "found 65 of them")],
)
def test_a_seed_says_what_is_wrong_with_it(
    seed: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES / "seat_more_tables_than_people"
    files = ["--categories", str(case / "categories.csv"), "--respondents", str(case / "respondents.csv")]
    arguments = ["seat", *files, "--rounds", "1", "--out", str(tmp_path / "o.json"), "--id-column", "id"]
    assert main([*arguments, "--tables", "2", "--seed", seed]) == 2
    assert words in capsys.readouterr().err


def test_tables_are_at_most_as_many_as_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = CASES / "seat_more_tables_than_people"
    files = ["--categories", str(case / "categories.csv"), "--respondents", str(case / "respondents.csv")]
    arguments = ["seat", *files, "--rounds", "1", "--out", str(tmp_path / "o.json"), "--id-column", "id"]
    assert main([*arguments, "--tables", "13", "--seed", "0" * 64]) == 2
    assert "The number of tables must be a whole number from 1 to 12, not 13." in capsys.readouterr().err
