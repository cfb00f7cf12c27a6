"""The rules for petitions in words that a neighbour understands."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from assemblee.i18n import number
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening, PetitionRules
from votes.threshold import Threshold


def opens(one: Opening) -> str:
    """Return what a step opens, as a sentence."""
    if one.opens == ASSEMBLY:
        return str(_("An extraordinary assembly opens by itself: its members are drawn by lot."))
    return str(_("The representative answers in public.")) if one.opens == ANSWER else one.promise


def label(one: Opening) -> str:
    """Return what a step opens, in two or three words."""
    if one.opens == ASSEMBLY:
        return str(_("extraordinary assembly"))
    return str(_("answer of the representative")) if one.opens == ANSWER else one.promise


def signatures(count: int) -> str:
    """Return a number of signatures."""
    return str(ngettext("%(number)s signature", "%(number)s signatures", num=count, number=number(count, 0)))


def needed(one: Opening, rules: PetitionRules) -> str:
    """Return how many signatures a step needs."""
    return signatures(one.step.threshold.needed(rules.inhabitants))


def conditions(one: Opening) -> list[str]:
    """Return what stands beside the number: the share that it is, and the districts it has to come from."""
    lines = [_share(one.step.threshold)] if one.step.threshold.is_share else []
    spread = one.step.spread
    if spread is not None:
        least = _share(spread.least) if spread.least.is_share else signatures(spread.least.amount.numerator)
        lines.append(
            ngettext(
                "in %(num)s district at least: %(least)s",
                "in each of %(num)s districts at least: %(least)s",
                spread.districts,
                least=least,
            )
        )
    return lines


def _share(threshold: Threshold) -> str:
    share = f"{threshold.amount.numerator}/{threshold.amount.denominator}"
    if threshold.is_strict:
        return str(_("more than %(share)s of the inhabitants over 16", share=share))
    return str(_("%(share)s of the inhabitants over 16", share=share))
