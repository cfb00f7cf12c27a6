"""The guarantors' program, as a module whose lines count as tested."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from assemblee.journal.views import TOOL

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """Give the program as a module, so that its lines count as tested."""
    specification = importlib.util.spec_from_file_location("assemblee_witness", TOOL)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def run(tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a folder of its own."""

    def call(*words: object, home: str = "home") -> tuple[int, str, str]:
        status = tool.main(["--lang", "en", "--home", str(tmp_path / home), *map(str, words)])
        written = capsys.readouterr()
        return status, written.out, written.err

    return call
