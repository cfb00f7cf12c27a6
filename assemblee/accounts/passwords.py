"""Passwords that are tried first, and those that say who somebody is: neither is taken."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from assemblee.refusal import Refusal

COMMON = Path(__file__).with_name("common_passwords.txt")
# What is typed without a thought here, beside what is typed everywhere.
HERE = frozenset(
    {"assemblee", "motdepasse", "azerty", "bonjour", "bienvenue", "mairie", "citoyen", "citoyenne"}
)
# Neighbours on keyboards, in the alphabet and among figures.
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789" * 3,
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
# What a figure or a sign stands for in a word.
LOOKS = str.maketrans("013457@$!", "oieastasi")
SHORTEST_WORD, SHORTEST_PART, SHORTEST_RUN, LONGEST_UNIT = 4, 3, 6, 4
# What is left of a password beside its owner's address, at least.
LETTERS_OF_ITS_OWN = 6


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("# ")) | HERE


def require_uncommon(password: str, address: str) -> None:
    """Refuse a password that is among the first that are tried, or that is made of its owner's address.

    What somebody adds without a thought is left out before: case, accents, figures and signs, letters in
    disguise, the same once more.

    Raises
    ------
    Refusal
        `password-common` or `password-is-address`.
    """
    plain = _plain(password)
    if _is_of(plain, _plain(address)):
        raise Refusal("password-is-address", status=422)
    if any(_is_common(form) for form in _forms(plain)):
        raise Refusal("password-common", status=422)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text).casefold()
    return "".join(mark for mark in parts if not unicodedata.combining(mark))


def _forms(plain: str) -> set[str]:
    """Return a password as it was typed, and as the words that it was made of."""
    ends = re.compile(r"^[\W\d_]+|[\W\d_]+$")
    typed = {plain, re.sub(r"\s", "", plain)}
    disguised = (plain.translate(LOOKS), ends.sub("", plain).translate(LOOKS))
    words = {ends.sub("", form) for form in (*typed, *disguised)}
    letters = {re.sub(r"[\W\d_]+", "", form) for form in words}
    # A few letters among many figures are no word.
    least = max(SHORTEST_WORD, len(plain) / 4)
    return typed | {form for form in words | letters if len(form) >= least}


def _is_common(form: str) -> bool:
    unit = _unit(form)
    is_repeated = unit != form and len(unit) <= LONGEST_UNIT
    return form in _common() or unit in _common() or is_repeated or _is_run(unit)


def _unit(form: str) -> str:
    """Return the shortest part of a text that repeated gives it, perhaps cut at its end."""
    for length in range(1, len(form) // 2 + 1):
        if (form[:length] * (len(form) // length + 1)).startswith(form):
            return form[:length]
    return form


def _is_run(form: str) -> bool:
    rows = [*ROWS, *(row[::-1] for row in ROWS)]
    return len(form) >= SHORTEST_RUN and any(form in row for row in rows)


def _is_of(plain: str, address: str) -> bool:
    local, _, domain = address.partition("@")
    site = domain.rpartition(".")[0]
    words = re.split(r"[\W\d_]+", f"{local} {site}")
    parts = sorted({address, local, domain, site, *words}, key=len, reverse=True)
    left = plain
    for part in parts:
        if len(part) >= SHORTEST_PART:
            left = left.replace(part, "")
    return left != plain and sum(mark.isalpha() for mark in left) < LETTERS_OF_ITS_OWN
