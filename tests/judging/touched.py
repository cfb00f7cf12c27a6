"""Which tests the fast run takes: those that always run, and the rooms that the change at hand touches.

Only the standard library: it is read before the dependencies are there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence

from assemblee.checkout import ROOT

# The pure packages, what is read without running a page, and what every room rests on.
ALWAYS = (
    "tests/sortition",
    "tests/votes",
    "tests/house/test_access.py",
    "tests/house/test_catalogues.py",
    "tests/house/test_docs.py",
    "tests/house/test_fixtures.py",
    "tests/house/test_rooms.py",
    "tests/house/test_tables.py",
)
# Of the ground floor, what most of the house would notice.
GROUND = (
    "tests/test_*.py",
    "tests/judging",
    "tests/house",
    "tests/journal/test_record.py",
    "tests/mandates",
    "tests/pages",
)
# A folder at the top whose files are of the room, or of the tests, that its next part names.
MIRRORS = ("assemblee", "templates", "tests")
SHOWN = 12


def tests() -> list[str]:
    """Return what pytest is asked to run, after printing what was chosen and why."""
    changed, source = changes()
    folders = chosen(changed)
    print(f"{source}: {_listed(changed)}", flush=True)
    print(f"tests chosen: {_listed(folders, len(folders))}", flush=True)
    return folders


def _listed(names: Sequence[str], most: int = SHOWN) -> str:
    if not names:
        return "nothing"
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def changes() -> tuple[list[str], str]:
    """Return the files that are not committed or not pushed, and which of both are known here."""
    uncommitted = _git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    if uncommitted is None:
        return [], "changed (git says nothing here)"
    paths = {line[3:] for line in uncommitted}
    unpushed = _git("diff", "--name-only", "-z", "--no-renames", "@{upstream}...HEAD")
    if unpushed is None:
        return sorted(paths), "changed and not committed (no upstream to compare commits with)"
    return sorted(paths | set(unpushed)), "changed and not committed or not pushed"


def _git(*arguments: str) -> list[str] | None:
    try:
        ran = subprocess.run(
            ["git", *arguments],  # noqa: S607 - whichever git the machine has
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError:
        return None
    return [line for line in ran.stdout.split("\0") if line] if ran.returncode == 0 else None


def chosen(changed: Iterable[str]) -> list[str]:
    """Return the folders and files of tests for the files that changed, each once."""
    wanted = [*ALWAYS]
    for path in changed:
        for test in _tests_of(path):
            wanted += [test] if test not in wanted else []
    # Below a folder that is taken whole, nothing is named again: pytest would run it once for each name.
    return [test for test in wanted if not any(test.startswith(f"{other}/") for other in wanted)]


def _tests_of(path: str) -> list[str]:
    top, _, rest = path.partition("/")
    room, below, _ = rest.partition("/")
    if top not in MIRRORS:
        return []
    if below and room not in ("campaigns", "bench", "browser") and (ROOT / "tests" / room).is_dir():
        return [f"tests/{room}"]
    if top == "tests" and below:
        return []
    return sorted(
        str(found.relative_to(ROOT).as_posix()) for pattern in GROUND for found in ROOT.glob(pattern)
    )
