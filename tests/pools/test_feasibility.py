from __future__ import annotations

from dataclasses import replace

import pytest

import sortition
from assemblee.pools import feasibility
from assemblee.pools.feasibility import Question
from tests import make

PEOPLE = {
    "1": {"Genre": "Femmes", "Âge": "16–39 ans"},
    "2": {"Genre": "Hommes", "Âge": "40 ans et plus"},
    "3": {"Genre": "Femmes", "Âge": "40 ans et plus"},
    "4": {"Genre": "Hommes", "Âge": "16–39 ans"},
}


def question(
    people: dict[str, dict[str, str]] = PEOPLE,
    cells: tuple[sortition.Cell, ...] = make.CELLS,
    size: int = 4,
) -> Question:
    quotas = sortition.Quotas(cells)
    return Question(sortition.Pool.from_rows(list(people), list(people.values()), quotas), quotas, size)


def test_a_question_is_known_by_people_quotas_and_size() -> None:
    asked = question()
    others = [
        question(size=3),
        question({**PEOPLE, "4": PEOPLE["1"]}),
        question({**PEOPLE, "5": PEOPLE["1"]}),
        question({**{key: PEOPLE[key] for key in "123"}, "6": PEOPLE["4"]}),
        question(cells=(replace(make.CELLS[0], maximum=3), *make.CELLS[1:])),
        question(cells=(replace(make.CELLS[0], minimum_flex=1), *make.CELLS[1:])),
        question(cells=(replace(make.CELLS[0], maximum_flex=4), *make.CELLS[1:])),
        question(
            {key: {**traits, "Genre": traits["Genre"] + "*"} for key, traits in PEOPLE.items()},
            (
                replace(make.CELLS[0], value="Femmes*"),
                replace(make.CELLS[1], value="Hommes*"),
                *make.CELLS[2:],
            ),
        ),
    ]
    assert len({one.fingerprint for one in (asked, *others)}) == 1 + len(others)
    assert asked not in others


def test_order_and_answers_without_a_quota_do_not_count() -> None:
    turned = {key: {**PEOPLE[key], "Taille": "grande"} for key in reversed(PEOPLE)}
    again = question(turned, tuple(reversed(make.CELLS)))
    assert again == question()
    assert again.answer() == question().answer()


def test_the_same_question_is_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    feasibility.answer.cache_clear()
    first = feasibility.answer(question())
    monkeypatch.setattr(sortition, "check", None)
    assert feasibility.answer(question()) is first
