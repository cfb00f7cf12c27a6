from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

import sortition
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools import actions, importing, imports, queries
from assemblee.pools.models import ImportDraft, Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from tests import make
from tests.answers import refused

Plan = imports.Preview


def plan(store: Store, pool: Pool, content: bytes, id_column: str | None = None) -> Plan:
    with store.reading() as session:
        row = session.get_one(Pool, pool.id)
        choices = imports.Choices(columns={id_column: "id"} if id_column else {}).to_document()
        draft = ImportDraft(pool_id=pool.id, file_name="people.csv", content=content, choices=choices)
        return imports.preview(session, row, draft)


def counts(store: Store, pool: Pool) -> dict[str, int]:
    with store.reading() as session:
        return queries.state_counts(session, pool)


def test_the_same_file_twice_changes_nothing(store: Store, pool: Pool) -> None:
    assert counts(store, pool) == {"volunteer": 12, "withdrawn": 0, "erased": 0}
    again = plan(store, pool, make.respondents(12))
    assert (again.lines, len(again.new), len(again.changed), again.unchanged) == (12, 0, 0, 12)
    make.import_people(store, pool, make.respondents(12))
    assert make.leaves(store, "people-imported") == 1


def test_a_preview_tells_new_changed_and_refused_lines(store: Store, pool: Pool) -> None:
    lines = make.respondents(13).decode().splitlines()
    lines[1] = lines[1].replace("Femmes", "Hommes")
    lines[2] = lines[2].replace("Hommes", "Martiens")
    lines[3] = lines[3].replace("P003", "")
    lines.append(lines[5])
    found = plan(store, pool, "\n".join(lines).encode())
    assert (found.lines, len(found.new), len(found.changed), found.unchanged) == (14, 1, 1, 9)
    assert [(problem.line, problem.column, problem.code) for problem in found.refused] == [
        (3, "Genre", "unknown-value"),
        (4, "id", "empty-id"),
        (15, "id", "duplicate-id"),
    ]
    assert counts(store, pool)["volunteer"] == 12, "a preview writes nothing"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"id;Genre\nP1;Femmes\n", "missing-column"),
        (b"id,Genre,Genre\n", "duplicate-header"),
        ("id,Genre,Âge\nP1,Femmes,é\n".encode() + b"P2,\xe9,x\n", "mixed-encodings"),
    ],
)
def test_a_file_that_cannot_be_used_keeps_nothing(
    store: Store, pool: Pool, content: bytes, code: str
) -> None:
    found = plan(store, pool, content)
    assert found.is_unreadable
    assert code in {problem.code for problem in found.refused}
    with refused("import-nothing-usable"):
        make.import_people(store, pool, content)
    assert counts(store, pool)["volunteer"] == 12


def test_a_column_that_is_not_there_cannot_identify(store: Store, pool: Pool) -> None:
    found = plan(store, pool, make.respondents(2), "badge")
    assert [(problem.column, problem.code) for problem in found.refused] == [("badge", "missing-column")]


def test_without_identifiers_people_are_known_by_their_line(store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate, people=0)
    content = "Genre;Âge\r\nFemmes;16–39 ans\r\nHommes;40 ans et plus\r\n".encode("utf-8-sig")
    make.import_people(store, pool, content)
    again = plan(store, pool, content)
    assert (again.id_column, again.unchanged, len(again.new)) == (None, 2, 0)


