"""The page that says an act back before it is done: nothing that cannot be undone is one click away.

A view that is declared `security.lasting` asks `unless_confirmed` once its form holds. The answer is the page
that shows what was typed and what cannot be changed afterwards; its form carries all of it once more, and a
seal that only this page gives, for this act of this person. Without it the view cannot write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from wtforms import BooleanField, Field, FileField, HiddenField, PasswordField
from wtforms.fields.choices import RadioField, SelectField

from assemblee.forms import CHANGE, Form
from assemblee.i18n import choose_zone, moment
from assemblee.once import ONCE
from assemblee.security import current_actor

SEAL, SURE = "seal", "sure"
OF_THIS_PAGE = frozenset({SEAL, SURE, CHANGE, ONCE, "csrf_token"})
# Who reads longer reads again.
SEAL_LASTS_SECONDS = 3_600


@dataclass(frozen=True)
class Act:
    """An act that cannot be undone, as its check page says it back.

    Parameters
    ----------
    title : str
        What is about to be done, as a question or in a few words.
    after : str
        What nobody can change afterwards, and what is left to do then.
    verb : str
        On the button that does it.
    way_out : str
        Address to go back to when it is not done.
    facts : sequence of (str, str)
        What it is about, line by line, before what was typed.
    warnings : sequence of str
        What is unusual about it.
    """

    title: str
    after: str
    verb: str
    way_out: str
    facts: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()


def unless_confirmed(act: Act, form: Form | None = None, *, says_all: bool = False) -> str | None:
    """Return the check page of an act, or nothing once its reader has confirmed it.

    Parameters
    ----------
    form : Form, optional
        What was typed, which has been found to hold.
    says_all : bool
        Whether the facts of the act say it all.
    """
    return None if is_confirmed() else page(act, form, says_all=says_all)


def page(act: Act, form: Form | None = None, *, says_all: bool = False) -> str:
    """Return the check page of an act."""
    typed = _typed(form) if form is not None else []
    carried = _carried()
    return render_template(
        "pages/confirm.html",
        act=act,
        typed=[] if says_all else typed,
        carried=carried,
        can_change=bool(typed),
        **box(carried),
    )


def box(carried: Iterable[tuple[str, str]], free: Collection[str] = ()) -> dict[str, Any]:
    """Return what `macros/confirming.html` needs for the box of a check page, which a room may draw itself.

    Parameters
    ----------
    carried : iterable of (str, str)
        The fields that its form sends, with the values that its reader sees.
    free : collection of str
        Fields that its reader may still change there.
    """
    return {
        "seal": _seals().dumps(_digest(carried, free)),
        "names": {"seal": SEAL, "sure": SURE, "change": CHANGE},
        "is_unsure": SEAL in request.form and SURE not in request.form and CHANGE not in request.form,
    }


def is_confirmed(free: Collection[str] = ()) -> bool:
    """Tell whether what is sent comes from its check page, by who is sure: then the view may write."""
    try:
        sealed = _seals().loads(request.form.get(SEAL, ""), max_age=SEAL_LASTS_SECONDS)
    except BadData:
        return False
    g.is_confirmed = sealed == _digest(_carried(), free) and SURE in request.form
    return bool(g.is_confirmed)


def _carried() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in OF_THIS_PAGE]


def _digest(carried: Iterable[tuple[str, str]], free: Collection[str]) -> str:
    """Return what a seal is for: this act, by this person, with these words."""
    said = sorted(list(one) for one in carried if one[0] not in free)
    text = json.dumps([current_actor().label, request.path, said])
    return hashlib.sha256(text.encode()).hexdigest()


def _seals() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="confirming")


def _typed(form: Form) -> list[tuple[str, str]]:
    hidden = (HiddenField, PasswordField, FileField)
    return [
        (str(field.label.text), shown)
        for field in form
        if not isinstance(field, hidden) and (shown := _shown(field))
    ]


def _shown(field: Field) -> str:
    """Return what stands in a field, in the words in which it was chosen."""
    value: Any = field.data
    if isinstance(field, BooleanField):
        return str(_("yes") if value else _("no"))
    if isinstance(field, (SelectField, RadioField)):
        return next((str(choice.label) for choice in field if choice.checked), "")
    if isinstance(value, datetime):
        return moment(value.replace(tzinfo=ZoneInfo(choose_zone())), "weekday")
    return "" if value is None else str(value)
