"""A brute-force leximin that shares nothing with the package: all panels, fractions, its own simplex."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

ONE, ZERO = Fraction(1), Fraction(0)

Row = Sequence[int]
Bounds = dict[tuple[int, int], tuple[int, int]]


def panels(traits: Sequence[Row], bounds: Bounds, size: int) -> list[tuple[int, ...]]:
    """List the panels of people that keep to the bounds of (column, value)."""
    return [
        chosen
        for chosen in combinations(range(len(traits)), size)
        if all(
            low <= sum(traits[person][column] == value for person in chosen) <= high
            for (column, value), (low, high) in bounds.items()
        )
    ]


def leximin(
    people: int, groups: Sequence[Sequence[int]], listed: Sequence[tuple[int, ...]]
) -> list[Fraction]:
    """Return everybody's chance.

    By symmetry and convexity people of a group have equal chances, so that a panel counts only by its numbers
    of each group.
    """
    vectors = sorted(
        {tuple(sum(person in panel for person in group) for group in groups) for panel in listed}
    )
    settled: dict[int, Fraction] = {}
    while len(settled) < len(groups):
        free = [place for place in range(len(groups)) if place not in settled]
        value = _best(vectors, groups, settled, [])[0]
        least = {**settled, **dict.fromkeys(free, value)}
        # The groups that no lottery of this level gives more than the level are settled at it.
        held = free
        while True:
            total, surplus = _best(vectors, groups, least, held)
            if total == 0:
                break
            held = [place for place in held if surplus[place] == 0]
        settled |= dict.fromkeys(held, value)
    chances = [ZERO] * people
    for place, group in enumerate(groups):
        for person in group:
            chances[person] = settled[place]
    return chances


def _best(
    vectors: list[tuple[int, ...]],
    groups: Sequence[Sequence[int]],
    least: dict[int, Fraction],
    raised: Sequence[int],
) -> tuple[Fraction, list[Fraction]]:
    """Maximise what some groups have above their least, or the smallest chance of those without a least.

    Columns: a weight for each panel, the value, then what each group has above its least or above the value.
    """
    rows, right = [], []
    number, width = len(vectors), len(vectors) + 1 + len(groups)
    for place, group in enumerate(groups):
        row = [Fraction(vector[place], len(group)) for vector in vectors]
        row += [ZERO] * (1 + len(groups))
        row[number + 1 + place] = -ONE
        if place not in least:
            row[number] = -ONE
        rows.append(row)
        right.append(least.get(place, ZERO))
    rows.append([ONE] * number + [ZERO] * (1 + len(groups)))
    right.append(ONE)
    cost = [ZERO] * width
    for column in [number + 1 + place for place in raised] or [number]:
        cost[column] = ONE
    value, solution = simplex(rows, right, cost)
    return value, [solution.get(number + 1 + place, ZERO) for place in range(len(groups))]


def simplex(
    rows: list[list[Fraction]], right: list[Fraction], cost: list[Fraction]
) -> tuple[Fraction, dict[int, Fraction]]:
    """Maximise ``cost @ x`` over ``rows @ x = right``, ``x >= 0``; two phases, Bland's rule."""
    height, width = len(rows), len(cost)
    table = []
    for place, (row, value) in enumerate(zip(rows, right, strict=True)):
        sign = -1 if value < 0 else 1
        unit = [ONE if place == column else ZERO for column in range(height)]
        table.append([*(sign * entry for entry in row), *unit, sign * value])
    basis = list(range(width, width + height))
    first = [ZERO] * width + [-ONE] * height
    assert _pivot(table, basis, first, width + height) == 0
    for place, column in enumerate(basis):
        if column >= width:
            entering = next((other for other in range(width) if table[place][other]), None)
            if entering is not None:
                _enter(table, basis, place, entering)
    value = _pivot(table, basis, cost + [ZERO] * height, width)
    return value, {column: row[-1] for column, row in zip(basis, table, strict=True)}


def _pivot(table: list[list[Fraction]], basis: list[int], cost: list[Fraction], width: int) -> Fraction:
    while True:
        prices = [cost[column] for column in basis]
        entering = None
        for column in range(width):
            if column in basis:
                continue
            reduced = cost[column] - sum(
                (
                    price * row[column]
                    for price, row in zip(prices, table, strict=True)
                    if price and row[column]
                ),
                ZERO,
            )
            if reduced > 0:
                entering = column
                break
        if entering is None:
            return sum((price * row[-1] for price, row in zip(prices, table, strict=True)), ZERO)
        ratios = [
            (row[-1] / row[entering], basis[place], place)
            for place, row in enumerate(table)
            if row[entering] > 0
        ]
        _enter(table, basis, min(ratios)[2], entering)


def _enter(table: list[list[Fraction]], basis: list[int], leaving: int, entering: int) -> None:
    pivot = table[leaving][entering]
    table[leaving] = [entry / pivot for entry in table[leaving]]
    for place, row in enumerate(table):
        if place != leaving and row[entering]:
            factor = row[entering]
            table[place] = [
                entry - factor * other if other else entry
                for entry, other in zip(row, table[leaving], strict=True)
            ]
    basis[leaving] = entering
