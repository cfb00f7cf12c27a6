from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.db import Store
from assemblee.draws import bundle, choice, halts, letters, objections, queries
from assemblee.draws import ceremony as verbs
from assemblee.draws.models import Draw, Entry, Outcome, Publication, State
from assemblee.journal import tree
from assemblee.journal.models import Checkpoint, Leaf
from assemblee.mail import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, Role
from sortition import protocol
from tests import ceremony, make
from tests.answers import refused
from tests.ceremony import Guarantor, after

ROUND, SIGNATURE = ceremony.ROUND, ceremony.SIGNATURE


@pytest.fixture
def team(store: Store, mandate: Mandate) -> list[Guarantor]:
    return ceremony.guarantors(store, mandate)


def verify(store: Store, draw: Draw, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Unpack the bundle of a draw, and run its own program on it."""
    with store.reading() as session:
        found = bundle.files(session, queries.any_draw(session, draw.id))
    for name, content in found.items():
        (folder / name).write_bytes(content)
    command = [sys.executable, "-I", "-S", "verify.py", ".", "--lang", "en", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def history(store: Store, draw: Draw) -> list[str]:
    with store.reading() as session:
        return [leaf.event for leaf in bundle.history(session, queries.any_draw(session, draw.id))]


@pytest.mark.parametrize("publication", [Publication.OPEN, Publication.SEALED])
def test_a_whole_ceremony_ends_in_a_bundle_that_replays(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path, publication: Publication
) -> None:
    if publication == Publication.OPEN:
        with store.writing() as session:
            for person in session.scalars(select(Volunteer)):
                person.may_publish = True
    draw = ceremony.held(store, pool, team, signers=range(5), revealers=range(3), publication=publication)
    assert draw.state == State.HELD
    assert len(draw.outcomes[0].alternates) == 2
    done = verify(store, draw, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert history(store, draw) == [
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


def test_a_bundle_made_again_has_the_same_bytes_whatever_happens_later(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)

    def archive() -> bytes:
        with store.reading() as session:
            return bundle.archive(bundle.files(session, queries.any_draw(session, draw.id)))

    first = archive()
    make.draw(store, pool, title="Un autre")
    with store.writing() as session:
        verbs.note_attempt(
            session, COMMAND_LINE, mandate_id=1, draw_id=draw.id, act="freeze", refusal="draw-is-held"
        )
    assert archive() == first


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


OUTCOMES = [
    (signers, revealers)
    for number in range(7)
    for signers in itertools.combinations(range(6), number)
    for revealers in itertools.chain.from_iterable(
        itertools.combinations(signers, shown) for shown in range(number + 1)
    )
]


def play(
    store: Store, draw: Draw, team: list[Guarantor], signers: tuple[int, ...], revealers: tuple[int, ...]
) -> str:
    """Play a ceremony, undo it, and return how it ended."""
    # A session that nobody commits.
    with Session(store._writer, info=store._info) as session:
        row = session.get_one(Draw, draw.id)
        for place in signers:
            verbs.cosign(session, team[place].actor, row, team[place].cosign_note(row))
        with after(draw.cosign_until):
            for place in revealers:
                if len(signers) >= 4:
                    verbs.reveal(session, team[place].actor, row, team[place].secret().hex())
        with after(draw.beacon_at):
            try:
                for guarantor in team[:2]:
                    choice.type_numbers(session, guarantor.actor, row, ceremony.LOTO)
            except Refusal as answer:
                return answer.code
        return str(session.scalars(select(Outcome.seed)).one())


def announced(draw: Draw, team: list[Guarantor], revealers: tuple[int, ...]) -> str:
    secrets = {team[place].name: team[place].secret() for place in revealers}
    return protocol.seed(
        bytes.fromhex(str(draw.commitment)),
        bytes.fromhex(str(draw.lottery_hash)),
        secrets,
        protocol.numbers_beacon(ceremony.LOTO),
    ).hex()


def every_outcome(store: Store, pool: Pool, team: list[Guarantor], step: int) -> int:
    draw = ceremony.frozen(store, pool)
    seeds = set()
    for signers, revealers in OUTCOMES[::step]:
        ended = play(store, draw, team, signers, revealers)
        expected = announced(draw, team, revealers) if len(signers) >= 4 else "draw-has-lapsed"
        assert ended == expected, (signers, revealers)
        seeds.add(ended)
    return len(seeds)


def test_withholding_guarantors_lead_to_the_announced_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    assert every_outcome(store, pool, team, 17) > 20


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_each_subset_of_withholding_guarantors_leads_to_the_announced_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    assert len(OUTCOMES) == 3**6
    # One seed for each of the 64 sets of secrets shown, and the refusal of those whom too few signed.
    assert every_outcome(store, pool, team, 1) == 64 + 1


def race(acts: list[Callable[[], object]]) -> list[str]:
    """Start acts at once in threads, and return what each was answered."""
    start, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            answers.append("done")
        except Refusal as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def test_a_draw_is_held_once_however_many_type_at_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    for guarantor in team:
        ceremony.cosign(store, draw, guarantor)
    with after(draw.beacon_at):
        answers = race(
            [
                lambda guarantor=guarantor: ceremony.type_numbers(store, draw, guarantor, ceremony.LOTO)  # type: ignore[misc]
                for guarantor in team
            ]
        )
    assert answers == ["done"] * 2 + ["draw-is-held"] * 4
    assert make.leaves(store, "draw-held") == make.leaves(store, "draw-beacon") == 1
    with store.reading() as session:
        assert len(session.scalars(select(Outcome)).all()) == 1


def test_a_draw_is_frozen_once_however_many_press_at_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    terms = ceremony.terms(store)

    def freeze() -> None:
        with store.writing() as session:
            verbs.freeze(session, COMMAND_LINE, draw, terms)

    assert race([freeze] * 5) == ["done"] + ["draw-is-frozen"] * 4
    assert make.leaves(store, "draw-frozen") == 1
    with store.reading() as session:
        assert len(session.scalars(select(Entry)).all()) == 12


def test_a_guarantor_who_sends_twice_at_once_is_counted_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    assert (
        race([lambda: ceremony.cosign(store, draw, team[0])] * 4) == ["done"] + ["draw-already-cosigned"] * 3
    )
    assert make.leaves(store, "draw-cosigned") == 1


@pytest.mark.only("sqlite")
def test_the_database_itself_refuses_a_second_real_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)
    with store.writing() as session:
        row = session.get_one(Draw, draw.id)
        row.state = State.READY
        row.guarantors[0].numbers = None
    with after(draw.beacon_at), refused("draw-is-held"):
        ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"alternates": 9}, "draw-alternates-range"),
        ({"alternates": -1}, "draw-alternates-range"),
        ({"publication": Publication.OPEN}, "draw-publication-identifies"),
        ({"beacon": "dice"}, "beacon-unknown"),
    ],
)
def test_terms_that_cannot_be_are_refused_and_nothing_is_frozen(
    store: Store, pool: Pool, team: list[Guarantor], changes: dict[str, object], code: str
) -> None:
    del team
    with refused(code):
        ceremony.frozen(store, pool, **changes)
    with store.reading() as session:
        row = session.scalars(select(Draw)).one()
        assert (row.state, row.commitment, session.scalars(select(Entry)).all()) == (State.FEASIBLE, None, [])
    assert make.leaves(store, "draw-frozen") == 0


def test_two_draws_of_a_pool_are_never_under_way_together(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    with refused("draw-pool-has-another"):
        ceremony.frozen(store, pool)
    with after(draw.cosign_until):
        later = ceremony.frozen(store, pool)
    assert ceremony.document(later)["earlier"] == {"held": 0, "cancelled": 0, "lapsed": 1}
    del team


def test_people_who_left_since_are_not_frozen_in(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    for leave in (pools.withdraw, pools.erase):
        draw = make.draw(store, pool)
        make.finish_jobs(store)
        with store.reading() as session:
            staying = session.scalars(select(Volunteer.id).where(Volunteer.state == "volunteer")).first()
        with store.writing() as session:
            leave(session, COMMAND_LINE, session.get_one(Pool, pool.id), staying or 0)
        with refused("draw-people-changed"), store.writing() as session:
            verbs.freeze(session, COMMAND_LINE, draw, ceremony.terms(store))


def test_secrets_are_open_before_the_day_of_a_national_lottery(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    del team
    fine = ceremony.terms(store)
    same_day = fine.beacon_at.astimezone(ZoneInfo("Europe/Paris")).replace(hour=0, minute=5)
    with refused("draw-reveal-on-lottery-day"):
        ceremony.frozen(store, pool, reveal_until=same_day, beacon_at=same_day.replace(hour=21))


def test_deadlines_are_compared_as_moments_and_not_as_clocks(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    del team
    paris = ZoneInfo("Europe/Paris")
    # 02:59 does not exist that night: it is 03:59, after 03:05.
    with clock.shifted(datetime(2027, 3, 27, tzinfo=paris) - clock.now()), refused("draw-deadlines-order"):
        ceremony.frozen(
            store,
            pool,
            beacon="drand",
            cosign_until=datetime(2027, 3, 28, 1, tzinfo=paris),
            reveal_until=datetime(2027, 3, 28, 2, 59, tzinfo=paris),
            beacon_at=datetime(2027, 3, 28, 3, 5, tzinfo=paris),
        )


def test_a_ceremony_lasts_a_year_at_most(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    far = ceremony.terms(store).beacon_at + timedelta(days=366)
    with refused("draw-deadlines-far"):
        ceremony.frozen(store, pool, beacon_at=far)


def test_a_guarantor_keeps_their_part_when_their_role_is_taken_back(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    nobody = Guarantor(
        replace(team[0].actor, roles=frozenset({Role.EVERYONE, Role.SIGNED_IN})), team[0].signer
    )
    ceremony.cosign(store, draw, nobody)
    assert make.fresh(store, draw).cosigned == 1


def test_deadlines_come_in_order_and_lie_ahead(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    fine = ceremony.terms(store)
    for changes in (
        {"cosign_until": clock.now() - timedelta(minutes=1)},
        {"reveal_until": fine.cosign_until},
        {"beacon_at": fine.reveal_until},
    ):
        with refused("draw-deadlines-order"):
            ceremony.frozen(store, pool, **changes)


def test_a_draw_without_guarantors_cannot_be_frozen(store: Store, pool: Pool) -> None:
    with refused("draw-guarantors-missing"):
        ceremony.frozen(store, pool)


def test_numbers_take_two_guarantors_and_a_round_of_drand_one(
    store: Store, pool: Pool, mandate: Mandate
) -> None:
    (alone,) = ceremony.guarantors(store, mandate, 1)
    with refused("beacon-witnesses-missing"):
        ceremony.frozen(store, pool)
    draw = ceremony.frozen(store, pool, beacon="drand")
    assert draw.threshold == 1
    assert [part.name for part in draw.guarantors] == [alone.name]


def test_people_who_share_their_answers_with_others_may_be_published(
    store: Store, mandate: Mandate, team: list[Guarantor]
) -> None:
    del team
    pool = make.pool(store, mandate, people=40)
    draw = ceremony.frozen(store, pool, publication=Publication.OPEN)
    assert "traits" in str(draw.frozen_text)


def test_a_frozen_draw_names_nobody_and_keeps_its_own_pool(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)
    again = ceremony.frozen(store, pool)
    text = str(draw.frozen_text)
    assert "Zéphirine" not in text
    assert "@" not in text.replace(ceremony.document(draw)["log"], "")  # type: ignore[arg-type]
    one, other = ({row["id"] for row in json.loads(str(made.frozen_text))["pool"]} for made in (draw, again))
    assert not one & other, "pseudonyms of two draws say nothing of each other"
    before = draw.commitment
    make.import_people(store, pool, make.respondents(5, first=30))
    assert make.fresh(store, draw).commitment == before
    assert ceremony.document(again)["earlier"] == {"held": 1, "cancelled": 0, "lapsed": 0}


def test_signatures_are_refused_for_what_they_are(
    store: Store, mandate: Mandate, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    other = ceremony.frozen(store, make.pool(store, mandate, name="Un autre vivier"))
    outsider = ceremony.guarantor_of(99)
    fine = team[0].cosign_note(draw)
    for text, code in (
        ("", "note-invalid"),
        ("hello", "note-invalid"),
        (fine.replace("draw 1", "draw 2"), "note-invalid"),
        (team[1].cosign_note(draw), "note-invalid"),
        (fine + fine.rsplit("\n\n", 1)[1], "note-invalid"),
        (team[0].cosign_note(other), "note-of-another-draw"),
        (str(team[0].signer.sign("asm-draw-1/cosign\n")), "note-of-another-draw"),
        (str(team[0].signer.sign(fine.split("secret")[0] + "secret zz\n")), "note-of-another-draw"),
    ):
        with refused(code):
            ceremony.cosign(store, draw, team[0], text or " ")
    with refused("guarantor-not-of-draw"):
        ceremony.cosign(store, draw, outsider, fine)
    ceremony.cosign(store, draw, team[0], "\n" + fine.replace("\n", "\r\n") + "\r\n\r\n")
    with refused("draw-already-cosigned"):
        ceremony.cosign(store, draw, team[0])
    with after(draw.cosign_until, 1), refused("draw-has-lapsed"):
        ceremony.cosign(store, draw, team[1])
    for guarantor in team[1:4]:
        ceremony.cosign(store, draw, guarantor)
    with after(draw.cosign_until), refused("draw-cosign-too-late"):
        ceremony.cosign(store, draw, team[5])
    assert make.leaves(store, "draw-cosigned") == 4


def test_secrets_are_opened_in_their_time_and_once(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = ceremony.frozen(store, pool)
    for guarantor in team[:4]:
        ceremony.cosign(store, draw, guarantor)
    with refused("draw-reveal-too-early"):
        ceremony.reveal(store, draw, team[0])
    with after(draw.cosign_until):
        ceremony.reveal(store, draw, team[0])
        for guarantor, secret, code in (
            (team[0], None, "draw-already-revealed"),
            (team[1], "00" * 32, "secret-wrong"),
            (team[1], "nothing", "secret-wrong"),
            (team[5], None, "draw-not-cosigned"),
            (ceremony.guarantor_of(99), None, "guarantor-not-of-draw"),
        ):
            with refused(code):
                ceremony.reveal(store, draw, guarantor, secret)
    with after(draw.reveal_until), refused("draw-reveal-too-late"):
        ceremony.reveal(store, draw, team[1])
    assert make.leaves(store, "draw-revealed") == 1


def test_numbers_are_typed_in_their_time_and_two_must_agree(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    for guarantor in team[:4]:
        ceremony.cosign(store, draw, guarantor)
    with after(draw.reveal_until), refused("beacon-too-early"):
        ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)
    with after(draw.beacon_at):
        for wrong in (
            [],
            [[1, 2, 3, 4, 5]],
            [[1, 2, 3, 4, 5, 6], [1]],
            [[1, 1, 2, 3, 4], [1]],
            [[1, 2, 3, 4, 50], [1]],
        ):
            with refused("beacon-numbers-wrong"):
                ceremony.type_numbers(store, draw, team[0], wrong)
        with refused("beacon-of-another-kind"), store.writing() as session:
            choice.record_round(session, COMMAND_LINE, draw, SIGNATURE)
        assert not ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)
        with refused("beacon-already-typed"):
            ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)
        assert not ceremony.type_numbers(store, draw, team[1], [[1, 2, 3, 4, 5], [1]])
        with store.reading() as session:
            assert len(choice.typed(session.get_one(Draw, draw.id))) == 2
        # The order in which the balls came out says nothing.
        assert ceremony.type_numbers(store, draw, team[2], [ceremony.LOTO[0][::-1], ceremony.LOTO[1]])
    assert make.fresh(store, draw).beacon_found == {
        "kind": "lottery",
        "numbers": ceremony.LOTO,
        "witnesses": ["guarantor-1", "guarantor-3"],
    }


def test_a_suspended_draw_stands_still_until_enough_guarantors_let_it_go_on(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)

    def suspend(guarantor: Guarantor, reason: str) -> None:
        with store.writing() as session:
            halts.suspend(session, guarantor.actor, draw, reason)

    def lift(guarantor: Guarantor) -> bool:
        with store.writing() as session:
            return halts.lift(session, guarantor.actor, draw)

    with refused("draw-is-not-suspended"):
        lift(team[0])
    with refused("draw-reason-missing"):
        suspend(team[0], " ")
    with refused("guarantor-not-of-draw"):
        suspend(ceremony.guarantor_of(99), "moi aussi")
    suspend(team[0], "la liste a circulé")
    with refused("draw-is-suspended"):
        suspend(team[1], "moi aussi")
    with refused("draw-is-suspended"):
        ceremony.cosign(store, draw, team[1])
    assert not lift(team[0])
    with refused("suspension-already-lifted"):
        lift(team[0])
    assert [lift(guarantor) for guarantor in team[1:4]] == [False, False, True]
    ceremony.cosign(store, draw, team[1])
    suspended = make.fresh(store, draw).suspensions
    assert [(one.reason, len(one.lifts)) for one in suspended] == [("la liste a circulé", 4)]
    with store.reading() as session:
        bodies = session.scalars(select(Leaf.body).where(Leaf.event == "draw-suspended")).all()
    assert "circulé" not in bodies[0], "a reason may name somebody"


def test_cancelling_a_frozen_draw_takes_a_reason_and_enough_guarantors(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)

    def propose(reason: str) -> None:
        with store.writing() as session:
            halts.propose_cancel(session, COMMAND_LINE, draw, reason)

    def sign(guarantor: Guarantor, text: str | None = None) -> bool:
        with store.writing() as session:
            row = session.get_one(Draw, draw.id)
            return halts.sign_cancel(session, guarantor.actor, row, text or guarantor.cancel_note(row))

    with refused("draw-reason-missing"):
        propose("")
    with refused("draw-cancel-not-proposed"):
        sign(team[0])
    propose("la salle a brûlé")
    propose("la salle a brûlé hier")
    with refused("note-of-another-draw"):
        sign(team[0], team[0].cosign_note(draw))
    with refused("note-invalid"):
        sign(team[0], "rien")
    assert not sign(team[0])
    with refused("draw-cancel-signed"):
        propose("autre chose")
    with refused("draw-cancel-already-signed"):
        sign(team[0])
    assert [sign(guarantor) for guarantor in team[1:4]] == [False, False, True]
    with refused("draw-is-cancelled"):
        sign(team[4])
    with refused("draw-is-cancelled"):
        ceremony.cosign(store, draw, team[0])
    draw = make.fresh(store, draw)
    assert (draw.state, draw.cancel_reason) == (State.CANCELLED, "la salle a brûlé hier")
    after_it = ceremony.frozen(store, pool)
    assert ceremony.document(after_it)["earlier"] == {"held": 0, "cancelled": 1, "lapsed": 0}
    with after(after_it.cosign_until):
        third = ceremony.frozen(store, pool)
    assert ceremony.document(third)["earlier"] == {"held": 0, "cancelled": 1, "lapsed": 1}


def test_cancelling_stops_the_computation(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    with store.writing() as session:
        verbs.freeze(session, COMMAND_LINE, draw, ceremony.terms(store))
    with store.writing() as session:
        halts.propose_cancel(session, COMMAND_LINE, draw, "la salle a brûlé")
    for guarantor in team[:4]:
        with store.writing() as session:
            row = session.get_one(Draw, draw.id)
            halts.sign_cancel(session, guarantor.actor, row, guarantor.cancel_note(row))
    make.finish_jobs(store)
    assert make.fresh(store, draw).state == State.CANCELLED
    assert make.leaves(store, "lottery-published") == 0


def test_each_person_gets_a_proof_of_their_row(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    draw = ceremony.frozen(store, pool)
    with store.reading() as session:
        mails = session.scalars(select(Mail).where(Mail.recipient == "p7@example.org")).all()
        entry = session.scalars(
            select(Entry).join(Volunteer).where(Volunteer.email == "p7@example.org")
        ).one()
    (mail,) = mails
    proof = json.loads(mail.body[mail.body.index("{") :])
    document = json.loads(str(draw.frozen_text))
    assert proof == letters.own_proof(draw, document, entry.pseudonym, entry.salt)
    assert proof["id"] == entry.pseudonym
    assert entry.pseudonym in mail.body
    assert entry.pseudonym not in mail.subject, "subjects stay once the letter has left"
    leaf = tree.leaf_hash(tree.canonical(proof["row"]))
    path = [bytes.fromhex(digest) for digest in proof["proof"]]
    assert tree.includes(proof["position"], proof["size"], leaf, path, bytes.fromhex(str(draw.pool_root)))
    traits = draw.people[entry.pseudonym]
    assert proof["row"]["row"] == protocol.sealed_row(
        bytes.fromhex(proof["salt"]), [traits[name] for name in sorted(traits)]
    )


def test_erasing_a_person_cuts_the_link_and_the_log_still_holds(
    store: Store, pool: Pool, team: list[Guarantor], tmp_path: Path
) -> None:
    draw = ceremony.held(store, pool, team)
    with store.writing() as session:
        person = session.scalars(select(Volunteer).where(Volunteer.email == "p7@example.org")).one()
        pools.erase(session, COMMAND_LINE, session.get_one(Pool, pool.id), person.id)
    with store.reading() as session:
        cut = session.scalars(select(Entry).where(Entry.volunteer_id.is_(None))).all()
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


def test_checkpoints_stand_at_each_act_that_matters(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = ceremony.held(store, pool, team, signers=range(4), revealers=())
    with store.reading() as session:
        sizes = set(session.scalars(select(Checkpoint.size)))
        matters = session.scalars(
            select(Leaf.position).where(
                Leaf.event.in_(["draw-frozen", "lottery-published", "draw-cosigned", "draw-held"])
            )
        ).all()
    assert {position + 1 for position in matters} <= sizes
    assert draw.last_leaf == max(matters)


def test_what_is_not_held_has_no_bundle(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    draw = ceremony.frozen(store, pool)
    with store.reading() as session:
        row = queries.any_draw(session, draw.id)
        with refused("draw-is-ready"):
            bundle.files(session, row)
        with refused("draw-unknown"):
            queries.any_draw(session, 99)
        row.state, row.frozen_text = State.HELD, None
        with refused("draw-not-frozen"):
            bundle.files(session, row)


def test_a_fault_between_the_act_and_its_leaf_leaves_neither(
    store: Store, pool: Pool, team: list[Guarantor], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ceremony.frozen(store, pool)
    from assemblee.journal import actions as journal  # noqa: PLC0415

    before = make.leaves(store, "draw-cosigned")
    record = journal.record

    def fail(*arguments: object, **options: object) -> None:
        record(*arguments, **options)  # type: ignore[arg-type]
        raise ZeroDivisionError

    monkeypatch.setattr(journal, "record", fail)
    with pytest.raises(ZeroDivisionError):
        ceremony.cosign(store, draw, team[0])
    monkeypatch.setattr(journal, "record", record)
    assert make.leaves(store, "draw-cosigned") == before
    assert make.fresh(store, draw).cosigned == 0
    assert hashlib.sha256(str(make.fresh(store, draw).lottery_text).encode()).hexdigest() == draw.lottery_hash


def test_an_objection_is_public_and_answered_once(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = ceremony.frozen(store, pool)

    def object_to(guarantor: Guarantor, text: str) -> int:
        with store.writing() as session:
            return objections.file(session, guarantor.actor, draw, text).id

    def answer(number: int, text: str) -> None:
        with store.writing() as session:
            objections.answer(session, COMMAND_LINE, draw, number, text)

    with refused("objection-text-missing"):
        object_to(team[0], " ")
    with refused("guarantor-not-of-draw"):
        object_to(ceremony.guarantor_of(99), "moi aussi")
    number = object_to(team[0], "La liste n’a pas été affichée en mairie.")
    with refused("objection-text-missing"):
        answer(number, "")
    with refused("objection-unknown"):
        answer(99, "Elle l’a été.")
    answer(number, "Elle l’a été le lundi.")
    with refused("objection-already-answered"):
        answer(number, "Ou le mardi.")
    (found,) = make.fresh(store, draw).objections
    assert (found.name, found.answer) == (team[0].name, "Elle l’a été le lundi.")
    assert history(store, draw)[-2:] == ["objection-filed", "objection-answered"]


def test_nobody_objects_to_a_draw_that_is_not_frozen(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = make.draw(store, pool)
    with refused("draw-is-prepared"), store.writing() as session:
        objections.file(session, team[0].actor, draw, "trop tôt")
