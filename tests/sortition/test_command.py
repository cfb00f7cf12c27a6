from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sortition.__main__ import main
from tests.sortition import make

ROOT = Path(__file__).parents[2]
SEED = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    categories, respondents = make.files("parity_gap_2")
    (tmp_path / "c.csv").write_bytes(categories)
    (tmp_path / "r.csv").write_bytes(respondents)
    return tmp_path


def inputs(folder: Path, size: object = 2) -> list[str]:
    return [
        "--categories",
        str(folder / "c.csv"),
        "--respondents",
        str(folder / "r.csv"),
        "--size",
        str(size),
    ]


def test_lottery_then_draw(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "lottery.json"
    assert main(["lottery", *inputs(folder), "--out", str(out)]) == 0
    document = json.loads(out.read_text())
    make.verify(document, *make.files("parity_gap_2"), None)
    assert list(document) == [
        "format", "rule", "size", "tickets", "people", "exact", "panels", "optimality", "excluded",
    ]  # fmt: skip
    output = capsys.readouterr()
    assert output.out == ""
    assert "levels 0/5" in output.err
    assert main(["draw", str(out), "--seed", SEED]) == 0
    assert capsys.readouterr().out.splitlines() == ["1", "13"]


@pytest.mark.measured_children
def test_the_module_runs_by_itself_without_the_shell(folder: Path) -> None:
    out = folder / "lottery.json"
    command = [sys.executable, "-m", "sortition"]
    subprocess.run(
        [*command, "lottery", *inputs(folder), "--out", str(out)], cwd=ROOT, check=True, capture_output=True
    )
    done = subprocess.run(
        [*command, "draw", str(out), "--seed", SEED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["1", "13"]
    script = "import sys, sortition.__main__; print({'flask', 'sqlalchemy', 'ortools'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("rule", ["leximin", "maximin"])
def test_infeasible_quotas_are_explained_in_words_and_in_the_file(
    rule: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "lottery.json"
    assert main(["lottery", *inputs(folder, 3), "--rule", rule, "--out", str(out)]) == 3
    assert json.loads(out.read_text())["feasible"] is False
    told = capsys.readouterr().err
    assert "No panel of 3 fits the quotas." in told
    assert "x: at most 2 can be taken, fewer than 3" in told


def test_check_says_in_words_who_is_shut_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *inputs(folder)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "A panel of 2 that fits the quotas exists.\n9 of 13 people are in no possible panel:\n"
    )
    assert "x = 0: maximum 1 to 2" in told


def test_check_tells_a_pool_without_exclusions_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--respondents", str(folder / "r.csv"), "--size", "2"]) == 0
    assert capsys.readouterr().out == "A panel of 2 that fits the quotas exists.\n"


def test_check_tells_shortages_and_changes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.csv").write_text("category,feature,min,max\nx,0,9,9\nx,1,11,11\n", encoding="utf-8")
    (folder / "r.csv").write_text("x\n" + "0\n" * 3 + "1\n" * 11, encoding="utf-8")
    assert main(["check", *inputs(folder, 12)]) == 3
    told = capsys.readouterr().out
    assert "x: the minima sum to 20, more than 12" in told
    assert "x = 0: needs 9, only 3 in the pool" in told
    assert "x = 0: minimum 9 to 3" in told


def test_check_writes_json_to_the_screen_and_to_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "check.json"
    assert main(["check", *inputs(folder), "--json", "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(out.read_text())
    assert len(json.loads(out.read_text())["excluded"]) == 9


def test_all_errors_of_both_files_are_told_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.csv").write_text("category,feature,min,max\nx,0,two,3\n", encoding="utf-8")
    (folder / "r.csv").write_text("x\n0\n1,2\n", encoding="utf-8")
    assert main(["lottery", *inputs(folder), "--out", str(folder / "l.json")]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "c.csv, line 2, column min: found two; expected a whole number" in told[0]
    assert "r.csv, line 3: found 2 values; expected 1 values" in told[1]
    assert not (folder / "l.json").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lottery", "--size", "99", "--out", "l.json"], "from 1 to 13, not 99"),
        (["lottery", "--size", "2", "--tickets", "0", "--out", "l.json"], "from 1, not 0"),
        (["lottery", "--size", "2", "--rule", "uniform", "--out", "l.json"], "rule uniform"),
        (["lottery", "--size", "2", "--out", "no/l.json"], "no/l.json cannot be read or written"),
        (["check", "--size", "2", "--id-column", "who"], "column who: found x, y, z; expected who"),
    ],
)
def test_bad_input_ends_with_status_2_and_a_sentence(
    arguments: list[str],
    told: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    assert main([*arguments, "--categories", "c.csv", "--respondents", "r.csv"]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("content", "seed"), [("{", SEED), ("{}", SEED), (None, "xyz"), (None, "ab")])
def test_draw_refuses_what_is_no_lottery_and_no_seed(
    content: str | None, seed: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "lottery.json"
    if content is None:
        main(["lottery", *inputs(folder), "--out", str(path)])
    else:
        path.write_text(content, encoding="utf-8")
    assert main(["draw", str(path), "--seed", seed]) == 2
    assert capsys.readouterr().out == ""
    assert main(["draw", str(folder / "none.json"), "--seed", SEED]) == 2


def test_a_terminal_gets_a_bar(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["check", "--respondents", str(folder / "none.csv"), "--size", "1"]) == 2
    assert main(["lottery", *inputs(folder), "--out", str(folder / "l.json")]) == 0
    told = capsys.readouterr().err
    assert "\r[" in told
    assert told.endswith("\n")


def test_an_unknown_command_ends_with_status_2() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["sort"])
    assert caught.value.code == 2
