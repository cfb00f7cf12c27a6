"""The words of bodies, terms, seats and meetings: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext, ngettext

from assemblee import messages
from assemblee.i18n import day
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "absence-announced": _("Your absence is noted already."),
    "absence-not-announced": _("No absence of yours is noted for this meeting."),
    "attendance-incomplete": _(
        "Say of everybody who was called whether they were there: %(people)s missing."
    ),
    "attendance-paid": _(
        "Somebody who would not have been there any more is paid for that day already. Nothing was changed."
    ),
    "attestation-empty": _("There is nothing to attest: no meeting with this person is recorded."),
    "charter-body-in-use": _(
        "People were called to the body “%(body)s”: it stays in the charter, and its members come "
        "from where they came before."
    ),
    "check-in-too-early": _("It is too early: people are marked present from the day of the meeting on."),
    "document-empty": _("This file is empty."),
    "document-name-invalid": _(
        "The name must end with one of these kinds: %(kinds)s; and have at most %(most)s letters."
    ),
    "document-too-large": _("The file is too large: %(megabytes)s megabytes at most."),
    "documents-full": _(
        "The documents of this mandate take %(gigabytes)s gigabytes at most together. Withdraw one first."
    ),
    "document-withdrawn": _("This document was withdrawn; only its hash is kept."),
    "draw-not-held": _("This draw has not been held yet."),
    "entry-pass-void": _(
        "This code opens nothing here: it is of another meeting, or a newer link replaced it."
    ),
    "expense-amount-invalid": _("Write an amount in euros above zero, such as 12.50; 10,000 euros at most."),
    "expense-day-invalid": _("Choose a day from your yes to the seat on, and not after today."),
    "expense-purpose-missing": _("Write what the money was for."),
    "expense-purpose-too-long": _("Write at most %(most)s letters."),
    "expense-reason-missing": _("Write why the expense is refused: the person reads it."),
    "invitation-expired": _("The time to answer is over: somebody else is being called."),
    "line-is-declared": _("This expense waits for a decision."),
    "line-is-due": _("This expense is accepted already."),
    "line-is-paid": _("This line is paid already."),
    "line-is-refused": _("This expense was refused."),
    "line-none": _("Choose at least one line."),
    "line-unknown": _("The ledger of this term has no such line."),
    "link-invalid": _("Write the whole address, such as https://example.org/page"),
    "meeting-has-begun": _("This meeting has begun, or is over."),
    "meeting-in-the-past": _("Choose a time that lies ahead."),
    "meeting-is-cancelled": _("This meeting is cancelled."),
    "meeting-is-recorded": _("The attendance of this meeting is recorded already."),
    "meeting-not-begun": _("This meeting has not begun yet."),
    "meeting-not-recorded": _("First record who was there: they are those who approve the minutes."),
    "meeting-outside-term": _("A meeting lies between the first and the last day of its term."),
    "meeting-place-missing": _("Write where the meeting is held, or the link by which it is followed."),
    "meeting-reason-missing": _("Write the reason: everybody who is called reads it."),
    "meeting-times-crossed": _("The meeting must end after it begins."),
    "meeting-title-missing": _("Give the meeting a title."),
    "meeting-unchanged": _("Nothing is changed: this is what the members were told."),
    "meeting-unknown": _("There is no such meeting in this term."),
    "minutes-approved-already": _("You have approved these minutes already."),
    "minutes-are-approved": _("These minutes are approved: they cannot be changed any more."),
    "minutes-changed": _("The minutes have changed since you read them. Read them again."),
    "minutes-missing": _("This meeting has no minutes yet."),
    "minutes-not-present": _("Only those who were present approve the minutes."),
    "minutes-text-missing": _("Write the minutes."),
    "minutes-unchanged": _("Nothing is changed: these are the minutes that the members have."),
    "module-empty": _("Write what there is to learn, or the link to it."),
    "module-title-missing": _("Give the module a title."),
    "module-unknown": _("There is no such module in this term."),
    "module-withdrawn": _("This module was withdrawn: nobody is asked for it any more."),
    "nomination-name-missing": _("Write the name of the person."),
    "nomination-reason-missing": _("Write why this person is nominated: the reason is published."),
    "nomination-twice": _("This person is nominated here already."),
    "plan-changed": _(
        "The calendar or a term has changed since these differences were shown. Look at them again."
    ),
    "plan-impossible": _(
        "The calendar of the charter cannot be followed: %(where)s, %(found)s. Change it first."
    ),
    "plan-in-the-past": _("Choose today or a later day: what was lived is kept."),
    "plan-unchanged": _("The terms follow the charter already: there is nothing to change."),
    "rota-missing": _("There is no rota for this term."),
    "rota-not-needed": _("The rota is drawn already, or no group is drawn from these members."),
    "rota-too-early": _(
        "The members of this body may still answer: its rota is drawn once their time is over."
    ),
    "seat-barred-incompatible": _(
        "You hold or are offered a seat in a body that the charter does not allow beside this one."
    ),
    "seat-barred-parent": _("This group is drawn from a body in which this person holds no place."),
    "seat-barred-rest": _(
        "The charter asks for a rest between two terms in this body, and yours is not over."
    ),
    "seat-barred-sitting": _("You sit in this body already, for some of the same days."),
    "seat-barred-staff": _("Those who run the mandate, and the representative, cannot sit in its bodies."),
    "seat-holds-no-place": _("Only those who hold a place in this body can do this."),
    "seat-is-accepted": _("This seat is accepted already."),
    "seat-is-alternate": _("This person is an alternate: no place is offered yet."),
    "seat-is-declined": _("This seat was declined."),
    "seat-is-ended": _("This seat has ended."),
    "seat-is-excused": _("This person was excused."),
    "seat-is-invited": _("This person has not answered yet."),
    "seat-is-resigned": _("This person has given up the seat."),
    "seat-is-sitting": _("This person sits already."),
    "seat-is-sworn": _("This person has sworn already."),
    "seat-is-unanswered": _("The invitation was not answered in time: somebody else is being called."),
    "seat-link-void": _("This link opens no seat: it is incomplete, or a newer one has replaced it."),
    "seat-name-is-public": _(
        "Whoever is nominated sits under their own name: it is public, with the reason."
    ),
    "seat-name-too-long": _("Write at most %(most)s letters."),
    "seat-unknown": _("There is no such seat in this term."),
    "suspension-reason-missing": _("Write the reason: it is published."),
    "suspension-reason-too-long": _("Write at most %(most)s letters."),
    "tables-impossible": _(
        "%(people)s people are expected: from 1 to %(most)s tables, for 1 to %(rounds)s rounds."
    ),
    "term-days-invalid": _("Choose a first day after today and a last day within the mandate's term."),
    "term-has-a-draw": _("Draw %(number)s is prepared for this term already."),
    "term-is-dropped": _("The calendar has changed: this term will not take place."),
    "term-is-ended": _("This term has ended."),
    "term-is-filling": _("People are invited to this term already."),
    "term-is-full": _(
        "The last place has just been taken by somebody else. You stay on the list, and are called if "
        "a place becomes free."
    ),
    "term-is-planned": _("Nobody is invited to this term yet."),
    "term-is-running": _("This term has begun."),
    "term-is-suspended": _(
        "A guarantor has suspended this body: nothing can be done in it until this is lifted."
    ),
    "term-not-drawn-from-a-pool": _("The members of this body are not drawn from a pool."),
    "term-not-nominated": _("The members of this body are not nominated."),
    "term-not-suspended": _("This body is not suspended."),
    "term-size-invalid": _("Write a number of members above zero."),
    "term-subject-missing": _("Write which law the assembly is about."),
    "term-unknown": _("There is no such term in this mandate."),
}
FAILURES: Mapping[str, str] = {
    "bad-groups": _("There are too few members for groups of this size."),
    "plan-missing": _("There is nobody to seat at this meeting any more."),
    "draw-not-held": _("The draw of the members has not been held yet."),
}
STATES: Mapping[str, str] = {
    "task-terms": _("what comes due in assemblies: calls, deadlines, ends"),
    "rota": _("rota of the groups"),
    "tables": _("seating at tables"),
    "line-declared": _("declared"),
    "line-due": _("to be paid"),
    "line-paid": _("paid"),
    "line-refused": _("refused"),
    "meeting-convened": _("convened"),
    "meeting-cancelled": _("cancelled"),
    "present": _("present"),
    "absent": _("absent"),
    "excused": _("excused"),
    "seat-alternate": _("alternate"),
    "seat-invited": _("invited"),
    "seat-accepted": _("accepted"),
    "seat-declined": _("declined"),
    "seat-unanswered": _("no answer in time"),
    "seat-sworn": _("sworn in"),
    "seat-sitting": _("sitting"),
    "seat-resigned": _("resigned"),
    "seat-excused": _("excused"),
    "seat-ended": _("ended"),
    "term-planned": _("planned"),
    "term-filling": _("people are invited"),
    "term-running": _("sitting"),
    "term-ended": _("ended"),
    "term-dropped": _("no longer planned"),
}
PHASES: Mapping[str, str] = {
    "evenness": _("looking for groups that give everybody the same chance"),
    "groups": _("spreading the members over the groups"),
    "tables": _("seating people at tables"),
}
CAUSES: Mapping[str, str] = {
    "answer": _("the person's answer"),
    "barred": _("erased, or sits elsewhere since"),
    "deadline": _("the deadline has passed"),
    "drawn": _("drawn by lot"),
    "erased": _("the person asked to be erased"),
    "excused": _("excused by the organisers"),
    "left-parent": _("left the body that the group is drawn from"),
    "nominated": _("nominated"),
    "oath": _("sworn in"),
    "own-word": _("the person's own word"),
    "replacement": _("drawn to replace somebody"),
    "replanned": _("the calendar has changed"),
    "rota": _("drawn by the rota"),
    "term-began": _("the term has begun"),
    "term-ended": _("the term is over"),
    "vacancy": _("a place became free"),
}
ORIGINS: Mapping[str, str] = {
    "alternate": _("alternate of the draw"),
    "nomination": _("nominated"),
    "panel": _("drawn by lot"),
    "replacement": _("drawn to replace somebody"),
    "rota": _("drawn by the rota"),
}
EVENTS: Mapping[str, str] = {
    "draw-set-aside": _("panel of a draw set aside"),
    "nomination-published": _("nomination published with its reason"),
    "terms-planned": _("terms planned"),
    "extraordinary-opened": _("extraordinary assembly opened"),
    "term-draw-prepared": _("draw prepared for a term"),
    "seats-changed": _("seats changed"),
    "replacement-drawn": _("replacement drawn by lot"),
    "rota-drawn": _("rota drawn by lot"),
    "term-began": _("term began"),
    "term-ended": _("term ended"),
    "term-suspended": _("body suspended by a guarantor"),
    "term-resumed": _("body goes on"),
    "meeting-convened": _("meeting convened"),
    "meeting-moved": _("meeting changed"),
    "meeting-cancelled": _("meeting cancelled"),
    "attendance-recorded": _("attendance recorded"),
    "minutes-published": _("minutes given to the members"),
    "minutes-approved": _("minutes approved"),
    "document-added": _("document added"),
    "document-withdrawn": _("document withdrawn"),
    "module-added": _("training module added"),
    "module-withdrawn": _("training module withdrawn"),
    "tables-drawn": _("people seated at tables"),
    "expense-declared": _("expense declared"),
    "expense-decided": _("expense decided"),
    "payment-recorded": _("payment recorded"),
}
DEVIATIONS: Mapping[str, str] = {
    "began-with-vacancies": _("began with %(free)s of %(size)s places free."),
    "days-uncovered": _("%(body)s: no term covers the days from %(first)s to %(last)s."),
    "journal-contradicts": _("The journal and the database do not tell the same of seat %(seat)s."),
    "late-answers": _("answers were due on %(due)s."),
    "late-freeze": _("its draw was to be frozen by %(due)s."),
    "late-hold": _("its draw was to be held by %(due)s."),
    "late-nominate": _("its members were to be nominated by %(due)s."),
    "late-prepare": _("its draw was to be prepared and frozen by %(due)s."),
    "oath-missing": _("people who have not sworn two weeks after its first day: %(people)s."),
    "off-quotas": _("its members are %(distance)s away from its quotas."),
    "places-free": _("places free: %(free)s of %(size)s."),
    "short-notice": _("its members were told of the meeting “%(title)s” less than a week before (%(day)s)."),
    "suspended": _("suspended by a guarantor: “%(reason)s”"),
}

messages.enter(refusals=REFUSALS, failures=FAILURES, states=STATES, phases=PHASES, events=EVENTS)


def task(code: str, number: int) -> str:
    """Return what is to be done for a term, and for how many people."""
    sentences = {
        "task-answers": ngettext("%(num)s answer awaited", "%(num)s answers awaited", number),
        "task-attendance": gettext("record who was at the meeting"),
        "task-freeze": gettext("freeze the draw"),
        "task-hold": gettext("lead the draw to its end"),
        "task-minutes": gettext("write the minutes of the meeting"),
        "task-nominate": ngettext("nominate %(num)s person", "nominate %(num)s people", number),
        "task-oath": ngettext("swear in %(num)s person", "swear in %(num)s people", number),
        "task-prepare": gettext("prepare the draw and freeze it"),
        "task-vacancies": ngettext(
            "%(num)s place free, nobody left to call", "%(num)s places free, nobody left to call", number
        ),
    }
    return str(sentences[code])


def deviation(code: str, words: Mapping[str, object]) -> str:
    """Return the sentence of a deviation; days are written in the reader's language."""
    written = {name: day(word) if isinstance(word, date) else word for name, word in words.items()}
    return messages.describe(DEVIATIONS, code, **written)
