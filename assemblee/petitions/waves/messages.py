"""The words of invitations."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "beacon-too-early": _("It is too early: the public randomness was announced for later."),
    "invitation-answered": _("This code has served already: you are among the volunteers."),
    "invitation-code-unknown": _("Nobody was given this code. Type it as it stands in the letter."),
    "invitation-name-missing": _("Write your name."),
    "invitation-over": _("The time to answer this invitation is over."),
    "invitation-unknown": _("Nobody was invited under this number."),
    "pool-unknown": _("There is no such pool here."),
    "wave-assembly-missing": _("No assembly was opened by this petition: there is nobody to invite for it."),
    "wave-is-drawn": _("The people to invite are drawn already."),
    "wave-is-not-needed": _("This assembly needs no invitations: the page says why."),
    "wave-is-prepared": _(
        "The people to invite are not drawn yet: the public randomness has to be recorded first."
    ),
    "wave-unknown": _("No invitations were prepared for this petition."),
}
STATES: Mapping[str, str] = {
    "task-wave-rounds": _("fetching the public randomness of invitations"),
    "petition-wave": _("invitations for the assembly of a petition"),
}
PHASES: Mapping[str, str] = {
    "wave": _("looking for whom the volunteers lack"),
}
EVENTS: Mapping[str, str] = {
    "wave-drawn": _("wave of invitations drawn"),
    "wave-letters-printed": _("letters of invitation printed"),
    "wave-not-needed": _("no invitations needed"),
    "wave-prepared": _("wave of invitations prepared"),
}

messages.enter(refusals=REFUSALS, states=STATES, phases=PHASES, events=EVENTS)
