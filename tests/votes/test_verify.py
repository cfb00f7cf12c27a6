from __future__ import annotations

import base64
import json
import os
import random
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify import judges
from tests.verify.make import Signer, canonical, path, sha256, tree
from tests.votes import archives, mutants, reference
from tests.votes.archives import Counted, judge
from votes import __main__, verify
from votes.consultation import read_rules
from votes.outcome import outcome

VECTORS = Path(__file__).parents[1] / "vectors" / "audit"


@pytest.fixture
def made() -> Counted:
    return archives.variant(8)


@pytest.mark.parametrize("seed", range(16))
def test_an_honest_archive_holds(seed: int, tmp_path: Path) -> None:
    made = archives.variant(seed)
    folder = archives.write(tmp_path / "folder", made.files())
    packed = tmp_path / "archive.zip"
    packed.write_bytes(archives.zipped(made.files()))
    for where in (folder, packed):
        assert judge(where) is None
        assert judge(where, "--log", made.key.verifier_key) is None


def engine(made: Counted) -> dict[str, object]:
    rules = read_rules(made.rules)
    ballots = [ballot for _, _, ballot in made.rows]
    for ballot in ballots:
        rules.check(ballot)
    cells = np.frombuffer(b"".join(ballots), dtype=np.uint8).reshape(len(ballots), len(rules.columns))
    marks = sum(mark for _, mark in made.roll)
    return outcome(rules, cells, consultation=made.rules["consultation"], roll=len(made.roll), marks=marks)


def test_the_engine_comes_to_the_same_results() -> None:
    for seed in range(100):
        made = archives.variant(seed)
        assert canonical(engine(made)) == canonical(made.result), seed


def judged(made: Counted, found: list[mutants.Mutant], folder: Path) -> set[str]:
    checks = set()
    for place, (how, files, expected) in enumerate(found):
        check = judge(archives.write(folder / str(place), files), "--log", made.key.verifier_key)
        assert check is not None, f"accepted: {how}"
        assert expected in (None, check), f"{how}: {check}"
        checks.add(check)
    return checks


@pytest.mark.parametrize("seed", [5, 6, 8, 15])
def test_what_was_tampered_with_is_refused_by_the_check_that_it_fails(seed: int, tmp_path: Path) -> None:
    made = archives.variant(seed)
    found = [*mutants.outsiders(made, seed, 2), *mutants.insiders(made, seed, 2)]
    # The same sample every time; the campaign has them all.
    assert judged(made, random.Random(seed).sample(found, 35), tmp_path)  # noqa: S311


@pytest.mark.parametrize("seed", range(4))
def test_rules_that_cannot_be_are_refused(seed: int, tmp_path: Path) -> None:
    made = archives.variant(seed)
    for place, (name, value) in enumerate(mutants.impossible(made.rules)):
        rules = canonical({**made.rules, name: value})
        where = archives.write(tmp_path / str(place), {**made.files(), "rules.json": rules})
        assert judge(where) == "rules", (name, value)


def test_forged_heads_are_refused(made: Counted, tmp_path: Path) -> None:
    assert judged(made, list(mutants.false_heads(made)), tmp_path) == {"files", "checkpoint", "log", "proofs"}


