"""What members are told by mail about their meetings, in both languages, with the link to their page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from assemblee.assemblies.meetings.models import Meeting
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms.models import Seat
from assemblee.config import Config
from assemblee.i18n import told
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.mandates import charters

CONVENED = "Vous êtes convié·e à une séance · You are called to a meeting"
MOVED = "Une séance a changé · A meeting has changed"
CANCELLED = "Une séance est annulée · A meeting is cancelled"
MINUTES = "Un compte rendu attend votre accord · Minutes await your approval"

FACTS_FR = """\
{title}
Début : {starts_fr}
Fin : {ends_fr}
Lieu : {place}
À distance : {address}

{agenda}"""
FACTS_EN = """\
{title}
Beginning: {starts_en}
End: {ends_en}
Place: {place}
From afar: {address}

{agenda}"""

INVITATION = f"""\
Bonjour,

« {{body}} » se réunit :

{FACTS_FR}

Si vous ne pouvez pas venir, dites-le sur votre page : aucune raison n’est demandée.
L’agenda à télécharger y est aussi.

{{link}}

Hello,

“{{body}}” meets:

{FACTS_EN}

If you cannot come, say so on your page: no reason is asked. The calendar file is there too.

{{link}}
"""
CHANGE = f"""\
Bonjour,

Une séance de « {{body}} » a changé. Pourquoi : {{reason}}

{FACTS_FR}

Si la date ou l’heure a changé, les absences annoncées ne comptent plus :
redites-le sur votre page si vous ne pouvez pas venir.

{{link}}

Hello,

A meeting of “{{body}}” has changed. Why: {{reason}}

{FACTS_EN}

If the day or the time has changed, absences announced before no longer count:
say so again on your page if you cannot come.

{{link}}
"""
CANCELLATION = """\
Bonjour,

La séance « {title} » de « {body} », prévue le {starts_fr}, est annulée.
Pourquoi : {reason}

{link}

Hello,

The meeting “{title}” of “{body}”, planned for {starts_en}, is cancelled.
Why: {reason}

{link}
"""
AWAITED = """\
Bonjour,

Le compte rendu de la séance « {title} » de « {body} » est sur votre page.
Vous y étiez : dites s’il est fidèle.
Il devient public quand plus de la moitié des personnes présentes l’ont approuvé.

{link}

Hello,

The minutes of the meeting “{title}” of “{body}” are on your page.
You were there: say whether they are true to it.
They become public once more than half of those present have approved them.

{link}
"""


def _write(session: Session, seat: Seat, meeting: Meeting, subject: str, letter: str) -> None:
    settings: Config = session.info["settings"]
    if not seat.address:
        return
    zone = meeting.term.mandate.time_zone
    text = letter.format(
        body=charters.current(session, meeting.term.mandate).body(meeting.term.body).name,
        title=meeting.title,
        starts_fr=told(meeting.starts_at, zone, "fr"),
        ends_fr=told(meeting.ends_at, zone, "fr"),
        starts_en=told(meeting.starts_at, zone, "en"),
        ends_en=told(meeting.ends_at, zone, "en"),
        place=meeting.place or "—",
        address=meeting.link or "—",
        agenda=meeting.agenda,
        reason=meeting.reason or "—",
        link=f"{settings.base_url}/seat/{letters.token(settings, seat)}/",
    )
    outbox.write(session, seat.address, subject, addressed(text, seat.known_as))


def convened(session: Session, seat: Seat, meeting: Meeting) -> None:
    """Call a member to a meeting."""
    _write(session, seat, meeting, CONVENED, INVITATION)


def moved(session: Session, seat: Seat, meeting: Meeting) -> None:
    """Tell a member what has changed."""
    _write(session, seat, meeting, MOVED, CHANGE)


def cancelled(session: Session, seat: Seat, meeting: Meeting) -> None:
    """Tell a member that a meeting does not take place."""
    _write(session, seat, meeting, CANCELLED, CANCELLATION)


def minutes_await(session: Session, seat: Seat, meeting: Meeting) -> None:
    """Ask somebody who was present whether the minutes are true."""
    _write(session, seat, meeting, MINUTES, AWAITED)
