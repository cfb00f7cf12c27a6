"""The words of the journal: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "clock-in-doubt": _(
        "The clock of this site seems wrong, so nothing is decided by it and nothing was changed. Try again "
        "in some minutes; an operator can put it right."
    ),
    "clock-not-in-doubt": _("The time is taken as right already: there is nothing to do."),
    "checkpoint-unknown": _("This log has no such checkpoint."),
    "checkpoint-unreadable": _("%(path)s is not a checkpoint that this log has signed."),
    "cosignature-invalid": _(
        "This cosignature does not hold: it was made by another key, or for another text."
    ),
    "cosignature-key-unknown": _("No guarantor of this site has registered the key of this cosignature."),
    "cosignature-malformed": _(
        "This is not a signed checkpoint: send it whole, with the line of your signature."
    ),
    "journal-damaged": _("The stored journal is damaged: the operator must run `assemblee journal check`."),
    "journal-empty": _("The journal has no line yet: there is nothing to sign."),
    "journal-key-lost": _(
        "%(path)s is missing, and this journal was signed with it: put it back from where it is kept. "
        "Another key would make another journal of it."
    ),
    "journal-key-missing": _(
        "%(path)s is missing: run `assemblee journal key` to make the key of the journal."
    ),
    "journal-key-name": _(
        "%(path)s signs as %(name)s, and the settings call the journal %(origin)s: "
        'write log_origin = "%(name)s" in config.toml.'
    ),
    "journal-key-unreadable": _("%(path)s does not hold the key of a journal."),
    "leaf-unknown": _("The journal has no such line."),
    "proof-impossible": _(
        "There is no such proof: the journal does not have these lines, or the older journal is empty."
    ),
    "witness-key-invalid": _("This is not a verifier key. Copy the whole line that your program has shown."),
    "witness-key-taken": _("This key is registered already. Make a new one: a key is for one person."),
    "witness-name-wrong": _("The key must bear the name %(expected)s: make it under this name."),
}
EVENTS: Mapping[str, str] = {
    "clock-accepted": _("the operator said that the time is right"),
    "witness-key-registered": _("key of a guarantor registered"),
}

messages.enter(refusals=REFUSALS, events=EVENTS)
