"""A file of people that waits for a yes: staged, read otherwise, kept at once or by the worker, given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.jobs import actions as jobs
from assemblee.jobs import queries as job_queries
from assemblee.journal.actions import record
from assemblee.mail.addresses import key_of
from assemblee.mandates.models import Mandate
from assemblee.pools import checks, imports
from assemblee.pools.actions import changed, locked
from assemblee.pools.models import ImportDraft, Pool, Volunteer, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import Actor
from sortition.people import IDENTITY, Person

DRAFT_LENGTH = timedelta(days=1)
LARGEST_FILE = 20 * 1024 * 1024
# Of a mandate, each with people who may never have said yes.
MOST_WAITING_FILES = 5
LONGEST_FILE_NAME = 200
# Beyond some two thousand lines.
LARGE_FILE = 256 * 1024
IMPORT = "people-import"


def stage(session: Session, pool: Pool, content: bytes, file: str, id_column: str | None) -> ImportDraft:
    """Keep a file beside its pool until the organiser has seen what it would do.

    Raises
    ------
    Refusal
        `import-too-large`, `import-without-categories`, or `import-drafts-too-many` of the mandate.
    """
    if len(content) > LARGEST_FILE:
        raise Refusal("import-too-large", status=413, megabytes=LARGEST_FILE // 2**20)
    if not pool.categories:
        raise Refusal("import-without-categories")
    # A file left waiting holds personal data that nobody asked to keep.
    session.execute(delete(ImportDraft).where(ImportDraft.made_at < clock.now() - DRAFT_LENGTH))
    # Two files that come at once count one after the other.
    session.get_one(Mandate, pool.mandate_id, with_for_update=True)
    waiting = (
        select(func.count()).select_from(ImportDraft).join(Pool).where(Pool.mandate_id == pool.mandate_id)
    )
    if (session.scalar(waiting) or 0) >= MOST_WAITING_FILES:
        raise Refusal("import-drafts-too-many", most=MOST_WAITING_FILES)
    choices = imports.Choices(columns={id_column: IDENTITY} if id_column else {})
    draft = ImportDraft(
        pool_id=pool.id,
        file_name=file[-LONGEST_FILE_NAME:],
        choices=choices.to_document(),
        content=content,
        made_at=clock.now(),
    )
    session.add(draft)
    session.flush()
    return draft


def draft_of(session: Session, pool: Pool, draft_id: int) -> ImportDraft:
    """Return a file that waits.

    Raises
    ------
    Refusal
        `import-unknown`: never there, or already applied.
    """
    draft = session.scalar(
        select(ImportDraft)
        .where(ImportDraft.id == draft_id, ImportDraft.pool_id == pool.id)
        .with_for_update()
    )
    if draft is None:
        raise Refusal("import-unknown", status=404)
    return draft


def read_as(
    session: Session,
    pool: Pool,
    draft_id: int,
    columns: Mapping[str, str],
    *,
    encoding: str | None = None,
    sheet: str | None = None,
) -> None:
    """Say how a file that waits is read, and what each of its columns holds.

    Raises
    ------
    Refusal
        `import-unknown`, or `job-already-open`: the worker takes it in just now.
    """
    draft = _idle(session, pool, draft_id)
    choices = imports.Choices.of(draft)
    # Another sheet has other columns.
    kept = {} if (encoding, sheet) != (choices.encoding, choices.sheet) else dict(columns)
    draft.choices = replace(choices, encoding=encoding, sheet=sheet, columns=kept).to_document()


def replace_word(
    session: Session, pool: Pool, draft_id: int, category: str, found: str, *, wanted: str | None
) -> None:
    """Read a word of a file that waits as a value of a category, or as it stands again.

    Raises
    ------
    Refusal
        `import-unknown`, `job-already-open`, or `volunteer-traits-invalid`: the category has no such value.
    """
    draft = _idle(session, pool, draft_id)
    values = {one.name: {value.name for value in one.values} for one in pool.categories}
    if wanted is not None and wanted not in values.get(category, ()):
        raise Refusal("volunteer-traits-invalid", status=422, category=category)
    choices = imports.Choices.of(draft)
    words = {name: dict(pairs) for name, pairs in choices.words.items()}
    words.setdefault(category, {}).pop(found, None)
    if wanted is not None:
        words[category][found] = wanted
    draft.choices = replace(choices, words=words).to_document()


def keep_without_addresses(session: Session, pool: Pool, draft_id: int, *, is_wanted: bool) -> None:
    """Keep the lines of a file that waits whose address is none, without it, or leave them out again.

    Raises
    ------
    Refusal
        `import-unknown`, or `job-already-open`: the worker takes it in just now.
    """
    draft = _idle(session, pool, draft_id)
    draft.choices = replace(imports.Choices.of(draft), without_addresses=is_wanted).to_document()


def is_large(draft: ImportDraft) -> bool:
    """Whether a file takes so long to import that the worker does it, and says how far it is."""
    return len(draft.content) > LARGE_FILE


def apply_later(session: Session, actor: Actor, pool: Pool, draft_id: int, *, may_publish: bool) -> None:
    """Let the worker write what the preview showed.

    Raises
    ------
    Refusal
        `import-unknown`, or `job-already-open`: another file of this pool is being imported.
    """
    pool = locked(session, pool)
    draft = draft_of(session, pool, draft_id)
    draft.kept_by, draft.may_publish = actor.account, may_publish
    jobs.start(session, IMPORT, pool.id, mandate=pool.mandate_id)


def apply_import(
    session: Session, actor: Actor, pool: Pool, draft_id: int, *, may_publish: bool = False
) -> imports.Preview:
    """Write what the preview showed, computed once more under the pool's lock.

    Lines that cannot be kept are left out; the same file twice changes nothing.

    Parameters
    ----------
    may_publish : bool
        Whether these people agreed that a draw publishes their answers under a pseudonym.

    Raises
    ------
    Refusal
        `import-unknown`, or `import-nothing-usable`.
    """
    pool = locked(session, pool)
    draft = draft_of(session, pool, draft_id)
    plan = imports.preview(session, pool, draft)
    if plan.is_unreadable:
        raise Refusal("import-nothing-usable", status=422)
    _write_people(session, pool, plan, may_publish=may_publish)
    pool.columns = {**pool.columns, **plan.mapped}
    pool.last_import = {
        "lines": plan.lines,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "refused": plan.refused_lines,
        "at": clock.now().isoformat(),
    }
    # The file holds personal data that now stands in the pool, and perhaps some that was refused.
    session.delete(draft)
    session.flush()
    if plan.kept:
        changed(session, pool)
        checks.ask(session, pool)
        record(
            session,
            actor,
            "people-imported",
            mandate=pool.mandate_id,
            pool=pool.id,
            read=plan.lines,
            new=len(plan.new),
            changed=len(plan.changed),
            refused=plan.refused_lines,
            may_publish=may_publish,
        )
    return plan


def _write_people(session: Session, pool: Pool, plan: imports.Preview, *, may_publish: bool) -> None:
    """Write new and changed people in one statement each, however many they are."""
    now = clock.now()
    new = [
        {
            "pool_id": pool.id,
            "reference_hash": imports.reference_hash(pool, person.reference),
            "reference": person.reference,
            **_kept_of(person),
            "traits": person.traits,
            "sources": person.sources,
            "may_publish": may_publish,
            "state": VolunteerState.VOLUNTEER,
            "joined_at": now,
            "changed_at": now,
        }
        for person in plan.new
    ]
    changed = [
        {
            "id": change.volunteer,
            "traits": change.person.traits,
            "sources": change.person.sources,
            "changed_at": now,
            **{name: value for name, value in _kept_of(change.person).items() if value},
        }
        for change in plan.changed
    ]
    if new:
        session.execute(insert(Volunteer), new)
    if changed:
        session.execute(update(Volunteer), changed)
        if may_publish:
            # Whoever came by the public form has answered for themselves.
            session.execute(
                update(Volunteer)
                .where(Volunteer.id.in_([row["id"] for row in changed]), Volunteer.reference.is_not(None))
                .values(may_publish=True)
            )
    session.expire_all()


def _kept_of(person: Person) -> dict[str, str | None]:
    return {
        "name": person.name or None,
        "email": person.email or None,
        "email_key": key_of(person.email or None),
        "phone": person.phone or None,
        "address": person.address or None,
    }


def drop_import(session: Session, pool: Pool, draft_id: int) -> None:
    """Forget a file that waits.

    Raises
    ------
    Refusal
        `import-unknown`, or `job-already-open`: the worker takes it in just now.
    """
    session.delete(_idle(session, pool, draft_id))


def _idle(session: Session, pool: Pool, draft_id: int) -> ImportDraft:
    """Return a file that nobody is taking in; what is read of it then stays what was agreed to."""
    pool = locked(session, pool)
    draft = draft_of(session, pool, draft_id)
    job = job_queries.latest(session, IMPORT, pool.id)
    if draft.kept_by is not None and job is not None and job.is_open:
        raise Refusal("job-already-open")
    return draft
