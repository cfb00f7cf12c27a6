from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from assemblee.cli import COMMANDS, cli

HEAVY = ("flask", "sqlalchemy", "numpy", "argon2")


def in_fresh_python(program: str) -> str:
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return ran.stdout


def test_help_says_of_each_command_what_it_says_itself() -> None:
    known = dict(cli.commands.items())
    assert set(known) == set(COMMANDS)
    for name, command in known.items():
        assert (command.help or "").split("\n\n")[0].replace("\n", " ") == COMMANDS[name][1], name
        assert command.name == name
    said = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in said for name in COMMANDS)


def test_a_command_that_there_is_not_is_said_so() -> None:
    said = CliRunner().invoke(cli, ["dmeo"])
    assert said.exit_code == click.UsageError.exit_code
    assert "dmeo" in said.output


def test_help_imports_nothing_that_takes_long() -> None:
    loaded = json.loads(
        in_fresh_python(
            "import json, sys\nfrom click.testing import CliRunner\nfrom assemblee.cli import cli\n"
            "CliRunner().invoke(cli, ['--help'])\nprint(json.dumps(sorted(sys.modules)))"
        )
    )
    assert [name for name in HEAVY if name in loaded] == []


@pytest.mark.parametrize("module", ["assemblee.app", "assemblee.work"])
def test_nothing_is_hashed_or_solved_at_import(module: str) -> None:
    in_fresh_python(
        "import argon2, highspy\n"
        "def refuse(*_args, **_options): raise AssertionError('computed at import')\n"
        "argon2.PasswordHasher.hash = highspy.Highs.run = refuse\n"
        f"import {module}"
    )
