"""Archives made to crash, to flood, or to hold two things at once."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.votes import archives
from tests.votes.archives import judge
from votes import verify

FILES = archives.variant(8).files()


def packed(tmp_path: Path, content: bytes) -> Path:
    where = tmp_path / "archive.zip"
    where.write_bytes(content)
    return where


def build(
    change: Callable[[zipfile.ZipFile], object], files: dict[str, bytes] = FILES, **options: int
) -> bytes:
    content = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(content, "w", **{"compression": 8, **options}) as archive:
        warnings.simplefilter("ignore")
        for name, data in files.items():
            archive.writestr(name, data)
        change(archive)
    return content.getvalue()


def nothing(_archive: zipfile.ZipFile) -> None:
    """Leave an archive as it is."""


@pytest.mark.parametrize(
    "name", ["rules.json", "more.txt", "folder/", "../rules.json", "rules.json\0", ".hidden"]
)
def test_a_zip_holds_eight_names_once_each(name: str, tmp_path: Path) -> None:
    assert judge(packed(tmp_path, build(lambda archive: archive.writestr(name, b"")))) == "files"


def test_a_name_cut_by_a_null_byte_is_another_name(tmp_path: Path) -> None:
    # The same length, in both headers of the file.
    content = build(nothing).replace(b"rules.json", b"rules.jso\0")
    assert judge(packed(tmp_path, content)) == "files"
    longer = {
        **{name: data for name, data in FILES.items() if name != "rules.json"},
        "rules.json.txt": FILES["rules.json"],
    }
    content = build(nothing, longer).replace(b"rules.json.txt", b"rules.json\0txt")
    assert judge(packed(tmp_path, content)) == "files"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_every_python_unpacks_is_unpacked(method: int, tmp_path: Path) -> None:
    assert judge(packed(tmp_path, build(nothing, compression=method))) == "files"


def test_a_stored_zip_is_as_good(tmp_path: Path) -> None:
    assert judge(packed(tmp_path, build(nothing, compression=zipfile.ZIP_STORED))) is None


def directory(content: bytes, name: bytes) -> int:
    """Return where the entry of a file begins in the directory at the end of a zip."""
    return content.rindex(name) - 46


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    content = bytearray(build(nothing))
    content[directory(content, b"rules.json") + 8] |= 1
    assert judge(packed(tmp_path, bytes(content))) == "files"


@pytest.mark.parametrize("size", [0, 5, 100_000])
def test_a_file_of_another_size_than_announced_is_refused(size: int, tmp_path: Path) -> None:
    content = bytearray(build(nothing))
    struct.pack_into("<I", content, directory(content, b"result.json") + 24, size)
    assert judge(packed(tmp_path, bytes(content))) == "files"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    for name in ("ballots.csv", "rules.json"):
        bomb = build(nothing, {**FILES, name: b"0" * 32 * verify.MIB})
        lying = bytearray(bomb)
        struct.pack_into("<I", lying, directory(bomb, name.encode()) + 24, len(FILES[name]))
        for content in (bomb, bytes(lying)):
            where = packed(tmp_path, content)
            tracemalloc.start()
            assert judge(where) == "files"
            assert tracemalloc.get_traced_memory()[1] < 8 * verify.MIB
            tracemalloc.stop()


def test_a_damaged_zip_is_refused_or_unreadable(tmp_path: Path) -> None:
    whole = build(nothing)
    kinds = set()
    for place in range(0, len(whole), 101):
        content = bytearray(whole)
        content[place] ^= 0xFF
        # The loose files and the moments that a zip holds are not what is checked.
        kinds.add(judge(packed(tmp_path, bytes(content))))
    for end in range(0, len(whole), 1997):
        kinds.add(judge(packed(tmp_path, whole[:end])))
    assert kinds <= {None, "files", "unreadable"}
    assert {"files", "unreadable"} <= kinds


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06", b"not a zip", b"\0" * 100])
def test_what_is_no_zip_is_unreadable(content: bytes, tmp_path: Path) -> None:
    assert judge(packed(tmp_path, content)) == "unreadable"
    assert judge(tmp_path / "nowhere.zip") == "unreadable"


def test_what_never_ends_is_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for where in (tmp_path / "pipe", Path("/dev/zero"), Path("\0")):
        assert judge(where) == "unreadable"


def test_a_folder_holds_eight_plain_files(tmp_path: Path) -> None:
    folder = archives.write(tmp_path / "folder", FILES)
    (folder / ".DS_Store").write_bytes(b"a desktop was here")
    assert judge(folder) is None
    rules = folder / "rules.json"
    rules.rename(tmp_path / "elsewhere.json")
    rules.symlink_to(tmp_path / "elsewhere.json")
    assert judge(folder) == "files"
    rules.unlink()
    rules.mkdir()
    assert judge(folder) == "files"
    rules.rmdir()
    os.mkfifo(rules)
    assert judge(folder) == "files"
    rules.unlink()
    # Sparse: it takes no room, and would fill the memory.
    with rules.open("wb") as file:
        file.truncate(4 * 1024 * verify.MIB)
    assert judge(folder) == "files"


def test_a_file_that_goes_away_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = archives.write(tmp_path / "folder", FILES)

    def gone(_path: Path) -> bytes:
        raise PermissionError("rules.json")

    monkeypatch.setattr(Path, "read_bytes", gone)
    assert judge(folder) == "files"


@pytest.mark.parametrize("name", ["rules", "result", "log"])
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 1_000_000,
        b"-" + b"1" * 5_000,
        b"1e999999999",
        b"NaN",
        b"Infinity",
        b'{"a":1,"a":2}',
        '"e\u0301"'.encode(),
        b'"\\ud800"',
        b"\xff",
        b"\xef\xbb\xbf1",
        b"-0",
        b"9007199254740992",
        b'{"\xc3\xa9":1}',
    ],
    ids=lambda content: repr(content[:12]),
)
def test_no_document_is_more_than_it_may_be(name: str, content: bytes, tmp_path: Path) -> None:
    folder = archives.write(tmp_path / "folder", {**FILES, f"{name}.json": content})
    assert judge(folder) == "canonical"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\xff\n", b"commitment,marked", b"commitment,marked\r\n", b"," * 10**6, b"\n" * 10**7],
)
def test_no_table_is_more_than_it_may_be(content: bytes, tmp_path: Path) -> None:
    assert judge(archives.write(tmp_path / "a", {**FILES, "roll.csv": content})) == "roll"
    assert judge(archives.write(tmp_path / "b", {**FILES, "ballots.csv": content})) == "ballots"


def test_the_body_of_a_leaf_is_read_as_strictly_as_a_file(tmp_path: Path) -> None:
    made = archives.variant(8)
    log, _ = made.log(made.leaves)
    for body in ("[" * 100_000, "{}", "[]", '{"a":NaN}', log["leaves"][0]["body"] + " "):
        log["leaves"][0]["body"] = body
        files = {**FILES, "log.json": archives.canonical(log)}
        folder = archives.write(tmp_path / str(len(list(tmp_path.iterdir()))), files)
        assert judge(folder) == "log"
