"""Votes on paper: sheets without a name, read by two people who must agree before one is in the box."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assemblee.consultations import casting, queries
from assemblee.consultations.models import Consultation, Phase, SheetEntry, VotingCode, VotingMeans
from assemblee.journal.actions import record
from assemblee.refusal import Refusal
from assemblee.security import Actor
from votes.receipts import BadCode, code_digest, message_of_code, new_code, token_id

MOST_AT_ONCE = 500


def print_sheets(session: Session, actor: Actor, consultation: Consultation, number: int) -> list[str]:
    """Make codes for paper ballots, and return them to be printed; they are shown this once.

    Raises
    ------
    Refusal
        `consultation-is-...`, `consultation-is-not-secret` or `sheets-number-invalid`.
    """
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.ANNOUNCED, Phase.OPEN)
    if not consultation.is_secret:
        raise Refusal("consultation-is-not-secret")
    if not 1 <= number <= MOST_AT_ONCE:
        raise Refusal("sheets-number-invalid", status=422, most=MOST_AT_ONCE)
    codes = [new_code() for _ in range(number)]
    session.add_all(
        VotingCode(consultation_id=consultation.id, digest=code_digest(code), is_sheet=True) for code in codes
    )
    session.flush()
    printed, _ = queries.sheets(session, consultation)
    record(
        session,
        actor,
        "sheets-printed",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        number=number,
        printed=printed,
    )
    return codes


def enter(session: Session, actor: Actor, consultation: Consultation, code: str, ballot: bytes) -> bool:
    """Enter a paper ballot; it is in the box once two people have entered the same.

    Returns
    -------
    bool
        Whether it is in the box now; if not, a second person has yet to enter it, or entered otherwise.

    Raises
    ------
    Refusal
        `consultation-is-...`, `sheet-unknown`, `sheet-already-entered`, `sheets-exceed-marks`,
        `ballot-invalid` or `ballot-incomplete`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    consultation = queries.locked(session, consultation)
    queries.require_phase(session, consultation, Phase.CLOSED)
    casting.checked(queries.rules(consultation), ballot)
    sheet = _sheet(session, consultation, code)
    if sheet.is_entered:
        raise Refusal("sheet-already-entered", status=422)
    _, entered = queries.sheets(session, consultation)
    if entered >= queries.marks(session, consultation, VotingMeans.COUNTER):
        raise Refusal("sheets-exceed-marks", entered=entered)
    read = {
        entry.account_id: entry
        for entry in session.scalars(
            select(SheetEntry).where(
                SheetEntry.consultation_id == consultation.id, SheetEntry.digest == sheet.digest
            )
        )
    }
    agrees = next(
        (account for account, entry in read.items() if account != actor.account and entry.ballot == ballot),
        None,
    )
    if agrees is None:
        own = read.get(actor.account) or SheetEntry(
            consultation_id=consultation.id, digest=sheet.digest, account_id=actor.account
        )
        own.ballot = ballot
        session.add(own)
        return False
    casting.put(session, consultation, token_id(message_of_code(code)), ballot, Phase.CLOSED)
    sheet.is_entered = True
    session.execute(
        delete(SheetEntry).where(
            SheetEntry.consultation_id == consultation.id, SheetEntry.digest == sheet.digest
        )
    )
    record(
        session,
        actor,
        "sheet-entered",
        mandate=consultation.mandate_id,
        consultation=consultation.id,
        first=f"account-{agrees}",
        entered=entered + 1,
    )
    return True


def _sheet(session: Session, consultation: Consultation, code: str) -> VotingCode:
    try:
        digest = code_digest(code)
    except BadCode:
        raise Refusal("sheet-unknown", status=422) from None
    sheet = session.get(VotingCode, (consultation.id, digest), populate_existing=True)
    if sheet is None or not sheet.is_sheet:
        raise Refusal("sheet-unknown", status=422)
    return sheet
