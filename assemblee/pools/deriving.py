"""Categories whose values follow from a birth or a postcode: set, and followed again on another day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import sortition
from assemblee.journal.actions import record
from assemblee.pools import queries
from assemblee.pools.actions import changed, locked, set_quotas
from assemblee.pools.models import Category, Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition.derivation import AgeBands, Rule, Underivable, read_bands, read_postcodes, rule_of


def add(
    session: Session, actor: Actor, pool: Pool, name: str, lines: Sequence[str], *, on: date | None = None
) -> None:
    """Add a category whose value follows from a birth, in bands of age on a day, or from a postcode.

    Parameters
    ----------
    lines : sequence of str
        Bands (`sortition.derivation.read_bands`) where there is a day, postcodes without one.

    Raises
    ------
    Refusal
        `derivation-unreadable`, `category-name-taken`, or as `set_quotas`.
    """
    pool = locked(session, pool)
    if name in {category.name for category in pool.categories}:
        raise Refusal("category-name-taken", status=422)
    try:
        rule: Rule = read_postcodes(lines) if on is None else read_bands(lines, on)
    except Underivable as reason:
        place = str(reason.args[1]) if len(reason.args) > 1 else ""
        raise Refusal("derivation-unreadable", status=422, reason=str(reason.args[0]), line=place) from None
    values = dict.fromkeys(_values(rule))
    cells = (*queries.cells(pool), *(sortition.Cell(name, value, 0, pool.size) for value in values))
    set_quotas(session, actor, pool, cells, pool.size)
    category = next(one for one in pool.categories if one.name == name)
    category.rule = rule.to_document()
    _tell(session, actor, pool, category)


def _values(rule: Rule) -> Sequence[str]:
    if isinstance(rule, AgeBands):
        return [band.value for band in rule.bands]
    return list(rule.postcodes.values())


def move(session: Session, actor: Actor, pool: Pool, category_name: str, on: date) -> int:
    """Let ages be those of another day, and return how many people change their band.

    Raises
    ------
    Refusal
        `category-unknown`, or `derivation-leaves-out`: on that day some people would have no band; nothing is
        changed.
    """
    pool = locked(session, pool)
    category = next((one for one in pool.categories if one.name == category_name), None)
    rule = rule_of(category.rule) if category is not None and category.rule else None
    if category is None or not isinstance(rule, AgeBands):
        raise Refusal("category-unknown", status=404)
    moved = replace(rule, on=on)
    rows = session.execute(
        select(Volunteer.id, Volunteer.traits, Volunteer.sources, Volunteer.state).where(
            Volunteer.pool_id == pool.id, Volunteer.state != VolunteerState.ERASED
        )
    )
    others, left_out = [], 0
    for row in rows:
        text = row.sources.get(category.name)
        if text is None:
            continue
        try:
            value = moved.value_of(text)
        except Underivable:
            left_out += row.state == VolunteerState.VOLUNTEER
            continue
        if value != row.traits.get(category.name):
            others.append({"id": row.id, "traits": {**row.traits, category.name: value}})
    if left_out:
        raise Refusal("derivation-leaves-out", people=left_out)
    if others:
        session.execute(update(Volunteer), others)
    category.rule = moved.to_document()
    changed(session, pool)
    _tell(session, actor, pool, category, moved=len(others))
    return len(others)


def _tell(session: Session, actor: Actor, pool: Pool, category: Category, moved: int = 0) -> None:
    record(
        session,
        actor,
        "category-derived",
        mandate=pool.mandate_id,
        pool=pool.id,
        category=category.name,
        rule=category.rule,
        moved=moved,
    )
