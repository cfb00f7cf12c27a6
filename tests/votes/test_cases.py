"""Tallies of files that spreadsheets and online forms save."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.votes import make
from votes.tally import main

TALLIES = make.VECTORS / "tallies"


def tally(path: Path, out: Path, *options: str) -> tuple[int, dict[str, object]]:
    status = main([str(path), "--default", "static:A rejeter", "--out", str(out), *options])
    return status, json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}


@pytest.mark.parametrize("path", sorted(TALLIES.rglob("*.csv")), ids=lambda path: path.stem)
def test_what_a_spreadsheet_or_a_form_saves_is_counted(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, result = tally(path, tmp_path / "o.json")
    assert status == 0
    assert set(result["proposals"]) == {"Parc", "École"}
    assert "blank, " in capsys.readouterr().out


def test_columns_are_said_by_number_or_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Bureau;Parc;École\nNord;Bien;Passable\nSud;Bien;Excellent\n", encoding="utf-8")
    assert tally(path, tmp_path / "o.json")[0] == 2
    assert "column Bureau: found 'Nord'; expected a grade in this column" in capsys.readouterr().err
    for options in (("--columns", "2-"), ("--columns", "2-3"), ("--columns", "2,3"), ("--skip", "bureau")):
        assert set(tally(path, tmp_path / "o.json", *options)[1]["proposals"]) == {"Parc", "École"}
    assert tally(path, tmp_path / "p.json", "--skip", "Bureau", "--skip", "Parc", "--skip", "École")[0] == 2
    for options in (("--columns", "0"), ("--columns", "2-9"), ("--columns", "x"), ("--skip", "Quartier")):
        assert tally(path, tmp_path / "p.json", *options)[0] == 2


def test_a_bad_file_says_each_kind_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.csv"
    rows = "".join(f"mauvais{number % 25};Bien\n" for number in range(5000))
    path.write_text(f"Parc;École\nBien;Bien\n{rows}", encoding="utf-8")
    assert tally(path, tmp_path / "o.json")[0] == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 21
    assert "(200 lines: 3, 28, 53 and 197 more)" in told[0]
    assert told[-1] == "and 5 more kinds of problems"


def test_a_table_of_counts_is_read_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "Proposition;À rejeter;Passable;Bien;Sans opinion\nParc;1;2;3,0;4\nÉcole;0;;6;4\n", encoding="utf-8"
    )
    status, result = tally(path, tmp_path / "o.json")
    assert (status, result["grades"]) == (0, ["À rejeter", "Passable", "Bien"])
    assert result["proposals"] == {"Parc": [1, 2, 3], "École": [0, 0, 6]}
    path.write_text(
        "Proposition;Passable;Bien;bien\nParc;1;2;x\n;;;\nParc;1;1;1\n;1;1;1\nÉcole;1;1;1;1\n",
        encoding="utf-8",
    )
    assert tally(path, tmp_path / "p.json")[0] == 2
    told = capsys.readouterr().err
    for code in ("duplicate-name", "not-a-number", "bad-name", "ragged-row"):
        assert f"[{code}]" in told


def test_the_result_that_a_site_gives_out_is_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "consultation-1.csv"
    path.write_text(
        "\ufeffLe quorum n’est pas atteint\n"
        "Rang,Proposition,Mention majoritaire,À rejeter,Passable,Bien,sans opinion\n"
        "1,'=Parc,Bien,1,2,3,4\n2,École,Bien,0,0,6,4\n",
        encoding="utf-8",
    )
    status, result = tally(path, tmp_path / "o.json")
    assert status == 0
    assert result["proposals"] == {"=Parc": [1, 2, 3], "École": [0, 0, 6]}
    assert "Rang, Mention majoritaire" in capsys.readouterr().err
    path.write_text("Bien,Passable\n1,2\n", encoding="utf-8")
    assert tally(path, tmp_path / "p.json")[0] == 2


def test_the_ballots_that_a_site_publishes_are_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "ballots.csv"
    path.write_text(
        "receipt,token,1,2\nAB12-CD34-E,00ff,6,254\nEF12-CD34-A,01ff,255,0\nGG12-CD34-B,02ff,254,255\n",
        encoding="utf-8",
    )
    status, result = tally(path, tmp_path / "o.json", "--grades", "7")
    assert (status, result["ballots"], result["blank"]) == (0, 3, 1)
    assert result["proposals"] == {"1": [0, 0, 0, 0, 0, 0, 1], "2": [1, 0, 0, 0, 0, 0, 0]}
    assert result["no_opinion"] == {"1": 0, "2": 1}


def test_a_workbook_of_ballots_is_counted(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Horodateur", "Parc", "École"), ("2026-12-01 10:00", "Bien", None), (None, None, None)):
        sheet.append(row)
    path = tmp_path / "b.xlsx"
    book.save(path)
    status, result = tally(path, tmp_path / "o.json")
    assert (status, result["ballots"], result["blank"]) == (0, 1, 0)


def test_a_grade_that_a_formula_does_not_give_is_not_an_absent_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Parc", "École"), ("Bien", "Passable"), ("=A2", "Bien")):
        sheet.append(row)
    path = tmp_path / "b.xlsx"
    book.save(path)
    assert tally(path, tmp_path / "o.json")[0] == 2
    assert "line 3, column A" in capsys.readouterr().err