@pytest.mark.both_stores
def test_an_import_is_applied_once(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        draft = importing.stage(session, pool, make.respondents(20), "people.csv", None)
    start = threading.Barrier(4)
    answers: list[str] = []

    def apply() -> None:
        start.wait()
        try:
            with store.writing() as session:
                importing.apply_import(session, COMMAND_LINE, pool, draft.id)
            answers.append("applied")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=apply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["applied"] + ["import-unknown"] * 3
    assert counts(store, pool)["volunteer"] == 20
    with store.reading() as session:
        assert session.scalars(select(ImportDraft)).all() == []


def test_a_file_can_be_given_up(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        draft = importing.stage(session, pool, make.respondents(20), "people.csv", None)
    with store.writing() as session:
        importing.drop_import(session, pool, draft.id)
    with refused("import-unknown"), store.writing() as session:
        importing.apply_import(session, COMMAND_LINE, pool, draft.id)


@pytest.mark.both_stores
def test_a_file_left_waiting_is_forgotten_after_a_day(
    store: Store, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing() as session:
        importing.stage(session, pool, make.respondents(20), "old.csv", None)
    later = importing.clock.now() + importing.DRAFT_LENGTH + importing.DRAFT_LENGTH
    monkeypatch.setattr(importing.clock, "now", lambda: later)
    with store.writing() as session:
        importing.stage(session, pool, make.respondents(3), "new.csv", None)
    with store.reading() as session:
        assert session.scalars(select(ImportDraft.file_name)).all() == ["new.csv"]


@pytest.mark.both_stores
def test_few_files_of_a_mandate_wait_at_once(store: Store, mandate: Mandate) -> None:
    registers = [make.pool(store, mandate, name=name) for name in ("Un", "Deux")]
    elsewhere = make.pool(store, make.mandate(store, slug="ailleurs"))

    def stage(pool: Pool, name: str = "people.csv") -> int:
        with store.writing() as session:
            row = session.get_one(Pool, pool.id)
            return importing.stage(session, row, make.respondents(3, first=100), name, None).id

    drafts = [stage(registers[one % 2], "n" * 300 + ".csv") for one in range(importing.MOST_WAITING_FILES)]
    for register in registers:
        with refused("import-drafts-too-many"):
            stage(register)
    stage(elsewhere)
    with store.writing() as session:
        importing.drop_import(session, session.get_one(Pool, registers[0].id), drafts[0])
    stage(registers[1])
    with store.reading() as session:
        longest = max(map(len, session.scalars(select(ImportDraft.file_name))))
    assert longest == importing.LONGEST_FILE_NAME


def test_people_need_categories_and_files_a_measure(
    store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = make.pool(store, mandate, cells=())
    with refused("import-without-categories"), store.writing() as session:
        importing.stage(session, session.get_one(Pool, pool.id), b"id\n1\n", "people.csv", None)
    monkeypatch.setattr(importing, "LARGEST_FILE", 3)
    with refused("import-too-large"), store.writing() as session:
        importing.stage(session, session.get_one(Pool, pool.id), b"id\n1\n", "people.csv", None)


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [(" ", 3, "pool-name-missing"), ("Autre", 0, "pool-size-invalid"), ("Volontaires", 3, "pool-name-taken")],
)
def test_a_pool_that_cannot_be_is_refused(store: Store, pool: Pool, name: str, size: int, code: str) -> None:
    with refused(code), store.writing() as session:
        actions.create(session, COMMAND_LINE, pool.mandate_id, name, size)
    assert make.leaves(store, "pool-created") == 1


def _set(store: Store, pool: Pool, cells: tuple[sortition.Cell, ...], size: int = 4) -> None:
    with store.writing() as session:
        actions.set_quotas(session, COMMAND_LINE, pool, cells, size)


@pytest.mark.both_stores
def test_quotas_that_do_not_fit_the_people_change_nothing(store: Store, pool: Pool) -> None:
    before = make.leaves(store, "quotas-set")
    with refused("quota-value-in-use"):
        _set(store, pool, make.CELLS[1:])
    with refused("quota-value-in-use"):
        _set(store, pool, (*make.CELLS, sortition.Cell("Quartier", "Nord", 0, 4)))
    with refused("quota-bounds"):
        _set(store, pool, (sortition.Cell("Genre", "Femmes", 3, 2), *make.CELLS[1:]))
    with refused("pool-size-invalid"):
        _set(store, pool, make.CELLS, 0)
    with store.reading() as session:
        assert queries.cells(session.get_one(Pool, pool.id)) == make.CELLS
    assert make.leaves(store, "quotas-set") == before


def test_quotas_keep_their_order_and_can_lose_a_category(store: Store, pool: Pool) -> None:
    reordered = (
        *make.CELLS[2:],
        sortition.Cell("Genre", "Hommes", 0, 4),
        sortition.Cell("Genre", "Femmes", 1, 4),
    )
    _set(store, pool, reordered, 5)
    with store.reading() as session:
        kept = session.get_one(Pool, pool.id)
        assert (queries.cells(kept), kept.size) == (reordered, 5)
    _set(store, pool, make.CELLS[:2])
    with store.reading() as session:
        assert queries.cells(session.get_one(Pool, pool.id)) == make.CELLS[:2]


def test_a_file_of_quotas_is_taken_whole_or_not_at_all(store: Store, pool: Pool) -> None:
    bad = b"category,value,min,max\nGenre,Femmes,x,2\nGenre,Hommes,3,1\n"
    with pytest.raises(sortition.UnreadableFiles) as caught, store.writing() as session:
        actions.import_quotas(session, COMMAND_LINE, pool, bad, "c.csv")
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    good = b"category,value,min,max\nGenre,Femmes,1,4\nGenre,Hommes,1,4\n"
    with store.writing() as session:
        actions.import_quotas(session, COMMAND_LINE, pool, good, "c.csv")
    with store.reading() as session:
        assert [cell.minimum for cell in queries.cells(session.get_one(Pool, pool.id))] == [1, 1]


def test_counts_and_feasibility_stand_beside_each_quota(store: Store, pool: Pool) -> None:
    _set(store, pool, (sortition.Cell("Genre", "Femmes", 9, 9), *make.CELLS[1:]), 11)
    with store.reading() as session:
        kept = session.get_one(Pool, pool.id)
        assert [(cell.available, cell.is_short) for cell in queries.cell_counts(session, kept)[:2]] == [
            (6, True),
            (6, False),
        ]
        found = queries.feasibility(session, kept)
    assert not found.feasible
    assert ("Genre", "Femmes", 9, 6) in [
        (one.category, one.value, one.needed, one.available) for one in found.shortages
    ]
    assert found.suggestions != ()


TRAITS = {"Genre": "Femmes", "Âge": "16–39 ans"}


def _join(store: Store, pool: Pool, email: str = "nadia@example.org", **traits: str) -> Volunteer:
    with store.writing() as session:
        return actions.volunteer(
            session, COMMAND_LINE, pool, name="Nadia", email=email, traits={**TRAITS, **traits}
        )


def _open(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        actions.set_open(session, COMMAND_LINE, pool, is_open=True)


def test_people_come_forward_while_the_form_is_open(store: Store, pool: Pool) -> None:
    with refused("pool-closed"):
        _join(store, pool)
    _open(store, pool)
    _open(store, pool)
    with refused("volunteer-traits-invalid"):
        _join(store, pool, Genre="Martiens")
    person = _join(store, pool, Autre="jamais demandé")
    assert person.traits == TRAITS
    with refused("volunteer-already-in"):
        _join(store, pool)
    with refused("volunteer-already-in"):
        _join(store, pool, email="p1@example.org")
    assert (make.leaves(store, "volunteer-joined"), make.leaves(store, "pool-opened")) == (1, 1)
    with store.writing() as session:
        actions.set_open(session, COMMAND_LINE, pool, is_open=False)
    with refused("pool-closed"):
        _join(store, pool, email="tard@example.org")


def test_a_pool_without_categories_has_no_form(store: Store, mandate: Mandate) -> None:
    pool = make.pool(store, mandate, cells=())
    with refused("import-without-categories"):
        _open(store, pool)


@pytest.mark.both_stores
def test_one_person_pressing_many_times_is_in_once(store: Store, pool: Pool) -> None:
    _open(store, pool)
    start = threading.Barrier(6)
    answers: list[str] = []

    def join() -> None:
        start.wait()
        try:
            _join(store, pool)
            answers.append("in")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=join) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["in"] + ["volunteer-already-in"] * 5
    assert counts(store, pool)["volunteer"] == 13


def test_withdrawing_is_kept_and_can_be_undone_by_the_person(store: Store, pool: Pool) -> None:
    _open(store, pool)
    person = _join(store, pool)
    with store.writing() as session:
        actions.withdraw(session, COMMAND_LINE, pool, person.id)
    with refused("volunteer-not-in"), store.writing() as session:
        actions.withdraw(session, COMMAND_LINE, pool, person.id)
    assert counts(store, pool)["withdrawn"] == 1
    assert _join(store, pool).id == person.id
    assert counts(store, pool)["withdrawn"] == 0


def test_erasing_keeps_the_number_and_nothing_else(store: Store, pool: Pool) -> None:
    with store.writing() as session:
        actions.erase(session, COMMAND_LINE, pool, 1)
    with refused("volunteer-already-erased"), store.writing() as session:
        actions.erase(session, COMMAND_LINE, pool, 1)
    with refused("volunteer-unknown"), store.writing() as session:
        actions.erase(session, COMMAND_LINE, pool, 99)
    with store.reading() as session:
        row = session.get_one(Volunteer, 1)
        assert (row.name, row.email, row.reference, row.traits, row.state) == (
            None,
            None,
            None,
            {},
            VolunteerState.ERASED,
        )
    again = plan(store, pool, make.respondents(12))
    assert [(problem.line, problem.code) for problem in again.refused] == [(2, "erased-person")]
    assert (len(again.new), again.unchanged) == (0, 11)


@pytest.mark.both_stores
def test_an_organiser_finds_people_by_name_address_or_reference(store: Store, pool: Pool) -> None:
    with store.reading() as session:
        for text, number in (("Zéphirine 3", 1), ("P5@EXAMPLE", 1), ("P007", 1), ("zéphirine", 12), ("%", 0)):
            wanted = queries.VolunteerFilter(text=text)
            assert queries.volunteers(session, pool, wanted, offset=0, limit=50)[1] == number, text
        erased = queries.VolunteerFilter(state="erased")
        assert queries.volunteers(session, pool, erased, offset=0, limit=50) == ([], 0)
        with refused("pool-unknown"):
            queries.pool(session, 99, pool.id)
