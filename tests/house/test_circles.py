"""No module imports, by whatever way round, one that imports it.

Every import counts: at the top of a module, under ``if TYPE_CHECKING`` and inside a function, for a circle
that is only hidden from Python still takes two files to be read at once. What Python does by itself does not
count: to import ``sortition.pool`` it runs ``sortition/__init__.py`` first, which imports ``sortition.pool``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("assemblee", "sortition", "votes")
Graph = Mapping[str, set[str]]


def sources() -> dict[str, str]:
    """Return the text of each module by its full name; a program with a dash in its name is no module."""
    texts = {}
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if path.stem.isidentifier():
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            texts[name] = path.read_text(encoding="utf-8")
    return texts


def imports(source: str, known: Mapping[str, str]) -> Iterator[str]:
    """Give the modules that a text imports: of ``from room import name`` the name, if it is a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "an import says the whole name of what it imports"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in names)


def graph(texts: Mapping[str, str]) -> Graph:
    return {name: set(imports(text, texts)) & texts.keys() for name, text in texts.items()}


def reachable(modules: Graph, start: str) -> set[str]:
    """Return what a module imports, and what that imports in its turn."""
    seen: set[str] = set()
    left = [start]
    while left:
        new = modules[left.pop()] - seen
        seen |= new
        left += new
    return seen


def circles(modules: Graph) -> list[list[str]]:
    """Return the strongly connected components that are circles: several modules, or one with itself."""
    reach = {name: reachable(modules, name) for name in modules}
    members = {frozenset(other for other in reach[name] if name in reach[other]) for name in modules}
    return sorted(sorted(circle) for circle in members if circle)


def test_no_module_is_in_a_circle_of_imports() -> None:
    modules = graph(sources())
    assert len(modules) > 300
    assert {"sortition.errors", "votes.errors"} <= modules.keys()
    assert circles(modules) == []


def test_a_circle_is_found_wherever_its_imports_stand() -> None:
    texts = {
        "top": "from house import pool\n",
        "house": "from house.pool import Pool\n",
        "house.errors": "if TYPE_CHECKING:\n    from house.files import Table\n",
        "house.files": "import house.pool\n",
        "house.pool": "def late() -> None:\n    from house import errors\n",
        "house.rules": "from house import Pool, rules\n",
        "votes": "",
        "votes.poll": "import json\nfrom votes import Poll\n",
    }
    assert circles(graph(texts)) == [["house.errors", "house.files", "house.pool"], ["house.rules"]]
