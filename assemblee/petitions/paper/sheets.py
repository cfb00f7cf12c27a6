"""Signatures on paper: sheets that two people read alike, and signers who count once however they signed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, selectinload

from assemblee.db import database_now
from assemblee.journal.actions import record
from assemblee.mail.addresses import mailbox
from assemblee.petitions.paper.models import PaperLine, Sheet, SheetReading, SheetState
from assemblee.petitions.petition import counting, queries
from assemblee.petitions.petition.marks import folded, person_mark
from assemblee.petitions.petition.models import Origin, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.petition.moving import locked
from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import codes, doubles
from assemblee.petitions.signing.doubles import yield_to
from assemblee.petitions.signing.models import ToldApart
from assemblee.petitions.text import checking
from assemblee.refusal import Refusal
from assemblee.security import Actor
from assemblee.written import has_letter, one_line

__all__ = [
    "Entry",
    "Line",
    "differing",
    "enter",
    "find",
    "forget",
    "print_sheets",
    "require_signable",
    "yield_to",
]

LINES = 15
CODE_SYMBOLS = 8
MOST_AT_ONCE = 200
LONGEST = 200
SALT_BYTES = 16


@dataclass(frozen=True)
class Line:
    """What somebody read on a line; all is empty where the line is empty or struck out."""

    name: str = ""
    place: str = ""
    email: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it."""
        return not (self.name or self.place or self.email)

    @property
    def key(self) -> tuple[str, str, str]:
        """What two people who read it have to agree on: not on capitals, nor on accents."""
        return folded(self.name), folded(self.place), mailbox(self.email).key if self.email else ""


@dataclass(frozen=True)
class Entry:
    """What came of reading a sheet.

    Parameters
    ----------
    is_entered : bool
        Whether two people have read the same, so that its lines are signatures now.
    differing : tuple of int
        The lines, from 1, that somebody else read otherwise.
    counted, doubles : int
        New signatures that count, and those of people who had signed already.
    """

    is_entered: bool
    differing: tuple[int, ...] = ()
    counted: int = 0
    doubles: int = 0


def require_signable(session: Session, petition: Petition) -> None:
    """Refuse a signature where none is taken.

    Raises
    ------
    Refusal
        `petition-is-...`.
    """
    now = database_now(session)
    if not queries.can_be_signed(petition, now):
        raise Refusal(f"petition-is-{queries.phase(petition, now)}")


def print_sheets(session: Session, actor: Actor, petition: Petition, number: int) -> list[Sheet]:
    """Make sheets to sign on, each with a number and a code of its own.

    Raises
    ------
    Refusal
        `petition-is-...` or `sheets-number-invalid`.
    """
    petition = locked(session, petition)
    require_signable(session, petition)
    if not 1 <= number <= MOST_AT_ONCE:
        raise Refusal("sheets-number-invalid", status=422, most=MOST_AT_ONCE)
    before = session.scalar(select(func.max(Sheet.number)).where(Sheet.petition_id == petition.id)) or 0
    now = database_now(session)
    made = [
        Sheet(
            petition=petition,
            number=before + place,
            code=codes.new(CODE_SYMBOLS),
            state=SheetState.PRINTED,
            printed_at=now,
        )
        for place in range(1, number + 1)
    ]
    session.add_all(made)
    session.flush()
    record(
        session,
        actor,
        "paper-sheets-printed",
        mandate=petition.mandate_id,
        petition=petition.id,
        first=before + 1,
        last=before + number,
    )
    return made


