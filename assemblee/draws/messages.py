"""The words of draws and their ceremony: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "beacon-already-typed": _("You have typed your numbers already: each guarantor does it once."),
    "beacon-numbers-wrong": _(
        "%(name)s: %(count)s different numbers from %(least)s to %(most)s are expected."
    ),
    "beacon-of-another-kind": _("This draw waits for another kind of randomness: the one it announced."),
    "beacon-signature-wrong": _(
        "This is not the signature of round %(round)s: 96 letters and digits are expected, as the network "
        "published them."
    ),
    "beacon-unknown": _("Choose one of the kinds of public randomness offered."),
    "beacon-witnesses-missing": _(
        "Numbers are typed by %(witnesses)s guarantors who must agree, and this mandate has fewer with a key."
        " Choose drand, or wait for another guarantor."
    ),
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
    "draw-not-sealed": _("This draw hides nothing: its list is published in full."),
    "draw-not-yours": _("You have no such number in this draw."),
    "draw-no-lottery-then": _("This lottery is not drawn then: choose one of its drawings."),
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
    "guarantor-not-of-draw": _("You are not among the guarantors whom this draw names."),
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
    "rule-unknown": _("There is no rule named %(rule)s."),
    "rule-without-quotas": _("Simple random sampling knows no quotas: this pool has some."),
    "lottery-days-missing": _("Choose at least one day of the week."),
    "lottery-source-missing": _("Say where you found these days, in at most 500 signs."),
    "lottery-unknown": _("This lottery is not known here."),
    "secret-wrong": _(
        "This is not the secret that you signed the hash of: 64 letters and digits are expected."
    ),
    "suspension-already-lifted": _("You have said already that this draw may go on."),
}
FAILURES: Mapping[str, str] = {
    "infeasible-quotas": _("No panel fits these quotas."),
    "bad-size": _("The size of the panel must be from 1 to the number of people in the pool."),
    "bad-tickets": _("The lottery of this draw needs more tickets."),
    "unknown-rule": _("This rule is not known here."),
    "quotas-bind": _("Simple random sampling knows no quotas: this pool has some."),
    "solver-stopped": _("The computation stopped without an answer. It can be started again."),
}
STATES: Mapping[str, str] = {
    "task-draw-rounds": _("fetching the public randomness of draws"),
    "prepared": _("prepared"),
    "infeasible": _("no panel fits"),
    "feasible": _("checked"),
    "frozen": _("frozen"),
    "ready": _("ceremony under way"),
    "held": _("held"),
    "draw-check": _("check of the quotas"),
    "draw-lottery": _("lottery"),
}
PHASES: Mapping[str, str] = {
    "types": _("looking for who can be drawn"),
    "excluded": _("looking for the quotas that shut people out"),
    "pricing": _("looking for panels that make the chances fairer"),
    "levels": _("computing the fairest chances"),
    "mixture": _("mixing the panels so that everybody gets their chance"),
    "panels": _("putting the panels together"),
}
EVENTS: Mapping[str, str] = {
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
    "lottery-days-written": _("days of a national lottery written down"),
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

messages.enter(refusals=REFUSALS, failures=FAILURES, states=STATES, phases=PHASES, events=EVENTS)
