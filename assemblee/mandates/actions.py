"""The verbs of mandates: create one, give and take back a role."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.journal.actions import record
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role

MANDATE_ROLES = (Role.ORGANISER, Role.GUARANTOR, Role.CITIZEN)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class MandateFacts:
    """What a mandate is: the values of the form that creates it."""

    slug: str
    name: str
    representative: str
    territory: str
    inhabitants_over_16: int
    term_start: date
    term_end: date
    time_zone: str = "Europe/Paris"


def create(session: Session, actor: Actor, facts: MandateFacts) -> Mandate:
    """Create a mandate.

    Raises
    ------
    Refusal
        `mandate-slug-invalid`, `mandate-slug-taken`, `mandate-term-invalid`, `mandate-inhabitants-invalid`
        or `mandate-zone-unknown`.
    """
    if not SLUG.fullmatch(facts.slug):
        raise Refusal("mandate-slug-invalid", status=422)
    if facts.term_start >= facts.term_end:
        raise Refusal("mandate-term-invalid", status=422)
    if facts.inhabitants_over_16 < 1:
        raise Refusal("mandate-inhabitants-invalid", status=422)
    try:
        ZoneInfo(facts.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refusal("mandate-zone-unknown", status=422, zone=facts.time_zone) from None
    mandate = Mandate(**vars(facts), created_at=clock.now())
    session.add(mandate)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("mandate-slug-taken", slug=facts.slug) from None
    record(
        session,
        actor,
        "mandate-created",
        mandate=mandate.id,
        slug=facts.slug,
        inhabitants_over_16=facts.inhabitants_over_16,
        term_start=facts.term_start.isoformat(),
        term_end=facts.term_end.isoformat(),
    )
    return mandate


def give_role(session: Session, actor: Actor, mandate: Mandate, email: str, role: Role) -> RoleHolding:
    """Give a role in a mandate to an address; its account is made if there is none.

    Raises
    ------
    Refusal
        `role-not-of-mandate`, `role-already-held` or `email-invalid`.
    """
    if role not in MANDATE_ROLES:
        raise Refusal("role-not-of-mandate", status=422)
    account = accounts.ensure(session, email)
    holding = RoleHolding(mandate_id=mandate.id, account_id=account.id, role=role, since=clock.now())
    session.add(holding)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("role-already-held") from None
    record(session, actor, "role-given", mandate=mandate.id, account=account.id, role=str(role))
    return holding


def take_role(session: Session, actor: Actor, mandate: Mandate, holding_id: int) -> None:
    """Take a role back.

    Raises
    ------
    Refusal
        `role-not-held`: unknown here, or already taken back.
    """
    holding = session.scalar(
        select(RoleHolding).where(RoleHolding.id == holding_id, RoleHolding.mandate_id == mandate.id)
    )
    if holding is None:
        raise Refusal("role-not-held", status=404)
    taken = session.scalar(delete(RoleHolding).where(RoleHolding.id == holding_id).returning(RoleHolding.id))
    if taken is None:
        raise Refusal("role-not-held", status=404)
    record(
        session, actor, "role-taken-back", mandate=mandate.id, account=holding.account_id, role=holding.role
    )
