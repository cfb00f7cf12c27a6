"""Reads of mandates, charters and roles."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from assemblee.accounts.models import Account
from assemblee.mandates.models import CharterVersion, Mandate, RoleHolding
from assemblee.refusal import Refusal
from assemblee.security import Actor, Role

# Nearly every page begins with it, and writing a statement takes longer than asking it.
OF_SLUG = select(Mandate).where(Mandate.slug == bindparam("slug"))


def mandate_by_slug(session: Session, slug: str) -> Mandate:
    """Return the mandate of an address.

    Raises
    ------
    Refusal
        `mandate-unknown`.
    """
    mandate = session.scalar(OF_SLUG, {"slug": slug})
    if mandate is None:
        raise Refusal("mandate-unknown", status=404)
    return mandate


def all_mandates(session: Session) -> list[Mandate]:
    """Return every mandate, by name."""
    return list(session.scalars(select(Mandate).order_by(Mandate.name)))


def holdings(session: Session, mandate: Mandate) -> list[RoleHolding]:
    """Return who holds which role in a mandate."""
    return list(
        session.scalars(
            select(RoleHolding)
            .options(joinedload(RoleHolding.account))
            .join(Account)
            .where(RoleHolding.mandate_id == mandate.id)
            .order_by(RoleHolding.role, Account.email)
        )
    )


def mandates_of(session: Session, account: Account) -> list[RoleHolding]:
    """Return the roles of an account, with their mandates."""
    return list(
        session.scalars(
            select(RoleHolding)
            .options(joinedload(RoleHolding.mandate))
            .where(RoleHolding.account_id == account.id)
            .order_by(RoleHolding.mandate_id, RoleHolding.role)
        )
    )


def actor_of(session: Session, account: Account | None, mandate: Mandate | None) -> Actor:
    """Return who an account is in a mandate, or outside any."""
    if account is None:
        return Actor()
    roles = {Role.EVERYONE, Role.SIGNED_IN}
    if account.is_operator:
        roles.add(Role.OPERATOR)
    if mandate is not None:
        held = session.scalars(
            select(RoleHolding.role).where(
                RoleHolding.mandate_id == mandate.id, RoleHolding.account_id == account.id
            )
        )
        roles.update(Role(role) for role in held)
    return Actor(account.id, frozenset(roles))


def is_staff(session: Session, account: Account) -> bool:
    """Tell whether an account runs the installation or a mandate, or watches over one."""
    held = select(RoleHolding.id).where(
        RoleHolding.account_id == account.id, RoleHolding.role.in_((Role.ORGANISER, Role.GUARANTOR))
    )
    return account.is_operator or session.scalar(held.limit(1)) is not None


def guarantors(session: Session, mandate_id: int) -> list[int]:
    """Return the accounts of the guarantors of a mandate."""
    return list(
        session.scalars(
            select(RoleHolding.account_id)
            .where(RoleHolding.mandate_id == mandate_id, RoleHolding.role == Role.GUARANTOR)
            .order_by(RoleHolding.account_id)
        )
    )


def charters(session: Session, mandate: Mandate) -> list[CharterVersion]:
    """Return every version of the charter, newest first."""
    return list(
        session.scalars(
            select(CharterVersion)
            .where(CharterVersion.mandate_id == mandate.id)
            .order_by(CharterVersion.number.desc())
        )
    )


def charter(session: Session, mandate: Mandate) -> CharterVersion | None:
    """Return the version in force, if there is one."""
    return session.scalars(
        select(CharterVersion)
        .where(CharterVersion.mandate_id == mandate.id)
        .order_by(CharterVersion.number.desc())
        .limit(1)
    ).first()
