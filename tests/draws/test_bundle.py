from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select

from assemblee.db import Store
from assemblee.draws import bundle, choice, queries
from assemblee.draws import ceremony as verbs
from assemblee.draws.models import Draw, DrawEntry, DrawState, Publication
from assemblee.journal.bundles import archive
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.answers import refused
from tests.ceremony import Guarantor, after

ROUND, SIGNATURE = ceremony.ROUND, ceremony.SIGNATURE


def verify(store: Store, draw: Draw, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Unpack the bundle of a draw, and run its own program on it."""
    with store.reading() as session:
        found = bundle.files(session, queries.any_draw(session, draw.id))
    for name, content in found.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-I", "-S", "verify.py", ".", "--lang", "en", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.both_stores
@pytest.mark.parametrize("publication", [Publication.OPEN, Publication.SEALED])
def test_a_whole_ceremony_ends_in_a_bundle_that_replays(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path, publication: Publication
) -> None:
    if publication == Publication.OPEN:
        with store.writing() as session:
            for person in session.scalars(select(Volunteer)):
                person.may_publish = True
    draw = ceremony.held(store, pool, team, signers=range(5), revealers=range(3), publication=publication)
    assert draw.state == DrawState.HELD
    assert len(draw.outcomes[0].alternates) == 2
    done = verify(store, draw, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ceremony.history(store, draw) == [
        "draw-frozen",
        "lottery-published",
        *["draw-cosigned"] * 5,
        *["draw-revealed"] * 3,
        *["beacon-typed"] * 2,
        "draw-beacon",
        "draw-held",
    ]
    wrong = verify(store, draw, tmp_path, "--commit", "00" * 32)
    assert wrong.returncode == 1


@pytest.mark.both_stores
def test_a_bundle_made_again_has_the_same_bytes_whatever_happens_later(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)

    def bundled() -> bytes:
        with store.reading() as session:
            return archive(bundle.files(session, queries.any_draw(session, draw.id)))

    first = bundled()
    make.draw(store, pool, title="Un autre")
    with store.writing() as session:
        verbs.note_attempt(
            session, COMMAND_LINE, mandate_id=1, draw_id=draw.id, act="freeze", refusal="draw-is-held"
        )
    assert bundled() == first


@pytest.mark.both_stores
def test_a_round_of_drand_is_the_beacon_whoever_brings_it(store: Store, tmp_path: Path) -> None:
    draw = ceremony.awaiting_round(store)
    assert draw.beacon is not None
    assert draw.beacon["round"] == ROUND

    def bring(signature: str) -> None:
        with store.writing() as session:
            choice.record_round(session, COMMAND_LINE, draw, signature)

    with after(draw.beacon_at, -60), refused("beacon-too-early"):
        bring(SIGNATURE)
    with after(draw.beacon_at):
        for wrong in ("", "zz", "00" * 48, SIGNATURE[:-2] + "00"):
            with refused("beacon-signature-wrong"):
                bring(wrong)
        with refused("beacon-of-another-kind"):
            ceremony.type_numbers(
                store, draw, ceremony.guarantor_of(draw.guarantors[0].account_id), ceremony.LOTO
            )
        bring(f"  {SIGNATURE.upper()} ")
        with refused("draw-is-held"):
            bring(SIGNATURE)
    draw = make.fresh(store, draw)
    assert verify(store, draw, tmp_path).returncode == 0


def test_balls_serve_a_lottery_of_a_thousand_tickets_only(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path
) -> None:
    with refused("draw-balls-tickets"):
        ceremony.frozen(store, pool, beacon="balls")
    draw = ceremony.held(store, pool, team, tickets=1000, beacon="balls")
    assert draw.beacon_found == {
        "kind": "balls",
        "numbers": ceremony.BALLS,
        "witnesses": ["guarantor-1", "guarantor-2"],
    }
    assert verify(store, draw, tmp_path).returncode == 0


@pytest.mark.both_stores
def test_erasing_a_person_cuts_the_link_and_the_log_still_holds(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path
) -> None:
    draw = ceremony.held(store, pool, team)
    with store.writing() as session:
        person = session.scalars(select(Volunteer).where(Volunteer.email == "p7@example.org")).one()
        pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), person.id)
    with store.reading() as session:
        cut = session.scalars(select(DrawEntry).where(DrawEntry.volunteer_id.is_(None))).all()
        assert [entry.salt for entry in cut] == [None]
    assert verify(store, draw, tmp_path).returncode == 0


def test_guarantors_open_sealed_rows_with_their_own_key(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path
) -> None:
    draw = ceremony.held(store, pool, team)
    for guarantor in (team[0], team[5]):
        private = guarantor.signer.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )
        rows = pyrage.decrypt(draw.sealed_rows, [pyrage.ssh.Identity.from_buffer(private)])
    (tmp_path / "opened.json").write_bytes(rows)
    done = verify(store, draw, tmp_path, "--rows", "opened.json")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = rows.replace(b'"Femmes"', b'"Hommes"', 1)
    (tmp_path / "opened.json").write_bytes(rows)
    assert verify(store, draw, tmp_path, "--rows", "opened.json").returncode == 1


def test_what_is_not_held_has_no_bundle(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    draw = ceremony.frozen(store, pool)
    with store.reading() as session:
        row = queries.any_draw(session, draw.id)
        with refused("draw-is-ready"):
            bundle.files(session, row)
        with refused("draw-unknown"):
            queries.any_draw(session, 99)
        row.state, row.frozen_text = DrawState.HELD, None
        with refused("draw-not-frozen"):
            bundle.files(session, row)
