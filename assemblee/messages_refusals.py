"""The sentence of every refusal, by its code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee.i18n import marked as _

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
    "ballot-incomplete": _("Grade every proposal, or vote blank."),
    "ballot-invalid": _("This is not a ballot of this consultation."),
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
    "charter-body-in-use": _(
        "People were called to the body “%(body)s”: it stays in the charter, and its members come "
        "from where they came before."
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
    "code-invalid": _("This is not a code of this consultation: 20 letters and digits are expected."),
    "config-exists": _("%(path)s exists already; it is left as it was."),
    "config-log-origin": _("In %(path)s, log_origin must be a name without spaces and without +."),
    "config-missing": _("%(path)s is missing: run `assemblee init` first."),
    "config-secret-short": _("The secret_key in %(path)s must have at least 32 characters."),
    "config-setting-type": _("In %(path)s, %(setting)s is not of the right kind: a number or a text."),
    "config-unknown-setting": _("%(path)s has a setting that is not known: %(setting)s."),
    "consultation-argument-invalid": _("Begin each line with +, - or =, then a title."),
    "consultation-criteria-invalid": _("Write 1 to 5 criteria, one a line, each with a name of its own."),
    "consultation-guarantors-invalid": _("At least one guarantor starts the count."),
    "consultation-guarantors-too-few": _(
        "%(needed)s guarantors are to start the count, and this mandate has %(found)s: give the role first."
    ),
    "consultation-is-announced": _("This vote is not open yet."),
    "consultation-is-cancelled": _("This vote was given up."),
    "consultation-is-closed": _("This vote is closed."),
    "consultation-is-contested": _("This vote is contested: nothing more can be done in it."),
    "consultation-is-counted": _("This vote is counted."),
    "consultation-is-draft": _("This consultation is a draft: its rules are not settled yet."),
    "consultation-is-not-secret": _("Ballots of this vote bear a name: use the link in your message."),
    "consultation-is-open": _("This vote is open: nothing of it can be changed."),
    "consultation-is-secret": _("Ballots of this vote bear no name."),
    "consultation-key-unreadable": _(
        "The secret of this installation has changed: tokens cannot be signed any more."
    ),
    "consultation-named-too-large": _("A named vote is for %(most)s people at most."),
    "consultation-not-counted": _("This vote is not counted yet."),
    "consultation-proposals-invalid": _(
        "Write the proposals, one a line, each with a name of its own: 2 to 200, or from 1 for yes or "
        "no; at most 500 answers on a ballot."
    ),
    "consultation-reason-missing": _("Write the reason: it stays public."),
    "consultation-routing-invalid": _(
        "Write the question on the first line, then 2 to 10 answers, each with a name of its own."
    ),
    "consultation-rules-invalid": _("These rules do not fit together."),
    "consultation-text-missing": _("Write the question and its explanation."),
    "consultation-times-invalid": _("The vote must close after it has opened, and in the future."),
    "consultation-too-small": _(
        "So few people voted that only the guarantors may see the ballots one by one."
    ),
    "consultation-unknown": _("There is no such consultation."),
    "cosignature-invalid": _(
        "This cosignature does not hold: it was made by another key, or for another text."
    ),
    "cosignature-key-unknown": _("No guarantor of this site has registered the key of this cosignature."),
    "cosignature-malformed": _(
        "This is not a signed checkpoint: send it whole, with the line of your signature."
    ),
    "count-already-started": _("You have said already that the count may start."),
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
    "form-stamp-invalid": _("This form was open for too long, or is not ours. Press the button again."),
    "form-too-fast": _("That was very fast. Wait three seconds, then press the button again."),
    "fraud-already-restored": _("These signatures are restored already."),
    "fraud-changed": _(
        "What this condition describes has changed since it was shown. Nothing was set aside: look at the "
        "effect again."
    ),
    "fraud-condition-empty": _("Say which signatures are meant: fill in one field at least."),
    "fraud-condition-too-long": _("This condition is too long."),
    "fraud-nothing": _("No signature that counts fits this condition."),
    "fraud-reason-missing": _("Write why: everybody can read it."),
    "guarantor-not-of-draw": _("You are not among the guarantors whom this draw names."),
    "import-nothing-usable": _("Nothing in this file can be kept."),
    "import-too-large": _("The file is too large: %(megabytes)s megabytes at most."),
    "import-unknown": _("This import is done already, or was given up."),
    "import-without-categories": _("Set the categories first: without them, people cannot be told apart."),
    "invalidation-unknown": _("Nothing was set aside under this number."),
    "invitation-answered": _("This code has served already: you are among the volunteers."),
    "invitation-code-unknown": _("Nobody was given this code. Type it as it stands in the letter."),
    "invitation-expired": _("The time to answer is over: somebody else is being called."),
    "invitation-name-missing": _("Write your name."),
    "invitation-over": _("The time to answer this invitation is over."),
    "invitation-unknown": _("Nobody was invited under this number."),
    "job-already-ended": _("This work has already ended."),
    "job-already-open": _("This work is already under way."),
    "job-not-stoppable": _("This work goes on to its end: it could not be asked for again."),
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
    "letters-none-left": _("Everybody has a letter already."),
    "letters-number-invalid": _("From 1 to %(most)s letters at once."),
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
    "paper-line-email-invalid": _(
        "Line %(line)s: this is no e-mail address. Leave it empty if it cannot be read."
    ),
    "paper-line-incomplete": _(
        "Line %(line)s: write the name and the place, or leave the line empty if they cannot be read."
    ),
    "paper-line-place-unknown": _("Line %(line)s: choose one of the districts of the rules."),
    "paper-sheet-empty": _("Write at least one line."),
    "paper-sheet-entered": _("Sheet %(number)s is entered already: two people have read it alike."),
    "paper-sheet-too-long": _("A sheet has %(most)s lines."),
    "paper-sheet-unknown": _(
        "No sheet of this petition has this code. It stands beside the number, at the top of the sheet."
    ),
    "paper-sheets-none": _("There is no such sheet to print."),
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
    "receipt-malformed": _("This is not a receipt: 12 letters and digits are expected."),
    "receipt-unknown": _(
        "No counted ballot has this receipt. If you voted again, look for the receipt of your last ballot."
    ),
    "request-malformed": _("This request cannot be read."),
    "review-already-said": _("You have said your word in this review already."),
    "review-closed": _("This review is closed."),
    "review-not-guarantor": _("Only the guarantors of this mandate speak in a review."),
    "review-reason-missing": _("Write your reason: everybody can read it."),
    "review-still-open": _("This review is open until its deadline, or until every guarantor has spoken."),
    "review-unknown": _("There is no such review."),
    "role-already-held": _("This person already holds this role."),
    "role-not-held": _("This role is not held here, or was taken back."),
    "role-not-of-mandate": _("This role cannot be given in a mandate."),
    "roll-empty": _("Nobody is on this roll."),
    "roll-unknown": _("Choose one of the rolls."),
    "rota-missing": _("There is no rota for this term."),
    "rota-not-needed": _("The rota is drawn already, or no group is drawn from these members."),
    "rota-too-early": _(
        "The members of this body may still answer: its rota is drawn once their time is over."
    ),
    "rule-unknown": _("There is no rule named %(rule)s."),
    "rule-without-quotas": _("Simple random sampling knows no quotas: this pool has some."),
    "sample-already-open": _("A sample is being checked already: finish that one first."),
    "sample-closed": _("Every line of this sample is judged: its result is published."),
    "sample-dice-invalid": _("Write at least %(least)s figures, as the dice fell."),
    "sample-line-unknown": _("This line is not in the sample."),
    "sample-nothing-to-check": _("No signature on paper counts yet: there is nothing to check."),
    "sample-size-invalid": _("Choose from 1 to %(most)s lines."),
    "sample-unknown": _("There is no such sample."),
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
    "sheet-already-entered": _("This sheet is in the box already."),
    "sheet-unknown": _("This is not the code of a paper ballot of this vote."),
    "sheets-exceed-marks": _(
        "%(entered)s sheets are in the box, as many as voters were handed one: this one was never given "
        "to a voter."
    ),
    "sheets-number-invalid": _("From 1 to %(most)s sheets at once."),
    "sheets-unfinished": _(
        "%(sheets)s paper ballots were entered by one person only: a second one must enter the same."
    ),
    "sign-in-too-many": _("Too many wrong passwords for this address. Wait a quarter of an hour."),
    "signature-unknown": _("There is no such signature."),
    "signed-out": _("Your session has ended, or you were not signed in. Nothing was changed."),
    "suggestions-stale": _(
        "People or quotas have changed since these quotas were suggested. Nothing was changed. "
        "Check the quotas again, then read what is suggested."
    ),
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
    "token-invalid": _("This token was not signed for this vote."),
    "token-request-invalid": _("This is not a request for a token."),
    "told-apart-reason-missing": _("Write how you know that they are two people: everybody can read it."),
    "verifier-too-long": _(
        "The verifier took too long here. Download the folder and run it on your machine."
    ),
    "volunteer-already-erased": _("This person is erased already."),
    "volunteer-already-in": _("This address is already among the volunteers."),
    "volunteer-not-in": _("This person is not among the volunteers any more."),
    "volunteer-traits-invalid": _("Choose one of the answers offered for %(category)s."),
    "volunteer-unknown": _("There is no such person here."),
    "vote-link-void": _("This link opens no vote: copy it whole from the message."),
    "voter-already-marked": _("This person votes another way already, and nobody votes twice."),
    "voter-unknown": _("There is nobody like that on the roll."),
    "voter-without-address": _("There is no mail address to send a code to: ask at the counter."),
    "wave-assembly-missing": _("No assembly was opened by this petition: there is nobody to invite for it."),
    "wave-is-drawn": _("The people to invite are drawn already."),
    "wave-is-not-needed": _("This assembly needs no invitations: the page says why."),
    "wave-is-prepared": _(
        "The people to invite are not drawn yet: the public randomness has to be recorded first."
    ),
    "wave-unknown": _("No invitations were prepared for this petition."),
    "witness-key-invalid": _("This is not a verifier key. Copy the whole line that your program has shown."),
    "witness-key-taken": _("This key is registered already. Make a new one: a key is for one person."),
    "witness-name-wrong": _("The key must bear the name %(expected)s: make it under this name."),
    "worker-name-missing": _("Give the worker a name."),
}
