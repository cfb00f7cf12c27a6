"""The forms of draws."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

import sortition
from assemblee.draws.actions import TICKETS
from assemblee.forms import REQUIRED, Form, normalised
from assemblee.i18n import number
from assemblee.messages import RULES
from assemblee.pools.models import Pool


class PrepareForm(Form):
    """What a draw is made of; the pool gives the people, quotas and size."""

    title = StringField(
        _l("Title"),
        validators=[InputRequired(REQUIRED)],
        filters=[normalised],
        description=_l("For instance: ordinary assembly 2026–2027."),
    )
    pool = SelectField(_l("Pool"), coerce=int, validators=[InputRequired(REQUIRED)])
    rule = RadioField(_l("Rule"), validators=[InputRequired(REQUIRED)], default="leximin")
    tickets = SelectField(_l("Tickets in the lottery"), coerce=int, validators=[InputRequired(REQUIRED)])

    def offer(self, pools: list[Pool]) -> None:
        """Fill the choices: the pools of the mandate, and the rules that the core knows."""
        self.pool.choices = [SelectChoice(pool.id, pool.name) for pool in pools]
        self.rule.choices = [
            SelectChoice(
                name, f"{gettext(RULES[name][0])} — {gettext(RULES[name][1])}" if name in RULES else name
            )
            for name in sortition.RULES
        ]
        self.tickets.choices = [
            SelectChoice(TICKETS[0], number(TICKETS[0])),
            SelectChoice(
                TICKETS[1], gettext("%(tickets)s, for a draw with balls", tickets=number(TICKETS[1]))
            ),
        ]


class CancelForm(Form):
    """Why a draw is given up."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(REQUIRED)],
        filters=[normalised],
        description=_l("It stays public."),
        render_kw={"rows": 3},
    )