def enter(session: Session, actor: Actor, petition: Petition, code: str, lines: Sequence[Line]) -> Entry:
    """Note what somebody reads on a sheet; its lines are signatures once a second person reads the same.

    Raises
    ------
    Refusal
        `account-unknown`, `petition-is-...`, `paper-sheet-unknown`, `paper-sheet-entered`,
        `paper-sheet-empty`, `paper-line-incomplete`, `paper-line-place-unknown` or
        `paper-line-email-invalid`, with the number of the line.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    petition = locked(session, petition)
    require_signable(session, petition)
    sheet = find(session, petition, code)
    if sheet.state == SheetState.ENTERED:
        raise Refusal("paper-sheet-entered", status=422, number=sheet.number)
    read = _checked(rules_of(petition.version), lines)
    others = {one.account_id: one for one in sheet.readings if one.account_id != actor.account}
    keys = _keys(read)
    agrees = next((one for one in others.values() if _keys(_lines(one)) == keys), None)
    if agrees is not None:
        return _accept(session, actor, sheet, read, agrees.account_id)
    own = next((one for one in sheet.readings if one.account_id == actor.account), None)
    if own is None:
        own = SheetReading(sheet_id=sheet.id, account_id=actor.account)
    own.lines = [[line.name, line.place, line.email] for line in read]
    own.at = database_now(session)
    session.add(own)
    sheet.state = SheetState.DIFFERENT if others else SheetState.READ
    session.flush()
    return Entry(is_entered=False, differing=differing([*others.values(), own]))


def differing(readings: Sequence[SheetReading]) -> tuple[int, ...]:
    """Return the lines, from 1, on which not everybody read the same."""
    read = [_keys(_lines(one)) for one in readings]
    return tuple(place + 1 for place in range(LINES) if len({keys[place] for keys in read}) > 1)


def find(session: Session, petition: Petition, code: str) -> Sheet:
    """Return the sheet of a petition that a code stands on.

    Raises
    ------
    Refusal
        `paper-sheet-unknown`.
    """
    wanted = codes.meant(code, CODE_SYMBOLS) or ""
    grouped = "-".join(wanted[start : start + codes.GROUP] for start in range(0, len(wanted), codes.GROUP))
    sheet = session.scalar(
        select(Sheet)
        .options(selectinload(Sheet.readings))
        .where(Sheet.petition_id == petition.id, Sheet.code == grouped)
        .execution_options(populate_existing=True)
    )
    if sheet is None:
        raise Refusal("paper-sheet-unknown", status=422)
    return sheet


def _lines(reading: SheetReading) -> list[Line]:
    return [Line(*values) for values in reading.lines]


def _keys(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    found = [line.key for line in lines]
    return found + [Line().key] * (LINES - len(found))


def _checked(rules: PetitionRules, lines: Sequence[Line]) -> list[Line]:
    if len(lines) > LINES:
        raise Refusal("paper-sheet-too-long", status=422, most=LINES)
    checked = []
    for number, line in enumerate(lines, start=1):
        name, place, email = one_line(line.name), one_line(line.place), line.email.strip()
        if name or place or email:
            if not (has_letter(name) and place) or max(len(name), len(place)) > LONGEST:
                raise Refusal("paper-line-incomplete", status=422, line=number)
            if rules.districts and place not in rules.districts:
                raise Refusal("paper-line-place-unknown", status=422, line=number)
        try:
            checked.append(Line(name, place, mailbox(email).address if email else ""))
        except Refusal:
            raise Refusal("paper-line-email-invalid", status=422, line=number) from None
    if all(line.is_empty for line in checked):
        raise Refusal("paper-sheet-empty", status=422)
    return checked


def _accept(session: Session, actor: Actor, sheet: Sheet, lines: Sequence[Line], first: int) -> Entry:
    petition = sheet.petition
    # A line may open the assembly, and the terms are never locked once the journal is held.
    counting.hold_terms(session, petition)
    counted = again = 0
    for number, line in enumerate(lines, start=1):
        if line.is_empty:
            continue
        made = _signature(session, petition, line)
        session.add(PaperLine(sheet_id=sheet.id, line=number, signature_id=made.id))
        twin = doubles.twin(session, petition, made)
        if twin is not None:
            made.state, made.instead_of_id = SignatureState.DOUBLE, twin.id
            again += 1
            continue
        doubles.count(session, actor, petition, made)
        counted += 1
    # What they read is in the signatures now.
    session.execute(delete(SheetReading).where(SheetReading.sheet_id == sheet.id))
    session.expire(sheet, ["readings"])
    leaf = record(
        session,
        actor,
        "paper-sheet-entered",
        mandate=petition.mandate_id,
        petition=petition.id,
        sheet=sheet.number,
        first=f"account-{first}",
        counted=counted,
        doubles=again,
    )
    sheet.state, sheet.entered_at, sheet.leaf = SheetState.ENTERED, leaf.at, leaf.position
    session.flush()
    checking.take_sponsor(session, actor, petition)
    return Entry(is_entered=True, counted=counted, doubles=again)


def _signature(session: Session, petition: Petition, line: Line) -> Signature:
    has_districts = bool(rules_of(petition.version).districts)
    made = Signature(
        petition_id=petition.id,
        petition=petition,
        origin=Origin.PAPER,
        state=SignatureState.PENDING,
        name=line.name,
        email=line.email or None,
        district=line.place if has_districts else None,
        place=None if has_districts else line.place,
        # The mailbox is marked once it counts: a person who signed twice has one row that answers for it.
        email_mark=None,
        slot=0,
        person_mark=person_mark(session, petition.mandate_id, line.name, line.place),
        is_sponsor=petition.state == PetitionState.SPONSORS,
        is_public=False,
        wants_news=False,
        language="fr",
        nonce=secrets.token_urlsafe(24),
        salt=secrets.token_hex(SALT_BYTES),
        asked_at=database_now(session),
    )
    session.add(made)
    session.flush()
    return made


def forget(session: Session, petition: Petition) -> None:
    """Erase what was read on sheets of an ended petition, and why people were told apart."""
    of_petition = select(Sheet.id).where(Sheet.petition_id == petition.id)
    session.execute(delete(SheetReading).where(SheetReading.sheet_id.in_(of_petition)))
    signatures = select(Signature.id).where(Signature.petition_id == petition.id)
    session.execute(update(ToldApart).where(ToldApart.signature_id.in_(signatures)).values(reason=""))
