"""The registry of kinds of questions: what is declared before a vote, and how its ballots are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol, TypeVar

from votes.ballots import Count


class Outcome(Protocol):
    """What a count leads to."""

    def to_document(self) -> dict[str, object]:
        """Return the outcome as a JSON object of whole numbers and texts."""


class Question(Protocol):
    """A question with all its rules, as they are declared before the vote."""

    @property
    def options(self) -> tuple[int, ...]:
        """How many answers there are to choose from, for each byte of a ballot."""

    def outcome(self, count: Count, entitled: int) -> Outcome:
        """Apply the rules to a count of ballots of which so many people might have cast one."""


Kind = TypeVar("Kind", bound=type[Question])
_kinds: dict[str, type[Question]] = {}
KINDS: Mapping[str, type[Question]] = MappingProxyType(_kinds)
"""Every kind by its name, in the order in which forms show them; :mod:`votes.questions` enters them all."""


def kind(name: str) -> Callable[[Kind], Kind]:
    """Enter a class of questions in the registry."""

    def enter(question: Kind) -> Kind:
        _kinds[name] = question
        return question

    return enter
