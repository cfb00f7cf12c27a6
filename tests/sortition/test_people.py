from __future__ import annotations

from assemblee.tabular import Table, scan_table
from sortition.people import mapping_problems, people_of, propose

CATEGORIES = {"Genre": ("Femme", "Homme"), "Âge": ("16–34 ans", "35 ans et plus")}


def table(text: str) -> Table:
    found, problems = scan_table(text.encode(), "people.csv")
    assert problems == []
    return found


def test_the_usual_words_of_both_languages_name_columns() -> None:
    header = (
        "Numéro",
        "PRENOM",
        "Nom de famille",
        "Adresse e-mail",
        "Tél.",
        "Adresse",
        "genre",
        "AGE",
        "Note",
    )
    assert propose(header, CATEGORIES) == {
        "Numéro": "id",
        "PRENOM": "first name",
        "Nom de famille": "last name",
        "Adresse e-mail": "email",
        "Tél.": "phone",
        "Adresse": "address",
        "genre": "trait:Genre",
        "AGE": "trait:Âge",
        "Note": "",
    }


def test_one_column_of_names_is_the_whole_name_and_two_are_its_parts() -> None:
    assert propose(("nom",), {}) == {"nom": "name"}
    assert propose(("nom", "prénom"), {}) == {"nom": "last name", "prénom": "first name"}
    assert propose(("Nom complet", "nom"), {}) == {"Nom complet": "name", "nom": ""}


def test_a_category_is_never_taken_for_something_else() -> None:
    categories = {"Adresse": ("Nord", "Sud"), "id": ("a",)}
    assert propose(("id", "adresse"), categories) == {"id": "trait:id", "adresse": "trait:Adresse"}


def test_what_was_said_of_a_column_is_remembered_however_it_is_written() -> None:
    said = {"Sexe": "trait:Genre", "Portable": "", "Code": "trait:gone"}
    assert propose(("SEXE", "portable", "code"), CATEGORIES, said) == {
        "SEXE": "trait:Genre",
        "portable": "",
        "code": "id",
    }


def test_a_category_without_a_column_and_a_meaning_of_two_are_problems_of_the_header() -> None:
    people = table("a;b\n1;2\n")
    found = mapping_problems(people, CATEGORIES, {"a": "trait:Genre", "b": "trait:Genre"})
    assert [(problem.column, problem.code) for problem in found] == [
        ("Âge", "missing-column"),
        (None, "meaning-twice"),
    ]


def test_each_line_is_kept_or_has_its_problems_and_doubts_keep_nobody_out() -> None:
    people = table(
        "id;prénom;nom;mail;genre;âge\n"
        "1;Ana;Martin;ana@example.org;Femme;16–34 ans\n"
        "2;Bo;;ANA@example.org;Homme;16–34 ans\n"
        "3;ana;MARTIN;aucune;Femme;16–34 ans\n"
        ";Cy;;;-;-\n"
        "A;Di;;;femme;16-34 ans\n"
        "a;Ed;;;Homme;\n"
    )
    found = people_of(people, CATEGORIES, propose(people.header, CATEGORIES))
    assert [(one.line, one.reference, one.name) for one in found.people] == [
        (2, "1", "Ana Martin"),
        (3, "2", "Bo"),
        (4, "3", "ana MARTIN"),
    ]
    assert [(one.line, one.column, one.code, one.proposal) for one in found.problems] == [
        (5, "id", "empty-id", ""),
        (6, "Genre", "unknown-value", "Femme"),
        (6, "Âge", "unknown-value", "16–34 ans"),
        (7, "id", "duplicate-id", ""),
        (7, "Âge", "empty-value", ""),
    ]
    assert [(one.line, one.code) for one in found.doubts] == [
        (3, "shared-mailbox"),
        (4, "bad-email"),
        (4, "same-person"),
    ]


def test_a_word_is_read_as_another_only_where_somebody_said_so() -> None:
    people = table("id;genre;âge\n1;Woman;16–34 ans\n")
    mapped = propose(people.header, CATEGORIES)
    assert people_of(people, CATEGORIES, mapped).people == []
    said = people_of(people, CATEGORIES, mapped, replacements={"Genre": {"Woman": "Femme"}})
    assert said.people[0].traits == {"Genre": "Femme", "Âge": "16–34 ans"}


def test_who_goes_by_place_keeps_it_when_a_line_above_cannot_be_read() -> None:
    found, problems = scan_table("genre;âge\nFemme;16–34 ans\nFemme;x;y\nHomme;16–34 ans\n".encode(), "p.csv")
    assert [problem.line for problem in problems] == [3]
    people = people_of(found, CATEGORIES, propose(found.header, CATEGORIES)).people
    assert [(one.line, one.reference) for one in people] == [(2, "1"), (4, "3")]
