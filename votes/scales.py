"""Scales of grades, worst first, and their names in French and English."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from assemblee.written import one_line
from votes.errors import BadName, BadScale, DuplicateName, ReservedGrade, UnknownScale

LEAST, MOST = 2, 10
NO_OPINION_WORDS = ("sans opinion", "no opinion")


@dataclass(frozen=True)
class Scale:
    """Names of grades in both languages, worst first."""

    french: tuple[str, ...]
    english: tuple[str, ...]

    def part(self, first: int, last: int) -> Scale:
        """Return the grades from one to another, the last one left out."""
        return Scale(self.french[first:last], self.english[first:last])


SEVEN = Scale(
    ("À rejeter", "Insuffisant", "Passable", "Assez bien", "Bien", "Très bien", "Excellent"),
    ("Reject", "Insufficient", "Passable", "Fairly good", "Good", "Very good", "Excellent"),
)
READY_MADE: Mapping[int, Scale] = MappingProxyType({7: SEVEN, 6: SEVEN.part(0, 6), 5: SEVEN.part(1, 6)})
"""The field's scales by their number of grades.

Seven are those of the Terra Nova poll of 2012; six those of Orsay in 2007, without Excellent (Balinski and
Laraki, "Majority Judgment", MIT Press, 2011, chapter 15); five those of LaPrimaire.org in 2016, without À
rejeter either.
"""


def ready_made(number: str) -> Scale:
    """Return the ready-made scale of a number of grades, written in digits.

    Raises
    ------
    UnknownScale
    """
    for known, scale in READY_MADE.items():
        if number == str(known):
            return scale
    raise UnknownScale(found=number, expected=tuple(READY_MADE))


def tidy(text: str) -> str:
    """Return a text in Unicode normal form C, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def fold(text: str) -> str:
    """Return what two spellings of one word have in common: normal form, case and white space aside."""
    return tidy(text).casefold()


def bare(text: str) -> str:
    """Return what is left of a word without accents, its white space as one space: keyboards have no À.

    Examples
    --------
    >>> bare("Tr\u00e8s\u00a0bien") == bare("TRES  BIEN")
    True
    """
    letters = unicodedata.normalize("NFD", fold(text))
    unmarked = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", " ".join(unmarked.split()))


def is_name(text: str) -> bool:
    """Tell whether a text can name something: one line, neither empty nor with marks that nobody sees."""
    return bool(tidy(text)) and one_line(text) == tidy(text)


def check_names(what: str, names: Sequence[str]) -> None:
    """Refuse names that are empty, unprintable or not unique.

    Parameters
    ----------
    what : str
        ``"grade"`` or ``"proposal"``; grades are also told apart without regard to case.
    names : sequence of str

    Raises
    ------
    BadName, DuplicateName
    """
    seen = set()
    for name in names:
        if not is_name(name):
            raise BadName(what=what, found=ascii(name))
        known = fold(name) if what == "grade" else tidy(name)
        if known in seen:
            raise DuplicateName(what=what, found=name)
        seen.add(known)


def check_grades(grades: Sequence[str]) -> None:
    """Refuse a scale that has not from 2 to 10 grades, or not a good name for each.

    Raises
    ------
    BadScale, BadName, DuplicateName
    """
    if not LEAST <= len(grades) <= MOST:
        raise BadScale(found=len(grades), least=LEAST, most=MOST)
    check_names("grade", grades)


def words(grades: Sequence[str]) -> dict[str, int]:
    """Return the grade, counted from 0 for the worst, that each word of a ballot stands for.

    A word is the name of a grade or its index; where a name is one of the ready-made scales, its name in the
    other language too. The keys are folded as by :func:`fold`, and stand there once more as :func:`bare`
    leaves them, but where two grades would then be one. :func:`meaning` looks a word up.

    Raises
    ------
    ReservedGrade
        If a name could be taken for the index of another grade, or for no opinion.
    """
    grade_of = {fold(name): grade for grade, name in enumerate(grades)}
    for name, grade in grade_of.items():
        if bare(name) in NO_OPINION_WORDS or (name.isdecimal() and name != str(grade)):
            raise ReservedGrade(found=grades[grade])
    for grade in range(len(grades)):
        grade_of[str(grade)] = grade
    alike: dict[str, set[int]] = {}
    for name, grade in grade_of.items():
        alike.setdefault(bare(name), set()).add(grade)
    grade_of = {name: grade for name, (grade, *more) in alike.items() if not more} | grade_of
    for pair in zip(SEVEN.french, SEVEN.english, strict=True):
        both = [spelled for name in pair for spelled in (fold(name), bare(name))]
        known = {grade_of[name] for name in both if name in grade_of}
        if len(known) == 1:
            free = [name for name in both if len(alike.get(bare(name), known)) == 1]
            grade_of |= dict.fromkeys(free, known.pop())
    return grade_of


def meaning(word: str, meanings: Mapping[str, int]) -> int | None:
    """Return the grade that a word stands for, as it is spelled, or else as somebody without accents does."""
    found = meanings.get(fold(word))
    return meanings.get(bare(word)) if found is None else found
