from __future__ import annotations

from datetime import date

import pytest

from assemblee.tabular import scan_table
from sortition.derivation import AgeBands, Districts, Underivable, read_bands, read_postcodes, rule_of
from sortition.people import mapping_problems, people_of, propose
from tests.sweeps import swept

ON = date(2027, 1, 15)
BANDS = read_bands(["16–39 ans: 16-39", "40 à 59 ans : 40 – 59", "60 ans et plus = 60-"], ON)
PLACES = read_postcodes(["01 210: Nord", "75001 = Centre", "75002: Centre"])


@swept(
    ("text", "value"),
    [
        ("2011", "16–39 ans"),
        ("1988.0", "16–39 ans"),
        ("1987", "40 à 59 ans"),
        ("15/01/1987", "40 à 59 ans"),
        ("16/01/1987", "16–39 ans"),
        ("1987-01-16 00:00:00", "16–39 ans"),
        ("1.2.1950", "60 ans et plus"),
        ("29/02/1988", "16–39 ans"),
    ],
)
def test_a_band_follows_from_a_birth_by_the_age_on_the_day(text: str, value: str) -> None:
    assert BANDS.value_of(text) == value
    assert rule_of(BANDS.to_document()).value_of(text) == value


@swept(
    ("text", "code"),
    [
        ("", "not-a-birth"),
        ("young", "not-a-birth"),
        ("84", "not-a-birth"),
        ("2984", "birth-impossible"),
        ("1850", "birth-impossible"),
        ("31/02/1980", "birth-impossible"),
        ("2012", "outside-bands"),
        ("2011-01-16", "outside-bands"),
    ],
)
def test_a_birth_without_a_band_says_why(text: str, code: str) -> None:
    with pytest.raises(Underivable, match=code):
        BANDS.value_of(text)


@swept(
    ("lines", "code"),
    [
        ([], "bands-empty"),
        (["16-39"], "bad-band"),
        (["a: 16-39", "b: 39-"], "bands-overlap"),
        (["a: 16-", "b: 40-"], "bands-overlap"),
        (["a: 39-16"], "bands-overlap"),
    ],
)
def test_bands_that_are_none_are_refused(lines: list[str], code: str) -> None:
    with pytest.raises(Underivable, match=code):
        read_bands(lines, ON)


def test_a_district_follows_from_a_postcode_and_a_lost_nought_is_put_back() -> None:
    assert [PLACES.value_of(text) for text in ("01210", "1210", "1210.0", "75 001")] == ["Nord"] * 3 + [
        "Centre"
    ]
    assert isinstance(rule_of(PLACES.to_document()), Districts)
    with pytest.raises(Underivable, match="postcode-unknown"):
        PLACES.value_of("99999")


@swept(
    ("lines", "code"),
    [
        ([], "postcodes-empty"),
        (["75001"], "bad-postcode"),
        (["75001: Nord", "75 001: Sud"], "postcode-twice"),
        ([f"{number:05}: Nord" for number in range(2001)], "postcodes-too-many"),
    ],
)
def test_postcodes_that_are_none_are_refused(lines: list[str], code: str) -> None:
    with pytest.raises(Underivable, match=code):
        read_postcodes(lines)


def test_columns_of_births_and_postcodes_are_found_and_their_words_kept() -> None:
    assert isinstance(BANDS, AgeBands)
    rules = {"Âge": BANDS, "Secteur": PLACES}
    categories = {"Âge": [band.value for band in BANDS.bands], "Secteur": ["Nord", "Centre"]}
    table, _ = scan_table(b"id;N\xc3\xa9(e) en;CP\n1;1984;1210\n2;2984;1210\n3;1950;99\n", "p.csv")
    mapped = propose(table.header, categories, rules=rules)
    assert mapped == {"id": "id", "Né(e) en": "source:Âge", "CP": "source:Secteur"}
    assert mapping_problems(table, categories, mapped) == []
    found = people_of(table, categories, mapped, rules=rules)
    assert found.people[0].traits == {"Âge": "40 à 59 ans", "Secteur": "Nord"}
    assert found.people[0].sources == {"Âge": "1984", "Secteur": "1210"}
    assert [(one.line, one.column, one.code) for one in found.problems] == [
        (3, "Âge", "birth-impossible"),
        (4, "Secteur", "postcode-unknown"),
    ]
    plain, _ = scan_table("id;âge;CP\n1;60 ans et plus;75001\n".encode(), "p.csv")
    mapped = propose(plain.header, categories, rules=rules)
    assert mapped["âge"] == "trait:Âge", "a file that holds the band itself needs no birth"
