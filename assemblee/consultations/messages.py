"""The words of votes: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "ballot-incomplete": _("Grade every proposal, or vote blank."),
    "ballot-invalid": _("This is not a ballot of this consultation."),
    "code-invalid": _("This is not a code of this consultation: 20 letters and digits are expected."),
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
    "count-already-started": _("You have said already that the count may start."),
    "receipt-malformed": _("This is not a receipt: 12 letters and digits are expected."),
    "receipt-unknown": _(
        "No counted ballot has this receipt. If you voted again, look for the receipt of your last ballot."
    ),
    "request-malformed": _("This request cannot be read."),
    "roll-empty": _("Nobody is on this roll."),
    "roll-unknown": _("Choose one of the rolls."),
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
    "token-invalid": _("This token was not signed for this vote."),
    "token-request-invalid": _("This is not a request for a token."),
    "vote-link-void": _("This link opens no vote: copy it whole from the message."),
    "voter-already-marked": _("This person votes another way already, and nobody votes twice."),
    "voter-code-used": _("This person's code has served: a ballot is in the box, and nobody votes twice."),
    "voter-unknown": _("There is nobody like that on the roll."),
    "voter-without-address": _("There is no mail address to send a code to: ask at the counter."),
}
STATES: Mapping[str, str] = {
    "task-voting-codes": _("forgetting whose the used voting codes were"),
    "box-wipe": _("emptying of the ballot box"),
    "consultation-draft": _("draft"),
    "consultation-announced": _("announced"),
    "consultation-open": _("open"),
    "consultation-closed": _("closed, not counted yet"),
    "consultation-counted": _("counted"),
    "consultation-contested": _("contested"),
    "consultation-cancelled": _("given up"),
}
EVENTS: Mapping[str, str] = {
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
}
KINDS: Mapping[str, str] = {
    "majority-judgment": _("Majority judgment: each proposal gets a grade"),
    "yes-no": _("Yes or no to each proposal"),
    "nominal": _("One proposal of several"),
    "multi-criteria": _("Several criteria: each proposal gets a grade by each"),
}
MODES: Mapping[str, str] = {
    "secret": _("secret: nobody can tell whose a ballot is"),
    "open": _("open: names are published beside the ballots (up to 200 people)"),
}
DEFAULTS: Mapping[str, str] = {
    "static": _("the worst grade"),
    "median": _("the proposal's own majority grade"),
    "normalized": _("nothing: each proposal is judged by those who graded it"),
    "refuse": _("not allowed: every proposal must be graded, or the ballot be blank"),
}
COMBINATIONS: Mapping[str, str] = {
    "lexicographic": _("the first criterion decides, then the second, and so on"),
    "pareto": _("by layers: what nothing else beats by every criterion comes first"),
}
THRESHOLDS: Mapping[str, str] = {
    "half": _("more yes than no"),
    "two-thirds": _("two thirds of yes and no"),
    "three-fifths": _("three fifths of yes and no"),
}
MEANS_OF_VOTE: Mapping[str, str] = {
    "device": _("votes on a device"),
    "code": _("votes with a code"),
    "counter": _("votes on paper"),
    "named": _("has voted"),
}
CONTESTS: Mapping[str, str] = {
    "ballots-exceed-marks": _(
        "There are more ballots in the box (%(ballots)s) than people marked on the roll (%(marks)s)."
    ),
    "box-damaged": _("The ballot box was damaged, and cannot be read."),
    "roll-altered": _("The roll is not the one that was hashed in the journal before the vote."),
}
SENSITIVITY: Mapping[str, str] = {
    "usual": _("usual judgment (Fabre 2021)"),
    "typical": _("typical judgment (Fabre 2021)"),
    "central": _("central judgment (Fabre 2021)"),
    "mean": _("the mean of the grades"),
}

messages.enter(refusals=REFUSALS, states=STATES, events=EVENTS)
