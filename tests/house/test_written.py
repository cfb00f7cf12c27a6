"""Texts as people see them: what nobody sees is left out, and what scripts and emoji need stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assemblee.written import has_letter, one_line, visible
from tests.sweeps import swept

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
SEEN = (
    ("Anne", "Anne"),
    ("A\u200bn\u2060ne\ufeff", "Anne"),
    ("\u202eelgnod\u202c", "elgnod"),
    ("\u2066abc\u2069\u200e\u200f\u061c", "abc"),
    ("co\u00adopérative", "coopérative"),
    ("x\ufe0fy", "xy"),
    ("A\u034fB", "AB"),
    ("\u3164\uffa0\u115f\u1160\u2800", ""),
    ("bell\x07 \x00", "bell"),
    ("a\ufffe\U0001fffeb\ufdd0", "ab"),
    ("n\u0303", "ñ"),
    ("tag\U000e0061", "tag"),
    ("A\u200dB", "AB"),
    (FAMILY, FAMILY),
    (ENGLAND, ENGLAND),
    ("\u2764\ufe0f", "\u2764\ufe0f"),
    ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
    (
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    ),
    ("un\ndeux\ttrois", "un\ndeux\ttrois"),
    ("Qui\u00a0?", "Qui\u00a0?"),
)


@swept(("text", "seen"), SEEN)
def test_two_texts_that_look_the_same_are_the_same(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text())
def test_what_is_seen_is_seen_the_same_again(text: str) -> None:
    once = visible(text)
    assert visible(once) == once
    assert one_line(one_line(text)) == one_line(text)
    assert not set(one_line(text)) & set("\n\r\t\x85\u2028\u2029")


@swept("text", ("", " ", "-", "\u200b", "\u3164", "12", "\U0001f33e", "\u2800\u2800"))
def test_a_name_needs_a_letter(text: str) -> None:
    assert not has_letter(text)
    assert has_letter(f"{text} Ö")
