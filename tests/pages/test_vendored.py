from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).resolve().parents[2] / "assemblee" / "static"
VENDOR = STATIC / "vendor"
MANIFEST: list[dict[str, Any]] = tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))["file"]


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["path"])
def test_a_vendored_file_is_the_one_that_was_reviewed(entry: dict[str, Any]) -> None:
    assert hashlib.sha256((VENDOR / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]
    assert all(entry[key].strip() for key in ("name", "version", "licence", "source"))


def test_every_vendored_file_is_declared() -> None:
    present = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert present - {"vendor.toml"} == {entry["path"] for entry in MANIFEST}


def test_the_stylesheet_and_the_script_fetch_nothing_from_elsewhere() -> None:
    for name in ("assemblee.css", "assemblee.js"):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert "//" not in text, name
