"""The protocol ``asm-draw-1``: the bytes of a draw that anyone can replay; ``docs/verify.md`` says them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from sortition.certificate import Certificate
from sortition.lottery import Lottery, Optimality, Panel, draw
from sortition.pool import Pool
from sortition.quotas import Quotas, scaled
from sortition.stream import Stream, shuffled

PROTOCOL = "asm-draw-1"
LENGTH_BYTES = 8


def canonical_bytes(value: object) -> bytes:
    """Return the RFC 8785 bytes of a value of whole numbers, text and ASCII keys.

    Examples
    --------
    >>> canonical_bytes({"b": 1, "a": "é"}).decode()
    '{"a":"é","b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(tag: str, *parts: bytes | str) -> bytes:
    """Return the SHA-256 of a tag and parts, each after its length (section 1).

    Examples
    --------
    >>> digest("asm-draw-1/commit", b"{}").hex()[:16]
    '2b1b2c3c6d9d7ed2'
    """
    total = hashlib.sha256()
    for part in (tag, *parts):
        raw = part.encode() if isinstance(part, str) else part
        total.update(len(raw).to_bytes(LENGTH_BYTES) + raw)
    return total.digest()


def commit(frozen: bytes) -> bytes:
    """Return the commitment to the bytes of ``draw.json`` (section 3)."""
    return digest(f"{PROTOCOL}/commit", frozen)


def sealed_row(salt: bytes, traits: Sequence[str]) -> str:
    """Return what a sealed draw publishes of a person's traits (section 3)."""
    return digest(f"{PROTOCOL}/row", salt, canonical_bytes(list(traits))).hex()


def quotas_document(quotas: Quotas) -> list[dict[str, Any]]:
    """Return quotas as ``draw.json`` holds them."""
    return [
        {
            "category": category,
            "cells": [{"value": cell.value, "min": cell.minimum, "max": cell.maximum} for cell in cells],
        }
        for category, cells in quotas.categories.items()
    ]


def counts(pool: Pool, members: Iterable[int]) -> list[list[int]]:
    """Return how many members hold each value of each category."""
    held = [[0] * len(values) for values in pool.values]
    for member in members:
        for column, value in enumerate(pool.traits[member].tolist()):
            held[column][value] += 1
    return held


def lottery_document(
    lottery: Lottery, commitment: bytes, pool: Pool, quotas: Quotas, certificate: Certificate
) -> dict[str, Any]:
    """Return ``lottery.json`` (section 4): panels in the order that the commitment gives them."""
    fractions = sorted(set(lottery.exact))
    places = {fraction: place for place, fraction in enumerate(fractions)}
    excluded = set(lottery.excluded)
    bound = certificate.bound(pool, quotas, lottery.size)
    minimum = min(
        chance for person, chance in zip(pool.people, lottery.exact, strict=True) if person not in excluded
    )
    ordered = sorted(
        lottery.panels,
        key=lambda panel: hashlib.sha256(
            commitment + canonical_bytes([pool.people[member] for member in panel.members])
        ).digest(),
    )
    return {
        "format": f"{PROTOCOL}/lottery",
        "commit": commitment.hex(),
        "panels": [{"tickets": panel.tickets, "members": list(panel.members)} for panel in ordered],
        "chances": {
            "fractions": [_digits(fraction) for fraction in fractions],
            "people": [places[chance] for chance in lottery.exact],
        },
        "rounding": ceil(lottery.largest_rounding_error * lottery.tickets),
        "excluded": [place for place, person in enumerate(pool.people) if person in excluded],
        "certificate": {
            "denominator": str(certificate.denominator),
            "size": str(certificate.size),
            "quotas": [[str(most), str(least)] for most, least in certificate.quotas],
            "weights": [str(weight) for weight in certificate.weights],
            "bound": _digits(bound),
            "minimum": _digits(minimum),
            "proved": bound == minimum,
        },
    }


def read_lottery(document: Mapping[str, Any], people: Sequence[str], rule: str) -> Lottery:
    """Read back a ``lottery.json`` that this package wrote; its panels keep their order."""
    fractions = [Fraction(int(above), int(below)) for above, below in document["chances"]["fractions"]]
    certificate = document["certificate"]
    panels = tuple(Panel(panel["tickets"], tuple(panel["members"])) for panel in document["panels"])
    return Lottery(
        rule=rule,
        size=len(panels[0].members),
        tickets=sum(panel.tickets for panel in panels),
        people=tuple(people),
        exact=tuple(fractions[place] for place in document["chances"]["people"]),
        panels=panels,
        optimality=Optimality(
            str(Fraction("/".join(certificate["minimum"]))),
            str(Fraction("/".join(certificate["bound"]))),
            certificate["proved"],
        ),
        excluded=tuple(people[place] for place in document["excluded"]),
    )


