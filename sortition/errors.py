# ruff: noqa: N818  refusals are named after what is wrong, not after being errors
"""What the core refuses, as small named classes with a code and parameters.

A refusal that carries more than plain values stands with what it carries: ``feasibility.InfeasibleQuotas``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from assemblee.tabular.problems import Problem


class SortitionError(Exception):
    """The base of every refusal of this package: a code and its parameters, never a sentence."""

    code: ClassVar[str] = "sortition-error"

    def __init__(self, **parameters: object) -> None:
        super().__init__(self.code, parameters)
        self.parameters = parameters


class UnreadableFiles(SortitionError):
    """One or both input files hold problems; all of them are listed."""

    code = "unreadable-files"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems=len(problems))
        self.problems = tuple(problems)


class BadSize(SortitionError):
    """The panel size is not a positive whole number of people of the pool."""

    code = "bad-size"


class BadGroups(SortitionError):
    """The number of groups, tables or rounds is not a whole number in its range."""

    code = "bad-groups"


class NobodyLeft(SortitionError):
    """A replacement was to be drawn, but there is no candidate."""

    code = "nobody-left"


class UnknownPeople(SortitionError):
    """Some ids are not those of people of the pool."""

    code = "unknown-people"


class BadTickets(SortitionError):
    """The number of tickets is not a positive whole number, or is too small for this lottery."""

    code = "bad-tickets"


class BadSeed(SortitionError):
    """The seed is not 32 bytes."""

    code = "bad-seed"


class UnknownRule(SortitionError):
    """No rule of this name is in the registry."""

    code = "unknown-rule"


class QuotasBind(SortitionError):
    """A rule for pools without quotas was asked for a pool whose quotas forbid some panels."""

    code = "quotas-bind"


class BadLottery(SortitionError):
    """A document is not a lottery of the format ``assemblee-lottery-1``."""

    code = "bad-lottery"


class SolverStopped(SortitionError):
    """The solver ended without an answer, which no input should cause."""

    code = "solver-stopped"
