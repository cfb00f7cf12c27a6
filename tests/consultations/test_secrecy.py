from __future__ import annotations

import logging
import random
import re

import pytest
from flask import Flask
from sqlalchemy import text

from assemblee.consultations import letters
from assemblee.consultations.models import Consultation, RollEntry
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests import make, voting
from tests.consultations.attacker import Loot, attack
from votes.receipts import token_id

VOTERS = 48
# So many orders are compared that one of them in a thousand runs looks like something by chance.
CHANCE = 1e-6


def play(app: Flask, store: Store, mandate: Mandate, voters: int) -> tuple[Loot, Consultation]:
    """Let voters come in a random order, mark themselves and vote, some of them with others in between."""
    source = random.Random(7)  # noqa: S311 - who comes when
    pool = make.pool(store, mandate, people=voters)
    voting.guarantors(store, mandate)
    made = voting.settled(store, mandate, pool)
    settings = app.extensions["assemblee.config"]
    entries = voting.roll(store, made)
    source.shuffle(entries)
    client = app.test_client()
    loot = Loot(store, made.id, {}, [], {}, {})
    truth, log, paths, addresses = {}, [], {}, {}
    waiting: list[tuple[RollEntry, voting.Device]] = []

    def send(address: str, path: str, content: dict[str, str]) -> dict[str, str]:
        log.append((address, "POST", path))
        answer = client.post(path, json=content, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def cast(entry: RollEntry, device: voting.Device) -> None:
        ballot = bytes(source.randrange(4) for _ in voting.COMMITTEES).hex()
        content = {"prepared": device.prepared.hex(), "signature": device.signature.hex(), "ballot": ballot}
        send(addresses[entry.id], f"/votes/{made.id}/ballots", content)
        truth[entry.id] = token_id(device.prepared).hex()

    for place, entry in enumerate(entries):
        device = voting.Device(made)
        addresses[entry.id] = f"10.{place // 65536}.{place // 256 % 256}.{place % 256}"
        paths[entry.id] = f"/vote/{letters.token(settings, entry)}/mark"
        answer = send(addresses[entry.id], paths[entry.id], {"blinded": device.blinded.message.hex()})
        device.signature = voting.blind.finalize(
            device.key, device.prepared, bytes.fromhex(answer["signature"]), device.blinded.inverse
        )
        waiting.append((entry, device))
        if source.random() < 0.7:
            cast(*waiting.pop(source.randrange(len(waiting))))
    for one in waiting:
        cast(*one)
    loot.truth, loot.web_log, loot.paths, loot.addresses = truth, log, paths, addresses
    return loot, made


@pytest.mark.both_stores
def test_the_whole_database_and_all_logs_link_nobody(
    app: Flask, store: Store, mandate: Mandate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    loot, made = play(app, store, mandate, VOTERS)
    before = attack(loot)
    assert before
    if not store.is_sqlite:
        # The files of an open vote are another matter: docs/consultations.md says so.
        assert before[0].likelihood > CHANCE, before[0]
    voting.count(store, made, voting.guarantors(store, mandate))
    make.finish_jobs(store)
    after = attack(loot)
    assert len(after) > 20
    assert after[0].likelihood > CHANCE, after[0]
    assert max(link.matched for link in after) < 12
    for token in loot.truth.values():
        assert token not in caplog.text


@pytest.mark.both_stores
def test_the_attacker_finds_a_link_where_there_is_one(app: Flask, store: Store, mandate: Mandate) -> None:
    loot, made = play(app, store, mandate, VOTERS)
    voting.count(store, made, voting.guarantors(store, mandate))
    order = {entry: place for place, entry in enumerate(loot.truth)}
    with store.writing() as session:
        for entry, token in loot.truth.items():
            session.execute(
                text("UPDATE ballot SET receipt = :code WHERE token = :token"),
                {"code": f"{order[entry]:04}", "token": token},
            )
    assert attack(loot)[0].likelihood < CHANCE


@pytest.mark.both_stores
def test_no_table_names_both_a_person_and_a_ballot(store: Store) -> None:
    """The roll and the box have no common key: nothing in the schema leads from one to the other."""
    columns = {
        table: {column["name"] for column in inspector.get_columns(table)}
        for inspector in [voting.inspector(store)]
        for table in ("box_part", "voting_code", "ballot", "sheet_entry")
    }
    for table, names in columns.items():
        assert not {"entry_id", "volunteer_id", "email", "reference"} & names, table
        assert not [name for name in names if re.search(r"_at$|^at$|time", name)], table
