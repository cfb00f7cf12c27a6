"""What is encrypted for guarantors opens with their program, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pyrage
import pytest

from assemblee.draws.sealing import seal

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def keys(run: Run) -> list[str]:
    return [run("init", f"guarantor-{number}", home=f"home{number}")[1].strip() for number in range(3)]


@pytest.mark.parametrize("size", [0, 1, 63, 65_535, 65_536, 65_537, 150_000])
def test_a_sealed_file_of_any_size_opens(run: Run, keys: list[str], tmp_path: Path, size: int) -> None:
    content = ("é{}" * size)[:size]
    path = tmp_path / "rows.age"
    path.write_bytes(seal(content.encode(), keys))
    for number in (0, 2):
        status, out, err = run("open", path, home=f"home{number}")
        assert (status, out) == (0, content)
        assert "rows.json" in err


def test_only_those_it_was_made_for_open_it(run: Run, keys: list[str], tmp_path: Path) -> None:
    path = tmp_path / "rows.age"
    path.write_bytes(seal(b"{}", keys[:1]))
    status, out, err = run("open", path, home="home1")
    assert (status, out) == (1, "")
    assert "not encrypted for your key" in err


def test_an_altered_file_is_refused_byte_by_byte(run: Run, keys: list[str], tmp_path: Path) -> None:
    sealed = seal(b'{"rows":[]}', keys[:1])
    path = tmp_path / "rows.age"
    for place in range(len(sealed)):
        path.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        status, out, _err = run("open", path, home="home0")
        assert (status, out) == (1, ""), place
    for cut in (0, 10, 40, len(sealed) - 1, len(sealed) - 20):
        path.write_bytes(sealed[:cut])
        assert run("open", path, home="home0")[0] == 1, cut


def test_a_file_for_other_kinds_of_keys_is_refused(run: Run, keys: list[str], tmp_path: Path) -> None:
    del keys
    path = tmp_path / "rows.age"
    path.write_bytes(pyrage.encrypt(b"{}", [pyrage.x25519.Identity.generate().to_public()]))
    assert run("open", path, home="home0")[0] == 1
    path.write_bytes(seal(b"\xff\xfe", [run("init", "guarantor-9", home="home9")[1].strip()]))
    status, out, _err = run("open", path, home="home9")
    assert (status, out) == (1, "")
    assert run("open", tmp_path / "missing", home="home9")[0] == 1


def test_the_arithmetic_is_that_of_the_standards(tool: ModuleType) -> None:
    # RFC 7748 section 5.2, first vector.
    scalar = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    point = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    found = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    assert tool.shared_secret(scalar, point).hex() == found
    # RFC 8439 section 2.4.2: the first block of the key stream of its example.
    stream = tool._stream(bytes(range(32)), bytes.fromhex("000000000000004a00000000"), 1, 8)
    text = b"Ladies and Gentlemen"[:8]
    locked = bytes(a ^ b for a, b in zip(stream, text, strict=True))
    assert locked.hex() == "6e2e359a2568f980"
    # RFC 5869 appendix A.3.
    assert tool.hkdf(bytes.fromhex("0b" * 22), b"", b"").hex().startswith("8da4e775a563c18f715f802a063c5a31")