def test_without_a_key_the_signature_is_not_checked_and_that_is_said(
    made: Counted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = Signer(made.key.name, bytes(32))
    files = made.files()
    text = files["checkpoint.txt"].decode().split("\n\n")[0] + "\n"
    folder = archives.write(tmp_path / "a", {**files, "checkpoint.txt": stranger.note(text).encode()})
    assert verify.main([str(folder), "--lang", "en"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-2] == f"The key of the log “{made.key.name}” is NOT checked, without --log."
    assert judge(folder, "--log", made.key.verifier_key) == "checkpoint"
    assert judge(folder, "--log", stranger.verifier_key) is None


def test_a_head_is_signed_under_the_name_of_its_journal(made: Counted, tmp_path: Path) -> None:
    files = made.files()
    text = files["checkpoint.txt"].decode().split("\n\n")[0] + "\n"
    other = Signer("other.example", made.key.secret)
    # The key that a reader trusts is that of another journal, whatever name stands before its signature.
    borrowed = other.note(text).replace(f"— {other.name} ", f"— {made.key.name} ")
    for place, note in enumerate((other.note(text), borrowed)):
        where = archives.write(tmp_path / str(place), {**files, "checkpoint.txt": note.encode()})
        assert judge(where, "--log", other.verifier_key) == "checkpoint"
        assert judge(where) == (None if note == borrowed else "checkpoint")


def key(raw: bytes, mark: str | None = None) -> str:
    mark = mark or sha256(b"a\n", raw)[:4].hex()
    return f"a+{mark}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    "key",
    [
        *("", "a", "a+b+c", "a+00000000+AAAA", "a+00000000+é", "\udcff+00000000+AAAA"),
        *(key(b"\1" + bytes(31)), key(b"\2" + bytes(32)), key(b"\1" + bytes(32), "00000000")),
    ],
)
def test_a_key_that_is_none_is_unreadable(key: str, made: Counted, tmp_path: Path) -> None:
    assert judge(archives.write(tmp_path / "a", made.files()), "--log", key) == "unreadable"


def test_it_says_what_was_counted_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = next(
        made
        for made in map(archives.variant, range(1, 400, 4))
        if len(set(made.result["tally"]["adopted"])) == 2
    )
    folder = archives.write(tmp_path / "a", made.files())
    lost = made.result["marks"] - made.result["ballots"]
    for language, locale, words in (
        ("fr", "en_GB", ("adopté", "non adopté", f"{lost} personnes ont émargé")),
        ("en", "fr_FR", ("adopted", "not adopted", f"{lost} people were marked")),
        (None, "en_GB", ("adopted", "not adopted", f"{lost} people were marked")),
        (None, "C", ("adopté", "non adopté", f"{lost} personnes ont émargé")),
    ):
        monkeypatch.setenv("LC_ALL", locale)
        assert verify.main([str(folder), *(["--lang", language] if language else [])]) == 0
        said = capsys.readouterr().out
        assert all(word in said for word in words)
        assert f"rules {sha256(canonical(made.rules)).hex()}\n" in said
        assert made.rules["title"] in said


def test_a_terminal_is_not_led_astray(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = archives.variant(8)
    made.rules["title"] = "\x1b[2J\u202e\x07\u2028title"
    made.tell()
    folder = archives.write(tmp_path / "a", made.files())
    assert verify.main([str(folder)]) == 0
    assert not any(mark in capsys.readouterr().out for mark in "\x1b\u202e\x07\u2028")


def test_a_consultation_without_a_ballot_has_no_ranking(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in range(4):
        made = archives.variant(seed)
        made.rows = []
        made.count()
        made.tell()
        assert made.result["tally"].get("ranking") is None
        assert verify.main([str(archives.write(tmp_path / str(seed), made.files()))]) == 0
        assert seed == 1 or "  –  proposition 0" in capsys.readouterr().out


def test_a_quorum_that_is_not_met_adopts_nothing(tmp_path: Path) -> None:
    made = archives.variant(1)
    made.rules |= {"quorum": [1, 1], "threshold": [1, 100, "at-least"]}
    made.roll.append((b"\xff" * 32, False))
    made.settle()
    made.count()
    made.tell()
    assert made.result["quorum_met"] is False
    assert not any(made.result["tally"]["adopted"])
    assert judge(archives.write(tmp_path / "a", made.files())) is None


@pytest.mark.parametrize("seed", range(4))
def test_below_the_quorum_no_order_is_told_and_none_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    made = archives.variant(seed)
    made.rules |= {"quorum": [1, 1]}
    made.roll.append((b"\xff" * 32, False))
    made.settle()
    made.count()
    made.tell()
    marks, people = made.result["marks"], len(made.roll)
    assert verify.main([str(archives.write(tmp_path / "a", made.files())), "--lang", "fr"]) == 0
    said = capsys.readouterr().out
    assert f"Quorum non atteint : {marks} sur {people} nécessaires." in said
    assert "  1  " not in said
    if "ranking" in made.result["tally"]:
        made.result["tally"]["ranking"] = list(range(1, len(made.rules["proposals"]) + 1))
        made.tell()
        assert judge(archives.write(tmp_path / "b", made.files())) == "tally"


def test_a_result_of_the_first_form_is_read_as_it_was_made(tmp_path: Path) -> None:
    made = archives.variant(1)
    made.result["format"] = "assemblee-consultation-result-1"
    del made.result["needed"]
    made.tell()
    assert judge(archives.write(tmp_path / "a", made.files())) is None


# The majority judgment, on its own.


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_ranks_are_those_of_removing_lower_medians_one_by_one(data: st.DataObject) -> None:
    grades = data.draw(st.integers(2, 5))
    judges_ = data.draw(st.integers(0, 12))
    proposals = data.draw(st.integers(1, 4))
    default = data.draw(
        st.sampled_from([None, {"mode": "median"}, {"mode": "normalized"}, {"mode": "static", "grade": 1}])
    )
    answer = st.sampled_from([*range(grades), *([254] if default else [])])
    rows = data.draw(
        st.lists(st.lists(answer, min_size=judges_, max_size=judges_), min_size=proposals, max_size=proposals)
    )
    found = verify.judged([bytes(row) for row in rows], grades, default)
    assert found == reference.majority(rows, grades, default)


def test_the_judgments_go_from_the_middle_outwards() -> None:
    for counts in ([3], [0, 4, 0], [2, 0, 1, 3], [1, 1, 1, 1, 1], [0, 0, 2, 5, 0], [1, 6, 2]):
        judgments = [grade for grade, number in enumerate(counts) for _ in range(number)]
        total = len(judgments)
        pairs = verify.middles(counts, range((total + 1) // 2))
        flat = [grade for pair in pairs for grade in pair]
        # An odd number has its middle twice.
        assert (flat[1:] if total % 2 else flat) == reference.removed(judgments)
        steps = sorted(verify.turns(counts))
        assert [
            place for place in range(len(pairs)) if place == 0 or pairs[place] != pairs[place - 1]
        ] == steps


# Standards.


def test_signatures_are_those_of_the_standard() -> None:
    cases = json.loads((VECTORS / "ed25519.json").read_text())["cases"]
    for case in cases:
        key, message, signature = (bytes.fromhex(case[name]) for name in ("pk", "msg", "sig"))
        assert verify.ed25519(key, message, signature) is (case["result"] == "valid"), case["tcId"]
    assert len(cases) > 50
    # No point of the curve, and a point that is written in a second way.
    for key in (b"\2" + bytes(31), b"\1" + bytes(30) + b"\x80"):
        assert not verify.ed25519(key, b"", bytes(64))


@pytest.mark.parametrize("size", [*range(10), 33])
def test_roots_and_proofs_are_those_of_the_standard(size: int) -> None:
    leaves = [b"leaf %d" % place for place in range(size)]
    hashes = [sha256(b"\0", leaf) for leaf in leaves]
    assert verify.root(hashes) == verify.tree(leaves) == tree(hashes)
    for place, leaf in enumerate(hashes):
        proof = path(hashes, place)
        assert verify.climb(leaf, place, size, proof) == tree(hashes)
        assert verify.climb(leaf, place, size, [*proof, leaf]) is None
        assert verify.climb(leaf, place + size, size, proof) != tree(hashes)
    assert verify.climb(b"", 0, 0, []) is None


# As a neighbour runs it.


def apart(where: Path, *arguments: str, python: str = sys.executable) -> str | None:
    alone = where.parent / "alone"
    alone.mkdir(exist_ok=True)
    script = Path(shutil.copy(archives.PROGRAM, alone))
    done = subprocess.run(
        [python, "-I", "-S", str(script), str(where), *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.stderr == ""
    return archives.verdict(done.returncode, done.stdout)


@pytest.mark.parametrize("version", sorted(judges.pythons()))
def test_every_python_of_this_machine_recounts(version: str, tmp_path: Path) -> None:
    python = judges.pythons()[version]
    for seed in (0, 3):
        made = archives.variant(seed)
        packed = tmp_path / f"{seed}.zip"
        packed.write_bytes(archives.zipped(made.files()))
        assert apart(packed, "--log", made.key.verifier_key, python=python) is None
    files = made.files() | {"rules.json": b"[" * 100_000}
    assert apart(archives.write(tmp_path / "b", files), python=python) == "canonical"
    assert apart(tmp_path / "nowhere", python=python) == "unreadable"


def test_it_is_a_command_of_the_package(made: Counted, tmp_path: Path) -> None:
    folder = archives.write(tmp_path / "a", made.files())
    assert __main__.main(["verify", str(folder), "--log", made.key.verifier_key]) == 0
    (folder / "roll.csv").write_bytes(b"")
    assert __main__.main(["verify", str(folder)]) == 1


def test_it_runs_as_a_file(made: Counted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = archives.write(tmp_path / "a", made.files())
    monkeypatch.setattr(sys, "argv", ["verify.py", str(folder)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(archives.PROGRAM), run_name="__main__")
    assert ended.value.code == 0
