from __future__ import annotations

import copy
import json
import os
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.verify import judges, make, mutants
from tests.verify.make import Ceremony

needs_node = pytest.mark.skipif(judges.NODE is None, reason=judges.NO_NODE)


@pytest.fixture
def made() -> Ceremony:
    return make.ceremony(8)


@pytest.fixture
def folder(made: Ceremony, tmp_path: Path) -> Path:
    return make.write(tmp_path / "bundle", made.files())


@pytest.mark.parametrize("seed", range(12))
def test_an_honest_bundle_replays(seed: int, tmp_path: Path) -> None:
    assert judges.here(make.write(tmp_path, make.variant(seed).files())) is None


@needs_node
def test_the_second_verifier_replays_the_same_bundles(tmp_path: Path) -> None:
    folders = [make.write(tmp_path / str(seed), make.variant(seed).files()) for seed in range(12)]
    assert judges.javascript(folders) == [None] * 12


@pytest.mark.parametrize("version", sorted(judges.pythons()))
def test_every_python_of_this_machine_replays_a_bundle(version: str, folder: Path, tmp_path: Path) -> None:
    assert judges.apart(folder, python=judges.pythons()[version]) is None
    (folder / "draw.json").write_bytes(b"[" * 100_000)
    assert judges.apart(folder, python=judges.pythons()[version]) == "canonical"


def some(made: Ceremony, seed: int) -> Iterator[mutants.Mutant]:
    """Give a small sample of the mutants; the campaign has them all."""
    found = [*mutants.outsiders(made, seed, 2), *mutants.insiders(made, seed, 2)]
    yield from random.Random(seed).sample(found, 50)  # noqa: S311 - the same sample every time


@pytest.mark.parametrize("seed", [3, 4, 7])
def test_what_was_tampered_with_is_refused(seed: int, tmp_path: Path) -> None:
    counts = judges.judge(some(make.variant(seed), seed), tmp_path)
    assert sum(counts.values()) == 50


def test_a_process_of_its_own_refuses_the_same_mutants(made: Ceremony, tmp_path: Path) -> None:
    for place, (name, files) in enumerate(islice(mutants.outsiders(made, 1, 1), 0, 60, 12)):
        folder = make.write(tmp_path / str(place), files)
        assert judges.apart(folder) == judges.here(folder), name


def test_the_last_line_names_the_check_in_both_languages(
    made: Ceremony, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "lottery.json").write_bytes(b"{}")
    starts = {("fr", "en_GB"): "REFUSÉ — lottery : ", ("en", "fr_FR"): "REFUSED — lottery: "}
    starts[None, "en_US.UTF-8"] = "REFUSED — lottery: "
    starts[None, "C"] = "REFUSÉ — lottery : "
    for (language, locale), start in starts.items():
        monkeypatch.setenv("LC_ALL", locale)
        assert judges.verify.main([str(folder), *(["--lang", language] if language else [])]) == 1
        assert capsys.readouterr().out.splitlines()[-1].startswith(start)


