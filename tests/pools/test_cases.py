"""The same files that other tools refused or lost, through the import of a pool."""

from __future__ import annotations

import pytest

import sortition
from assemblee.checkout import ROOT
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools import actions, importing, imports
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make

CASES = ROOT / "tests" / "vectors" / "files"
# Of each case: lines, new people, lines left out and the codes of the problems; all twelve are new elsewhere.
EXPECTED: dict[str, tuple[int, int, int, set[str]]] = {
    "blank_ids_below_the_list": (15, 12, 3, {"empty-id"}),
    "cell_over_131072_characters": (12, 11, 1, {"cell-too-long"}),
    "exact_quotas_1000_people": (1000, 1000, 0, set()),
    "every_line_refused": (12, 0, 12, {"unknown-value"}),
    "google_form_headers": (8, 8, 0, set()),
    "look_alikes_nbsp_dash_spaces": (12, 3, 9, {"unknown-value"}),
    "minima_too_high_in_8_districts": (80, 80, 0, set()),
    "one_mailbox_two_people_and_no_mailbox": (14, 13, 1, {"bad-email"}),
    "prenom_and_nom": (8, 8, 0, set()),
    "published_categories_csv_changed": (8, 8, 0, set()),
    "text_after_closing_quote_line_5": (0, 0, 0, {"bad-quoting"}),
    "unclosed_quote_line_5_of_13": (0, 0, 0, {"bad-quoting"}),
}


def preview(store: Store, pool: Pool, content: bytes, name: str) -> tuple[int, imports.Preview]:
    with store.writing() as session:
        draft = importing.stage(session, session.get_one(Pool, pool.id), content, name, None).id
    with store.reading() as session:
        row = session.get_one(Pool, pool.id)
        return draft, imports.preview(session, row, importing.draft_of(session, row, draft))


def quotas(case: str) -> bytes:
    return (CASES / case / "categories.csv").read_bytes()


def with_quotas(store: Store, mandate: Mandate, case: str) -> Pool:
    pool = make.pool(store, mandate, cells=(), name=case)
    with store.writing() as session:
        kept = session.get_one(Pool, pool.id)
        actions.import_quotas(session, COMMAND_LINE, kept, quotas(case), "c.csv")
    return kept


@pytest.mark.parametrize(
    "case", sorted(path.name for path in CASES.iterdir() if path.name != "quotas_file_with_a_header_only")
)
def test_the_lines_kept_and_left_out_are_those_of_the_file(store: Store, mandate: Mandate, case: str) -> None:
    pool = with_quotas(store, mandate, case)
    people = next(CASES.joinpath(case).glob("respondents.*"))
    _draft, plan = preview(store, pool, people.read_bytes(), people.name)
    lines, new, left_out, codes = EXPECTED.get(case, (12, 12, 0, set()))
    assert (plan.lines, len(plan.new), plan.refused_lines) == (lines, new, left_out)
    assert {problem.code for problem in plan.refused} == codes
    placed = {problem.line for problem in plan.refused if plan.lines}
    assert len(placed) == left_out, "each line that is left out is named"


def test_columns_of_names_and_addresses_are_found_and_what_is_not_kept_is_said(
    store: Store, mandate: Mandate
) -> None:
    pool = with_quotas(store, mandate, "prenom_and_nom")
    people = (CASES / "prenom_and_nom" / "respondents.csv").read_bytes()
    _draft, plan = preview(store, pool, people, "people.csv")
    assert plan.new[0].name == "Ana0 Martin"
    assert "@" in plan.new[0].email
    form = (CASES / "google_form_headers" / "respondents.csv").read_bytes()
    _draft, plan = preview(store, pool, form, "form.csv")
    assert all(person.name and person.email for person in plan.new)
    assert [column.name for column in plan.unkept()] == ["Horodateur"]


def test_words_that_look_alike_are_replaced_by_a_click_each_and_undone(
    store: Store, mandate: Mandate
) -> None:
    case = "look_alikes_nbsp_dash_spaces"
    pool = with_quotas(store, mandate, case)
    draft, plan = preview(store, pool, (CASES / case / "respondents.csv").read_bytes(), "people.csv")
    for proposal in plan.proposals():
        with store.writing() as session:
            row = session.get_one(Pool, pool.id)
            importing.replace_word(
                session, row, draft, proposal.category, proposal.found, wanted=proposal.wanted
            )
    with store.writing() as session:
        row = session.get_one(Pool, pool.id)
        assert imports.preview(session, row, importing.draft_of(session, row, draft)).refused == []
        one = plan.proposals()[0]
        importing.replace_word(session, row, draft, one.category, one.found, wanted=None)
        again = imports.preview(session, row, importing.draft_of(session, row, draft))
        assert again.refused_lines == one.count


def test_the_same_people_in_another_order_stay_who_they_are(store: Store, mandate: Mandate) -> None:
    case = "no_id_column_then_other_order"
    pool = with_quotas(store, mandate, case)
    make.import_people(store, pool, (CASES / case / "respondents.csv").read_bytes())
    _draft, plan = preview(store, pool, (CASES / case / "respondents_2.csv").read_bytes(), "people.csv")
    assert (plan.id_column, plan.unchanged, plan.kept, plan.absent) == ("Response ID", 12, 0, 0)


def test_without_an_identifier_a_second_file_says_that_it_goes_by_place(
    store: Store, mandate: Mandate
) -> None:
    pool = make.pool(store, mandate, people=0)
    content = "Genre;Âge\nFemmes;16–39 ans\nHommes;40 ans et plus\n".encode()
    _draft, plan = preview(store, pool, content, "people.csv")
    assert plan.notices == []
    make.import_people(store, pool, content)
    _draft, plan = preview(store, pool, content, "people.csv")
    assert [notice.code for notice in plan.notices] == ["goes-by-place"]


def test_a_file_of_quotas_without_a_line_changes_nothing(store: Store, mandate: Mandate) -> None:
    pool = with_quotas(store, mandate, "people_xlsx")
    header = quotas("quotas_file_with_a_header_only")
    with pytest.raises(sortition.UnreadableFiles) as caught, store.writing() as session:
        actions.import_quotas(session, COMMAND_LINE, pool, header, "c.csv")
    assert [problem.code for problem in caught.value.problems] == ["no-category"]
    with store.reading() as session:
        assert len(session.get_one(Pool, pool.id).categories) == 2
