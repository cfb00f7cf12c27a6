"""The documents name every command, event and setting, and what they show can be run."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from assemblee.bootstrap import LOCKS
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.journal import tree
from assemblee.messages import EVENTS
from tests.sweeps import swept

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LONGEST_LINE = 120
# session, actor, draw, event
FROZEN_ARGUMENTS = 4


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Give every command that can be typed, with its words."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*words, name))
    else:
        yield " ".join(words), command


def rows(page: str) -> dict[str, str]:
    """Return the lines of a page's tables by the code in their first cell."""
    found = re.findall(r"^\| `([^`]+)` \|(.*)\|$", page, re.MULTILINE)
    return dict(found)


def recorded() -> dict[str, set[str]]:
    """Return the events that the code records, with the fields of their data."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "assemblee").rglob("*.py")):
        for call in ast.walk(ast.parse(read(path))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            # Acts on a frozen draw go through `leaf`, which adds the draw and the leaf before.
            of_draw = call.func.id == "leaf" and len(call.args) == FROZEN_ARGUMENTS
            if call.func.id == "record" or of_draw:
                fields = {word.arg for word in call.keywords if word.arg} - {"mandate"}
                fields |= {"draw", "previous"} if of_draw else set()
                for part in ast.walk(call.args[3 if of_draw else 2]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        found[part.value] = found.get(part.value, set()) | fields
    return found


def test_every_command_is_named_with_its_options() -> None:
    table = rows(read(DOCS / "operations.md"))
    known = dict(commands(cli))
    for words, command in known.items():
        assert f"assemblee {words}" in table, words
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in table[f"assemblee {words}"], (words, option.opts)
    named = {name.removeprefix("assemblee ") for name in table if name.startswith("assemblee ")}
    assert named == {*known, *LOCKS}, "a command that is no more"


def test_every_event_is_in_the_page_of_the_journal_with_its_fields() -> None:
    table = rows(read(DOCS / "journal.md"))
    events = recorded()
    assert set(events) == set(EVENTS)
    for event, fields in events.items():
        assert event in table, event
        named = set(re.findall(r"`(\w+)`", table[event]))
        assert fields == named, event
    assert set(EVENTS) == {name for name in table if "-" in name}, "an event that is no more"


def test_every_setting_and_variable_is_named() -> None:
    page = read(DOCS / "operations.md")
    table = rows(page)
    for field in Config.__dataclass_fields__:
        assert f"`{field}`" in page if field == "instance" else field in table, field
    sources = [*(ROOT / "assemblee").rglob("*.py"), *(ROOT / "tests").rglob("conftest.py")]
    variables = {
        name
        for path in sources
        for name in re.findall(r"[\"'](ASSEMBLEE_[A-Z_]+|TEST_PG_URL)[\"']", read(path))
    }
    assert variables
    for name in variables:
        assert f"`{name}`" in page, name


def test_the_commands_of_the_catalogues_are_the_same_in_both_places() -> None:
    docstring = ast.get_docstring(ast.parse(read(ROOT / "tests" / "house" / "test_catalogues.py"))) or ""
    typed = [" ".join(line.split()) for line in docstring.splitlines() if re.match(" {4}[^ (]", line)]
    assert any(line.startswith("pybabel extract") for line in typed)
    joined = read(DOCS / "architecture.md").replace("\\\n", " ")
    page = [" ".join(line.split()) for line in joined.splitlines()]
    assert [line for line in typed if line not in page] == []


@swept("page", PAGES, name=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(CODE.sub("", read(page))):
        if not target.startswith(("https://", "#")):
            assert (page.parent / target.split("#")[0]).exists(), target


def test_every_decision_is_in_the_index() -> None:
    index = read(DOCS / "adr" / "README.md")
    for page in sorted((DOCS / "adr").glob("0*.md")):
        assert f"({page.name})" in index, page.name


def program(page: str) -> str:
    """Return the one program of a page."""
    programs = re.findall(r"^```python\n(.*?)^```$", read(DOCS / page), re.MULTILINE | re.DOTALL)
    assert len(programs) == 1, page
    return str(programs[0])


def run(page: str, leaves: list[bytes]) -> list[str]:
    """Give leaves to the program of a page, and return the words that it prints."""
    found = subprocess.run(
        [sys.executable, "-I", "-c", program(page)],
        input=b"".join(leaf + b"\n" for leaf in leaves),
        capture_output=True,
        check=True,
    )
    return found.stdout.decode().split()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 5, 8, 13])
def test_the_program_of_the_journal_page_finds_the_root(size: int) -> None:
    # What ends a line for some programs must not end one here.
    leaves = [
        tree.canonical({"event": f"é\u2028\u0085\r\n{number}", "mandate": number}) for number in range(size)
    ]
    root = tree.root(tree.leaf_hash(leaf) for leaf in leaves)
    assert run("journal.md", leaves) == [str(size), root.hex()]
    assert size > 0 or root == hashlib.sha256(b"").digest()


def test_the_program_of_the_page_of_petitions_counts_as_the_journal_says() -> None:
    def counted(petition: int) -> dict[str, tree.Canonical]:
        return {"event": "signature-counted", "data": {"petition": petition, "origin": "online"}}

    def of(event: str, **data: tree.Canonical) -> dict[str, tree.Canonical]:
        return {"event": event, "data": data}

    acts = [
        *(counted(1) for _ in range(4)),
        *(counted(2) for _ in range(5)),
        of("signature-withdrawn", petition=1, line=0),
        of("paper-signature-doubled", petition=1, line=1),
        counted(1),
        of("signatures-set-aside", petition=1, lines=[2, 3]),
        of("signatures-restored", petition=1, lines=[3]),
        of("petition-crossed", petition=1, step=1),
        of("signatures-set-aside", petition=2, lines=[8]),
        of("petitions-merged", petition=1, merged=2, doubled=[4, 5]),
        counted(7),
    ]
    # 3 and 11 were left to the first petition; 6 and 7 came over from the second.
    assert run("petitions.md", [tree.canonical(one) for one in acts]) == ["1", "4", "7", "1"]


def prose(page: str) -> Iterator[str]:
    """Give the lines that a person reads: no table, no code, no line that is one long piece of it."""
    for line in re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL).splitlines():
        if not line.startswith(("|", "    ")) and not re.fullmatch(r"\S*\s*`[^`]+`\S*", line.strip()):
            yield line


def test_no_line_of_prose_is_too_long_to_read() -> None:
    long = [
        (path.name, line[:60]) for path in PAGES for line in prose(read(path)) if len(line) > LONGEST_LINE
    ]
    assert long == []


def test_the_readme_is_short_and_begins_with_what_one_does() -> None:
    lines = read(ROOT / "README.md").splitlines()
    assert len(lines) <= 120
    first_screen = "\n".join(lines[:20])
    assert "python3 -m assemblee demo" in first_screen
    assert "python3 -m assemblee test" in first_screen
    assert "![" in first_screen
