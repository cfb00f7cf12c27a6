"""Measure a file of people, previewed and kept, against what is allowed of the processor and of memory.

    python tests/bench/bench_import.py [--people N] [csv] [xlsx]

Each kind is read in a process of its own, twice: all people new, then all of them changed. The bounds are
those of 20,000 people: 10 seconds of one processor and 300 megabytes for both pages together.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from openpyxl import Workbook

from assemblee import migrations
from assemblee.config import Config
from assemblee.db import Store
from assemblee.pools import importing, imports
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import make

SECONDS_ALLOWED, MEGABYTES_ALLOWED = 10.0, 300.0
AGES = ("16–39 ans", "40 ans et plus")


def lines(people: int, name: str) -> Iterator[list[str]]:
    chance = random.Random(1)  # noqa: S311 - nothing secret is made of it
    yield ["id", "prénom", "nom", "courriel", "portable", "adresse", "Genre", "Âge", "Remarques"]
    for number in range(people):
        who = [f"P{number:06}", "Zoé", f"{name}{number}", f"p{number}@example.org", f"06{number:08}"]
        where = f"{number} rue des Lilas, 75001 Paris"
        yield [*who, where, chance.choice(("Femmes", "Hommes")), chance.choice(AGES), "x" * (number % 7)]


def written(kind: str, people: int, name: str) -> bytes:
    if kind == "csv":
        return "\n".join(";".join(line) for line in lines(people, name)).encode("cp1252")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Inscrits")
    for line in lines(people, name):
        sheet.append(line)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def take_in(store: Store, pool: Pool, content: bytes) -> tuple[int, int]:
    with store.writing() as session:
        draft = importing.stage(session, session.get_one(Pool, pool.id), content, "inscrits", None).id
    with store.reading() as session:
        row = session.get_one(Pool, pool.id)
        plan = imports.preview(session, row, importing.draft_of(session, row, draft))
        assert len(plan.columns) == len(plan.mapped)
        found = len(plan.new), len(plan.changed)
        del plan
    with store.writing() as session:
        importing.apply_import(session, COMMAND_LINE, session.get_one(Pool, pool.id), draft)
    return found


def measure(kind: str, people: int, files: tuple[bytes, bytes]) -> None:
    with tempfile.TemporaryDirectory(prefix="assemblee-bench-") as folder:
        store = Store.of(Config(Path(folder), "s" * 40, f"sqlite:///{Path(folder) / 'bench.sqlite'}"))
        migrations.upgrade(store)
        pool = make.pool(store, make.mandate(store), people=0)
        for what, content in zip(("new", "changed"), files, strict=True):
            begun = time.process_time()
            found = take_in(store, pool, content)
            spent = time.process_time() - begun
            held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            assert found == ((people, 0) if what == "new" else (0, people))
            print(
                f"{kind}: {people} people {what} in {spent:.1f} s of a processor, {SECONDS_ALLOWED} allowed, "
                f"and {held:.0f} megabytes at most, {MEGABYTES_ALLOWED} allowed"
            )
            assert spent <= SECONDS_ALLOWED
            assert held <= MEGABYTES_ALLOWED
        store.dispose()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("kinds", nargs="*", default=["csv", "xlsx"])
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    for kind in options.kinds:
        files = tuple(written(kind, options.people, name) for name in ("Marchal", "Martin"))
        process = context.Process(target=measure, args=(kind, options.people, files))
        process.start()
        process.join()
        assert process.exitcode == 0


if __name__ == "__main__":
    main()
