"""The form of a guarantor's ruling on a petition: admitted or not, on which ground, and why."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from assemblee.forms import REQUIRED, Form, at_most, normalised

LONGEST_RULING = 5_000
ADMIT, REFUSE = "admit", "refuse"


def _place(value: object) -> int | None:
    """Read the place of a ground, or nothing."""
    return None if value in (None, "") else int(str(value))


class RulingForm(Form):
    """Whether a petition is admitted, on which ground not, and why."""

    decision = RadioField(_l("Your decision"), validators=[InputRequired(REQUIRED)])
    ground = RadioField(
        _l("Ground of refusal"),
        validators=[Optional()],
        coerce=_place,
        description=_l("Only for a refusal."),
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_RULING)],
        filters=[normalised],
        description=_l("In plain words: its author reads it, and everybody once the petition is open."),
        render_kw={"rows": 6},
    )

    def offer(self, grounds: Sequence[str]) -> None:
        """Fill the choices."""
        self.decision.choices = [
            SelectChoice(ADMIT, gettext("Admit: it opens for signatures")),
            SelectChoice(REFUSE, gettext("Refuse, on one of the published grounds")),
        ]
        self.ground.choices = [SelectChoice(place, name) for place, name in enumerate(grounds)]

    @property
    def is_admitted(self) -> bool:
        """Whether the guarantor admits the petition."""
        return bool(self.decision.data == ADMIT)

    def validate_ground(self, field: RadioField) -> None:
        """Ask for the ground of a refusal."""
        if self.decision.data == REFUSE and field.data is None:
            raise ValidationError(gettext("Choose the ground that it is refused on."))
