"""Texts as people see them, for votes too: the same file as that of draws."""

from __future__ import annotations

from tests.sortition.test_written import SEEN
from tests.sweeps import swept
from votes.written import has_letter, one_line, visible


@swept(("text", "seen"), SEEN)
def test_two_texts_that_look_the_same_are_the_same(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert one_line(text) == one_line(seen)


@swept("text", ("", "-", "\u3164", "12"))
def test_a_name_needs_a_letter(text: str) -> None:
    assert not has_letter(text)
    assert has_letter(f"{text} Ö")
