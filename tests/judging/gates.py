"""What judges a change beside its tests: linters, types, contracts, templates, coverage."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass

from assemblee.checkout import ROOT, variables

EXACT = ("sortition/*", "assemblee/journal/tree.py", "votes/*")
# Tests that wait for something go first; a gate takes what they leave, and more than a third of a core.
YIELDING = ("nice", "-n", "5")


@dataclass(frozen=True)
class Verdict:
    """What a gate has found.

    Parameters
    ----------
    name : str
        Of the gate.
    holds : bool
        Whether it found nothing.
    seconds : float
        How long it took.
    said : str
        All that it printed.
    """

    name: str
    holds: bool
    seconds: float
    said: str

    def show(self) -> None:
        """Print it, with what the gate said only when it fails."""
        print(f"{self.name}: {'ok' if self.holds else 'FAILED'} ({self.seconds:.1f} s)", flush=True)
        if not self.holds:
            print(self.said, flush=True)


@dataclass(frozen=True)
class Gate:
    """A check that runs beside the tests, or after them."""

    name: str
    arguments: tuple[str, ...]
    is_fast: bool = False

    def command(self) -> list[str]:
        """Return its command line; tools stand beside the interpreter."""
        tool = shutil.which(self.arguments[0], path=sysconfig.get_path("scripts")) or self.arguments[0]
        before: Sequence[str] = YIELDING if shutil.which(YIELDING[0]) else ()
        return [*before, tool, *self.arguments[1:]]

    def judge(self) -> Verdict:
        """Run it."""
        begun = time.monotonic()
        ran = subprocess.run(
            self.command(),
            cwd=ROOT,
            env=variables({"NO_COLOR": "1"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Verdict(self.name, ran.returncode == 0, time.monotonic() - begun, ran.stdout)


# One after another: the slowest first.
GATES = (
    Gate("mypy", ("mypy",)),
    Gate("ruff check", ("ruff", "check", "."), is_fast=True),
    Gate("ruff format", ("ruff", "format", "--check", "."), is_fast=True),
    Gate("import-linter", ("lint-imports",)),
    Gate("djlint check", ("djlint", "templates", "--check")),
    Gate("djlint lint", ("djlint", "templates", "--lint")),
    Gate("deptry", ("deptry", ".")),
)
COVERAGE_GATES = (
    Gate(
        "branch coverage of the core and the journal's tree, 100 %",
        ("coverage", "report", f"--include={','.join(EXACT)}", "--fail-under=100"),
    ),
    Gate(
        "branch coverage of the shell, 95 %",
        ("coverage", "report", "--include=assemblee/*", f"--omit={EXACT[1]}", "--fail-under=95"),
    ),
)
