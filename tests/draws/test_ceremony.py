from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.db import Store
from assemblee.draws import ceremony as verbs
from assemblee.draws import choice
from assemblee.draws.models import Draw, DrawState, Outcome
from assemblee.journal import actions as journal
from assemblee.journal.models import Checkpoint, Leaf
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE, Role
from sortition import protocol
from tests import ceremony, make
from tests.answers import at_once, refused
from tests.ceremony import Guarantor, after

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


@pytest.mark.both_stores
def test_withholding_guarantors_lead_to_the_announced_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    assert len(OUTCOMES) == 3**6
    draw = ceremony.frozen(store, pool)
    seeds = set()
    for signers, revealers in OUTCOMES[::17]:
        ended = play(store, draw, team, signers, revealers)
        expected = announced(draw, team, revealers) if len(signers) >= 4 else "draw-has-lapsed"
        assert ended == expected, (signers, revealers)
        seeds.add(ended)
    assert len(seeds) > 20


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Take back what is done within."""
    step = session.begin_nested()
    try:
        yield
    finally:
        step.rollback()


@dataclass(frozen=True)
class Stage:
    """A ceremony in a session that nobody commits, where each step is taken once and undone."""

    session: Session
    draw: Draw
    team: list[Guarantor]

    def endings(
        self, signers: tuple[int, ...] = ()
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], str]]:
        """Give who signed, who showed their secret, and what followed, for all who sign after these."""
        yield from self.shown(signers, ())
        for place in range(signers[-1] + 1 if signers else 0, len(self.team)):
            with undone(self.session):
                actor, note = self.team[place].actor, self.team[place].cosign_note(self.draw)
                verbs.cosign(self.session, actor, self.draw, note)
                yield from self.endings((*signers, place))

    def shown(
        self, signers: tuple[int, ...], revealers: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], str]]:
        with undone(self.session):
            ended = self.end()
        yield signers, revealers, ended
        if len(signers) < 4:
            return
        for place in signers[signers.index(revealers[-1]) + 1 if revealers else 0 :]:
            with undone(self.session):
                with after(self.draw.cosign_until):
                    secret = self.team[place].secret().hex()
                    verbs.reveal(self.session, self.team[place].actor, self.draw, secret)
                yield from self.shown(signers, (*revealers, place))

    def end(self) -> str:
        with after(self.draw.beacon_at):
            try:
                for guarantor in self.team[:2]:
                    choice.type_numbers(self.session, guarantor.actor, self.draw, ceremony.LOTO)
            except Refusal as answer:
                return answer.code
        return str(self.session.scalars(select(Outcome.seed)).one())


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_each_subset_of_withholding_guarantors_leads_to_the_announced_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    # 10 s: of 729 ceremonies 538 can be told apart, and each has two acts of its own at least.
    draw = ceremony.frozen(store, pool)
    with Session(store._writer, info=store._info) as session:
        found = list(Stage(session, session.get_one(Draw, draw.id), team).endings())
    for signers, revealers, ended in found:
        expected = announced(draw, team, revealers) if len(signers) >= 4 else "draw-has-lapsed"
        assert ended == expected, (signers, revealers)
    # Whoever could show a secret where too few signed can show none: one ending stands for all of these.
    assert [(signers, shown) for signers, shown in OUTCOMES if len(signers) >= 4 or not shown] == sorted(
        ((signers, shown) for signers, shown, _ in found), key=OUTCOMES.index
    )
    # One seed for each of the 64 sets of secrets shown, and the refusal of those whom too few signed.
    assert len({ended for *_, ended in found}) == 64 + 1


@pytest.mark.both_stores
def test_a_draw_is_held_once_however_many_type_at_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    for guarantor in team:
        ceremony.cosign(store, draw, guarantor)
    with after(draw.beacon_at):
        answers = at_once(
            [
                lambda guarantor=guarantor: ceremony.type_numbers(store, draw, guarantor, ceremony.LOTO)
                for guarantor in team
            ]
        )
    assert answers == ["done"] * 2 + ["draw-is-held"] * 4
    assert make.leaves(store, "draw-held") == make.leaves(store, "draw-beacon") == 1
    with store.reading() as session:
        assert len(session.scalars(select(Outcome)).all()) == 1


@pytest.mark.both_stores
def test_a_guarantor_who_sends_twice_at_once_is_counted_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    assert (
        at_once([lambda: ceremony.cosign(store, draw, team[0])] * 4)
        == ["done"] + ["draw-already-cosigned"] * 3
    )
    assert make.leaves(store, "draw-cosigned") == 1


@pytest.mark.only("sqlite")
def test_the_database_itself_refuses_a_second_real_outcome(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)
    with store.writing() as session:
        row = session.get_one(Draw, draw.id)
        row.state = DrawState.READY
        row.guarantors[0].numbers = None
    with after(draw.beacon_at), refused("draw-is-held"):
        ceremony.type_numbers(store, draw, team[0], ceremony.LOTO)


def test_a_guarantor_keeps_their_part_when_their_role_is_taken_back(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    nobody = Guarantor(
        replace(team[0].actor, roles=frozenset({Role.EVERYONE, Role.SIGNED_IN})), team[0].signer
    )
    ceremony.cosign(store, draw, nobody)
    assert make.fresh(store, draw).cosigned == 1


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


@pytest.mark.both_stores
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


@pytest.mark.both_stores
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
            choice.record_round(session, COMMAND_LINE, draw, ceremony.SIGNATURE)
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


@pytest.mark.both_stores
def test_a_fault_between_the_act_and_its_leaf_leaves_neither(
    store: Store, pool: Pool, team: list[Guarantor], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = ceremony.frozen(store, pool)
    before = make.leaves(store, "draw-cosigned")
    record = journal.record

    def fail(*arguments: object, **options: object) -> None:
        record(*arguments, **options)
        raise ZeroDivisionError

    monkeypatch.setattr(journal, "record", fail)
    with pytest.raises(ZeroDivisionError):
        ceremony.cosign(store, draw, team[0])
    monkeypatch.setattr(journal, "record", record)
    assert make.leaves(store, "draw-cosigned") == before
    assert make.fresh(store, draw).cosigned == 0
    assert hashlib.sha256(str(make.fresh(store, draw).lottery_text).encode()).hexdigest() == draw.lottery_hash
