"""What a guarantor is told to type (`docs/votes.md`) gives the counts of the engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from assemblee.consultations import archive, queries
from assemblee.consultations.models import Consultation
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from tests import voting
from votes.ballots import NO_OPINION, count

pytestmark = pytest.mark.both_stores

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "votes.md").read_text(encoding="utf-8")


def typed(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def counted(store: Store, place: Mandate, pool: Pool, rules: dict[str, Any]) -> Consultation:
    people = voting.guarantors(store, place)
    made = voting.settled(store, place, pool, rules)
    columns = queries.rules(made).columns
    entries = voting.roll(store, made)
    for number, entry in enumerate(entries[:7]):
        ballot = bytes((number * (place + 2)) % one.options for place, one in enumerate(columns))
        voting.vote(store, made, entry, ballot)
    voting.vote(store, made, entries[7], bytes([NO_OPINION, *(0 for _ in columns[1:])]))
    voting.vote(store, made, entries[8], queries.rules(made).blank)
    return voting.count(store, made, people)


def by_engine(session: Session, made: Consultation) -> list[tuple[int, str, int]]:
    rules = queries.rules(made)
    options = [column.options for column in rules.columns]
    cells = [one.cells for one in queries.ballots(session, made) if one.cells != rules.blank]
    found = count(b"".join(cells), len(options), options)
    rows = []
    for place, (answers, without) in enumerate(zip(found.answers, found.no_opinion, strict=True), start=1):
        given = [(f"{answer:02X}", int(number)) for answer, number in enumerate(answers)]
        rows += [(place, code, number) for code, number in [*given, ("FE", int(without))] if number]
    return rows


@pytest.mark.parametrize("rules", voting.KINDS, ids=lambda rules: rules["kind"])
def test_the_count_by_sql_is_that_of_the_engine(
    store: Store, mandate: Mandate, pool: Pool, rules: dict[str, Any]
) -> None:
    other = counted(store, mandate, pool, voting.JUDGMENT)
    made = counted(store, mandate, pool, rules)
    statement = typed("sql sqlite" if store.is_sqlite else "sql postgresql")
    with store.reading() as session:
        for one in (other, made):
            found = session.execute(text(statement), {"number": one.id}).all()
            assert [tuple(row) for row in found] == by_engine(session, one)
            assert found


@pytest.mark.only("sqlite")
def test_the_lines_to_type_count_an_archive_again(
    store: Store, mandate: Mandate, pool: Pool, tmp_path: Path
) -> None:
    made = counted(store, mandate, pool, voting.JUDGMENT)
    with store.reading() as session:
        found = archive.files(session, session.get_one(Consultation, made.id))
    for name, content in found.items():
        (tmp_path / name).write_bytes(content)
    lines = typed("sh").replace("python -m", f"PYTHONPATH='{ROOT}' '{sys.executable}' -m")
    # The page is ours, and the folder holds nothing else.
    subprocess.run(["/bin/sh", "-euc", lines], cwd=tmp_path, check=True, capture_output=True)
    result = json.loads((tmp_path / "mine.json").read_text(encoding="utf-8"))
    tally = json.loads(found["result.json"])["tally"]
    scale = [french for french, _ in voting.SCALE]
    expected = {
        "ranking": tally["ranking"],
        "majority_grade": [scale[grade] for grade in tally["majority_grade"]],
        "proposals": tally["counts"],
        "no_opinion": tally["no_opinion"],
    }
    for name, values in expected.items():
        assert [result[name][str(place)] for place in (1, 2, 3)] == values, name
