"""The two verifiers, and what each says of a folder."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from tests.verify import make
from tests.verify.mutants import Mutant

JAVASCRIPT = Path(__file__).with_name("verify.mjs")
NODE = shutil.which("node")
NO_NODE = "no `node` on the path: install Node 20 or later (apt-get install nodejs, or nodejs.org)"


def load(name: str) -> ModuleType:
    """Import one of the files that every bundle holds."""
    specification = importlib.util.spec_from_file_location(name, make.STANDALONE / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


verify = load("verify")
# The pairing has tests of its own: here it would cost most of the time.
verify.PAIRING = Path("no pairing.py here")


def read_verdict(code: int, printed: str) -> str | None:
    """Return the code of the check that failed, nothing if none did; the exit code has to agree."""
    last = printed.splitlines()[-1]
    assert "Traceback" not in printed
    if code == 0:
        assert last.startswith(("VÉRIFIÉ — ", "VERIFIED — "))
        return None
    assert code == 1
    assert last.startswith(("REFUSÉ — ", "REFUSED — "))
    check = last.split(" — ")[1].split(":")[0].strip()
    assert check in verify.CHECKS
    return check


def here(folder: Path, *arguments: str) -> str | None:
    """Ask `verify.py` in this process."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = verify.main([str(folder), *arguments])
    return read_verdict(code, printed.getvalue())


def apart(folder: Path, *arguments: str, python: str = sys.executable) -> str | None:
    """Ask `verify.py` in a process of its own, as a neighbour would."""
    with tempfile.TemporaryDirectory() as alone:
        script = Path(shutil.copy(make.STANDALONE / "verify.py", alone))
        done = subprocess.run(
            [python, "-I", "-S", str(script), str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"},
            check=False,
        )
    assert done.stderr == ""
    return read_verdict(done.returncode, done.stdout)


def javascript(folders: Iterable[Path]) -> list[str | None]:
    """Ask the second verifier, about many folders at once."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(JAVASCRIPT), *map(str, folders)], capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == (0 if all(one["verdict"] for one in found) else 1)
    return [one["check"] for one in found]


@cache
def pythons() -> dict[str, str]:
    """Find every Python of this machine that `verify.py` is for, by its version."""
    folders = [Path.home() / ".pyenv" / "versions", Path.home() / ".local" / "share" / "uv" / "python"]
    candidates = [str(path) for folder in folders for path in sorted(folder.glob("*/bin/python3"))]
    candidates += [str(path) for path in sorted(Path("/usr/bin").glob("python3*"))]
    found: dict[str, str] = {}
    for candidate in [sys.executable, *candidates]:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            asked = [candidate, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
            version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
            if version.count(".") == 2 and tuple(map(int, version.split("."))) >= (3, 9):
                found.setdefault(version, candidate)
    return found


def judge(mutants: Iterable[Mutant], folder: Path) -> dict[str, int]:
    """Have both verifiers refuse every mutant by the same check, and count them by check."""
    named = [(name, make.write(folder / str(place), files)) for place, (name, files) in enumerate(mutants)]
    ours = [here(path) for _, path in named]
    theirs = javascript(path for _, path in named) if NODE else ours
    counts: dict[str, int] = {}
    for (name, _), check, other in zip(named, ours, theirs, strict=True):
        assert check is not None, f"accepted: {name}"
        assert check == other, name
        counts[check] = counts.get(check, 0) + 1
    return counts
