"""The sentence of every code that an action, the core or a job answers with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext, ngettext

from assemblee.i18n import day
from assemblee.i18n import marked as _
from assemblee.refusal import Refusal

REFUSALS: Mapping[str, str] = {
    "absence-announced": _("Your absence is noted already."),
    "absence-not-announced": _("No absence of yours is noted for this meeting."),
    "access-denied": _("This page is for people who hold another role here."),
    "account-already-disabled": _("This account is already disabled."),
    "account-exists": _("There is already an account with this address."),
    "account-last-operator": _(
        "This is the last operator: add another one first, so that somebody keeps the keys."
    ),
    "account-unknown": _("There is no such account."),
    "attendance-incomplete": _(
        "Say of everybody who was called whether they were there: %(people)s missing."
    ),
    "attendance-paid": _(
        "Somebody who would not have been there any more is paid for that day already. Nothing was changed."
    ),
    "attestation-empty": _("There is nothing to attest: no meeting with this person is recorded."),
    "authenticator-already-there": _(
        "Your account has an app already. Remove it before you add another one."
    ),
    "authenticator-not-begun": _(
        "No app is waiting for its first code. Add one on the page of your second factor."
    ),
    "authenticator-unreadable": _(
        "The secret of your app can no longer be read: the site has another secret key. Use a recovery code "
        "or a security key, or ask the operator to take your second factor away."
    ),
    "beacon-already-typed": _("You have typed your numbers already: each guarantor does it once."),
    "beacon-numbers-wrong": _(
        "%(name)s: %(count)s different numbers from %(least)s to %(most)s are expected."
    ),
    "beacon-of-another-kind": _("This draw waits for another kind of randomness: the one it announced."),
    "beacon-signature-wrong": _(
        "This is not the signature of round %(round)s: 96 letters and digits are expected, as the network "
        "published them."
    ),
    "beacon-too-early": _("It is too early: the public randomness was announced for later."),
    "beacon-unknown": _("Choose one of the kinds of public randomness offered."),
    "beacon-witnesses-missing": _(
        "Numbers are typed by %(witnesses)s guarantors who must agree, and this mandate has fewer with a key."
        " Choose drand, or wait for another guarantor."
    ),
    "charter-body-unknown": _("The charter has no such body."),
    "charter-changed": _(
        "Somebody else has published a version of the charter meanwhile. Nothing was published: look at it, "
        "and change that one."
    ),
    "charter-invalid": _("The charter cannot be published: at %(where)s, this was expected: %(expected)s."),
    "charter-missing": _("This mandate has no charter yet: an organiser publishes it first."),
    "charter-outside-mandate": _("The calendar must begin with the mandate, and end with it at the latest."),
    "charter-reason-missing": _("Say why the charter changes: the reason stays public."),
    "charter-unchanged": _("Nothing is changed: this is the charter in force."),
    "charter-version-unknown": _("The charter has no such version."),
    "check-in-too-early": _("It is too early: people are marked present from the day of the meeting on."),
    "checkpoint-unknown": _("This log has no such checkpoint."),
    "checkpoint-unreadable": _("%(path)s is not a checkpoint that this log has signed."),
    "config-exists": _("%(path)s exists already; it is left as it was."),
    "config-log-origin": _("In %(path)s, log_origin must be a name without spaces and without +."),
    "config-missing": _("%(path)s is missing: run `assemblee init` first."),
    "config-secret-short": _("The secret_key in %(path)s must have at least 32 characters."),
    "config-setting-type": _("In %(path)s, %(setting)s is not of the right kind: a number or a text."),
    "config-unknown-setting": _("%(path)s has a setting that is not known: %(setting)s."),
    "cosignature-invalid": _(
        "This cosignature does not hold: it was made by another key, or for another text."
    ),
    "cosignature-key-unknown": _("No guarantor of this site has registered the key of this cosignature."),
    "cosignature-malformed": _(
        "This is not a signed checkpoint: send it whole, with the line of your signature."
    ),
    "database-not-migrated": _("The database is not up to date: run `assemblee db upgrade`."),
    "demo-not-here": _(
        "%(folder)s belongs to a real installation: the demo would add its own accounts to it."
    ),
    "document-empty": _("This file is empty."),
    "document-name-invalid": _(
        "The name must end with one of these kinds: %(kinds)s; and have at most %(most)s letters."
    ),
    "document-too-large": _("The file is too large: %(megabytes)s megabytes at most."),
    "document-unknown": _("There is no such document here."),
    "document-withdrawn": _("This document was withdrawn; only its hash is kept."),
    "draw-already-cosigned": _("You have signed this draw already."),
    "draw-already-revealed": _("Your secret is open already."),
    "draw-alternates-range": _("From 0 to %(most)s alternates: nobody else is left in the pool."),
    "draw-balls-tickets": _("Balls need a lottery of 1,000 tickets."),
    "draw-cancel-already-signed": _("You have signed this cancellation already."),
    "draw-cancel-not-proposed": _("Nobody has proposed to cancel this draw."),
    "draw-cancel-signed": _("A guarantor has signed the reason: it cannot be changed any more."),
    "draw-cosign-too-late": _("It is too late to sign this draw."),
    "draw-deadlines-far": _("A ceremony lasts a year at most."),
    "draw-deadlines-order": _(
        "The dates must come one after the other, and all lie ahead: signatures, secrets, public randomness."
    ),
    "draw-guarantors-missing": _(
        "No guarantor of this mandate has registered a key: nobody could sign the draw."
    ),
    "draw-has-lapsed": _(
        "Only %(signed)s guarantors signed in time and %(threshold)s were needed: this draw cannot be held."
    ),
    "draw-is-cancelled": _("This draw is cancelled."),
    "draw-is-feasible": _("The lottery of this draw is not computed yet."),
    "draw-is-frozen": _("This draw is frozen, and its lottery is not computed yet."),
    "draw-is-held": _("This draw is held: it happens only once."),
    "draw-is-infeasible": _("No panel fits the quotas of this draw; prepare another one with other quotas."),
    "draw-is-not-suspended": _("This draw is not suspended."),
    "draw-is-prepared": _("The quotas of this draw are not checked yet."),
    "draw-is-ready": _("The lottery of this draw is already computed."),
    "draw-is-suspended": _("This draw is suspended: guarantors must first let it go on."),
    "draw-lottery-missing": _("The lottery of this draw is not computed yet."),
    "draw-not-cosigned": _("Only a guarantor who signed in time has a secret to open."),
    "draw-not-frozen": _("This draw was not frozen: it has no ceremony and no folder to check."),
    "draw-not-held": _("This draw has not been held yet."),
    "draw-not-sealed": _("This draw hides nothing: its list is published in full."),
    "draw-not-yours": _("You have no such number in this draw."),
    "draw-people-changed": _(
        "%(people)s people of this draw have withdrawn or were erased since it was prepared: prepare it "
        "again."
    ),
    "draw-pool-has-another": _(
        "Draw %(number)s of this pool is under way: it must be held, cancelled or have lapsed first."
    ),
    "draw-pool-too-small": _("The panel needs %(size)s people and the pool has %(people)s."),
    "draw-publication-identifies": _(
        "The answers of %(people)s people would point at them: fewer than 5 people share these answers, and "
        "they did not agree to their publication. Choose the sealed form."
    ),
    "draw-reason-missing": _("Say why: the reason stays public."),
    "draw-reveal-on-lottery-day": _(
        "Secrets must be open before the day of the drawing begins, by the clock of Paris: afterwards the "
        "numbers could be known."
    ),
    "draw-reveal-too-early": _("It is too early: secrets are opened once the time to sign is over."),
    "draw-reveal-too-late": _("It is too late: this secret is left out, as was settled."),
    "draw-tickets-unknown": _("A lottery has 1,000,000 tickets, or 1,000 for a draw with balls."),
    "draw-title-missing": _("Give the draw a title."),
    "draw-unknown": _("There is no such draw here."),
    "email-invalid": _("Write an address such as name@example.org."),
    "entry-pass-void": _(
        "This code opens nothing here: it is of another meeting, or a newer link replaced it."
    ),
    "expense-amount-invalid": _("Write an amount in euros above zero, such as 12.50; 10,000 euros at most."),
    "expense-day-invalid": _("Choose a day from your yes to the seat on, and not after today."),
    "expense-purpose-missing": _("Write what the money was for."),
    "expense-purpose-too-long": _("Write at most %(most)s letters."),
    "expense-reason-missing": _("Write why the expense is refused: the person reads it."),
    "guarantor-not-of-draw": _("You are not among the guarantors whom this draw names."),
    "import-nothing-usable": _("Nothing in this file can be kept."),
    "import-too-large": _("The file is too large: %(megabytes)s megabytes at most."),
    "import-unknown": _("This import is done already, or was given up."),
    "import-without-categories": _("Set the categories first: without them, people cannot be told apart."),
    "invitation-expired": _("The time to answer is over: somebody else is being called."),
    "job-already-ended": _("This work has already ended."),
    "job-already-open": _("This work is already under way."),
    "job-unknown": _("There is no such work here."),
    "journal-damaged": _("The stored journal is damaged: the operator must run `assemblee journal check`."),
    "journal-empty": _("The journal has no line yet: there is nothing to sign."),
    "journal-key-missing": _(
        "%(path)s is missing: run `assemblee journal key` to make the key of the journal."
    ),
    "journal-key-name": _(
        "%(path)s signs as %(name)s, and the settings call the journal %(origin)s: "
        'write log_origin = "%(name)s" in config.toml.'
    ),
    "journal-key-unreadable": _("%(path)s does not hold the key of a journal."),
    "language-unknown": _("The site speaks French and English."),
    "leaf-unknown": _("The journal has no such line."),
    "line-is-declared": _("This expense waits for a decision."),
    "line-is-due": _("This expense is accepted already."),
    "line-is-paid": _("This line is paid already."),
    "line-is-refused": _("This expense was refused."),
    "line-none": _("Choose at least one line."),
    "line-unknown": _("The ledger of this term has no such line."),
    "link-invalid": _("Write the whole address, such as https://example.org/page"),
    "link-unusable": _("This link was used already, or is too old. Ask for a new one."),
    "mandate-inhabitants-invalid": _("Write a number above zero."),
    "mandate-slug-invalid": _("Use small letters without accents, digits and hyphens."),
    "mandate-slug-taken": _("Another mandate has this short name."),
    "mandate-term-invalid": _("The term must end after it begins."),
    "mandate-unknown": _("There is no such mandate here."),
    "mandate-zone-unknown": _("This time zone is not known."),
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
    "note-invalid": _(
        "These lines do not bear the signature of %(name)s. Paste all the lines that the program printed, "
        "and nothing else."
    ),
    "note-of-another-draw": _(
        "This signature is not about this draw and its lottery. Download both files again, and sign them."
    ),
    "objection-already-answered": _("This objection has its answer already."),
    "objection-text-missing": _("Write what you have to say: it stays public."),
    "objection-unknown": _("There is no such objection here."),
    "outcome-unknown": _("There is no such result here."),
    "password-short": _("Use at least %(minimum)s characters; a short sentence is easiest."),
    "password-wrong": _("This is not your current password."),
    "plan-changed": _(
        "The calendar or a term has changed since these differences were shown. Look at them again."
    ),
    "plan-impossible": _(
        "The calendar of the charter cannot be followed: %(where)s, %(found)s. Change it first."
    ),
    "plan-in-the-past": _("Choose today or a later day: what was lived is kept."),
    "plan-unchanged": _("The terms follow the charter already: there is nothing to change."),
    "pool-closed": _("Volunteers are not taken at the moment."),
    "pool-name-missing": _("Give the pool a name."),
    "pool-name-taken": _("Another pool of this mandate has this name."),
    "pool-size-invalid": _("Write a number above zero."),
    "pool-unknown": _("There is no such pool here."),
    "proof-impossible": _(
        "There is no such proof: the journal does not have these lines, or the older journal is empty."
    ),
    "quota-bounds": _("%(category)s, %(value)s: the minimum cannot be above the maximum, nor below zero."),
    "quota-value-in-use": _(
        "People of this pool have “%(value)s” for %(category)s, which the new table does not know; "
        "nothing was changed."
    ),
    "role-already-held": _("This person already holds this role."),
    "role-not-held": _("This role is not held here, or was taken back."),
    "role-not-of-mandate": _("This role cannot be given in a mandate."),
    "rota-missing": _("There is no rota for this term."),
    "rota-not-needed": _("The rota is drawn already, or no group is drawn from these members."),
    "rule-unknown": _("There is no rule named %(rule)s."),
    "rule-without-quotas": _("Simple random sampling knows no quotas: this pool has some."),
    "seat-barred-incompatible": _(
        "You hold or are offered a seat in a body that the charter does not allow beside this one."
    ),
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
    "seat-name-too-long": _("Write at most %(most)s letters."),
    "seat-unknown": _("There is no such seat in this term."),
    "second-factor-missing": _("There is no such second factor on this account."),
    "second-factor-needed": _(
        "This act binds, and a password alone is not enough for it. Nothing was changed: give your second "
        "factor, then do it again."
    ),
    "second-factor-stale": _(
        "Who changes a second factor must have given it in the last ten minutes. Nothing was changed."
    ),
    "second-factor-too-many": _("Too many wrong codes for this account. Wait a quarter of an hour."),
    "secret-wrong": _(
        "This is not the secret that you signed the hash of: 64 letters and digits are expected."
    ),
    "security-key-known": _("This key is registered already."),
    "security-key-refused": _(
        "This is not what was expected of a security key of this account: go back, and try again."
    ),
    "security-key-too-many": _("An account has %(most)s security keys at most: remove one first."),
    "security-key-unknown": _("There is no such security key on this account."),
    "security-key-without-name": _(
        "This site has no name of its own but a number, so browsers let no key be bound to it."
    ),
    "sign-in-too-many": _("Too many wrong passwords for this address. Wait a quarter of an hour."),
    "signed-out": _("Your session has ended, or you were not signed in. Nothing was changed."),
    "suspension-already-lifted": _("You have said already that this draw may go on."),
    "suspension-reason-missing": _("Write the reason: it is published."),
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
    "verifier-too-long": _(
        "The verifier took too long here. Download the folder and run it on your machine."
    ),
    "volunteer-already-erased": _("This person is erased already."),
    "volunteer-already-in": _("This address is already among the volunteers."),
    "volunteer-not-in": _("This person is not among the volunteers any more."),
    "volunteer-traits-invalid": _("Choose one of the answers offered for %(category)s."),
    "volunteer-unknown": _("There is no such person here."),
    "witness-key-invalid": _("This is not a verifier key. Copy the whole line that your program has shown."),
    "witness-key-taken": _("This key is registered already. Make a new one: a key is for one person."),
    "witness-name-wrong": _("The key must bear the name %(expected)s: make it under this name."),
    "worker-name-missing": _("Give the worker a name."),
}

FAILURES: Mapping[str, str] = {
    "job-crashed": _(
        "The work stopped three times without a result. The operator can read why in the worker's log."
    ),
    "infeasible-quotas": _("No panel fits these quotas."),
    "bad-size": _("The size of the panel must be from 1 to the number of people in the pool."),
    "bad-tickets": _("The lottery of this draw needs more tickets."),
    "bad-groups": _("There are too few members for groups of this size."),
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
    "draw-lottery": _("lottery"),
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
}

CHARTER_FAULTS: Mapping[str, str] = {
    "bad-key": _("“%(found)s” cannot name a body: small letters, digits and hyphens are expected."),
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
        "task-freeze": gettext("freeze the draw"),
        "task-hold": gettext("lead the draw to its end"),
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
