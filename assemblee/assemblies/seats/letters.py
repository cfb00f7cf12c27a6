"""What people are told by mail about their seat, in both languages, with the link to its page."""

from __future__ import annotations

from datetime import date, datetime

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from assemblee.assemblies.terms.models import Seat
from assemblee.config import Config
from assemblee.days import day_in
from assemblee.mail import outbox
from assemblee.mail.letters import addressed
from assemblee.mandates import charters

SALT = "seat"
INVITED = "Le sort vous a choisi·e · You have been drawn"
NOMINATED = "On vous propose un siège · You are offered a seat"
REMINDED = "Votre réponse est attendue · Your answer is awaited"
ALTERNATE = "Vous êtes suppléant·e · You are an alternate"
ACCEPTED = "Votre siège est pris · Your seat is taken"
DECLINED = "Votre non est noté · Your no is noted"
MOVED = "Vos dates ont changé · Your dates have changed"
BARRED = "Votre place est libérée · Your place is freed"
LEFT = "Votre siège est rendu · Your seat is given up"

ASKED = """\
Bonjour,

{opening_fr} : « {body} », du {first} au {last}.
Répondez oui ou non avant le {until}, sur cette page, sans compte ni mot de passe :

{link}

Elle dit ce qui est demandé, les dates et l’indemnité. Dire non n’a pas à être justifié.

Hello,

{opening_en}: “{body}”, from {first} to {last}.
Answer yes or no before {until}, on this page, without an account or a password:

{link}

It says what is asked, the dates and the pay. No reason is needed to say no.
"""
WAITING = """\
Bonjour,

Le tirage au sort « {body} » ({first} – {last}) vous a mis·e sur la liste des suppléant·es.
Vous n’avez rien à faire : nous vous écrirons si une place se libère. Votre page :

{link}

Hello,

The draw “{body}” ({first} – {last}) has put you on the list of alternates.
There is nothing to do: we will write to you if a place becomes free. Your page:

{link}
"""
TAKEN = """\
Bonjour,

Votre oui est noté : « {body} », du {first} au {last}.
Gardez ce lien : vos dates pour l’agenda, vos absences, vos frais, vos données, et de quoi partir.

{link}

Hello,

Your yes is noted: “{body}”, from {first} to {last}.
Keep this link: dates for your calendar, absences, expenses, your data, and the way to leave.

{link}
"""
GIVEN_UP = """\
Bonjour,

Votre place dans « {body} » est rendue. Merci d’y avoir pris part. Votre page reste ouverte :

{link}

Hello,

Your place in “{body}” is given up. Thank you for having taken part. Your page stays open:

{link}
"""
NO_LONGER = """\
Bonjour,

Votre place dans « {body} » ({first} – {last}) est libérée : la charte ne permet pas de la tenir
avec un autre siège que vous avez, ou trop près de lui. Votre page dit ce qui s’est passé :

{link}

Hello,

Your place in “{body}” ({first} – {last}) is freed: the charter does not let one hold it beside
another seat that you have, or too near to it. Your page says what happened:

{link}
"""
NOT_TAKEN = """\
Bonjour,

Un non est noté en votre nom pour « {body} », comme arrivé autrement que par votre lien.
Si ce n’était pas vous, écrivez aux organisateurs ou aux garant·es. Votre page :

{link}

Hello,

A no is noted in your name for “{body}”, as having come otherwise than through your link.
If it was not you, write to the organisers or the guarantors. Your page:

{link}
"""
OTHER_DATES = """\
Bonjour,

Le calendrier a changé : « {body} » va maintenant du {first} au {last}.
Si cela ne vous convient plus, votre page permet de partir sans donner de raison :

{link}

Hello,

The calendar has changed: “{body}” is now from {first} to {last}.
If that no longer suits you, your page lets you leave without a reason:

{link}
"""
OPENINGS = {
    True: ("Le tirage au sort vous a choisi·e", "You have been drawn by lot"),
    False: ("On vous propose un siège", "You are offered a seat"),
}


def _serializer(settings: Config) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key, salt=SALT)


def token(settings: Config, seat: Seat) -> str:
    """Return what the address of a seat's page carries: it says nothing of the person."""
    return str(_serializer(settings).dumps([seat.id, seat.nonce]))


def seat_of(session: Session, settings: Config, text: str) -> Seat | None:
    """Return the seat that a link opens, unless a newer link has replaced it."""
    try:
        number, nonce = _serializer(settings).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    seat = session.get(Seat, number)
    return seat if seat is not None and seat.nonce == nonce else None


def _write(
    session: Session,
    seat: Seat,
    subject: str,
    letter: str,
    expires_at: datetime | None = None,
    **words: str,
) -> None:
    settings: Config = session.info["settings"]
    if not seat.address:
        return
    text = letter.format(
        body=charters.current(session, seat.term.mandate).body(seat.term.body).name,
        first=_day(seat.term.first),
        last=_day(seat.term.last),
        link=f"{settings.base_url}/seat/{token(settings, seat)}/",
        **words,
    )
    outbox.write(session, seat.address, subject, addressed(text, seat.known_as), expires_at=expires_at)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _until(seat: Seat) -> str:
    moment: datetime | None = seat.answer_until
    return _day(day_in(moment, seat.term.mandate.time_zone)) if moment else "—"


def _ask(session: Session, seat: Seat, subject: str) -> None:
    french, english = OPENINGS[seat.reason is None]
    words = {"opening_fr": french, "opening_en": english, "until": _until(seat)}
    _write(session, seat, subject, ASKED, seat.answer_until, **words)


def invited(session: Session, seat: Seat) -> None:
    """Ask somebody who was drawn, called or nominated."""
    subject = INVITED if seat.reason is None else NOMINATED
    _ask(session, seat, subject)


def reminded(session: Session, seat: Seat) -> None:
    """Ask again somebody who has not answered."""
    _ask(session, seat, REMINDED)


def alternate(session: Session, seat: Seat) -> None:
    """Tell an alternate that there is nothing to do yet."""
    _write(session, seat, ALTERNATE, WAITING)


def accepted(session: Session, seat: Seat) -> None:
    """Confirm a yes."""
    _write(session, seat, ACCEPTED, TAKEN)


def left(session: Session, seat: Seat) -> None:
    """Confirm that a place is given up."""
    _write(session, seat, LEFT, GIVEN_UP)


def declined(session: Session, seat: Seat) -> None:
    """Tell a person that a no was written down for them."""
    _write(session, seat, DECLINED, NOT_TAKEN)


def moved(session: Session, seat: Seat) -> None:
    """Tell a person that the dates of their term have changed."""
    _write(session, seat, MOVED, OTHER_DATES)


def barred(session: Session, seat: Seat) -> None:
    """Tell a person that the charter does not let them hold the seat any more."""
    _write(session, seat, BARRED, NO_LONGER)
