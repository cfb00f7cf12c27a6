from __future__ import annotations

import io

import pytest

from assemblee.tabular import Problem, Reading, UnreadableTable, open_source
from tests.tabular import make

PROTECTED = "EncryptedPackage".encode("utf-16-le")


def refused(data: bytes) -> Problem:
    with pytest.raises(UnreadableTable) as caught:
        open_source(data, "brought")
    return caught.value.problem


def test_a_text_is_known_by_what_it_holds() -> None:
    source = open_source("prénom;âge\nZoé;30\n".encode("cp1252"), "people.xlsx")
    assert list(source.lines) == [(1, ["prénom", "âge"]), (2, ["Zoé", "30"])]
    assert (source.file, source.encoding, source.sheet, source.sheets) == ("people.xlsx", "cp1252", None, ())
    assert [notice.code for notice in source.notices] == ["encoding-guessed"]
    assert source.faults == {}


def test_an_encoding_with_a_mark_is_named_as_the_one_that_can_be_chosen() -> None:
    assert open_source("\ufeffid\n".encode(), "people").encoding == "utf-8"
    assert open_source("id\n".encode("utf-16"), "people").encoding == "utf-16"


def test_an_encoding_and_a_sheet_can_be_chosen() -> None:
    text = "prénom\nZoé\n".encode("mac_roman")
    assert next(open_source(text, "people", Reading(encoding="mac_roman")).lines) == (1, ["prénom"])
    book = make.workbook({"a": [["x"]], "b": [["y"]]})
    assert next(open_source(book, "people", Reading(sheet="b")).lines) == (1, ["y"])


def test_a_workbook_is_known_by_what_it_holds() -> None:
    source = open_source(make.workbook({"a": [["x"]], "b": [["y"]]}), "people.csv")
    assert list(source.lines) == [(1, ["x"])]
    assert (source.encoding, source.sheet, source.sheets) == (None, "a", ("b",))
    assert [notice.code for notice in source.notices] == ["other-sheets"]


def test_a_stream_is_read_from_its_beginning() -> None:
    for data in (b"id\n1\n", make.workbook({"a": [["id"], ["1"]]})):
        stream = io.BytesIO(data)
        stream.read(3)
        assert [values for _, values in open_source(stream, "people").lines] == [["id"], ["1"]]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7", ".pdf"),
        (b"{\\rtf1", ".rtf"),
        (b"\x1f\x8b\x08", ".gz"),
        (b"Rar!\x1a", ".rar"),
        (b"7z\xbc\xaf\x27", ".7z"),
        (b"\x89PNG\r\n", ".png"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"<html><body><table>", "HTML"),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html>", "HTML"),
        (b"<?xml version='1.0'?><Workbook>", "HTML"),
        (b"<!-- saved --><table>", "HTML"),
        (b"<META charset=utf-8>", "HTML"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(start: bytes, kind: str) -> None:
    problem = refused(start + b"\n1;2\n")
    assert (problem.code, problem.line, problem.found) == ("not-a-table", None, kind)


def test_text_that_begins_with_a_bracket_is_a_table() -> None:
    assert next(open_source(b"<18;18-30\n1;2\n", "people").lines) == (1, ["<18", "18-30"])


def test_an_old_workbook_is_refused() -> None:
    problem = refused(make.OLE + bytes(2_000))
    assert (problem.code, problem.found, problem.expected) == ("old-workbook", ".xls", ".xlsx, .ods or .csv")


@pytest.mark.parametrize("before", [600, 2**20 - 10, 2**20 + 5])
def test_a_workbook_with_a_password_is_told_from_it_wherever_it_says_so(before: int) -> None:
    assert refused(make.OLE + bytes(before) + PROTECTED + bytes(90)).code == "protected-workbook"
