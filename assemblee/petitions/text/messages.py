"""The words of a petition's text: its author, its check, its merging."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "account-unknown": _("There is no such account."),
    "document-unknown": _("There is no such document here."),
    "petition-aim-length": _("Say which law or topic it is about, in at most %(most)s signs."),
    "petition-appeal-late": _("The time to appeal is over."),
    "petition-appeal-nobody": _("There is no other guarantor who could hear an appeal."),
    "petition-appealed-already": _("An appeal was heard already: there is no second one."),
    "petition-attachments-too-many": _("A petition has at most %(most)s files. Remove one first."),
    "petition-author-length": _("Give the name that everybody will see, in at most %(most)s signs."),
    "petition-category-unknown": _("Choose one of the categories."),
    "petition-drafts-too-many": _(
        "You have %(most)s petitions that wait to be submitted or to find sponsors. "
        "Finish or withdraw one first."
    ),
    "petition-files-full": _(
        "The files of all your petitions here take %(megabytes)s megabytes at most together. "
        "Remove one first, or send a smaller one."
    ),
    "petition-files-full-everywhere": _(
        "There is no room for more files of petitions here. Tell the organisers; your text is kept."
    ),
    "petition-ground-unknown": _(
        "Choose the ground of the refusal: a petition is refused for a published one only."
    ),
    "petition-merge-itself": _("Choose another petition of this mandate."),
    "petition-merge-not-offered": _(
        "The author of the other petition has not offered to merge it into this one."
    ),
    "petition-own": _("Nobody checks their own petition."),
    "petition-reason-missing": _("Give the reason: everybody will read it."),
    "petition-ruled-already": _("You, or another guarantor, have ruled on this petition already."),
    "petition-text-length": _("Write what you ask for, in at most %(most)s signs."),
    "petition-title-length": _("Give a title, in at most %(most)s signs."),
    "petition-written-too-many": _("You have written %(most)s petitions within a day. Go on tomorrow."),
}
EVENTS: Mapping[str, str] = {
    "petition-appeal-refused": _("appeal about a petition refused"),
    "petition-appealed": _("appeal about a petition lodged"),
    "petition-merge-offered": _("merging of two petitions offered"),
    "petition-opened": _("petition opened for signatures"),
    "petition-ruled": _("a guarantor ruled on a petition"),
    "petition-sponsored": _("petition has its sponsors"),
    "petition-submitted": _("petition looks for sponsors"),
    "petition-withdrawn": _("petition withdrawn by its author"),
    "petition-written": _("petition written"),
    "petitions-merged": _("two petitions merged"),
}

messages.enter(refusals=REFUSALS, events=EVENTS)
