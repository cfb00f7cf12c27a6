"""What the pages of petitions show, beside the lines of the journal: counts, and the steps reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from assemblee.journal.checks import PUBLISHED, Told
from assemblee.journal.queries import MOMENT
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState

COUNTED, CROSSED, OPENED = "signature-counted", "petition-crossed", "petition-assembly-opened"
TAKEN = {
    "signature-withdrawn": "line",
    "paper-signature-doubled": "line",
    "signatures-set-aside": "lines",
    "petitions-merged": "doubled",
}
RESTORED, MERGED = "signatures-restored", "petitions-merged"

NOBODY = 0


@dataclass
class Count:
    """What the journal tells: which lines count for which petition, its steps, its assembly."""

    lines: dict[int, int] = field(default_factory=dict)
    crossed: dict[int, dict[int, Told]] = field(default_factory=dict)
    terms: dict[int, int] = field(default_factory=dict)

    def take(self, leaf: Told) -> None:
        """Take in a line, as `docs/petitions.md` has it under *Counting again*."""
        data = leaf.data
        gone = data.get(TAKEN.get(leaf.event, ""), [])
        for line in gone if isinstance(gone, list) else [gone]:
            self.lines.pop(line, None)
        if leaf.event == COUNTED:
            self.lines[leaf.position] = data["petition"]
        elif leaf.event == RESTORED:
            self.lines.update(dict.fromkeys(data["lines"], data["petition"]))
        elif leaf.event == MERGED:
            moved = [line for line, owner in self.lines.items() if owner == data["merged"]]
            self.lines.update(dict.fromkeys(moved, data["petition"]))
        elif leaf.event == CROSSED:
            self.crossed.setdefault(data["petition"], {})[data["step"]] = leaf
        if leaf.event in (CROSSED, OPENED) and data["term"]:
            self.terms[data["petition"]] = data["term"]


def differences(session: Session, leaves: Iterator[Told]) -> Iterator[str]:
    """Say what is shown of petitions that is not what the journal tells."""
    count = Count()
    for leaf in leaves:
        count.take(leaf)
    counted = Counter(count.lines.values())
    rows = session.execute(
        select(Signature.petition_id, Signature.leaf).where(Signature.state == SignatureState.COUNTED)
    )
    # Erased signers leave no row, and any other row that counts has its line.
    kept = Counter(petition if count.lines.get(line or 0) == petition else NOBODY for petition, line in rows)
    shown = select(Petition).options(selectinload(Petition.crossings)).order_by(Petition.id)
    for petition in session.scalars(shown):
        for what in _differing(petition, counted, kept, count):
            yield f"petition {petition.id}: {what} not what the journal tells"
        count.crossed.pop(petition.id, None)
        counted.pop(petition.id, None)
    if kept[NOBODY]:
        yield f"petitions: {kept[NOBODY]} signatures count of which the journal tells nothing"
    for number in sorted({*count.crossed, *counted}):
        yield f"petition {number}: the journal tells of it, and it is gone"


def _differing(petition: Petition, counted: Counter[int], kept: Counter[int], count: Count) -> Iterator[str]:
    if petition.state != PetitionState.MERGED and petition.counted != counted[petition.id]:
        yield f"that {petition.counted} signatures count is"
    if petition.erased_at is None and kept[petition.id] != petition.counted:
        yield "which signatures count is"
    steps = count.crossed.get(petition.id, {})
    reached = {one.number: (one.counted, one.leaf, one.at.strftime(MOMENT)) for one in petition.crossings}
    if reached != {number: (leaf.data["counted"], leaf.position, leaf.at) for number, leaf in steps.items()}:
        yield "a step that it reached is"
    if petition.steps != len(steps):
        yield "how many steps it reached is"
    if petition.term_id != count.terms.get(petition.id):
        yield "the assembly that it opened is"


PUBLISHED.append((frozenset({COUNTED, CROSSED, OPENED, RESTORED, *TAKEN}), differences))
