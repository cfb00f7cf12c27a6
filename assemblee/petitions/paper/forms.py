"""The forms of signatures on paper: how many sheets, what stands on one, dice, and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from assemblee.forms import REQUIRED, Form, WholeNumberField, at_most, normalised
from assemblee.petitions.paper.models import SampledLine
from assemblee.petitions.paper.samples import MOST_DICE, MOST_LINES
from assemblee.petitions.paper.sheets import LINES, LONGEST, MOST_AT_ONCE, Line
from assemblee.petitions.rules.document import PetitionRules

NAME_NOBODY = _l("Everybody can read it: name nobody.")
VALID, INVALID, UNJUDGED = "valid", "invalid", ""


class PrintForm(Form):
    """How many sheets to print."""

    number = WholeNumberField(
        _l("Sheets"),
        validators=[NumberRange(min=1, max=MOST_AT_ONCE, message=_l("From 1 to %(max)s sheets at once."))],
        default=5,
        description=_l("Fifteen people sign on one sheet."),
    )


class SheetForm(Form):
    """The code of a sheet, and its lines."""

    code = StringField(
        _l("Code of the sheet"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST)],
        filters=[normalised],
        description=_l("At the top of the sheet, beside its number."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )

    def rows(self) -> list[tuple[int, Field, Field, Field]]:
        """Return the fields of each line, with its number."""
        return [
            (line, self[f"name_{line}"], self[f"place_{line}"], self[f"email_{line}"])
            for line in range(1, LINES + 1)
        ]

    def lines(self) -> list[Line]:
        """Return what was typed."""
        return [Line(*(str(field.data or "") for field in fields)) for _number, *fields in self.rows()]


def sheet_form(rules: PetitionRules) -> type[SheetForm]:
    """Return the form by which somebody enters a sheet of a petition."""
    fields: dict[str, Field] = {}
    for line in range(1, LINES + 1):
        fields[f"name_{line}"] = _cell(_l("Name on line %(line)s", line=line))
        fields[f"place_{line}"] = (
            SelectField(
                _l("District on line %(line)s", line=line),
                choices=[SelectChoice("", "—"), *(SelectChoice(name, name) for name in rules.districts)],
                default="",
            )
            if rules.districts
            else _cell(_l("Place on line %(line)s", line=line))
        )
        fields[f"email_{line}"] = _cell(_l("E-mail address on line %(line)s", line=line))
    return type("LinesForm", (SheetForm,), fields)


def _cell(label: str) -> StringField:
    return StringField(
        label,
        validators=[at_most(LONGEST)],
        filters=[normalised],
        render_kw={"autocomplete": "off"},
    )


class SampleForm(Form):
    """The dice that draw a sample, and its size."""

    dice = StringField(
        _l("Dice, as they fell"),
        validators=[
            InputRequired(REQUIRED),
            at_most(2 * MOST_DICE),
        ],
        filters=[normalised],
        description=_l("Throw ten-sided or six-sided dice in public, and write at least 20 figures."),
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    size = WholeNumberField(
        _l("Lines to check"),
        validators=[NumberRange(min=1, max=MOST_LINES, message=_l("From 1 to %(max)s lines at once."))],
    )


def verdict_form(lines: Sequence[SampledLine]) -> type[Form]:
    """Return the form by which the lines of a sample are judged."""
    choices = [
        SelectChoice(UNJUDGED, _l("not judged yet")),
        SelectChoice(VALID, _l("valid")),
        SelectChoice(INVALID, _l("not valid")),
    ]
    words = {None: UNJUDGED, True: VALID, False: INVALID}
    fields = {
        f"line_{line.place}": SelectField(
            _l("Verdict on line %(line)s", line=line.place + 1), choices=choices, default=words[line.is_valid]
        )
        for line in lines
    }
    return type("VerdictForm", (Form,), fields)
