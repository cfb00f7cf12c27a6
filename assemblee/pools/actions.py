"""The verbs of pools: create, set quotas, import, volunteer, withdraw, erase."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.journal.actions import record
from assemblee.mail.addresses import key_of
from assemblee.mail.models import Mail
from assemblee.pools import checks, imports, queries
from assemblee.pools.models import Category, Pool, Quota, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.tabular import Notice, in_order, scan_table
from assemblee.written import has_letter, one_line
from sortition.quotas import quotas_of

# Rooms above that keep something of a person enter here how they forget it.
ON_ERASE: list[Callable[[Session, int], None]] = []


def locked(session: Session, pool: Pool) -> Pool:
    """Return the pool with its row locked, so that changes to it take turns."""
    return session.scalars(
        select(Pool).where(Pool.id == pool.id).with_for_update().execution_options(populate_existing=True)
    ).one()


def create(session: Session, actor: Actor, mandate_id: int, name: str, size: int) -> Pool:
    """Create an empty pool.

    Raises
    ------
    Refusal
        `pool-name-missing`, `pool-size-invalid` or `pool-name-taken`.
    """
    if not name.strip():
        raise Refusal("pool-name-missing", status=422)
    if size < 1:
        raise Refusal("pool-size-invalid", status=422)
    pool = Pool(
        mandate_id=mandate_id,
        name=name.strip(),
        size=size,
        is_open=False,
        salt=secrets.token_hex(16),
        created_at=clock.now(),
        categories=[],
    )
    session.add(pool)
    try:
        session.flush()
    except IntegrityError:
        raise Refusal("pool-name-taken") from None
    record(session, actor, "pool-created", mandate=mandate_id, pool=pool.id, size=size)
    return pool


def set_quotas(
    session: Session, actor: Actor, pool: Pool, cells: Sequence[sortition.Cell], size: int
) -> None:
    """Replace the categories, quotas and size of a pool.

    Raises
    ------
    Refusal
        `pool-size-invalid`, `quota-bounds`, or `quota-value-in-use`: volunteers hold a value, or would lack a
        category, that the new table does not fit; nothing is changed.
    """
    pool = locked(session, pool)
    if size < 1:
        raise Refusal("pool-size-invalid", status=422)
    for cell in cells:
        if not 0 <= cell.minimum <= cell.maximum:
            raise Refusal("quota-bounds", status=422, category=cell.category, value=cell.value)
    names: dict[str, list[sortition.Cell]] = {}
    for cell in cells:
        names.setdefault(cell.category, []).append(cell)
    people = session.scalars(
        select(Volunteer.traits).where(Volunteer.pool_id == pool.id, Volunteer.state != VolunteerState.ERASED)
    )
    for traits in people:
        for category, offered in names.items():
            if traits.get(category) not in {cell.value for cell in offered}:
                raise Refusal("quota-value-in-use", category=category, value=traits.get(category) or "-")
    _write_quotas(session, pool, names)
    pool.size = size
    changed(session, pool)
    checks.ask(session, pool)
    record(
        session,
        actor,
        "quotas-set",
        mandate=pool.mandate_id,
        pool=pool.id,
        size=size,
        quotas=[_told(cell) for cell in cells],
    )


def _told(cell: sortition.Cell) -> list[str | int]:
    """Return a quota as its leaf has it, with its flexible bounds where it has some."""
    flexible = [
        bound if flex is None else flex
        for bound, flex in ((cell.minimum, cell.minimum_flex), (cell.maximum, cell.maximum_flex))
    ]
    is_flexible = cell.minimum_flex is not None or cell.maximum_flex is not None
    return [cell.category, cell.value, cell.minimum, cell.maximum, *(flexible if is_flexible else ())]


def changed(session: Session, pool: Pool) -> None:
    """Note that people, quotas or size of a pool are others than before."""
    pool.revision += 1
    session.flush()


def _write_quotas(session: Session, pool: Pool, names: dict[str, list[sortition.Cell]]) -> None:
    old = {category.name: category for category in pool.categories}
    for name, category in old.items():
        if name not in names:
            pool.categories.remove(category)
    session.flush()
    for place, (name, cells) in enumerate(names.items()):
        category = old.get(name) or Category(name=name, position=place, values=[])
        if name not in old:
            pool.categories.append(category)
        category.position = place
        kept = {value.name: value for value in category.values}
        wanted = {cell.value for cell in cells}
        for value_name, value in kept.items():
            if value_name not in wanted:
                category.values.remove(value)
        for position, cell in enumerate(cells):
            quota = kept.get(cell.value)
            if quota is None:
                quota = Quota(name=cell.value, position=position, minimum=0, maximum=0)
                category.values.append(quota)
            quota.position, quota.minimum, quota.maximum = position, cell.minimum, cell.maximum
            quota.minimum_flex, quota.maximum_flex = cell.minimum_flex, cell.maximum_flex


def import_quotas(session: Session, actor: Actor, pool: Pool, content: bytes, file: str) -> list[Notice]:
    """Replace the quotas of a pool by those of a file, and return what was read otherwise than it stands.

    Raises
    ------
    sortition.UnreadableFiles
        With every problem of the file; nothing is changed.
    Refusal
        As `set_quotas`.
    """
    table, problems = scan_table(content, file)
    quotas, more, notices = quotas_of(table)
    if problems or more:
        raise sortition.UnreadableFiles(in_order([*problems, *more]))
    set_quotas(session, actor, pool, quotas.cells, pool.size)
    return [*table.notices, *notices]


def set_open(session: Session, actor: Actor, pool: Pool, *, is_open: bool) -> None:
    """Open or close the public form of a pool.

    Raises
    ------
    Refusal
        `import-without-categories`: the form would have nothing to ask.
    """
    pool = locked(session, pool)
    if is_open and not pool.categories:
        raise Refusal("import-without-categories")
    if pool.is_open != is_open:
        pool.is_open = is_open
        record(
            session,
            actor,
            "pool-opened" if is_open else "pool-closed",
            mandate=pool.mandate_id,
            pool=pool.id,
        )


def require_volunteer(pool: Pool, name: str, traits: dict[str, str]) -> None:
    """Refuse a name without a letter, and answers that are not those of the pool's categories.

    Raises
    ------
    Refusal
        `volunteer-name-missing` or `volunteer-traits-invalid`.
    """
    if not has_letter(name):
        raise Refusal("volunteer-name-missing", status=422)
    for category in pool.categories:
        if traits.get(category.name) not in {value.name for value in category.values}:
            raise Refusal("volunteer-traits-invalid", status=422, category=category.name)


def volunteer(
    session: Session,
    actor: Actor,
    pool: Pool,
    *,
    name: str,
    email: str | None,
    traits: dict[str, str],
    may_publish: bool = False,
    invitation: str | None = None,
) -> Volunteer:
    """Take a person into the pool, or bring back one who had withdrawn.

    ``may_publish`` says whether they agreed that a draw publishes their answers under a pseudonym.
    ``invitation`` names the invitation of somebody who was written to: they may come while the public form is
    closed, and without an address.

    Raises
    ------
    Refusal
        `pool-closed`, `volunteer-name-missing`, `volunteer-traits-invalid` or `volunteer-already-in`.
    """
    pool = locked(session, pool)
    reference = email or invitation
    if reference is None or not (pool.is_open or invitation):
        raise Refusal("pool-closed")
    require_volunteer(pool, name, traits)
    key = key_of(email)
    # Before the mailbox had a key, those who came by the form were known by the address alone.
    marks = {imports.reference_hash(pool, one) for one in (key, reference) if one}
    mark = imports.reference_hash(pool, key or reference)
    known = {category.name for category in pool.categories}
    now = clock.now()
    person = session.scalar(
        select(Volunteer)
        .where(
            Volunteer.pool_id == pool.id,
            or_(
                Volunteer.reference_hash.in_(marks),
                and_(Volunteer.email_key == key, Volunteer.email_key.is_not(None)),
            ),
        )
        # Several may stand under one mailbox: who still volunteers is the one who is in.
        .order_by(Volunteer.state != VolunteerState.VOLUNTEER, Volunteer.id)
        .limit(1)
    )
    if person is not None and person.state == VolunteerState.VOLUNTEER:
        raise Refusal("volunteer-already-in")
    if person is None:
        person = Volunteer(pool_id=pool.id, reference_hash=mark, reference=None, joined_at=now)
        session.add(person)
    # Somebody who was erased may come back by their own choice; only a file may not bring them back.
    person.name, person.email = one_line(name), email
    person.traits = {category: value for category, value in traits.items() if category in known}
    person.may_publish = may_publish
    person.state, person.changed_at = VolunteerState.VOLUNTEER, now
    changed(session, pool)
    record(session, actor, "volunteer-joined", mandate=pool.mandate_id, pool=pool.id, volunteer=person.id)
    return person


def withdraw(session: Session, actor: Actor, pool: Pool, volunteer_id: int) -> None:
    """Note that a person takes part in no later draw.

    Raises
    ------
    Refusal
        `volunteer-unknown` or `volunteer-not-in`.
    """
    pool = locked(session, pool)
    person = queries.volunteer(session, pool, volunteer_id)
    if person.state != VolunteerState.VOLUNTEER:
        raise Refusal("volunteer-not-in")
    person.state, person.changed_at = VolunteerState.WITHDRAWN, clock.now()
    changed(session, pool)
    record(session, actor, "volunteer-withdrawn", mandate=pool.mandate_id, pool=pool.id, volunteer=person.id)


def erase(session: Session, actor: Actor, pool: Pool, volunteer_id: int) -> None:
    """Erase a person and keep the row's number.

    Raises
    ------
    Refusal
        `volunteer-unknown` or `volunteer-already-erased`.
    """
    pool = locked(session, pool)
    person = queries.volunteer(session, pool, volunteer_id)
    if person.state == VolunteerState.ERASED:
        raise Refusal("volunteer-already-erased")
    # A letter that has not left yet would still name them.
    session.execute(delete(Mail).where(Mail.recipient == person.email, Mail.sent_at.is_(None)))
    person.name = person.email = person.reference = person.phone = person.address = None
    person.traits, person.sources, person.may_publish = {}, {}, False
    person.state, person.changed_at = VolunteerState.ERASED, clock.now()
    changed(session, pool)
    checks.forget(session, pool, person.id)
    for forget in ON_ERASE:
        forget(session, person.id)
    record(session, actor, "volunteer-erased", mandate=pool.mandate_id, pool=pool.id, volunteer=person.id)
