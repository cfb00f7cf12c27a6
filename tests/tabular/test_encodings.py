from __future__ import annotations

import codecs
import io
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assemblee.tabular import Problem, UnreadableTable
from assemblee.tabular.encodings import CHUNK, GUESSED, LONGEST_LINE, NAMES, find_encoding

FRENCH = "id;prénom;commune\n1;Zoé;Évry\n2;Noël;Nîmes\n3;Françoise;Besançon\n"
NAMES_OF_PEOPLE = (
    *("Zoé", "Élodie", "René", "Hélène", "François", "Noël", "Maëlle", "Jérôme", "Benoît", "Cécile"),
    *("Théo", "Océane", "Thérèse", "Étienne", "Inès", "Loïc", "Anaïs", "Irène", "Agnès", "Gonçalves"),
)


def found(data: bytes, wanted: str | None = None) -> tuple[str, list[tuple[str, str]]]:
    encoding = find_encoding(io.BytesIO(data), "people.csv", wanted)
    return encoding.name, [(notice.code, notice.found) for notice in encoding.notices]


def refused(data: bytes, wanted: str | None = None) -> Problem:
    with pytest.raises(UnreadableTable) as caught:
        find_encoding(io.BytesIO(data), "people.csv", wanted)
    return caught.value.problem


def test_text_in_utf_8_is_read_with_or_without_a_mark_and_nothing_is_said() -> None:
    assert found(FRENCH.encode()) == ("utf-8", [])
    assert found(b"") == ("utf-8", [])
    assert found(codecs.BOM_UTF8 + FRENCH.encode()) == ("utf-8-sig", [])
    assert found(codecs.BOM_UTF8 + FRENCH.encode(), "utf-8") == ("utf-8-sig", [])


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (codecs.BOM_UTF16_LE + FRENCH.encode("utf-16-le"), "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE + FRENCH.encode("utf-16-be"), "utf-16", "UTF-16"),
        (codecs.BOM_UTF32_LE + FRENCH.encode("utf-32-le"), "utf-32", "UTF-32"),
        (codecs.BOM_UTF32_BE + FRENCH.encode("utf-32-be"), "utf-32", "UTF-32"),
        (FRENCH.encode("utf-16-le"), "utf-16-le", "UTF-16 LE"),
        (FRENCH.encode("utf-16-be"), "utf-16-be", "UTF-16 BE"),
    ],
)
def test_unicode_of_other_widths_is_read_and_said(data: bytes, name: str, said: str) -> None:
    assert found(data) == (name, [("encoding-read", said)])


@pytest.mark.parametrize("name", GUESSED)
def test_encodings_of_our_spreadsheets_are_guessed_and_said(name: str) -> None:
    assert found(FRENCH.encode(name)) == (name, [("encoding-guessed", NAMES[name])])


@pytest.mark.parametrize("name", GUESSED)
@pytest.mark.parametrize("change", [str, str.upper])
def test_a_few_names_are_enough_to_guess_by(name: str, change: Callable[[str], str]) -> None:
    chance = random.Random(11)  # noqa: S311 - invented people
    for _ in range(100):
        lines = [";".join(chance.choices(NAMES_OF_PEOPLE, k=3)) for _ in range(4)]
        text = change("\n".join(lines))
        assert text.encode(name).decode(found(text.encode(name))[0]) == text


def test_punctuation_alone_is_guessed_as_that_of_windows() -> None:
    assert found("d’accord – 5 €".encode("cp1252"))[0] == "cp1252"


def test_a_byte_that_the_likeliest_encoding_does_not_know_is_refused_with_its_line() -> None:
    problem = refused(FRENCH.encode("cp1252") + b"4;Ana;\x81\n")
    assert (problem.code, problem.line, problem.found) == ("bad-encoding", 5, "byte 0x81")
    assert problem.expected == "Windows-1252 text"
    lines = ["x;né"] * 1_000 + ["Évry"]
    assert found("\n".join(lines).encode("cp850"))[0] == "cp850"


def test_an_encoding_that_was_chosen_is_obeyed() -> None:
    assert found(FRENCH.encode(), "cp1252") == ("cp1252", [])
    assert found(FRENCH.encode("utf-16-le"), "utf-16-le") == ("utf-16-le", [])
    assert found(FRENCH.encode("cp1252"), "klingon") == ("cp1252", [("encoding-guessed", "Windows-1252")])


