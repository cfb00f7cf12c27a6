"""The registry of rules: how chances are shared out among the people of a pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from sortition.errors import BadSize, BadTickets, UnknownRule
from sortition.lottery import Lottery
from sortition.pool import Pool
from sortition.progress import Progress, silent
from sortition.quotas import Quotas

TICKETS = 1_000_000


class Rule(Protocol):
    """A rule makes a lottery of a pool."""

    def __call__(  # noqa: D102 - the class says it
        self, pool: Pool, quotas: Quotas, size: int, *, tickets: int, progress: Progress
    ) -> Lottery: ...


_rules: dict[str, Rule] = {}
RULES: Mapping[str, Rule] = MappingProxyType(_rules)
"""Every rule by its name, in the order in which forms show them."""


def rule(name: str) -> Callable[[Rule], Rule]:
    """Enter a function in the registry."""

    def enter(function: Rule) -> Rule:
        _rules[name] = function
        return function

    return enter


def lottery(
    rule: str, pool: Pool, quotas: Quotas, size: int, *, tickets: int = TICKETS, progress: Progress = silent
) -> Lottery:
    """Make the lottery of a pool by one of the rules.

    Parameters
    ----------
    rule : str
        A name in ``RULES``.
    pool : Pool
    quotas : Quotas
        The quotas that the pool was read with.
    size : int
        Members of a panel.
    tickets : int
        Tickets to share out among the panels.
    progress : callable
        Called as ``progress(done, total, phase)``.

    Raises
    ------
    UnknownRule, BadSize, BadTickets
        If an argument is out of its range.
    InfeasibleQuotas
        If no panel of this size fits the quotas.
    QuotasBind
        If a rule for pools without quotas was asked for and the quotas forbid a panel.
    """
    if rule not in RULES:
        raise UnknownRule(found=rule, expected=tuple(RULES))
    check_size(pool, size)
    if type(tickets) is not int or tickets < 1:
        raise BadTickets(found=tickets, least=1)
    return RULES[rule](pool, quotas, size, tickets=tickets, progress=progress)


def check_size(pool: Pool, size: int) -> None:
    """Refuse a size that is not a whole number from 1 to the number of people.

    Raises
    ------
    BadSize
    """
    if type(size) is not int or not 1 <= size <= len(pool.people):
        raise BadSize(found=size, least=1, most=len(pool.people))
