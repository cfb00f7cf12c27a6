from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.votes import make
from votes.__main__ import main
from votes.ballots import NO_OPINION
from votes.consultation import read_rules
from votes.outcome import outcome

ROOT = Path(__file__).parents[2]


def tally(path: Path, *options: str) -> tuple[int, Path]:
    out = path.with_name("result.json")
    return main(["tally", str(path), *options, "--out", str(out)]), out


def written(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def ballots(tmp_path: Path) -> Path:
    rows = ["Parc,Halle,Pont", "Bien,Assez bien,sans opinion", "Bien,Bien,", "Passable,À rejeter,Excellent"]
    return written(tmp_path / "ballots.csv", "\n".join(rows) + "\n")


def test_the_result_explains_itself_and_can_be_counted_again(
    ballots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = tally(ballots, "--grades", "7", "--default", "static:À rejeter")
    assert status == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert list(found) == [
        "format", "grades", "proposals", "judges", "default", "no_opinion", "total", "ranking",
        "majority_grade", "gauge", "explanations", "margin", "sensitivity", "ballots", "blank",
    ]  # fmt: skip
    assert found["ranking"] == {"Parc": 1, "Halle": 2, "Pont": 3}
    assert found["majority_grade"] == {"Parc": "Bien", "Halle": "Assez bien", "Pont": "À rejeter"}
    assert found["no_opinion"] == {"Parc": 0, "Halle": 0, "Pont": 1}
    assert found["default"] == {"mode": "static", "grade": 0}
    assert found["gauge"]["Halle"] == {"grade": "Assez bien", "sign": "-", "above": 1, "below": 1, "total": 3}
    output = capsys.readouterr()
    assert output.err == ""
    assert output.out.splitlines() == [
        "Ballots: 3 read, 0 blank, 3 counted.",
        "1. Parc: Bien -", "2. Halle: Assez bien -", "3. Pont: À rejeter +",
        "Parc before Halle: Bien against Assez bien", "Halle before Pont: Assez bien against À rejeter",
    ]  # fmt: skip
    again = written(out.with_name("again.json"), out.read_text(encoding="utf-8"))
    before = out.read_bytes()
    assert tally(again)[0] == 0
    assert out.read_bytes() == before


FOUR = "À rejeter,Passable,Bien,Très bien"


def with_blanks(tmp_path: Path) -> Path:
    rows = ["A;B;C", *["Bien;Passable;Passable"] * 6, *[";;"] * 7]
    return written(tmp_path / "ballots.csv", "\n".join(rows) + "\n")


@pytest.mark.parametrize(
    "default", ["static:À rejeter", "static:A rejeter", "median", "normalized", "refuse"]
)
def test_blank_ballots_are_counted_apart_whatever_absent_grades_count_as(
    tmp_path: Path, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = tally(with_blanks(tmp_path), "--grades", FOUR, "--default", default)
    assert status == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["majority_grade"] == {"A": "Bien", "B": "Passable", "C": "Passable"}
    assert (found["judges"], found["ballots"], found["blank"]) == (6, 13, 7)
    assert capsys.readouterr().out.startswith("Ballots: 13 read, 7 blank, 6 counted.\n")
    again = written(out.with_name("again.json"), out.read_text(encoding="utf-8"))
    before = out.read_bytes()
    assert tally(again)[0] == 0
    assert out.read_bytes() == before
    assert capsys.readouterr().out.startswith("Ballots: 13 read, 7 blank, 6 counted.\n")


@pytest.mark.parametrize(("people", "judges"), [("13", 6), ("15", 8)])
def test_whose_ballot_is_blank_took_part_and_is_no_judge(tmp_path: Path, people: str, judges: int) -> None:
    path = with_blanks(tmp_path)
    status, out = tally(path, "--grades", FOUR, "--default", "static:0", "--judges", people)
    assert (status, json.loads(out.read_text(encoding="utf-8"))["judges"]) == (0, judges)
    assert tally(path, "--grades", FOUR, "--default", "static:0", "--judges", "12")[0] == 2


def test_the_site_and_the_command_count_the_same_ballots_alike(tmp_path: Path) -> None:
    names, scale = ["A", "B", "C"], FOUR.split(",")
    document = {
        "kind": "majority-judgment", "proposals": names, "scale": [[grade, grade] for grade in scale],
        "default": {"mode": "static", "grade": 0}, "quorum": [0, 1],
    }  # fmt: skip
    given = [[2, 1, 1]] * 6 + [[NO_OPINION] * 3] * 7 + [[3, NO_OPINION, 0]] * 2
    site = outcome(read_rules(document), np.array(given, np.uint8), consultation=1, roll=15, marks=15)[
        "tally"
    ]
    rows = [";".join("" if one == NO_OPINION else scale[one] for one in row) for row in given]
    path = written(tmp_path / "ballots.csv", "\n".join([";".join(names), *rows]) + "\n")
    status, out = tally(path, "--grades", FOUR, "--default", "static:0")
    found = json.loads(out.read_text(encoding="utf-8"))
    assert (status, found["judges"]) == (0, site["judges"])
    assert [found["proposals"][name] for name in names] == site["counts"]
    assert [found["ranking"][name] for name in names] == site["ranking"]
    assert [found["majority_grade"][name] for name in names] == [scale[one] for one in site["majority_grade"]]


@pytest.mark.parametrize(
    "rest", [{"ballots": 3, "blank": 4}, {"ballots": -1, "blank": 0}, {"ballots": 9, "blank": 1, "judges": 3}]
)
def test_numbers_of_ballots_that_do_not_fit_are_refused(tmp_path: Path, rest: dict[str, int]) -> None:
    counts = {"grades": ["non", "oui"], "proposals": {"A": [1, 2]}}
    assert tally(written(tmp_path / "counts.json", counts | rest))[0] == 2


def test_a_grade_that_is_none_is_answered_with_those_there_are(
    ballots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tally(ballots, "--grades", "7", "--default", "static:Mauvais")[0] == 2
    assert (
        "0 (À rejeter), 1 (Insuffisant), 2 (Passable), 3 (Assez bien), 4 (Bien)," in capsys.readouterr().err
    )


def test_the_sentence_of_the_first_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = {"A": [1, 11234, 8765], "B": [1, 11298, 8701]}
    grades = ["Passable", "Assez bien", "Bien"]
    status, out = tally(written(tmp_path / "counts.json", {"grades": grades, "proposals": counts}))
    assert status == 0
    sentence = "first difference: 8,765 people judged A higher, 8,701 judged B higher"
    assert sentence in capsys.readouterr().out
    assert json.loads(out.read_text(encoding="utf-8"))["explanations"] == [
        {
            "code": "higher",
            "first": "A",
            "second": "B",
            "grades": ["Assez bien", "Assez bien"],
            "bound": "Assez bien",
            "numbers": [8765, 8701],
            "sentence": f"A before B: both Assez bien; {sentence}",
        }
    ]


@pytest.mark.parametrize(
    ("counts", "rest", "sentence"),
    [
        ([[0, 3], [0, 3]], {}, "A and B: both b; identical counts"),
        ([[0, 0], [0, 0]], {}, "A and B: nobody judged either"),
        (
            [[0, 1, 1], [0, 2, 0]],
            {},
            "A before B: both b; first difference: 1 person judged A higher, 0 judged B higher",
        ),
        ([[1, 2, 0], [2, 1, 0]], {}, "A before B: b against a"),
        (
            [[1, 3, 0], [2, 2, 0]],
            {"default": {"mode": "static", "grade": 1}, "judges": 5},
            (
                "A before B: both b; first difference: "
                "1 of 5 judgments, absent ones counted, put A lower, 2 put B lower"
            ),
        ),
        (
            [[1, 1, 1], [1, 1, 0]],
            {"default": {"mode": "normalized"}},
            "A before B: b against a",
        ),
        (
            [[1, 1, 1, 0], [0, 1, 0, 0]],
            {"default": {"mode": "normalized"}},
            "B before A: both b; first difference: 0 of 3 parts put B lower, 1 put A lower",
        ),
        (
            [[1, 1, 2, 0, 1], [1, 1, 2, 1, 0]],
            {},
            "A before B: both c; first difference: 1 person judged A higher than d, 0 judged B higher than d",
        ),
    ],
)
def test_sentences(
    tmp_path: Path, counts: list[list[int]], rest: dict[str, object], sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    grades = list("abcde")[: len(counts[0])]
    proposals = dict(zip("AB", counts, strict=True))
    path = written(tmp_path / "counts.json", {"grades": grades, "proposals": proposals} | rest)
    assert tally(path)[0] == 0
    assert sentence in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--grades", "8"], "unknown-scale"),
        (["--grades", "9" * 5000], "unknown-scale"),
        (["--grades", "Bien"], "bad-scale"),
        (["--grades", "Bien,,Mal"], "bad-name"),
        (["--grades", "1,2,3"], "reserved-grade"),
        (["--grades", "non,oui"], "unknown-grade"),
        ([], "unbalanced"),
        (["--default", "refuse"], "unbalanced"),
        (["--default", "mean"], "bad-default"),
        (["--default", "static"], "bad-default"),
        (["--default", "static:7"], "bad-default"),
        (["--default", "static:sans opinion"], "bad-default"),
        (["--default", "median:3"], "bad-default"),
        (["--default", "static:0", "--judges", "2"], "incoherent"),
        (["--default", "static:0", "--judges", "-2"], "incoherent"),
        (["--default", "static:0", "--judges", "9" * 4000], "bad-count"),
    ],
)
def test_refusals_of_ballots(
    ballots: Path, options: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = tally(ballots, *options)
    assert status == 2
    assert not out.exists()
    output = capsys.readouterr()
    assert output.out == ""
    assert f"[{code}]" in output.err
    assert [path.name for path in ballots.parent.iterdir()] == ["ballots.csv"]


@pytest.mark.parametrize("options", [["--grades", "7"], ["--default", "median"], ["--judges", "5"]])
def test_a_file_and_an_option_do_not_contradict_each_other(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    document = {
        "grades": ["non", "oui"],
        "proposals": {"A": [1, 2]},
        "judges": 4,
        "default": {"mode": "static", "grade": 1},
    }
    path = written(tmp_path / "counts.json", document)
    same = ["--grades", "non, oui", "--default", "static:OUI", "--judges", "4"]
    assert tally(path, *same)[0] == 0
    assert tally(path, *options)[0] == 2
    assert "[contradiction]" in capsys.readouterr().err


def test_options_say_what_the_file_does_not(tmp_path: Path) -> None:
    path = written(
        tmp_path / "counts.json", {"grades": ["non", "oui"], "proposals": {"A": [1, 2]}, "default": None}
    )
    status, out = tally(path, "--default", "normalized", "--judges", "9")
    assert status == 0
    found = json.loads(out.read_text())
    assert (found["judges"], found["total"], found["default"]) == (9, 3, {"mode": "normalized"})


@pytest.mark.parametrize("content", ["", "A;B\n1\n", "A,B\n1\n", '{"grades": []}', "\ufeffA\n9\n"])
def test_what_cannot_be_read_leaves_an_older_result_as_it_was(tmp_path: Path, content: str) -> None:
    out = written(tmp_path / "result.json", "older")
    path = written(tmp_path / "ballots", content)
    assert tally(path, "--grades", "5")[0] == 2
    assert out.read_text() == "older"


def test_a_result_that_cannot_be_written_is_refused(
    ballots: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for out in (ballots.parent / "none" / "out.json", ballots.parent):
        assert main(["tally", str(ballots), "--default", "median", "--out", str(out)]) == 2
        assert "[unreadable-file]" in capsys.readouterr().err
    assert [path.name for path in ballots.parent.iterdir()] == ["ballots.csv"]


@pytest.mark.parametrize("vector", make.vectors()[::9], ids=lambda vector: vector["name"])
def test_entries_of_the_vectors_are_read_as_they_are(tmp_path: Path, vector: dict[str, object]) -> None:
    status, out = tally(written(tmp_path / "vector.json", vector))
    assert status == 0
    assert json.loads(out.read_text(encoding="utf-8"))["ranking"] == vector["expected_ranking"]


@pytest.mark.parametrize("vector", make.vectors("must_refuse"), ids=lambda vector: vector["name"])
def test_entries_that_must_be_refused_are_refused(
    tmp_path: Path, vector: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    status, out = tally(written(tmp_path / "vector.json", vector))
    assert status == 2
    assert not out.exists()
    assert f"[{vector['expected_error']}]" in capsys.readouterr().err


def run(path: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    out = path.with_name("result.json")
    return subprocess.run(
        [sys.executable, "-m", "votes", "tally", str(path), *options, "--out", str(out)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_a_fresh_process_writes_the_same_bytes(ballots: Path) -> None:
    results = set()
    for seed in ("0", "1", "4711"):
        done = run(ballots, "--grades", "7", "--default", "median", PYTHONHASHSEED=seed)
        assert (done.returncode, done.stderr) == (0, "")
        results.add(ballots.with_name("result.json").read_bytes())
    assert len(results) == 1


@pytest.mark.measured_children
def test_any_terminal_can_show_names(ballots: Path) -> None:
    done = run(ballots, "--default", "static:À rejeter", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xc0 rejeter" in done.stdout


@pytest.mark.parametrize("content", ["", "A,B\n0,1\n", "A\n" * 3])
def test_a_fresh_process_refuses_without_a_traceback(tmp_path: Path, content: str) -> None:
    path = written(tmp_path / "ballots.csv", content)
    done = run(path, "--grades", "5", "--judges", "7")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(("ballots.csv, line", "A: "))


def test_verify_takes_the_rest_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    class Verifier:
        @staticmethod
        def main(arguments: list[str]) -> int:
            heard.extend(arguments)
            return 7

    import votes  # noqa: PLC0415 - the package itself

    monkeypatch.setitem(sys.modules, "votes.verify", Verifier)
    monkeypatch.setattr(votes, "verify", Verifier, raising=False)
    assert main(["verify", "archive.zip", "--anything"]) == 7
    assert heard == ["archive.zip", "--anything"]


def test_the_command_line_without_a_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2
    assert "tally" in capsys.readouterr().err


def test_the_package_alone_imports_nothing() -> None:
    code = "import sys, votes.__main__; print('numpy' in sys.modules, 'votes.tally' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.measured_children
def test_a_pipe_is_written_and_not_replaced(ballots: Path) -> None:
    pipe = ballots.with_name("pipe")
    os.mkfifo(pipe)
    command = [
        sys.executable,
        "-m",
        "votes",
        "tally",
        str(ballots),
        "--default",
        "median",
        "--out",
        str(pipe),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        found = json.loads(pipe.read_text(encoding="utf-8"))
        assert process.wait() == 0
    assert found["format"] == "assemblee-tally-1"
    assert pipe.is_fifo()
