"""Each program that others run stands alone: what several need is copied, and the copies are equal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAWS, WITNESS = "assemblee/standalone/verify.py", "assemblee/standalone/assemblee-witness.py"
# `verify.py` runs it by its path, and what it computes on another curve nobody else does.
PAIRING = "assemblee/standalone/pairing.py"
VOTES = "votes/verify.py"
COPIES = {DRAWS: {"Ed25519", "trees and keys"}, WITNESS: {"Ed25519"}, VOTES: {"Ed25519", "trees and keys"}}
COPIES[PAIRING] = set()
MARK = re.compile(
    r"# --- shared: (.+) \(equal byte for byte to the copies that tests/house/test_standalone\.py names\)\n"
)


def shared(source: str) -> dict[str, str]:
    """Return the parts of a program that others have too, by their names."""
    parts = {}
    for begun in MARK.finditer(source):
        part, end, _ = source[begun.end() :].partition(f"\n# --- end of shared: {begun[1]}\n")
        assert end, f"{begun[1]} has no end"
        assert "# ---" not in part, f"{begun[1]} holds another mark"
        assert begun[1] not in parts, f"{begun[1]} begins twice"
        parts[begun[1]] = part
    assert source.count("\n# ---") == 2 * len(parts), "a mark is not read"
    return parts


def test_the_copies_are_equal_byte_for_byte() -> None:
    parts = {name: shared((ROOT / name).read_text(encoding="utf-8")) for name in COPIES}
    assert {name: part.keys() for name, part in parts.items()} == COPIES
    for name in {name for part in parts.values() for name in part}:
        copies = {part[name] for part in parts.values() if name in part}
        assert len(copies) == 1, name
        assert "def " in copies.pop()


def test_every_program_that_stands_alone_is_known() -> None:
    folder = ROOT / "assemblee" / "standalone"
    programs = {str(path.relative_to(ROOT)) for path in folder.glob("*.py") if path.stem != "__init__"}
    assert programs | {VOTES} == COPIES.keys()


@pytest.mark.parametrize(
    ("mark", "left"),
    [
        ("# --- end", "# end"),
        ("# --- end", "# --- the end"),
        ("# --- shared: ", "# "),
        ("# --- shared: ", "# ---"),
    ],
)
def test_a_mark_that_is_gone_is_missed(mark: str, left: str) -> None:
    source = (ROOT / DRAWS).read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match=r"end|mark"):
        shared(source.replace(mark, left, 1))
