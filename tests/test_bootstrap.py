from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assemblee import __main__ as door
from assemblee import bootstrap
from assemblee.bootstrap import CannotPrepareError, Environment

SMALL, LARGE = bootstrap.LOCKS["demo"], bootstrap.LOCKS["test"]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    for lock in bootstrap.LOCKS.values():
        (tmp_path / lock).write_text(f"# {lock}\n", encoding="utf-8")
    return Environment(tmp_path / "instance" / "env", root=tmp_path)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record what pip would be asked, and each time an environment is made afresh."""
    seen: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 0)

    def create(folder: Path, **_options: object) -> None:
        seen.append(["afresh"])
        make(Environment(folder))

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(venv, "create", create)
    return seen


def make(environment: Environment) -> None:
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.touch()


def pins(lock: str) -> set[str]:
    lines = (bootstrap.ROOT / lock).read_text(encoding="utf-8").splitlines()
    return {line.removesuffix(" \\") for line in lines if "==" in line}


def test_an_environment_is_built_once(environment: Environment, commands: list[list[str]]) -> None:
    bootstrap.prepare(environment, SMALL)
    assert commands[0] == ["afresh"]
    assert {"--require-hashes", str(environment.root / SMALL)} <= set(commands[1])
    assert environment.has(SMALL)
    assert not environment.has(LARGE)
    bootstrap.prepare(environment, SMALL)
    assert len(commands) == 2


def test_the_test_lock_goes_on_top_of_the_first(environment: Environment, commands: list[list[str]]) -> None:
    bootstrap.prepare(environment, SMALL)
    bootstrap.prepare(environment, LARGE)
    assert commands.count(["afresh"]) == 1
    assert environment.has(SMALL)
    assert environment.has(LARGE)


def test_a_half_built_environment_is_built_afresh(
    environment: Environment, commands: list[list[str]]
) -> None:
    make(environment)
    assert not environment.has(SMALL)
    bootstrap.prepare(environment, SMALL)
    assert commands[0] == ["afresh"]


@pytest.mark.parametrize("damage", ["lock", "python", "stamp"])
def test_an_environment_that_no_longer_fits_is_built_afresh(
    environment: Environment, commands: list[list[str]], damage: str
) -> None:
    bootstrap.prepare(environment, SMALL)
    if damage == "lock":
        (environment.root / SMALL).write_text("# renewed\n", encoding="utf-8")
    elif damage == "python":
        environment.python.unlink()
    else:
        environment.stamp.write_text(environment.mark(SMALL).replace("3.", "2.", 1), encoding="utf-8")
    assert not environment.has(SMALL)
    bootstrap.prepare(environment, SMALL)
    assert commands.count(["afresh"]) == 2


def test_a_failed_installation_leaves_no_stamp(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(command: list[str], **_options: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    bootstrap.prepare(environment, SMALL)
    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(CannotPrepareError, match="n’a pas pu") as refused:
        bootstrap.prepare(environment, LARGE)
    assert "could not be built" in str(refused.value)
    assert not environment.has(SMALL)
    assert commands


def without(*missing: str) -> Callable[[str], bool]:
    return lambda name: name not in missing


def test_the_pip_of_the_system_helps_where_ensurepip_is_missing(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "has_module", without("ensurepip"))
    assert bootstrap.installer(environment) == [
        sys.executable, "-m", "pip", "--python", str(environment.python)
    ]  # fmt: skip
    monkeypatch.setattr(bootstrap, "has_module", without("ensurepip", "pip"))
    with pytest.raises(CannotPrepareError, match="python3-venv"):
        bootstrap.installer(environment)


def test_a_python_that_is_too_old_is_told_so_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "OLDEST", (9, 9))
    with pytest.raises(SystemExit, match="demande Python") as refused:
        door.main()
    assert "needs Python 3.11" in str(refused.value)
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in str(refused.value)


def test_the_door_leaves_the_rest_to_click(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["assemblee", "--version"])
    with pytest.raises(SystemExit) as ended:
        door.main()
    assert ended.value.code == 0
    assert "0." in capsys.readouterr().out


def test_the_door_hands_its_status_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "launch", lambda _arguments: 3)
    with pytest.raises(SystemExit) as ended:
        door.main()
    assert ended.value.code == 3


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Record the commands that would go on inside the environment of another checkout."""
    seen: list[list[str]] = []

    def enter(_environment: Environment, arguments: list[str]) -> int:
        seen.append(arguments)
        return 7

    monkeypatch.setenv("ASSEMBLEE_INSTANCE", str(tmp_path))
    monkeypatch.setattr(bootstrap, "enter", enter)
    monkeypatch.setattr(bootstrap, "prepare", lambda _environment, _lock: None)
    return seen


def test_demo_and_test_go_on_inside_the_environment(entered: list[list[str]]) -> None:
    assert bootstrap.launch(["demo", "--no-serve"]) == 7
    assert bootstrap.launch(["test", "--fast"]) == 7
    assert entered == [["demo", "--no-serve"], ["test", "--fast"]]


def test_a_command_runs_here_when_its_dependencies_are_here(entered: list[list[str]]) -> None:
    assert bootstrap.launch(["serve"]) is None
    assert bootstrap.launch([]) is None
    assert entered == []


def test_a_command_without_dependencies_uses_the_environment_or_says_what_to_do(
    entered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "has_module", without("flask"))
    with pytest.raises(CannotPrepareError, match="python3 -m assemblee demo"):
        bootstrap.launch(["serve"])
    monkeypatch.setattr(Environment, "has", lambda _environment, _lock: True)
    assert bootstrap.launch(["serve"]) == 7
    assert entered == [["serve"]]


def test_inside_the_environment_demo_is_left_to_click_and_test_runs(
    entered: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Environment, "is_current", lambda _environment: True)
    monkeypatch.setattr(bootstrap, "run_tests", len)
    assert bootstrap.launch(["demo"]) is None
    assert bootstrap.launch(["test", "-x"]) == 1
    assert entered == []


def test_an_installed_package_has_no_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.delenv("ASSEMBLEE_INSTANCE", raising=False)
    with pytest.raises(CannotPrepareError, match="source code"):
        bootstrap.launch(["test"])
    assert bootstrap.launch(["demo"]) is None


def test_this_process_becomes_the_command_with_the_checkout_importable(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[Any] = []

    def execve(path: str, command: list[str], variables: dict[str, str]) -> None:
        became.append((path, command, variables["PYTHONPATH"]))
        raise SystemExit

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(bootstrap.ROOT), "elsewhere"]))
    with pytest.raises(SystemExit):
        bootstrap.enter(environment, ["demo"])
    python = str(environment.python)
    assert became == [
        (python, [python, "-m", "assemblee", "demo"], os.pathsep.join([str(bootstrap.ROOT), "elsewhere"]))
    ]


def test_where_a_process_cannot_become_another_it_waits_for_it(
    environment: Environment, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    python = environment.python
    monkeypatch.setattr(Environment, "python", python)
    monkeypatch.setattr(bootstrap.os, "name", "nt")
    assert bootstrap.enter(environment, ["demo"]) == 0
    assert commands == [[str(python), "-m", "assemblee", "demo"]]


def test_the_test_lock_contains_every_pin_of_the_first() -> None:
    assert pins(SMALL)
    assert pins(SMALL) < pins(LARGE)


@pytest.mark.parametrize("lock", [SMALL, LARGE])
def test_a_lock_has_a_hash_for_each_pin_and_names_no_machine(lock: str) -> None:
    text = (bootstrap.ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)
    assert not re.search(r"https?:|file:|--index|--find-links|^/", text, re.MULTILINE)