def test_a_mark_says_more_than_who_chose() -> None:
    marked = codecs.BOM_UTF16_LE + FRENCH.encode("utf-16-le")
    assert found(marked, "utf-16-le") == ("utf-16", [("encoding-read", "UTF-16")])
    assert found(codecs.BOM_UTF8 + FRENCH.encode(), "cp1252") == ("utf-8-sig", [("encoding-read", "UTF-8")])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_wrong_bytes_are_refused_with_their_line_whatever_ends_lines(end: str) -> None:
    data = end.join(["id;nom", "1;Zoé", "2;No\xebl"]).encode("cp1252").replace(b"\xe9", "é".encode())
    problem = refused(data, "utf-8")
    assert (problem.code, problem.line, problem.found, problem.expected) == (
        "bad-encoding",
        3,
        "byte 0xEB",
        "UTF-8 text",
    )
    assert refused(b"a" + end.encode() + b"\x81", "cp1252").line == 2


def test_a_wrong_byte_far_down_has_its_line_too() -> None:
    line = b"0123456;\xc3\xa9\r\n"
    count = CHUNK // len(line) * 2 + 5
    assert refused(line * count + b"\xff", "utf-8").line == count + 1


@pytest.mark.parametrize("wanted", ["utf-16", "utf-32"])
def test_unicode_that_is_chosen_needs_its_mark(wanted: str) -> None:
    problem = refused(b"id;nom\n1;Ana\n12", wanted)
    assert (problem.code, problem.line) == ("bad-encoding", 1)
    assert problem.found in ("no byte order mark", "byte 0x69")


def test_unicode_cut_in_the_middle_of_a_letter_is_refused() -> None:
    problem = refused(codecs.BOM_UTF16_LE + "id\n1\n".encode("utf-16-le") + b"a")
    assert (problem.code, problem.line, problem.expected) == ("bad-encoding", 3, "UTF-16 text")


@pytest.mark.parametrize("before", [0, 2, 600])
def test_two_encodings_in_one_file_are_refused_with_the_line_of_the_second(before: int) -> None:
    lines = ["1;Zoé".encode()] * before + ["2;Noël".encode("cp1252"), b"3;Ana", "4;Renée".encode()]
    problem = refused(b"id;nom\n" + b"\n".join(lines))
    assert (problem.code, problem.line) == ("mixed-encodings", before + 2)
    assert problem.found == f"line {2 if before else 4} in UTF-8"


def test_two_encodings_in_one_line_are_refused_as_well() -> None:
    problem = refused("1;Zoé;".encode() + "Évry\n".encode("cp1252"))
    assert (problem.code, problem.line) == ("mixed-encodings", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [("mac_roman", "d’âge\nprénom"), ("cp1252", "Café\u00a0»\nprénom"), ("mac_roman", "«É»\nŒuvre")],
)
def test_letters_that_could_be_unicode_by_chance_are_not_taken_for_it(name: str, text: str) -> None:
    assert found(text.encode(name))[0] == name


def test_a_nul_is_refused_with_its_line() -> None:
    problem = refused(b"id;nom\r\n1;Ana\r\n2;B\0b\r\n")
    assert (problem.code, problem.line, problem.found) == ("not-text", 3, "a NUL character")
    assert refused(b"a\0", "cp1252").code == "not-text"


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_a_line_without_end_is_refused_and_a_long_one_is_not(end: bytes) -> None:
    piece = b"x" * (LONGEST_LINE // 8)
    assert found((piece * 7 + end) * 2)[0] == "utf-8"
    problem = refused(b"id" + end + piece * 9)
    assert (problem.code, problem.line, problem.expected) == (
        "line-too-long",
        2,
        "at most 8 million characters",
    )


def test_a_line_without_end_is_refused_in_an_encoding_that_is_guessed_too() -> None:
    problem = refused("id\nprénom".encode("cp1252") + b"x" * (LONGEST_LINE + CHUNK))
    assert (problem.code, problem.line) == ("line-too-long", 2)


@given(
    st.lists(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"])), max_size=30),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
@settings(deadline=None, max_examples=60)
def test_unicode_is_read_as_it_was_written(lines: list[str], end: str, name: str) -> None:
    data = end.join(["id;prénom", *lines]).encode(name)
    assert data.decode(found(data)[0]) == data.decode(name)