def _digits(fraction: Fraction) -> list[str]:
    return [str(fraction.numerator), str(fraction.denominator)]


def guarantor_commitment(name: str, commitment: bytes, secret: bytes) -> bytes:
    """Return the hash by which a guarantor is bound to a secret (section 5)."""
    return digest(f"{PROTOCOL}/guarantor", name, commitment, secret)


def cosign_text(number: int, commitment: bytes, lottery_hash: bytes, bound_secret: bytes) -> str:
    """Return what a guarantor signs (section 5)."""
    return (
        f"{PROTOCOL}/cosign\ndraw {number}\ncommit {commitment.hex()}\n"
        f"lottery {lottery_hash.hex()}\nsecret {bound_secret.hex()}\n"
    )


def cancel_text(number: int, commitment: bytes, reason: str) -> str:
    """Return what guarantors sign to cancel a frozen draw (section 5)."""
    fingerprint = hashlib.sha256(reason.encode()).hexdigest()
    return f"{PROTOCOL}/cancel\ndraw {number}\ncommit {commitment.hex()}\nreason {fingerprint}\n"


def numbers_beacon(numbers: Sequence[Sequence[int]]) -> bytes:
    """Return the beacon that drawn numbers give (section 6)."""
    return digest(f"{PROTOCOL}/beacon", canonical_bytes([list(group) for group in numbers]))


def seed(commitment: bytes, lottery_hash: bytes, secrets: Mapping[str, bytes], beacon: bytes) -> bytes:
    """Return the seed of the choice (section 7).

    Parameters
    ----------
    commitment, lottery_hash, beacon : bytes
        32 bytes each.
    secrets : mapping of str to bytes
        The 32 bytes that each guarantor showed in time, by name.
    """
    shown = sorted(secrets.items(), key=lambda pair: pair[0].encode())
    parts = [part for name, secret in shown for part in (name.encode(), secret)]
    return digest(f"{PROTOCOL}/seed", commitment, lottery_hash, *parts, beacon)


@dataclass(frozen=True)
class Choice:
    """What a seed chooses: a ticket, the place of its panel, its members, and alternates in their order."""

    seed: bytes
    ticket: int
    panel: int
    members: tuple[str, ...]
    alternates: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def to_document(self) -> dict[str, Any]:
        """Return ``result.json`` (section 7)."""
        return {
            "seed": self.seed.hex(),
            "ticket": self.ticket,
            "panel": self.panel,
            "members": list(self.members),
            "alternates": list(self.alternates),
            "counts": [list(row) for row in self.counts],
        }


def choose(lottery: Lottery, pool: Pool, quotas: Quotas, alternates: int, seed: bytes) -> Choice:
    """Choose the panel and its alternates (section 7).

    Parameters
    ----------
    lottery : Lottery
        Its panels in the order of ``lottery.json``.
    """
    drawn = draw(lottery, seed)
    places = lottery.panels[drawn.panel].members
    excluded = {place for place, person in enumerate(pool.people) if person in set(lottery.excluded)}
    rest = [place for place in range(len(pool.people)) if place not in excluded | set(places)]
    order = [rest[place] for place in shuffled(len(rest), Stream(seed, "alternates"))]
    chosen = _within_scaled_quotas(order, pool, quotas, alternates, lottery.size)
    return Choice(
        seed=seed,
        ticket=drawn.ticket,
        panel=drawn.panel,
        members=drawn.members,
        alternates=tuple(pool.people[place] for place in chosen),
        counts=tuple(tuple(row) for row in counts(pool, places)),
    )


def _within_scaled_quotas(
    order: Sequence[int], pool: Pool, quotas: Quotas, alternates: int, size: int
) -> list[int]:
    """Take people in order as long as their cells have room, then those who were passed over."""
    room = [
        [cell.maximum for cell in cells] for cells in scaled(quotas, size, alternates).categories.values()
    ]
    taken: list[int] = []
    passed: list[int] = []
    for place in order:
        traits = pool.traits[place].tolist()
        if len(taken) < alternates and all(room[column][value] for column, value in enumerate(traits)):
            taken.append(place)
            for column, value in enumerate(traits):
                room[column][value] -= 1
        else:
            passed.append(place)
    return [*taken, *passed][:alternates]
