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
        {path.parent for path in (ROOT / "assemblee").glob("*/*.py") if floor(path.stem) is not None}
    )


def modules(room: Path) -> list[Path]:
    return sorted(path for path in room.rglob("*.py") if path.name != "__init__.py")


def imports(path: Path, source: str) -> Iterator[str]:
    """Give the full name of each module or name that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_of(name: str, kinds: tuple[str, ...]) -> bool:
    return any(name == kind or name.startswith(f"{kind}_") for kind in kinds)


def faults(path: Path, source: str) -> list[str]:
    """Say what a module of a room imports that it may not."""
    room = path.relative_to(ROOT / "assemblee").parts[0]
    names = set(imports(path, source))
    tools = {name.partition(".")[0] for name in names} & DOOR_TOOLS
    found = [f"{path.relative_to(ROOT)} is no door and imports {tool}" for tool in tools]
    if is_of(path.stem, ABOVE):
        found.clear()
    for name in names:
        parts = name.split(".")
        if parts[:2] == ["assemblee", room] and len(parts) > 2:
            mine, theirs = floor(path.stem), floor(parts[-1] if len(parts) > 3 else parts[2])
            # Verbs stand between forms and models: they only must not look up.
            if theirs is not None and theirs < (mine if mine is not None else 2):
                found.append(f"{path.relative_to(ROOT)} imports {name}, which stands above it")
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
        ("petitions/counting.py", "from flask import url_for"),
        ("draws/freezing.py", "import click"),
        ("draws/ceremony.py", "from wtforms import Form"),
        ("petitions/queries_pages.py", "from assemblee.petitions import views_data"),
        ("petitions/forms_desk.py", "from assemblee.petitions.views_desk import desk_pages"),
        ("petitions/counting.py", "from assemblee.petitions.forms import SignForm"),
        ("assemblies/models_meetings.py", "from assemblee.assemblies import queries"),
    ],
)
def test_what_is_forbidden_is_found(module: str, line: str) -> None:
    path = ROOT / "assemblee" / module
    assert path.exists()
    assert len(faults(path, line)) == 1
