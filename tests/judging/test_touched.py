"""Which tests a change at hand takes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.judging import touched


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a repository with a commit, whose upstream is another one."""
    if shutil.which("git") is None:
        pytest.skip("no git here: apt-get install git")
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q")
    commit(origin, "README.md")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    monkeypatch.setattr(touched, "ROOT", clone)
    return clone


def git(folder: Path, *arguments: str) -> None:
    name = ("-c", "user.name=Zoé", "-c", "user.email=zoe@example.org")
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True)  # noqa: S607 - whichever is there


def commit(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("a line\n", encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "-q", "-m", "A line")


def test_what_is_not_committed_and_what_is_not_pushed_is_touched(checkout: Path) -> None:
    assert touched.changes() == ([], "changed and not committed or not pushed")
    commit(checkout, "assemblee/draws/views.py")
    (checkout / "README.md").write_text("changed\n", encoding="utf-8")
    (checkout / "à neuf.txt").touch()
    changed, _ = touched.changes()
    assert changed == ["README.md", "assemblee/draws/views.py", "à neuf.txt"]


def test_without_an_upstream_only_the_working_tree_is_known(checkout: Path) -> None:
    commit(checkout, "assemblee/draws/views.py")
    git(checkout, "checkout", "-q", "--detach")
    (checkout / "README.md").unlink()
    changed, source = touched.changes()
    assert changed == ["README.md"]
    assert "no upstream" in source


@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_without_git_or_a_repository_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(touched, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    if path:
        monkeypatch.setenv("PATH", path)
    assert touched.changes() == ([], "changed (git says nothing here)")


@pytest.mark.parametrize(
    ("changed", "folder"),
    [
        ("assemblee/draws/views.py", "tests/draws"),
        ("templates/petitions/_form.html", "tests/petitions"),
        ("tests/accounts/test_accounts.py", "tests/accounts"),
        ("assemblee/journal/bundles.py", "tests/journal"),
    ],
)
def test_a_room_that_is_touched_is_tested_whole(changed: str, folder: str) -> None:
    assert touched.chosen([changed, changed]) == [*touched.ALWAYS, folder]


@pytest.mark.parametrize("changed", ["assemblee/db.py", "tests/conftest.py", "templates/base.html"])
def test_the_ground_floor_is_tested_by_what_most_would_notice(changed: str) -> None:
    found = touched.chosen([changed])
    assert {"tests/pages", "tests/judging", "tests/house"} <= set(found)
    assert "tests/house/test_docs.py" not in found, "its folder is taken whole"


@pytest.mark.parametrize("changed", ["docs/votes.md", "tests/browser/scenes.py", "sortition/draw.py"])
def test_what_always_runs_is_enough_for_the_rest(changed: str) -> None:
    assert touched.chosen([changed]) == [*touched.ALWAYS]


def test_everything_chosen_is_there() -> None:
    for path in touched.chosen(["assemblee/db.py", "assemblee/draws/views.py"]):
        assert (touched.ROOT / path).exists()


def test_what_was_chosen_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [f"assemblee/draws/module_{number}.py" for number in range(touched.SHOWN + 2)]
    monkeypatch.setattr(touched, "changes", lambda: (changed, "changed and not committed"))
    assert "tests/draws" in touched.tests()
    shown = capsys.readouterr().out
    assert "and 2 more" in shown
    assert "tests chosen: tests/sortition, " in shown
