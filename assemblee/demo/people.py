"""The invented inhabitants of the demo: who volunteers, who is on the register, who signs."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from functools import cache

import sortition
from sortition.quotas import census_quotas

INHABITANTS = 72_000
VOLUNTEERS = 3_000
SIZE = 100
SEED = hashlib.sha256(b"a constituency that does not exist").digest()

DISTRICT = "Quartier"
# Per thousand: how common a value is among the inhabitants, and how readily its people volunteer.
Shares = Mapping[str, tuple[int, int]]
CATEGORIES: Mapping[str, Shares] = {
    "Genre": {"Femmes": (517, 880), "Hommes": (483, 1000)},
    "Âge": {
        "16–24 ans": (136, 450),
        "25–39 ans": (234, 700),
        "40–59 ans": (318, 900),
        "60 ans et plus": (312, 1000),
    },
    DISTRICT: {
        "Port-aux-Saules": (302, 1000),
        "Hautes-Vignes": (236, 800),
        "Le Faubourg": (288, 550),
        "Les Trois-Ponts": (174, 650),
    },
    "Diplôme": {"Aucun ou brevet": (262, 350), "CAP à bac": (391, 600), "Bac +2 et plus": (347, 1000)},
}
# Occupation depends on age, so that the pool has the odd corners of a real one.
OCCUPATIONS: Mapping[str, Shares] = {
    "16–24 ans": {"En études": (610, 1000), "En emploi": (270, 700), "Sans emploi": (120, 450)},
    "25–39 ans": {"En études": (30, 1000), "En emploi": (830, 700), "Sans emploi": (140, 500)},
    "40–59 ans": {"En emploi": (820, 800), "Sans emploi": (150, 550), "À la retraite": (30, 1000)},
    "60 ans et plus": {"En emploi": (170, 800), "Sans emploi": (30, 550), "À la retraite": (800, 1000)},
}
# fmt: off - one name a line would fill two screens
FIRST_NAMES = (
    "Aubeline",
    "Brumaël",
    "Calixandre",
    "Dorimène",
    "Eglantin",
    "Fanfreluche",
    "Garlonn",
    "Hyacinthe",
    "Isaure",
    "Jonquille",
    "Korrig",
    "Lunaire",
    "Mirabel",
    "Nuagette",
    "Orphéon",
    "Prunelin",
    "Quenotte",
    "Rosalbin",
    "Sylvestrin",
    "Tournesol",
)
LAST_NAMES = (
    "Beaurivage",
    "Clairelune",
    "Doucebrise",
    "Etoilebleue",
    "Fontorage",
    "Grandtilleul",
    "Hautenuée",
    "Lamontgolfière",
    "Merveillon",
    "Neigefondue",
    "Pasdebrume",
    "Quatrevents",
    "Ruisselet",
    "Songecreux",
    "Trèfleblanc",
    "Valdécume",
)
# fmt: on


def _choose(stream: sortition.Stream, shares: Shares) -> str:
    position = stream.below(sum(share for share, _zeal in shares.values()))
    for value, (share, _zeal) in shares.items():
        position -= share
        if position < 0:
            return value
    raise AssertionError(shares)


def _inhabitant(stream: sortition.Stream) -> dict[str, str]:
    traits = {category: _choose(stream, shares) for category, shares in CATEGORIES.items()}
    traits["Situation"] = _choose(stream, OCCUPATIONS[traits["Âge"]])
    return traits


def _comes_forward(stream: sortition.Stream, traits: Mapping[str, str]) -> bool:
    tables = {**CATEGORIES, "Situation": OCCUPATIONS[traits["Âge"]]}
    return all(stream.below(1000) < tables[category][value][1] for category, value in traits.items())


@cache
def population() -> tuple[tuple[str, dict[str, str]], ...]:
    """Return the invented volunteers, as names and traits, the same on every machine."""
    stream = sortition.Stream(SEED, "volunteers")
    people: list[tuple[str, dict[str, str]]] = []
    while len(people) < VOLUNTEERS:
        traits = _inhabitant(stream)
        if _comes_forward(stream, traits):
            first = FIRST_NAMES[stream.below(len(FIRST_NAMES))]
            last = LAST_NAMES[stream.below(len(LAST_NAMES))]
            people.append((f"{first} {last}", traits))
    return tuple(people)


def respondents(letters: str = "VB", first: int = 1, last: int = VOLUNTEERS) -> bytes:
    """Return invented volunteers as a file of people, as an organiser would bring it."""
    people = population()
    categories = list(people[0][1])
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["id", "nom", "courriel", *categories])
    for number, (name, traits) in enumerate(people[first - 1 : last], start=first):
        reference = f"{letters}{number:04}"
        email = f"volontaire-{reference.lower()}@demo.example"
        writer.writerow([reference, name, email, *(traits[category] for category in categories)])
    return text.getvalue().encode()


def quotas(tolerance: int = 1) -> tuple[sortition.Cell, ...]:
    """Return quotas of a panel of 100 around the shares of the inhabitants, so many people either way."""
    shares = {
        category: {value: share for value, (share, _zeal) in table.items()}
        for category, table in CATEGORIES.items()
    }
    situations: dict[str, int] = {}
    for age, table in OCCUPATIONS.items():
        for value, (share, _zeal) in table.items():
            situations[value] = situations.get(value, 0) + share * CATEGORIES["Âge"][age][0]
    shares["Situation"] = {value: round(share / 1000) for value, share in situations.items()}
    rows = [
        (category, value, share * 10) for category, table in shares.items() for value, share in table.items()
    ]
    return census_quotas(rows, SIZE, tolerance).cells


def districts() -> dict[str, int]:
    """Return the inhabitants over 16 of each district."""
    return {name: INHABITANTS * share // 1000 for name, (share, _zeal) in CATEGORIES[DISTRICT].items()}


def signers() -> list[tuple[str, str]]:
    """Return invented people, as names that differ and districts."""
    return list({name: traits[DISTRICT] for name, traits in population()}.items())