def test_it_prints_what_is_to_be_compared_with_what_was_published(
    made: Ceremony, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judges.verify.main([str(folder), "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    assert made.commit.hex() in printed
    assert f"{make.sha256(made.journal.public).hex()} {made.journal.name}" in printed
    assert all(f"{make.sha256(one.public).hex()} {one.name}" in printed for one in made.guarantors)
    assert all(f"[{check}] " in printed for check in judges.verify.CHECKS)


def test_another_commit_than_the_one_published_is_refused(made: Ceremony, folder: Path) -> None:
    assert judges.here(folder, "--commit", made.commit.hex()) is None
    assert judges.here(folder, "--commit", "0" * 64) == "draw"


def test_a_sealed_bundle_says_what_was_not_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make.ceremony(8, publication="sealed", show_rows=True)
    files = made.files()
    rows = files.pop("rows.json")
    folder = make.write(tmp_path / "bundle", files)
    assert judges.verify.main([str(folder), "--lang", "en"]) == 0
    assert capsys.readouterr().out.count("NOT MADE") == 4
    (tmp_path / "opened.json").write_bytes(rows)
    assert judges.verify.main([str(folder), "--lang", "en", "--rows", str(tmp_path / "opened.json")]) == 0
    assert "NOT MADE" not in capsys.readouterr().out
    document = json.loads(rows)
    document["rows"][0]["traits"] = document["rows"][0]["traits"][::-1]
    (folder / "rows.json").write_bytes(make.canonical(document))
    assert judges.here(folder) == "pool"


def test_a_panel_beyond_the_quotas_is_found_even_if_everybody_signed_it(tmp_path: Path) -> None:
    made = make.ceremony(8)
    changed = copy.deepcopy(made)
    cell = changed.draw["quotas"][0]["cells"][0]
    held = changed.result["counts"][0][0]
    changed.draw["quotas"][0]["cells"][0] = {**cell, "min": held + 1, "max": held + 1}
    changed.order_panels()
    changed.sign([one.name for one in changed.guarantors])
    changed.reveals = []
    changed.choose()
    changed.tell()
    assert judges.here(make.write(tmp_path, changed.files())) == "quotas"


def test_a_folder_a_link_or_nothing_in_the_place_of_a_file_is_refused(folder: Path, tmp_path: Path) -> None:
    data = (folder / "draw.json").read_bytes()
    (folder / "draw.json").unlink()
    assert judges.here(folder) == "files"
    (tmp_path / "elsewhere.json").write_bytes(data)
    (folder / "draw.json").symlink_to(tmp_path / "elsewhere.json")
    assert judges.here(folder) == "files"
    (folder / "draw.json").unlink()
    (folder / "draw.json").mkdir()
    assert judges.here(folder) == "files"
    assert judges.here(tmp_path / "nowhere") == "files"
    assert judges.here(Path("null\0byte")) == "files"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "draw.json").unlink()
    os.mkfifo(folder / "draw.json")
    assert judges.here(folder) == "files"


def test_the_pairing_counts_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make.ceremony(8)
    monkeypatch.setattr(judges.verify, "PAIRING", make.STANDALONE / "pairing.py")
    folder = make.write(tmp_path / "right", made.files())
    assert judges.verify.main([str(folder), "--lang", "en"]) == 0
    assert "The BLS pairing was checked." in capsys.readouterr().out
    other = next(one for number, one in make.SIGNATURES.items() if number != made.beacon["round"])
    made.beacon["signature"] = other
    made.choose()
    made.tell()
    folder = make.write(tmp_path / "wrong", made.files())
    assert judges.here(folder) == "beacon"
    monkeypatch.setattr(judges.verify, "PAIRING", tmp_path / "nowhere.py")
    assert judges.verify.main([str(folder), "--lang", "en"]) == 0
    assert "The BLS pairing is NOT checked" in capsys.readouterr().out


def test_a_network_that_only_calls_itself_quicknet_is_refused(tmp_path: Path) -> None:
    made = make.ceremony(8)
    made.draw["beacon"]["key"] = make.ROUNDS["chains"]["fastnet"]["public_key"]
    assert judges.here(make.write(tmp_path, made.files())) == "draw"


def test_the_verifier_needs_no_argument_to_fail_politely(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        judges.verify.main([])
    assert "folder" in capsys.readouterr().err


def test_it_is_one_short_file_of_the_standard_library() -> None:
    lines = (make.STANDALONE / "verify.py").read_text().splitlines()
    # Not counted: the marks of what other programs have too.
    assert len([line for line in lines if not line.startswith("# ---")]) < 600
    for name in ("verify", "pairing"):
        text = (make.STANDALONE / f"{name}.py").read_text().splitlines()
        imported = {line.split()[1].split(".")[0] for line in text if line.startswith(("import ", "from "))}
        assert imported <= sys.stdlib_module_names
