"""The documents name every command, event, setting and file, and what they show can be run."""

from __future__ import annotations

import ast
import functools
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
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
# What has a table of its files in the plan of the house; the migrations are a history, a file each.
IN_THE_PLAN = ("assemblee", "sortition", "votes", "tests/judging")
MIGRATIONS = "assemblee/migrations/versions/"
PLACES = ("assemblee", "sortition", "votes", "templates", "tests", "docs")
FOLDER = re.compile(r"#+ `([\w/.-]+)/`")
ROW = re.compile(r"\| `([\w.-]+)` \|")
# A file by its name, and what begins like a path of ours; `<room>` and addresses of pages do not match.
FILE = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|typ|html|js|mjs))`")
PATH = re.compile(rf"`((?:{'|'.join(PLACES)})/[\w./-]*)`")
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


@functools.cache
def of_the_house() -> tuple[str, ...]:
    """Return the path of each file of ours."""
    paths = (path for place in PLACES for path in (ROOT / place).rglob("*"))
    return tuple(
        str(path.relative_to(ROOT)) for path in paths if path.is_file() and "__pycache__" not in path.parts
    )


def tables(page: str) -> Iterator[tuple[str, str]]:
    """Give each file that a table names, under the folder in the heading above it."""
    folder = ""
    for line in page.splitlines():
        if line.startswith("#"):
            heading = FOLDER.fullmatch(line)
            folder = heading[1] if heading else ""
        elif folder and (row := ROW.match(line)):
            yield folder, row[1]


def faults_of_tables(page: str, files: Iterable[str]) -> list[str]:
    """Say which files the tables of a page leave out, name twice, or name though they do not exist."""
    named = [f"{folder}/{name}" for folder, name in tables(page)]
    there = set(files)
    wanted = {
        path
        for path in there
        if path.endswith(".py")
        and not path.endswith("/__init__.py")
        and path.startswith(tuple(f"{place}/" for place in IN_THE_PLAN))
        and not path.startswith(MIGRATIONS)
    }

    def under(path: str) -> str:
        folder, _, name = path.rpartition("/")
        return f"`{name}` under `{folder}/`"

    return [
        *(f"no row for {under(path)}" for path in sorted(wanted - set(named))),
        *(f"no file for the row {under(path)}" for path in sorted(set(named) - there)),
        *(f"two rows for {under(path)}" for path in sorted(set(named)) if named.count(path) > 1),
    ]


def lost(page: str, files: Iterable[str]) -> list[str]:
    """Return what a page names in backquotes as a file or folder of ours, and what is not there.

    A file may be named by the end of its path; what a reader is told to save is theirs.
    """
    there = set(files)
    parts = [path.split("/") for path in there]
    ends = {"/".join(path[place:]) for path in parts for place in range(len(path))}
    folders = {"/".join(path[:place]) for path in parts for place in range(1, len(path))}
    text = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    saved = set(re.findall(r"Save this as `([^`]+)`", text))
    missing = set(FILE.findall(text)) - ends - saved
    missing |= {path for path in PATH.findall(text) if path.rstrip("/") not in there | folders}
    return sorted(missing)


def test_each_file_has_its_row_in_the_plan_of_the_house() -> None:
    page, files = read(DOCS / "architecture.md"), of_the_house()
    assert len(list(tables(page))) > 300
    faults = faults_of_tables(page, files)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("### `votes/`\n| `key.py` | a |\n| `box.py` | b |", []),
        ("### `votes/`\n| `key.py` | a |", ["no row for `box.py` under `votes/`"]),
        (
            "### `votes/`\n| `key.py` | a |\n\n### `sortition/`\n| `box.py` | b |",
            ["no row for `box.py` under `votes/`", "no file for the row `box.py` under `sortition/`"],
        ),
        (
            "### `votes/`\n| `key.py` | a |\n| `box.py` | b |\n| `sheets.typ` | c |",
            ["no file for the row `sheets.typ` under `votes/`"],
        ),
        (
            "### `votes/`\n| `key.py` | a |\n| `box.py` | b |\n| `key.py` | c |",
            ["two rows for `key.py` under `votes/`"],
        ),
        (
            "### `votes/`\n| `key.py` | a |\n\n## Recipes\n| `box.py` | b |",
            ["no row for `box.py` under `votes/`"],
        ),
    ],
)
def test_a_file_without_a_row_and_a_row_without_a_file_are_found(page: str, found: list[str]) -> None:
    files = [
        "votes/__init__.py",
        "votes/box.py",
        "votes/key.py",
        "tests/votes/test_key.py",
        f"{MIGRATIONS}0001.py",
    ]
    assert faults_of_tables(page, files) == found


@swept("page", PAGES, name=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_text_names_is_there(page: Path) -> None:
    missing = lost(read(page), of_the_house())
    assert not missing, missing


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("`key.py`, `poll/key.py`, `votes/poll/key.py`, `votes/poll/`, `votes/`", []),
        ("`<room>/messages.py`, `tests/<room>/`, `views*`, `/journal/tool.py`, `seating/1`", []),
        ("Save this as `root.py`: and run `python3 root.py`", []),
        ("`keys.py` and `votes/key.py`", ["keys.py", "votes/key.py"]),
        ("`votes/polls/` and `tests/votes`", ["tests/votes", "votes/polls/"]),
    ],
)
def test_a_file_that_moved_is_found_in_a_text(text: str, found: list[str]) -> None:
    assert lost(text, ["votes/poll/key.py"]) == found
