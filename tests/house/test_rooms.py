"""What import-linter cannot say by a pattern: which modules of a room may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a door is made of; flask_babel is not among it, since words are also written into papers and mails.
DOOR_TOOLS = {"flask", "wtforms", "click", "flask_wtf", "flask_login", "flask_limiter", "werkzeug"}
DOORS, ABOVE = ("views", "commands", "api"), ("views", "commands", "api", "forms")
# Floor by floor, by how the name of a module begins; what is named otherwise holds verbs or nouns.
FLOORS = (ABOVE[:3], ("forms",), ("actions",), ("queries",), ("models",))


def rooms() -> list[Path]:
    """Return the folders that are rooms: those in which some module is named by its floor."""
    return sorted(
        {path.parent for path in (ROOT / "assemblee").glob("*/**/*.py") if floor(path.stem) is not None}
    )


def modules(room: Path) -> list[Path]:
    return sorted(path for path in room.glob("*.py") if path.name != "__init__.py")


def imports(source: str) -> Iterator[Path]:
    """Give the file of each module of ours that is imported, and the name of each foreign one as it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Path(*alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield Path(*node.module.split("."))
            yield from (Path(*f"{node.module}.{alias.name}".split(".")) for alias in node.names)


def is_of(name: str, kinds: tuple[str, ...]) -> bool:
    return any(name == kind or name.startswith(f"{kind}_") for kind in kinds)


def faults(path: Path, source: str) -> list[str]:
    """Say what a module of a room imports that it may not.

    Between rooms inside one room only doors and forms are told apart: which of them stands above which is a
    contract of import-linter.
    """
    here = path.relative_to(ROOT)
    names = set(imports(source))
    tools = {name.parts[0] for name in names} & DOOR_TOOLS
    found = [f"{here} is no door and imports {tool}" for tool in tools]
    if is_of(path.stem, ABOVE):
        found.clear()
    # Verbs stand between forms and models: they only must not look up.
    mine = floor(path.stem)
    mine = 2 if mine is None else mine
    for name in names:
        if name.parts[:2] != here.parts[:2] or not (ROOT / name).with_suffix(".py").exists():
            continue
        theirs = floor(name.name)
        lowest = mine if name.parent == here.parent else min(mine, 2)
        if theirs is not None and theirs < lowest:
            found.append(f"{here} imports {name}, which stands above it")
    return found


def floor(name: str) -> int | None:
    """Return the floor of a module by its name, from the top; none for verbs and nouns, which are between."""
    return next((place for place, kinds in enumerate(FLOORS) if is_of(name, kinds)), None)


def test_only_doors_and_forms_know_the_web_and_nothing_looks_up() -> None:
    seen = [path for room in rooms() for path in modules(room)]
    assert len(seen) > 180
    assert [fault for path in seen for fault in faults(path, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("petitions/petition/counting.py", "from flask import url_for"),
        ("draws/freezing.py", "import click"),
        ("draws/ceremony.py", "from wtforms import Form"),
        ("petitions/data/disclosure.py", "from flask import g"),
        ("petitions/desk/forms.py", "from assemblee.petitions.desk.views import desk_pages"),
        ("petitions/petition/counting.py", "from assemblee.petitions.text.forms import SignForm"),
        ("assemblies/meetings/models.py", "from assemblee.assemblies.meetings import queries"),
    ],
)
def test_what_is_forbidden_is_found(module: str, line: str) -> None:
    path = ROOT / "assemblee" / module
    assert path.exists()
    assert len(faults(path, line)) == 1
