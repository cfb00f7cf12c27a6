"""The words of votes: kinds, modes, rules, means, and other rules that are shown for comparison."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee.i18n import marked as _

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
