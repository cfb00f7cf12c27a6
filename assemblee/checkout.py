"""The checkout that this code runs from, and how its children find it. Only the standard library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def variables(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a child process, in which the checkout can be imported."""
    found = {**os.environ, **(extra or {})}
    others = [path for path in found.get("PYTHONPATH", "").split(os.pathsep) if path and path != str(ROOT)]
    found["PYTHONPATH"] = os.pathsep.join([str(ROOT), *others])
    return found
