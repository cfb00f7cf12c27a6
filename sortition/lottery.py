"""A lottery: panels, each with a whole number of tickets, and what is known of its fairness."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NoReturn

from sortition.errors import BadLottery
from sortition.files import canonical
from sortition.stream import Stream

FORMAT = "assemblee-lottery-1"
DECIMALS = 13
MEMBERS = {"format", "rule", "size", "tickets", "people", "exact", "panels", "optimality", "excluded"}


@dataclass(frozen=True)
class Panel:
    """People who are drawn together, as ascending positions in ``Lottery.people``, and their tickets."""

    tickets: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class Optimality:
    """How near the smallest chance is to the best possible one.

    ``minimum`` and ``upper_bound`` are fractions such as ``"7/25"`` where they are exact, else decimals;
    ``proved`` says that both are exact and equal.
    """

    minimum: str
    upper_bound: str
    proved: bool


@dataclass(frozen=True)
class Lottery:
    """Panels of which one ticket, drawn with equal chances, chooses one.

    Attributes
    ----------
    rule : str
        Name of the rule that made it.
    size : int
        Members of each panel.
    tickets : int
        Tickets of all panels together.
    people : tuple of str
        Ids in canonical order.
    exact : tuple of Fraction
        The chance of each person before rounding to tickets. A lottery read from a document has them to
        13 decimals, which is what the document holds.
    panels : tuple of Panel
        Each once, ordered by members.
    optimality : Optimality
    excluded : tuple of str
        Ids of the people who are in no possible panel.
    """

    rule: str
    size: int
    tickets: int
    people: tuple[str, ...]
    exact: tuple[Fraction, ...]
    panels: tuple[Panel, ...]
    optimality: Optimality
    excluded: tuple[str, ...]

    @cached_property
    def chances(self) -> tuple[int, ...]:
        """Tickets of the panels each person is in; over ``tickets``, the chance of being drawn."""
        held = [0] * len(self.people)
        for panel in self.panels:
            for member in panel.members:
                held[member] += panel.tickets
        return tuple(held)

    @cached_property
    def largest_rounding_error(self) -> Fraction:
        """The largest distance between a person's chance in tickets and the exact one."""
        pairs = zip(self.chances, self.exact, strict=True)
        return max((abs(Fraction(held, self.tickets) - exact) for held, exact in pairs), default=Fraction(0))

    def to_document(self) -> dict[str, object]:
        """Return the JSON object that ``python -m sortition lottery`` writes."""
        return {
            "format": FORMAT,
            "rule": self.rule,
            "size": self.size,
            "tickets": self.tickets,
            "people": list(self.people),
            "exact": [decimal(chance) for chance in self.exact],
            "panels": [{"tickets": panel.tickets, "members": list(panel.members)} for panel in self.panels],
            "optimality": {
                "minimum": self.optimality.minimum,
                "upper_bound": self.optimality.upper_bound,
                "proved": self.optimality.proved,
            },
            "excluded": list(self.excluded),
        }

    def canonical_bytes(self) -> bytes:
        """Return the document as RFC 8785 bytes: what a published hash is taken of."""
        return json.dumps(
            self.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()

    @classmethod
    def from_document(cls, document: object) -> Lottery:
        """Read a document, checking every member.

        Raises
        ------
        BadLottery
            With the ``path`` of the first member that is wrong, and what was ``expected`` there.
        """
        top = _Member(document, "lottery").mapping(MEMBERS)
        if top["format"].value != FORMAT:
            top["format"].refuse(FORMAT)
        people = top["people"].names()
        if list(people) != sorted(people, key=canonical):
            top["people"].refuse("ids in canonical order")
        size = top["size"].whole(1, len(people))
        tickets = top["tickets"].whole(1)
        exact = tuple(member.chance() for member in top["exact"].items())
        if len(exact) != len(people):
            top["exact"].refuse("one chance a person")
        panels = tuple(_panel(member, size, len(people)) for member in top["panels"].items())
        if any(one.members >= after.members for one, after in pairwise(panels)):
            top["panels"].refuse("each panel once, ordered by members")
        if sum(panel.tickets for panel in panels) != tickets:
            top["panels"].refuse("tickets that sum to the tickets of the lottery")
        excluded = top["excluded"].names()
        if not set(excluded) <= set(people) or list(excluded) != sorted(excluded, key=canonical):
            top["excluded"].refuse("ids of people, in canonical order")
        optimality = top["optimality"].mapping({"minimum", "upper_bound", "proved"})
        return cls(
            rule=top["rule"].text(),
            size=size,
            tickets=tickets,
            people=people,
            exact=exact,
            panels=panels,
            optimality=Optimality(
                optimality["minimum"].number(),
                optimality["upper_bound"].number(),
                optimality["proved"].truth(),
            ),
            excluded=excluded,
        )


@dataclass(frozen=True)
class Drawn:
    """What a seed chooses: the ticket, counted from 0, its panel's position, and the ids of the members."""

    ticket: int
    panel: int
    members: tuple[str, ...]


def draw(lottery: Lottery, seed: bytes) -> Drawn:
    """Draw one ticket of a lottery.

    The tickets of the panels lie one after the other in the order of ``Lottery.panels``.

    Raises
    ------
    BadSeed
        If the seed is not 32 bytes.
    """
    ticket = Stream(seed, "panel").below(lottery.tickets)
    place, end = 0, lottery.panels[0].tickets
    while ticket >= end:
        place += 1
        end += lottery.panels[place].tickets
    members = tuple(lottery.people[member] for member in lottery.panels[place].members)
    return Drawn(ticket, place, members)


@dataclass(frozen=True)
class Statistics:
    """Figures of the chances that tickets give, all exact.

    ``gini`` is the Gini coefficient: 0 where all chances are equal, towards 1 where few people have them all.
    """

    minimum: Fraction
    maximum: Fraction
    mean: Fraction
    gini: Fraction


def statistics(lottery: Lottery) -> Statistics:
    """Return the figures of a lottery, from its tickets, over everyone in the pool."""
    held = sorted(lottery.chances)
    number, total = len(held), sum(held)
    spread = sum((2 * rank - number - 1) * value for rank, value in enumerate(held, start=1))
    return Statistics(
        minimum=Fraction(held[0], lottery.tickets),
        maximum=Fraction(held[-1], lottery.tickets),
        mean=Fraction(total, lottery.tickets * number),
        gini=Fraction(spread, number * total),
    )


def decimal(chance: Fraction) -> str:
    """Write a chance with 13 decimals, rounded half to even."""
    units = round(chance * 10**DECIMALS)
    return f"{units // 10**DECIMALS}.{units % 10**DECIMALS:0{DECIMALS}d}"


@dataclass(frozen=True)
class _Member:
    """A value of a document, and where it stands."""

    value: object
    path: str

    def refuse(self, expected: str) -> NoReturn:
        raise BadLottery(path=self.path, expected=expected)

    def mapping(self, names: set[str]) -> dict[str, _Member]:
        if not isinstance(self.value, Mapping) or set(self.value) != names:
            self.refuse("an object with " + ", ".join(sorted(names)))
        return {name: _Member(self.value[name], f"{self.path}.{name}") for name in names}

    def items(self) -> list[_Member]:
        if not isinstance(self.value, list) or not self.value:
            self.refuse("a list that is not empty")
        return [_Member(value, f"{self.path}[{place}]") for place, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value:
            self.refuse("a text")
        return self.value

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            self.refuse("true or false")
        return self.value

    def whole(self, least: int, most: int | None = None) -> int:
        value = self.value
        if type(value) is not int or value < least or (most is not None and value > most):
            self.refuse(f"a whole number from {least}" + ("" if most is None else f" to {most}"))
        return value

    def chance(self) -> Fraction:
        if not isinstance(self.value, str) or not re.fullmatch(rf"[01]\.[0-9]{{{DECIMALS}}}", self.value):
            self.refuse(f"a chance with {DECIMALS} decimals")
        chance = Fraction(self.value)
        if chance > 1:
            self.refuse("a chance of at most 1")
        return chance

    def number(self) -> str:
        text = self.text()
        if not re.fullmatch(r"[0-9]+(/[1-9][0-9]*|\.[0-9]+)?", text):
            self.refuse("a fraction or a decimal number")
        return text

    def names(self) -> tuple[str, ...]:
        if not isinstance(self.value, list):
            self.refuse("a list of ids")
        names = tuple(
            _Member(value, f"{self.path}[{place}]").text() for place, value in enumerate(self.value)
        )
        if len(set(names)) != len(names):
            self.refuse("each id once")
        return names


def _panel(member: _Member, size: int, people: int) -> Panel:
    parts = member.mapping({"tickets", "members"})
    members = tuple(part.whole(0, people - 1) for part in parts["members"].items())
    if len(members) != size or any(one >= after for one, after in pairwise(members)):
        parts["members"].refuse(f"{size} ascending positions of people")
    return Panel(parts["tickets"].whole(1), members)
