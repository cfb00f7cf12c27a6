"""The forms of mandates: what one is, and who is given which role."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Regexp

from assemblee.forms import LONGEST_EMAIL, LONGEST_LINE, REQUIRED, Form, WholeNumberField, at_most, normalised
from assemblee.mandates.actions import SLUG
from assemblee.security import Role


class MandateForm(Form):
    """What a mandate is."""

    name = StringField(
        _l("Name of the mandate"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
    )
    slug = StringField(
        _l("Short name in addresses"),
        validators=[
            InputRequired(REQUIRED),
            at_most(LONGEST_LINE),
            Regexp(f"^{SLUG.pattern}$", message=_l("Use small letters without accents, digits and hyphens.")),
        ],
        filters=[normalised],
        description=_l("Small letters without accents, digits and hyphens; it cannot be changed later."),
    )
    representative = StringField(
        _l("Representative"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
    )
    territory = StringField(
        _l("Territory"), validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)], filters=[normalised]
    )
    inhabitants_over_16 = WholeNumberField(
        _l("Inhabitants over 16"),
        validators=[InputRequired(REQUIRED), NumberRange(min=1, message=_l("Write a number above zero."))],
    )
    term_start = DateField(_l("First day of the term"), validators=[InputRequired(REQUIRED)])
    term_end = DateField(_l("Last day of the term"), validators=[InputRequired(REQUIRED)])
    time_zone = StringField(
        _l("Time zone"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        default="Europe/Paris",
        description=_l("For instance Europe/Paris or America/Cayenne."),
    )


class RoleForm(Form):
    """A role for an address."""

    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
        filters=[normalised],
    )
    role = SelectField(
        _l("Role"),
        validators=[InputRequired(REQUIRED)],
        choices=[
            SelectChoice(Role.ORGANISER, _l("organiser")),
            SelectChoice(Role.GUARANTOR, _l("guarantor")),
            SelectChoice(Role.CITIZEN, _l("citizen")),
        ],
    )
