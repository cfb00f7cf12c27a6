"""Bodies that wait for a draw, as the room of draws asks for them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee.assemblies.seats import inviting
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Term, TermState
from assemblee.draws.bodies import FILLINGS, Filling
from assemblee.draws.models import Draw, DrawState
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import Actor


def _waiting(session: Session, mandate_id: int) -> list[tuple[int, str]]:
    planned = [
        term
        for term in queries.terms(session, mandate_id)
        if term.state == TermState.PLANNED and (term.draw is None or term.draw.state == DrawState.CANCELLED)
    ]
    if not planned:
        return []
    charter = charters.current(session, session.get_one(Mandate, mandate_id))
    return [
        (term.id, f"{charter.body(term.body).name} {term.number} ({term.first:%d/%m/%Y})")
        for term in planned
        if charter.body(term.body).recipe.source == "pool"
    ]


def _prepare(session: Session, actor: Actor, body: tuple[int, int], pool: Pool, rule: str) -> Draw:
    return inviting.prepare_draw(session, actor, queries.term(session, *body), pool, rule=rule)


def _name_of(session: Session, draw: Draw) -> str | None:
    term = session.scalar(select(Term).where(Term.draw_id == draw.id))
    return None if term is None else queries.title(session, term)


FILLINGS.append(Filling(_waiting, _prepare, _name_of))
