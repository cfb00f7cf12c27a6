"""Somebody who holds the whole database, its files, the logs and the web log, and looks for who voted what.

Every order that anything stands in is tried against every other: that of people against that of ballots. A
link shows as more people than chance matched with their own ballot, or as two orders that go together.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text

from assemblee.db import Store


@dataclass
class Loot:
    """What was taken, and the truth that the attacker does not have.

    Parameters
    ----------
    truth : mapping of int to str
        The token, in hexadecimal, of each entry of the roll.
    web_log : list of (str, str, str)
        Address, method and path of each request, in their order.
    paths : mapping of int to str
        What in a path names an entry of the roll.
    """

    store: Store
    consultation: int
    truth: Mapping[int, str]
    web_log: Sequence[tuple[str, str, str]] = ()
    paths: Mapping[int, str] = field(default_factory=dict)
    addresses: Mapping[int, str] = field(default_factory=dict)


Order = dict[Any, float]
"""What stands where: a place for each person, or for each ballot."""


def _rows(loot: Loot, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table with whatever the store itself knows of them."""
    hidden = "ctid::text AS ctid, xmin::text::bigint AS xmin, cmin::text::bigint AS cmin, "
    with loot.store.engine.connect() as connection:
        if loot.store.is_sqlite:
            has_rowid = table in {"roll_entry", "named_ballot"}
            hidden = "rowid AS row_place, " if has_rowid else ""
        query = text(f"SELECT {hidden}* FROM {table} WHERE consultation_id = :number")
        return [dict(row._mapping) for row in connection.execute(query, {"number": loot.consultation})]


def _orders(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, Order]:
    """Return the order of the rows by each of their columns, and the order in which the store gave them."""
    found: dict[str, Order] = {"as given": {row[key]: place for place, row in enumerate(rows)}}
    for column in rows[0] if rows else ():
        values = [row[column] for row in rows]
        if len({repr(value) for value in values}) < len(rows) / 2 or None in values:
            continue
        ranked = sorted(range(len(rows)), key=lambda place: _comparable(values[place]))
        found[column] = {rows[place][key]: rank for rank, place in enumerate(ranked)}
    return found


def _comparable(value: Any) -> Any:  # noqa: ANN401 - any cell
    if isinstance(value, str) and value.startswith("("):
        return tuple(map(int, value.strip("()").split(",")))
    return value


def _file_orders(loot: Loot, marks: Mapping[Any, Sequence[bytes]]) -> dict[str, Order]:
    """Return the order in which things stand in the files of the database, first and last."""
    if not loot.store.is_sqlite:
        return {}
    path = Path(str(loot.store.url.database))
    found: dict[str, Order] = {}
    for part in (path, path.with_name(path.name + "-wal")):
        content = part.read_bytes() if part.exists() else b""
        first = {
            one: min((content.find(mark) for mark in some if mark in content), default=-1)
            for one, some in marks.items()
        }
        last = {one: max(content.rfind(mark) for mark in some) for one, some in marks.items()}
        for name, places in ((f"first in {part.name}", first), (f"last in {part.name}", last)):
            known: Order = {one: place for one, place in places.items() if place >= 0}
            if len(known) > len(marks) / 2:
                found[name] = known
    return found


def people(loot: Loot) -> dict[str, Order]:
    """Return every order that the people stand in."""
    rows = [row for row in _rows(loot, "roll_entry") if row["id"] in loot.truth]
    found = _orders(rows, "id")
    names = {row["id"]: [row["nonce"].encode(), row["salt"].encode()] for row in rows}
    found |= _file_orders(loot, names)
    by_path = {path: entry for entry, path in loot.paths.items()}
    by_address = {address: entry for entry, address in loot.addresses.items()}
    marked = [by_path[path] for _, method, path in loot.web_log if method == "POST" and path in by_path]
    sent = [by_address[who] for who, method, path in loot.web_log if path.endswith("/ballots")]
    for name, some in (("marked in the web log", marked), ("sent in the web log", sent)):
        if some:
            found[name] = {entry: place for place, entry in enumerate(dict.fromkeys(some))}
    return found


def ballots(loot: Loot) -> dict[str, Order]:
    """Return every order that the ballots stand in: counted, or still in the box."""
    rows = _rows(loot, "ballot")
    found = _orders(rows, "token")
    tokens = [str(row["token"]) for row in rows] or list(loot.truth.values())
    marks = {token: [token.encode(), bytes.fromhex(token)] for token in tokens}
    found |= _file_orders(loot, marks)
    box = b"".join(row["content"] for row in _rows(loot, "box_part"))
    if box:
        found["in the box"] = {token: box.find(bytes.fromhex(token)) for token in tokens}
    codes = [row["digest"] for row in _rows(loot, "voting_code")]
    assert not codes or not rows, "codes are thrown away with the count"
    return found


@dataclass(frozen=True)
class Link:
    """How well one order of people goes with one order of ballots."""

    who: str
    what: str
    matched: int
    correlation: float
    likelihood: float


def attack(loot: Loot, shuffles: int = 2_000) -> list[Link]:
    """Try every order of people against every order of ballots, forwards and backwards.

    Returns
    -------
    list of Link
        The most telling first. ``likelihood`` is how often chance alone does as well, by a permutation test
        continued by the normal tail where no shuffle did.
    """
    source = np.random.default_rng(1)
    found = []
    for (who, ones), (what, others) in itertools.product(people(loot).items(), ballots(loot).items()):
        pairs = [
            (ones[entry], others[token])
            for entry, token in loot.truth.items()
            if entry in ones and token in others
        ]
        if len(pairs) < len(loot.truth) / 2:
            continue
        left, right = _ranks([one for one, _ in pairs]), _ranks([other for _, other in pairs])
        matched = max(
            sum(a == b for a, b in zip(left, right, strict=True)),
            sum(a == len(right) - 1 - b for a, b in zip(left, right, strict=True)),
        )
        found.append(Link(who, what, matched, *_correlation(left, right, shuffles, source)))
    return sorted(found, key=lambda link: link.likelihood)


def _ranks(values: Sequence[float]) -> list[int]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return ranks


def _correlation(
    left: Sequence[int], right: Sequence[int], shuffles: int, source: np.random.Generator
) -> tuple[float, float]:
    """Return Spearman's correlation, and how likely chance makes it as far from nought."""
    size = len(left)
    middle = (size - 1) / 2
    ones, others = np.array(left) - middle, np.array(right) - middle
    spread = ones @ ones
    found = float(ones @ others / spread)
    shuffled = source.permuted(np.tile(others, (shuffles, 1)), axis=1)
    better = int(np.count_nonzero(np.abs(shuffled @ ones / spread) >= abs(found)))
    tail = math.erfc(abs(found) * math.sqrt(size - 1) / math.sqrt(2))
    return found, better / shuffles if better else min(tail, 1 / shuffles)
