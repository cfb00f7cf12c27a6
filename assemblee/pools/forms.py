"""The forms of pools; those that depend on the pool's categories are made for it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

import sortition
from assemblee.forms import (
    LONGEST_EMAIL,
    LONGEST_LINE,
    LONGEST_TEXT,
    REQUIRED,
    Form,
    WholeNumberField,
    at_most,
    normalised,
)
from assemblee.pools.models import Pool
from sortition.quotas import within_flex

POSITIVE = _l("Write a number above zero.")
WHOLE = _l("Write a whole number, zero or more.")


class PoolForm(Form):
    """A new pool."""

    name = StringField(
        _l("Name of the pool"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("For instance: volunteers of 2026."),
    )
    size = WholeNumberField(
        _l("People to draw"),
        validators=[InputRequired(REQUIRED), NumberRange(min=1, message=POSITIVE)],
        default=100,
    )


class CategoriesFileForm(Form):
    """A `categories.csv`."""

    file = FileField(
        _l("File of categories and quotas"),
        validators=[FileRequired(_l("Choose a file."))],
        description=_l(
            "What your spreadsheet saves: .xlsx, .ods or .csv. Four columns: category, value, minimum, "
            "maximum; one line a value."
        ),
    )


class CategoryForm(Form):
    """A category typed by hand."""

    category = StringField(
        _l("Name of the category"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
    )
    values = TextAreaField(
        _l("Values, one a line"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        render_kw={"rows": 5},
    )


class AgeBandsForm(Form):
    """A category of bands of age, which follow from a birth on one day."""

    category = StringField(
        _l("Name of the category"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
    )
    bands = TextAreaField(
        _l("Bands of age, one a line"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l(
            "The name, a colon, the ages. For instance: 16–39 years: 16-39, then 40 and over: 40-"
        ),
        render_kw={"rows": 5},
    )
    on = DateField(
        _l("Age on which day"),
        validators=[InputRequired(REQUIRED)],
        description=_l("The day of the draw. It can be moved later: bands are then followed again."),
    )


class PostcodesForm(Form):
    """A category of districts, which follow from postcodes."""

    category = StringField(
        _l("Name of the category"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
    )
    postcodes = TextAreaField(
        _l("Postcodes, one a line"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("The postcode, a colon, the district. For instance: 01210: North"),
        render_kw={"rows": 5},
    )


class MoveForm(Form):
    """Another day on which ages are those of the bands."""

    on = DateField(_l("Age on which day"), validators=[InputRequired(REQUIRED)])


class PeopleFileForm(Form):
    """A `respondents.csv`."""

    file = FileField(
        _l("File of people"),
        validators=[FileRequired(_l("Choose a file."))],
        description=_l(
            "What your spreadsheet saves: .xlsx, .ods or .csv; one line a person. Of an online sheet, choose "
            "File, Download, .xlsx: nothing is fetched from a link."
        ),
    )
    id_column = StringField(
        _l("Column that identifies each person"),
        validators=[at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("Left empty, the site looks for one; you can choose it on the next page."),
    )


class ReadingForm(Form):
    """How a file that waits is read: its fields are those of its columns."""


class KeepForm(Form):
    """What an organiser declares of the people of a file."""

    may_publish = BooleanField(
        _l("These people agreed that a draw publishes their answers under a random number"),
        description=_l("Tick it only if each of them said so: an open draw rests on it."),
    )


def quota_form(pool: Pool) -> type[Form]:
    """Return the form class of a pool's quota table: two numbers a value, and the size."""
    whole = [InputRequired(WHOLE), NumberRange(min=0, message=WHOLE)]
    fields: dict[str, object] = {
        "size": WholeNumberField(
            _l("People to draw"),
            validators=[InputRequired(REQUIRED), NumberRange(min=1, message=POSITIVE)],
            default=pool.size,
        )
    }
    for category in pool.categories:
        for value in category.values:
            fields[f"minimum_{value.id}"] = WholeNumberField(
                _l("%(category)s, %(value)s: minimum", category=category.name, value=value.name),
                validators=whole,
                default=value.minimum,
            )
            fields[f"maximum_{value.id}"] = WholeNumberField(
                _l("%(category)s, %(value)s: maximum", category=category.name, value=value.name),
                validators=whole,
                default=value.maximum,
            )
    return type("QuotaForm", (Form,), fields)


def cells_of(form: Form, pool: Pool) -> tuple[sortition.Cell, ...]:
    """Return the quotas that a valid form holds."""
    return tuple(
        within_flex(
            sortition.Cell(
                category.name,
                value.name,
                form[f"minimum_{value.id}"].data,
                form[f"maximum_{value.id}"].data,
                value.minimum_flex,
                value.maximum_flex,
            )
        )
        for category in pool.categories
        for value in category.values
    )


def volunteer_form(pool: Pool) -> type[Form]:
    """Return the form class by which a person volunteers: one choice a category."""
    fields: dict[str, object] = {
        "name": StringField(
            _l("First and last name"),
            validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
            filters=[normalised],
            render_kw={"autocomplete": "name"},
        ),
        "email": EmailField(
            _l("E-mail address"),
            validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
            filters=[normalised],
            render_kw={"autocomplete": "email"},
        ),
    }
    for category in pool.categories:
        fields[f"category_{category.id}"] = SelectField(
            category.name,
            choices=[
                SelectChoice("", _l("Choose")),
                *(SelectChoice(value.name, value.name) for value in category.values),
            ],
            validators=[InputRequired(REQUIRED)],
        )
    fields["over_16"] = BooleanField(
        _l("I live in the territory and I am over 16"),
        validators=[InputRequired(_l("Tick this box to take part."))],
    )
    fields["consent"] = BooleanField(
        _l("These answers may be used for draws by lot, and for nothing else"),
        validators=[InputRequired(_l("Tick this box to take part."))],
    )
    fields["may_publish"] = BooleanField(
        _l("Draws may publish these answers under a random number, without my name"),
        description=_l("So that anyone can check the whole draw. You take part just the same without it."),
    )
    return type("VolunteerForm", (Form,), fields)
