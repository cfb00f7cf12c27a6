"""The words of signing."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "form-stamp-invalid": _("This form was open for too long, or is not ours. Press the button again."),
    "form-too-fast": _("That was very fast. Wait three seconds, then press the button again."),
    "form-used": _(
        "This form has served already, under another address. Nothing is lost: wait three seconds, then "
        "press the button again."
    ),
    "letters-none-left": _("Everybody has a letter already."),
    "letters-number-invalid": _("From 1 to %(most)s letters at once."),
    "personal-code-unknown": _(
        "We do not know this code. Copy it from your letter, or leave the field empty."
    ),
    "personal-code-used": _("Somebody has signed with this code under another address."),
    "signature-is-counted": _("This signature counts already."),
    "signature-is-double": _("This person has signed twice: the other signature counts."),
    "signature-is-pending": _("This signature is not confirmed yet."),
    "signature-is-set-aside": _(
        "A guarantor has set this signature aside. Write to the guarantors if this is wrong."
    ),
    "signature-is-withdrawn": _("This signature was taken back. You can sign again on the petition's page."),
    "signature-link-old": _("This link has waited too long. Sign again on the petition's page."),
    "signature-link-void": _(
        "This link leads nowhere: its signature was never confirmed, or its petition ended long ago."
    ),
    "signature-name-missing": _("Write your first name and your last name."),
    "signature-place-missing": _("Say where you live."),
    "signature-threshold-crossed": _(
        "An assembly was opened by this petition: signatures cannot be taken back any more."
    ),
    "signing-too-many": _(
        "Too many signatures come from your network. Try again in an hour, or sign on paper."
    ),
    "told-apart-reason-missing": _("Write how you know that they are two people: everybody can read it."),
    "volunteer-not-in": _("This person is not among the volunteers any more."),
}
EVENTS: Mapping[str, str] = {
    "paper-signature-doubled": _("signature on paper given way to one online"),
    "signature-withdrawn": _("signature taken back"),
    "signatures-told-apart": _("two signatures told apart by a guarantor"),
    "signing-codes-printed": _("codes for signing printed"),
}

messages.enter(refusals=REFUSALS, events=EVENTS)
