"""The checkout that this code runs from, and how its children find it. Only the standard library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def variables(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a child process, in which the checkout can be imported."""
    variables = {**os.environ, **(extra or {})}
    others = [
        path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path and path != str(ROOT)
    ]
    variables["PYTHONPATH"] = os.pathsep.join([str(ROOT), *others])
    return variables
