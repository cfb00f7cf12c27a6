from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assemblee.tabular.words import SYNONYMS, alike, column_for, column_named, proposed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("16-34 ans", "16\u201334\u00a0ANS"),
        ("16 - 34 ans", "16\u221234 ans"),
        ("Île-de-France", "ile de-france".replace(" de", "-de")),
        ("d’Oise", "D'OISE"),
        ("d`oise", "d´oise"),
        ("code_postal", "Code postal"),
        ("1,0", "1"),
        ("+2.00", "+2"),
        ("Straße", "STRASSE"),
        ("ﬁn", "fin"),
        ("oui / non", "Oui/Non"),
        (" deux\n mots ", "deux mots"),
    ],
)
def test_texts_that_look_alike_have_one_form(one: str, other: str) -> None:
    assert alike(one) == alike(other)


@pytest.mark.parametrize(("one", "other"), [("1,5", "15"), ("a b", "ab"), ("16-34", "1634"), ("1.0.0", "1")])
def test_texts_that_differ_in_what_they_say_do_not(one: str, other: str) -> None:
    assert alike(one) != alike(other)


@given(st.text())
@settings(deadline=None)
def test_what_is_alike_stays_so(text: str) -> None:
    assert alike(alike(text)) == alike(text)


def test_long_texts_are_compared_and_not_kept() -> None:
    tracemalloc.start()
    for number in range(40):
        assert alike(f"É{number}" + "x" * 32_000).startswith(f"e{number}")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 500_000


def test_a_word_is_proposed_only_where_one_known_word_looks_like_it() -> None:
    assert proposed("FEMME", ("Femme", "Homme")) == "Femme"
    assert proposed("autre", ("Femme", "Homme")) == ""
    assert proposed("femme", ("Femme", "FEMME")) == ""
    assert proposed("", ("", "Homme")) == ""


def test_a_column_is_found_by_its_name_or_by_the_only_one_that_looks_like_it() -> None:
    assert column_named(("Âge", "âge"), "âge") == "âge"
    assert column_named(("ÂGE ", "genre"), "Age") == "ÂGE "
    assert column_named(("ÂGE", "age"), "Âge") is None
    assert column_named(iter(["genre"]), "Genre") == "genre"
    assert column_named((), "Genre") is None
    assert column_named(("GENRE :", "âge"), "Genre") == "GENRE :"
    assert column_named(("Genre :", "genre"), "Genre") == "genre"
    assert column_named(("Genre :", "genre *"), "Genre") is None
    assert column_named(("", "?"), "...") is None


@pytest.mark.parametrize(
    ("header", "meaning", "found"),
    [
        (("Réf.", "Nom"), "id", "Réf."),
        (("Tél. :", "Mobile"), "phone", "Tél. :"),
        (("E-mail *", "x"), "email", "E-mail *"),
        (("nbre", "MINIMUM"), "min", "MINIMUM"),
        (("Numéro", "Identifiant"), "id", "Identifiant"),
        (("Prénom", "NOM"), "last name", "NOM"),
        (("x", "y"), "id", None),
    ],
)
def test_a_column_is_found_by_its_usual_words(
    header: tuple[str, ...], meaning: str, found: str | None
) -> None:
    assert column_for(header, meaning) == found


def test_of_two_columns_of_one_word_the_first_is_taken_that_is_left() -> None:
    assert column_for(("Nom", "NOM"), "last name") == "Nom"
    assert column_for(("Nom", "NOM"), "last name", {"Nom"}) == "NOM"
    assert column_for(("Nom",), "last name", ["Nom"]) is None


def test_every_usual_word_is_written_as_it_is_compared() -> None:
    for listed in SYNONYMS.values():
        for word in listed:
            assert alike(word).rstrip(" :?*.") == word
        assert len(set(listed)) == len(listed)
