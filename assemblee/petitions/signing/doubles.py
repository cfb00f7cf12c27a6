"""People who sign twice, online or on paper: they count once, unless a guarantor says that they are two."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from assemblee.journal import tree
from assemblee.journal.actions import record
from assemblee.petitions.petition import counting
from assemblee.petitions.petition.marks import email_mark
from assemblee.petitions.petition.models import SIGNABLE, Origin, Petition, Signature, SignatureState
from assemblee.petitions.petition.moving import locked, require
from assemblee.petitions.rules.queries import rules_of
from assemblee.petitions.signing import letters
from assemblee.petitions.signing.models import ToldApart
from assemblee.refusal import Refusal
from assemblee.security import Actor

# A mark that is not known is like no other: nothing equals NULL.
TWINS = (
    select(Signature)
    .where(
        Signature.petition_id == bindparam("petition"),
        Signature.state == SignatureState.COUNTED,
        Signature.id != bindparam("signature"),
        or_(Signature.person_mark == bindparam("person"), Signature.email_mark == bindparam("mailbox")),
    )
    .order_by(Signature.id)
)


def _mark(session: Session, signature: Signature) -> str | None:
    if signature.email_mark is not None or not signature.email:
        return signature.email_mark
    return email_mark(session, signature.petition.mandate_id, signature.email)


def count(session: Session, actor: Actor, petition: Petition, signature: Signature) -> None:
    """Let a signature on paper of a locked petition count: its mailbox is taken, and told."""
    _take_mailbox(session, petition, signature)
    counting.count(session, actor, petition, signature)
    if signature.email:
        letters.entered(session, signature)


def _take_mailbox(session: Session, petition: Petition, signature: Signature) -> None:
    mark = _mark(session, signature)
    if mark is None or signature.email_mark is not None:
        return
    taken = set(
        session.scalars(
            select(Signature.slot).where(Signature.petition_id == petition.id, Signature.email_mark == mark)
        )
    )
    signature.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
    signature.email_mark = mark


def twins(session: Session, petition: Petition, signature: Signature) -> list[Signature]:
    """Return the other signatures that count and are of the same person, the oldest first.

    Those of a mailbox that the rules let several people share are the same person's only once it is full.
    """
    mark = _mark(session, signature)
    asked = {
        "petition": petition.id,
        "signature": signature.id,
        "person": signature.person_mark,
        "mailbox": mark,
    }
    signatures = session.scalars(TWINS, asked).all()
    if not signatures:
        return []
    is_full = sum(one.email_mark == mark for one in signatures) >= rules_of(petition.version).per_address
    apart = _told_apart(session, signature)
    return [
        one
        for one in signatures
        if one.id not in apart and (is_full or one.person_mark == signature.person_mark)
    ]


def twin(session: Session, petition: Petition, signature: Signature) -> Signature | None:
    """Return the signature that counts for the same person, if there is one."""
    return next(iter(twins(session, petition, signature)), None)


def _told_apart(session: Session, signature: Signature) -> set[int]:
    rows = session.execute(
        select(ToldApart.signature_id, ToldApart.other_id).where(
            or_(ToldApart.signature_id == signature.id, ToldApart.other_id == signature.id)
        )
    )
    return {number for row in rows for number in row}


def yield_to(session: Session, petition: Petition, signature: Signature) -> None:
    """Let the signatures on paper of somebody who is about to count online count no more.

    The caller has locked the petition, and counts the signature next: the count stays what it was.
    """
    given = [one for one in twins(session, petition, signature) if one.origin == Origin.PAPER]
    if not given:
        return
    # What comes next may open the assembly, and the terms are never locked once the journal is held.
    counting.hold_terms(session, petition)
    counting.discount(session, petition, given, SignatureState.DOUBLE)
    for one in given:
        # Its mailbox is that of the signature that counts.
        one.instead_of_id, one.email_mark, one.slot = signature.id, None, 0
        record(
            session,
            Actor(),
            "paper-signature-doubled",
            mandate=petition.mandate_id,
            petition=petition.id,
            line=one.leaf,
        )
    session.flush()


def tell_apart(session: Session, actor: Actor, petition: Petition, signature: Signature, reason: str) -> bool:
    """Say that a signature on paper and the one that counts for it are two people's.

    Returns
    -------
    bool
        Whether it counts now; if not, it is also like a third one.

    Raises
    ------
    Refusal
        `account-unknown`, `petition-is-...`, `signature-is-...` or `told-apart-reason-missing`.
    """
    if actor.account is None:
        raise Refusal("account-unknown", status=403)
    if not reason.strip():
        raise Refusal("told-apart-reason-missing", status=422)
    petition = locked(session, petition)
    require(petition, *SIGNABLE)
    signature = session.get_one(Signature, signature.id, populate_existing=True)
    if (
        signature.state != SignatureState.DOUBLE
        or signature.origin != Origin.PAPER
        or signature.instead_of_id is None
    ):
        raise Refusal(f"signature-is-{signature.state}")
    counting.hold_terms(session, petition)
    other = session.get_one(Signature, signature.instead_of_id)
    leaf = record(
        session,
        actor,
        "signatures-told-apart",
        mandate=petition.mandate_id,
        petition=petition.id,
        line=signature.leaf,
        other=other.leaf,
        reason=tree.fingerprint(reason.strip()),
    )
    session.add(
        ToldApart(
            signature_id=signature.id,
            other_id=other.id,
            account_id=actor.account,
            reason=reason.strip(),
            at=leaf.at,
            leaf=leaf.position,
        )
    )
    session.flush()
    following = twin(session, petition, signature)
    if following is not None:
        signature.instead_of_id = following.id
        session.flush()
        return False
    signature.instead_of_id = None
    count(session, actor, petition, signature)
    return True
