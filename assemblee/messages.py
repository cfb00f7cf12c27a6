"""The sentence of every code that an action, the core or a job answers with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext, ngettext

from assemblee import messages_petitions, messages_refusals
from assemblee.i18n import day
from assemblee.i18n import marked as _
from assemblee.refusal import Refusal

REFUSALS: Mapping[str, str] = {**messages_refusals.REFUSALS, **messages_petitions.REFUSALS}

FAILURES: Mapping[str, str] = {
    "job-crashed": _(
        "The work stopped three times without a result. The operator can read why in the worker's log."
    ),
    "infeasible-quotas": _("No panel fits these quotas."),
    "bad-size": _("The size of the panel must be from 1 to the number of people in the pool."),
    "bad-tickets": _("The lottery of this draw needs more tickets."),
    "bad-groups": _("There are too few members for groups of this size."),
    "pool-changed": _("People or quotas changed while they were read. The check can be started again."),
    "plan-missing": _("There is nobody to seat at this meeting any more."),
    "draw-not-held": _("The draw of the members has not been held yet."),
    "unknown-rule": _("This rule is not known here."),
    "quotas-bind": _("Simple random sampling knows no quotas: this pool has some."),
    "solver-stopped": _("The computation stopped without an answer. It can be started again."),
}

PROBLEMS: Mapping[str, str] = {
    "not-utf-8": _("The file is not UTF-8 text. In a spreadsheet, save it as “CSV UTF-8”."),
    "not-text": _("This is not a text file. In a spreadsheet, save it as “CSV UTF-8”."),
    "empty-file": _("The file is empty; a first line with the names of the columns was expected."),
    "empty-header": _("A column has no name."),
    "duplicate-header": _("Two columns have the same name."),
    "missing-column": _("The column is missing."),
    "ragged-row": _("This line has more or fewer values than the first line of the file has names."),
    "bad-quoting": _("Quotation marks are not opened and closed in pairs."),
    "unknown-value": _("“%(found)s” is not one of: %(expected)s."),
    "empty-value": _("The answer is missing; one of these was expected: %(expected)s."),
    "empty-id": _("The identifier is missing."),
    "duplicate-id": _("The identifier %(found)s stands twice in the file."),
    "erased-person": _("This person asked to be erased; a file does not bring them back."),
    "no-people": _("The file has no line after the names of the columns."),
    "duplicate-cell": _("This category and value stand twice in the file: %(found)s."),
    "not-a-number": _("A whole number is expected here."),
    "negative": _("The number is below zero: %(found)s."),
    "minimum-over-maximum": _("The minimum is above the maximum."),
    "flex-inside-quota": _("The wider bounds are narrower than the quota itself."),
}

STATES: Mapping[str, str] = {
    "volunteer": _("volunteer"),
    "withdrawn": _("withdrawn"),
    "erased": _("erased"),
    "prepared": _("prepared"),
    "infeasible": _("no panel fits"),
    "feasible": _("checked"),
    "frozen": _("frozen"),
    "ready": _("ceremony under way"),
    "held": _("held"),
    "cancelled": _("cancelled"),
    "waiting": _("waiting"),
    "running": _("under way"),
    "done": _("done"),
    "failed": _("failed"),
    "organiser": _("organiser"),
    "guarantor": _("guarantor"),
    "citizen": _("citizen"),
    "draw-check": _("check of the quotas"),
    "pool-check": _("check of the quotas, before a draw"),
    "draw-lottery": _("lottery"),
    "life": _("an invented mandate, lived year by year"),
    "rota": _("rota of the groups"),
    "tables": _("seating at tables"),
    "box-wipe": _("emptying of the ballot box"),
    "petition-wave": _("invitations for the assembly of a petition"),
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
    "consultation-draft": _("draft"),
    "consultation-announced": _("announced"),
    "consultation-open": _("open"),
    "consultation-closed": _("closed, not counted yet"),
    "consultation-counted": _("counted"),
    "consultation-contested": _("contested"),
    "consultation-cancelled": _("given up"),
    "petition-draft": _("draft"),
    "petition-sponsors": _("looks for sponsors"),
    "petition-check": _("being checked"),
    "petition-refused": _("refused by guarantors"),
    "petition-appeal": _("appeal under way"),
    "petition-open": _("open for signatures"),
    "petition-reached": _("threshold reached"),
    "petition-answered": _("answered"),
    "petition-archived": _("archived"),
    "petition-withdrawn": _("withdrawn by its author"),
    "petition-expired": _("expired"),
    "petition-merged": _("merged"),
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

PHASES: Mapping[str, str] = {
    "types": _("looking for who can be drawn"),
    "excluded": _("looking for the quotas that shut people out"),
    "pricing": _("looking for panels that make the chances fairer"),
    "levels": _("computing the fairest chances"),
    "mixture": _("mixing the panels so that everybody gets their chance"),
    "panels": _("putting the panels together"),
    "evenness": _("looking for groups that give everybody the same chance"),
    "groups": _("spreading the members over the groups"),
    "tables": _("seating people at tables"),
    "wave": _("looking for whom the volunteers lack"),
    "year": _("living a year of the mandate"),
}

CHARTER_FAULTS: Mapping[str, str] = {
    "bad-key": _("“%(found)s” cannot name a body: small letters, digits and hyphens are expected."),
    "bad-term-number": _("“%(found)s” needs the number of a term after the slash, such as %(expected)s."),
    "cycle": _("These bodies are drawn from one another: %(found)s."),
    "duplicate-body": _("This body stands twice in the charter: %(found)s."),
    "empty": _("Fill in this field."),
    "ends-before-it-begins": _("These days end before they begin: the last one is %(found)s."),
    "impossible-day": _("%(found)s is not a day of every year. Write a month and a day, such as 09-01."),
    "larger-than-parent": _("No more people can be drawn than the other body has: %(expected)s."),
    "misshapen": _("This was expected: %(expected)s."),
    "not-from-a-body": _("Only a body drawn from another one has such a body: %(found)s."),
    "not-with-sessions": _("A term of the length of a session has no number of months."),
    "out-of-range": _("%(found)s is not possible here: %(expected)s was expected."),
    "sessions-overlap": _("Two sessions have days in common: one of them begins on %(found)s."),
    "shares-do-not-add-up": _("The shares of a category must add up to 10,000; these do not: %(found)s."),
    "starts-after-its-end": _("This term would begin after its end, which is %(expected)s."),
    "unknown-body": _("The charter has no body “%(found)s” that could stand here."),
    "unknown-term": _("No term is called “%(found)s”."),
    "unknown-word": _("“%(found)s” is not one of: %(expected)s."),
}

EVENTS: Mapping[str, str] = {
    "mandate-created": _("mandate created"),
    "charter-published": _("charter published"),
    "role-given": _("role given"),
    "role-taken-back": _("role taken back"),
    "pool-created": _("pool created"),
    "pool-opened": _("form for volunteers opened"),
    "pool-closed": _("form for volunteers closed"),
    "quotas-set": _("quotas set"),
    "people-imported": _("people imported"),
    "volunteer-joined": _("a person volunteered"),
    "volunteer-withdrawn": _("a person withdrew"),
    "volunteer-erased": _("a person was erased"),
    "draw-prepared": _("draw prepared"),
    "draw-checked": _("quotas checked"),
    "draw-frozen": _("draw frozen"),
    "lottery-published": _("lottery published"),
    "draw-rehearsed": _("draw rehearsed, without effect"),
    "draw-cosigned": _("a guarantor signed a draw"),
    "draw-revealed": _("a guarantor opened a secret"),
    "beacon-typed": _("a guarantor typed the numbers drawn"),
    "draw-beacon": _("public randomness recorded"),
    "draw-held": _("draw held"),
    "draw-suspended": _("draw suspended by a guarantor"),
    "suspension-lift-said": _("a guarantor said that a draw may go on"),
    "draw-resumed": _("draw goes on"),
    "draw-cancel-proposed": _("cancellation of a draw proposed"),
    "draw-cancel-signed": _("a guarantor signed the cancellation of a draw"),
    "objection-filed": _("a guarantor objected to a draw"),
    "objection-answered": _("objection answered"),
    "attempt-refused": _("act on a frozen draw tried and refused"),
    "draw-cancelled": _("draw cancelled"),
    "witness-key-registered": _("key of a guarantor registered"),
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
    "consultation-written": _("consultation written"),
    "consultation-changed": _("consultation changed"),
    "consultation-opened": _("consultation settled: rules and roll frozen"),
    "consultation-cancelled": _("consultation given up"),
    "voting-code-printed": _("voting code printed in a letter"),
    "voter-marked-at-counter": _("paper ballot handed out"),
    "sheets-printed": _("paper ballots printed"),
    "sheet-entered": _("paper ballot entered by two people"),
    "count-started": _("a guarantor said that the count may start"),
    "count-contested": _("count contested: roll and box do not agree"),
    "consultation-counted": _("consultation counted"),
    "paper-sheets-printed": _("sheets for signatures printed"),
    "paper-sheet-entered": _("sheet of signatures entered by two people"),
    "paper-signature-doubled": _("signature on paper given way to one online"),
    "signatures-told-apart": _("two signatures told apart by a guarantor"),
    "paper-sample-drawn": _("sample of signatures on paper drawn"),
    "paper-sample-judged": _("sample of signatures on paper judged"),
    "signing-codes-printed": _("codes for signing printed"),
    "signatures-set-aside": _("signatures set aside by a guarantor"),
    "signatures-restored": _("signatures restored"),
    "petition-review-opened": _("review of an opened assembly begun"),
    "petition-review-said": _("a guarantor spoke in a review"),
    "petition-review-closed": _("review of an opened assembly closed"),
    "wave-not-needed": _("no invitations needed"),
    "wave-prepared": _("wave of invitations prepared"),
    "wave-drawn": _("wave of invitations drawn"),
    "wave-letters-printed": _("letters of invitation printed"),
    **messages_petitions.EVENTS,
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

RULES: Mapping[str, tuple[str, str]] = {
    "leximin": (
        _("Leximin"),
        _("Raises the smallest chance as far as the quotas allow, then the next smallest, and so on."),
    ),
    "maximin": (_("Maximin"), _("Raises the smallest chance as far as the quotas allow, and stops there.")),
    "uniform": (
        _("Simple random sampling"),
        _("The same chance for everybody; only for pools without quotas."),
    ),
}


def explain(refused: Refusal) -> str:
    """Return the sentence of a refusal in the reader's language."""
    return str(gettext(REFUSALS[refused.code], **refused.parameters))


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
    return describe(DEVIATIONS, code, **written)


def describe(table: Mapping[str, str], code: str, **parameters: object) -> str:
    """Return the sentence of a code, or the code itself where a newer core answers with one unknown here."""
    return str(gettext(table[code], **parameters)) if code in table else code
