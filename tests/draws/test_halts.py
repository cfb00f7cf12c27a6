from __future__ import annotations

import pytest
from sqlalchemy import select

from assemblee.db import Store
from assemblee.draws import freezing, halts, objections
from assemblee.draws.models import Draw, DrawState
from assemblee.journal.models import Leaf
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.answers import refused
from tests.ceremony import Guarantor, after


@pytest.mark.both_stores
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
    assert (draw.state, draw.cancel_reason) == (DrawState.CANCELLED, "la salle a brûlé hier")
    after_it = ceremony.frozen(store, pool)
    assert ceremony.document(after_it)["earlier"] == {"held": 0, "cancelled": 1, "lapsed": 0}
    with after(after_it.cosign_until):
        third = ceremony.frozen(store, pool)
    assert ceremony.document(third)["earlier"] == {"held": 0, "cancelled": 1, "lapsed": 1}


def test_cancelling_stops_the_computation(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    with store.writing() as session:
        freezing.freeze(session, COMMAND_LINE, draw, ceremony.terms(store))
    with store.writing() as session:
        halts.propose_cancel(session, COMMAND_LINE, draw, "la salle a brûlé")
    for guarantor in team[:4]:
        with store.writing() as session:
            row = session.get_one(Draw, draw.id)
            halts.sign_cancel(session, guarantor.actor, row, guarantor.cancel_note(row))
    make.finish_jobs(store)
    assert make.fresh(store, draw).state == DrawState.CANCELLED
    assert make.leaves(store, "lottery-published") == 0


@pytest.mark.both_stores
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
    assert ceremony.history(store, draw)[-2:] == ["objection-filed", "objection-answered"]


def test_nobody_objects_to_a_draw_that_is_not_frozen(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    draw = make.draw(store, pool)
    with refused("draw-is-prepared"), store.writing() as session:
        objections.file(session, team[0].actor, draw, "trop tôt")
