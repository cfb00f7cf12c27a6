"""The words of petitions: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "account-unknown": _("There is no such account."),
    "beacon-too-early": _("It is too early: the public randomness was announced for later."),
    "document-unknown": _("There is no such document here."),
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
    "invalidation-unknown": _("Nothing was set aside under this number."),
    "invitation-answered": _("This code has served already: you are among the volunteers."),
    "invitation-code-unknown": _("Nobody was given this code. Type it as it stands in the letter."),
    "invitation-name-missing": _("Write your name."),
    "invitation-over": _("The time to answer this invitation is over."),
    "invitation-unknown": _("Nobody was invited under this number."),
    "letters-none-left": _("Everybody has a letter already."),
    "letters-number-invalid": _("From 1 to %(most)s letters at once."),
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
    "pool-unknown": _("There is no such pool here."),
    "review-already-said": _("You have said your word in this review already."),
    "review-closed": _("This review is closed."),
    "review-not-guarantor": _("Only the guarantors of this mandate speak in a review."),
    "review-reason-missing": _("Write your reason: everybody can read it."),
    "review-still-open": _("This review is open until its deadline, or until every guarantor has spoken."),
    "review-unknown": _("There is no such review."),
    "sample-already-open": _("A sample is being checked already: finish that one first."),
    "sample-closed": _("Every line of this sample is judged: its result is published."),
    "sample-dice-invalid": _("Write at least %(least)s figures, as the dice fell."),
    "sample-line-unknown": _("This line is not in the sample."),
    "sample-nothing-to-check": _("No signature on paper counts yet: there is nothing to check."),
    "sample-size-invalid": _("Choose from 1 to %(most)s lines."),
    "sample-unknown": _("There is no such sample."),
    "told-apart-reason-missing": _("Write how you know that they are two people: everybody can read it."),
    "volunteer-not-in": _("This person is not among the volunteers any more."),
    "wave-assembly-missing": _("No assembly was opened by this petition: there is nobody to invite for it."),
    "wave-is-drawn": _("The people to invite are drawn already."),
    "wave-is-not-needed": _("This assembly needs no invitations: the page says why."),
    "wave-is-prepared": _(
        "The people to invite are not drawn yet: the public randomness has to be recorded first."
    ),
    "wave-unknown": _("No invitations were prepared for this petition."),
    "email-disposable": _("This address is made to be thrown away. Use one that you keep."),
    "form-used": _("This form has served already. Reload the page, and fill it in again."),
    "paper-sheets-none": _("There is no sheet to show. Print some first."),
    "personal-code-unknown": _(
        "We do not know this code. Copy it from your letter, or leave the field empty."
    ),
    "personal-code-used": _("Somebody has signed with this code under another address."),
    "petition-aim-length": _("Say which law or topic it is about, in at most %(most)s signs."),
    "petition-answer-missing": _("Write the text: everybody will read it."),
    "petition-appeal-late": _("The time to appeal is over."),
    "petition-appeal-nobody": _("There is no other guarantor who could hear an appeal."),
    "petition-appealed-already": _("An appeal was heard already: there is no second one."),
    "petition-attachments-too-many": _("A petition has at most %(most)s files. Remove one first."),
    "petition-author-length": _("Give the name that everybody will see, in at most %(most)s signs."),
    "petition-category-unknown": _("Choose one of the categories."),
    "petition-ground-unknown": _(
        "Choose the ground of the refusal: a petition is refused for a published one only."
    ),
    "petition-is-answered": _("This petition has its official answer."),
    "petition-is-appeal": _("The guarantors are hearing an appeal about this petition."),
    "petition-is-archived": _("This petition is archived."),
    "petition-is-check": _("A guarantor is checking this petition: it cannot be signed or changed now."),
    "petition-is-draft": _("This petition is a draft: it cannot be signed yet."),
    "petition-is-expired": _("The time to sign this petition is over."),
    "petition-is-merged": _("This petition was merged into another one."),
    "petition-is-open": _("This petition is open for signatures: its text does not change any more."),
    "petition-is-reached": _(
        "This petition has reached its threshold: the assembly goes on whatever happens."
    ),
    "petition-is-refused": _("This petition was refused by the guarantors."),
    "petition-is-sponsors": _("This petition looks for sponsors: its text does not change any more."),
    "petition-is-withdrawn": _("This petition was withdrawn by its author."),
    "petition-merge-itself": _("Choose another petition of this mandate."),
    "petition-merge-not-offered": _(
        "The author of the other petition has not offered to merge it into this one."
    ),
    "petition-of-somebody-else": _("Only the author of a petition can do this."),
    "petition-own": _("Nobody checks their own petition."),
    "petition-reason-missing": _("Give the reason: everybody will read it."),
    "petition-report-missing": _("The assembly speaks first: publish its report before the answer."),
    "petition-reported-already": _("The report is published already: it does not change any more."),
    "petition-ruled-already": _("You, or another guarantor, have ruled on this petition already."),
    "petition-rules-changed": _("Somebody else has published other rules meanwhile. Reload the page."),
    "petition-rules-invalid": _("“%(where)s” cannot be read: expected %(expected)s."),
    "petition-rules-missing": _("The rules for petitions are not published yet."),
    "petition-rules-reason-missing": _("Say why the rules change."),
    "petition-step-answered": _("This step has its answer: it does not change any more."),
    "petition-step-not-crossed": _("This petition has not reached this step."),
    "petition-text-length": _("Write what you ask for, in at most %(most)s signs."),
    "petition-title-length": _("Give a title, in at most %(most)s signs."),
    "petition-unknown": _("There is no such petition."),
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
    "signature-unknown": _("There is no such signature."),
    "signing-too-many": _(
        "Too many signatures come from your network. Try again in an hour, or sign on paper."
    ),
}
STATES: Mapping[str, str] = {
    "petition-wave": _("invitations for the assembly of a petition"),
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
PHASES: Mapping[str, str] = {
    "wave": _("looking for whom the volunteers lack"),
}
EVENTS: Mapping[str, str] = {
    "petition-answered": _("official answer to a petition published"),
    "petition-appeal-refused": _("appeal about a petition refused"),
    "petition-appealed": _("appeal about a petition lodged"),
    "petition-archived": _("petition archived"),
    "petition-assembly-opened": _("assembly of a petition opened later"),
    "petition-crossed": _("petition has reached a step"),
    "petition-expired": _("time to sign a petition over"),
    "petition-merge-offered": _("merging of two petitions offered"),
    "petition-opened": _("petition opened for signatures"),
    "petition-reported": _("report of a petition's assembly published"),
    "petition-ruled": _("a guarantor ruled on a petition"),
    "petition-rules-published": _("rules for petitions published"),
    "petition-signatures-erased": _("signers of a petition forgotten"),
    "petition-sponsored": _("petition has its sponsors"),
    "petition-step-answered": _("step of a petition answered by the representative"),
    "petition-submitted": _("petition looks for sponsors"),
    "petition-withdrawn": _("petition withdrawn by its author"),
    "petition-written": _("petition written"),
    "petitions-merged": _("two petitions merged"),
    "signature-counted": _("signature counted"),
    "signature-withdrawn": _("signature taken back"),
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
}

messages.enter(refusals=REFUSALS, states=STATES, phases=PHASES, events=EVENTS)
