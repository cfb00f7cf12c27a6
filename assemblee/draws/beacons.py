"""The public randomness a draw may wait for: the drand network, a national lottery, or balls in the room."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import drand_verify

from assemblee.refusal import Refusal
from sortition import protocol

WITNESSES = 2
# Both lotteries publish their drawings by this clock.
DRAWN_IN = ZoneInfo("Europe/Paris")
SIGNATURE_BYTES = 48

QUICKNET = {
    "network": "quicknet",
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "key": (
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d"
        "1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    "genesis": 1692803367,
    "period": 3,
}


@dataclass(frozen=True)
class Group:
    """Numbers that come out of one urn together: how many, and between which bounds."""

    name: str
    count: int
    least: int
    most: int


@dataclass(frozen=True)
class Numbers:
    """A public drawing of numbers that guarantors type in."""

    kind: str
    source: str
    groups: tuple[Group, ...]


DRAWINGS: Mapping[str, Numbers] = {
    "loto": Numbers(
        "lottery",
        "Loto (FDJ)",
        (Group("Numéros", 5, 1, 49), Group("Numéro Chance", 1, 1, 10)),
    ),
    "euromillions": Numbers(
        "lottery", "EuroMillions", (Group("Numéros", 5, 1, 50), Group("Étoiles", 2, 1, 12))
    ),
    "balls": Numbers(
        "balls",
        "Boules tirées en séance publique",
        (Group("Centaines", 1, 0, 9), Group("Dizaines", 1, 0, 9), Group("Unités", 1, 0, 9)),
    ),
}
BEACONS = ("drand", *DRAWINGS)


def first_round(moment: datetime) -> int:
    """Return the first round of quicknet that comes out at a moment or after it."""
    genesis, period = int(str(QUICKNET["genesis"])), int(str(QUICKNET["period"]))
    return max(1, -(-(int(moment.timestamp()) - genesis) // period) + 1)


def round_time(number: int) -> datetime:
    """Return when a round of quicknet comes out."""
    genesis, period = int(str(QUICKNET["genesis"])), int(str(QUICKNET["period"]))
    return datetime.fromtimestamp(genesis, UTC) + timedelta(seconds=(number - 1) * period)


def announce(name: str, moment: datetime) -> tuple[dict[str, Any], datetime]:
    """Return a beacon as ``draw.json`` announces it, and the moment from which it may be recorded.

    Raises
    ------
    Refusal
        `beacon-unknown`.
    """
    if name == "drand":
        number = first_round(moment)
        return {"kind": "drand", **QUICKNET, "round": number}, round_time(number)
    if name not in DRAWINGS:
        raise Refusal("beacon-unknown", status=422)
    drawing = DRAWINGS[name]
    return {
        "kind": drawing.kind,
        "source": drawing.source,
        "date": moment.astimezone(DRAWN_IN).date().isoformat(),
        "groups": [vars(group) for group in drawing.groups],
        "witnesses": WITNESSES,
    }, moment


def could_be_known(announced: Mapping[str, Any], moment: datetime) -> bool:
    """Return whether a national lottery may have drawn by a moment: it says the day, not the hour."""
    day = moment.astimezone(DRAWN_IN).date().isoformat()
    return announced["kind"] == "lottery" and day >= str(announced["date"])


def checked_numbers(announced: Mapping[str, Any], numbers: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return drawn numbers in their order of record.

    Raises
    ------
    Refusal
        `beacon-numbers-wrong`, with the name of the group and what it takes.
    """
    ordered = [sorted(group) for group in numbers]
    for place, group in enumerate(announced["groups"]):
        drawn = ordered[place] if place < len(ordered) else []
        within = all(group["least"] <= number <= group["most"] for number in drawn)
        if len(drawn) != group["count"] or len(set(drawn)) != len(drawn) or not within:
            raise Refusal("beacon-numbers-wrong", status=422, **group)
    return ordered


def checked_signature(announced: Mapping[str, Any], signature: str) -> bytes:
    """Return the signature of the announced round.

    Raises
    ------
    Refusal
        `beacon-signature-wrong`: not the one that the network made for this round.
    """
    try:
        raw = bytes.fromhex(signature.strip())
    except ValueError:
        raw = b""
    try:
        drand_verify.verify_quicknet(announced["round"], raw.hex())
    except ValueError:
        raise Refusal("beacon-signature-wrong", status=422, round=announced["round"]) from None
    return raw


def value(recorded: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes of a recorded beacon."""
    if recorded["kind"] == "drand":
        return hashlib.sha256(bytes.fromhex(recorded["signature"])).digest()
    return protocol.numbers_beacon(recorded["numbers"])
