"""Names and texts as people see them: without marks that nobody sees, or that turn a line round.

No web, no database: the pure packages read names by it too.
"""

from __future__ import annotations

import re
import unicodedata

# Letters of the Unicode tables that show nothing: fillers, and the empty pattern of Braille.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Marks that join letters of some scripts, and parts of one emoji: between such signs they mean something.
JOINERS = frozenset("\u200c\u200d")
JOINED = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})
# A flag of a region is a black flag and the letters of its name as marks that nobody sees.
BLACK_FLAG, TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x180E))
GRAPHEME_JOINER = "\u034f"
LINE_ENDS = re.compile(r"\s*[\n\r\t\x85\u2028\u2029]\s*")
# The last two of each plane, and 32 in the first, are no characters (Unicode Standard 23.7).
LAST_TWO, NO_CHARACTERS = 0xFFFE, range(0xFDD0, 0xFDF0)
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# All that stands outside of these ranges is looked at mark by mark; in them everything is seen.
SUSPECT = re.compile(
    "[^\n\r\t -~\xa0-\xac\xae-\u0313\u0370-\u05ff\u2010-\u2027\u2030-\u205e"
    "\u20a0-\u27ff\u2900-\u2bff\u3001-\u3130\u4e00-\u9fff\uac00-\ud7a3]"
)


def visible(text: str) -> str:
    """Return a text in NFC without white space around it, and without marks that nobody sees.

    Left out are controls but line ends and tabs, marks of direction, zero-width marks, fillers and
    noncharacters, what Unicode calls default ignorable (Unicode Standard 5.21): two texts that look the same
    are then the same (Unicode TR 36, section 2.10). Joiners and selectors stay where scripts and emoji need
    them (RFC 5892, appendix A; Unicode TR 51).

    Examples
    --------
    >>> visible("A\u200bnne\u202e "), visible("\u3164"), visible("\U0001f469\u200d\U0001f33e")
    ('Anne', '', '\U0001f469\u200d\U0001f33e')
    """
    normal = unicodedata.normalize("NFC", text)
    kept: list[str] = []
    before, is_flag, start = " ", False, 0
    for match in SUSPECT.finditer(normal):
        place, mark = match.start(), match[0]
        if place > start:
            before, is_flag = normal[place - 1], False
            kept.append(normal[start:place])
        is_flag = mark == BLACK_FLAG or (is_flag and ord(mark) in TAGS)
        if _is_seen(mark, before, normal[place + 1 : place + 2], is_flag=is_flag):
            kept.append(mark)
            before = mark
        start = place + 1
    if not start:
        return normal.strip()
    return unicodedata.normalize("NFC", "".join([*kept, normal[start:]])).strip()


def one_line(text: str) -> str:
    """Return a text as :func:`visible`, on one line: line ends and tabs become a space.

    Examples
    --------
    >>> one_line("Le Val" + chr(10) + " d’Oise")
    'Le Val d’Oise'
    """
    return LINE_ENDS.sub(" ", visible(text))


def has_letter(text: str) -> bool:
    """Tell whether a text holds a letter of any script that people see.

    Examples
    --------
    >>> has_letter("Ö"), has_letter("李"), has_letter("-"), has_letter("\u3164")
    (True, True, False, False)
    """
    return any(unicodedata.category(mark).startswith("L") for mark in visible(text))


def _is_seen(mark: str, before: str, after: str, *, is_flag: bool) -> bool:
    number = ord(mark)
    is_no_character = number & LAST_TWO == LAST_TWO or number in NO_CHARACTERS
    if mark in BLANKS or mark == GRAPHEME_JOINER or is_no_character:
        return False
    if mark in JOINERS:
        return all(unicodedata.category(one) in JOINED for one in (before, after or " "))
    if any(number in those for those in SELECTORS):
        return unicodedata.category(before) in JOINED
    if number in TAGS:
        return is_flag
    return unicodedata.category(mark) not in UNSEEN
