"""The words of mandates, roles and the charter: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
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
    "mandate-inhabitants-invalid": _("Write a number above zero."),
    "mandate-slug-invalid": _("Use small letters without accents, digits and hyphens."),
    "mandate-slug-taken": _("Another mandate has this short name."),
    "mandate-term-invalid": _("The term must end after it begins."),
    "mandate-unknown": _("There is no such mandate here."),
    "mandate-zone-unknown": _("This time zone is not known."),
    "role-already-held": _("This person already holds this role."),
    "role-not-held": _("This role is not held here, or was taken back."),
    "role-not-of-mandate": _("This role cannot be given in a mandate."),
}
STATES: Mapping[str, str] = {
    "organiser": _("organiser"),
    "guarantor": _("guarantor"),
    "citizen": _("citizen"),
}
EVENTS: Mapping[str, str] = {
    "mandate-created": _("mandate created"),
    "charter-published": _("charter published"),
    "role-given": _("role given"),
    "role-taken-back": _("role taken back"),
    "account-erased": _("somebody erased their data"),
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

messages.enter(refusals=REFUSALS, states=STATES, events=EVENTS)
