"""What may be fraud: signatures that look alike in ways that people seldom do; guarantors judge of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from assemblee.mail.addresses import is_mailbox
from assemblee.petitions.desk.fraud import MOST_IDS, Condition
from assemblee.petitions.petition.marks import folded
from assemblee.petitions.petition.models import Petition, Signature, SignatureState

NETWORK, FAST, BURST, DOMAIN, NAMES = "network", "fast", "burst", "domain", "names"
UNREADABLE = "unreadable"
# From how many signatures on a likeness is shown.
MANY = 5
# Nobody reads a petition and writes a name, an address and a place in less.
FAST_SECONDS = 6
BURST_HOUR = timedelta(hours=1)
BURST_LEAST, BURST_TIMES = 20, 5
MOST_SHOWN = 20
# So many people have a mailbox there that the domain says nothing.
PROVIDERS = frozenset(
    {
        "aol.com",
        "bbox.fr",
        "free.fr",
        "gmail.com",
        "gmx.com",
        "gmx.fr",
        "googlemail.com",
        "hotmail.com",
        "hotmail.fr",
        "icloud.com",
        "laposte.net",
        "live.com",
        "live.fr",
        "mailo.com",
        "me.com",
        "msn.com",
        "neuf.fr",
        "numericable.fr",
        "orange.fr",
        "outlook.com",
        "outlook.fr",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "sfr.fr",
        "tutanota.com",
        "wanadoo.fr",
        "yahoo.com",
        "yahoo.fr",
        "ymail.com",
    }
)
Found = Row[int, str | None, str | None, str | None, int | None, datetime | None]


@dataclass(frozen=True)
class Finding:
    """A likeness of many signatures.

    Parameters
    ----------
    kind : str
    what : str
        The network, the domain, the hour or a name.
    number : int
        How many signatures share it.
    condition : Condition
        What would describe them on the desk.
    """

    kind: str
    what: str
    number: int
    condition: Condition


def find(session: Session, petition: Petition) -> list[Finding]:
    """Return what may be fraud among the signatures that count, each kind with its largest first."""
    rows = session.execute(
        select(
            Signature.id,
            Signature.name,
            Signature.email,
            Signature.network,
            Signature.seconds,
            Signature.counted_at,
        )
        .where(Signature.petition_id == petition.id, Signature.state == SignatureState.COUNTED)
        .order_by(Signature.id)
    ).all()
    kinds = (networks(rows), fast(rows), bursts(rows), domains(rows), names(rows), unreadable(rows))
    return [
        finding
        for kind in kinds
        for finding in sorted(kind, key=lambda one: (-one.number, one.what))[:MOST_SHOWN]
    ]


def networks(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find many signatures that came from one network."""
    for network, number in Counter(row.network for row in rows if row.network).items():
        if number >= MANY:
            yield Finding(NETWORK, network, number, Condition(network=network))


def fast(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find forms that were filled faster than people do."""
    number = sum(row.seconds is not None and row.seconds < FAST_SECONDS for row in rows)
    if number:
        yield Finding(FAST, str(FAST_SECONDS), number, Condition(seconds_below=FAST_SECONDS))


def bursts(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find hours with many times the signatures of the petition's usual hour."""
    hours = Counter(
        row.counted_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for row in rows
        if row.counted_at is not None
    )
    if not hours:
        return
    # The usual hour is the middle one of those in which somebody signed: a burst does not change it.
    usual = median(hours.values())
    for hour, number in hours.items():
        if number >= max(BURST_LEAST, BURST_TIMES * usual):
            condition = Condition(since=hour, until=hour + BURST_HOUR)
            yield Finding(BURST, hour.isoformat(), number, condition)


def domains(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find many addresses of one domain that is not one of the big providers."""
    domain_counts = Counter(row.email.rpartition("@")[2].lower() for row in rows if row.email)
    for domain, number in domain_counts.items():
        if number >= MANY and domain not in PROVIDERS:
            yield Finding(DOMAIN, domain, number, Condition(domain=domain))


def names(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find many names that are the same but for their figures, or for one letter.

    Two names that differ by one letter share what is left when each loses one letter at some place, so that
    one look at each name is enough (the deletions of Bocek, Hunt & Stiller 2007).
    """
    same: dict[str, list[int]] = defaultdict(list)
    shown: dict[int, str] = {}
    for row in rows:
        if row.name:
            shown[row.id] = row.name
            same["".join(mark for mark in folded(row.name) if not mark.isdigit()).strip()].append(row.id)
    sharing: dict[str, list[str]] = defaultdict(list)
    for letters in same:
        for key in _shorter(letters):
            sharing[key].append(letters)
    around = {letters: {one for key in _shorter(letters) for one in sharing[key]} for letters in same}
    numbers = {letters: sum(len(same[one]) for one in near) for letters, near in around.items()}
    told: set[str] = set()
    for letters in sorted(numbers, key=lambda one: (-numbers[one], one)):
        if numbers[letters] < MANY:
            break
        # Whose name was shown beside another one says nothing new.
        if letters not in told:
            told |= around[letters]
            ids = sorted(number for one in around[letters] for number in same[one])
            yield Finding(NAMES, shown[same[letters][0]], len(ids), Condition(ids=tuple(ids[:MOST_IDS])))


def unreadable(rows: Sequence[Found]) -> Iterator[Finding]:
    """Find signatures whose address, taken before addresses were read strictly, leads to no one mailbox.

    Several of them may be spellings of one mailbox, as encoded words are (RFC 2047).
    """
    found = [row for row in rows if row.email and not is_mailbox(row.email)]
    if found:
        ids = tuple(row.id for row in found[:MOST_IDS])
        yield Finding(UNREADABLE, str(found[0].email), len(found), Condition(ids=ids))


def _shorter(letters: str) -> set[str]:
    return {letters, *(letters[:at] + letters[at + 1 :] for at in range(len(letters)))}
