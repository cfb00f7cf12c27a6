"""The form of a charter: a fieldset for the calendar, one for each body, and lists of one thing a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from assemblee.forms import (
    LONGEST_LINE,
    LONGEST_REASON,
    MOST_DIGITS,
    REQUIRED,
    Form,
    WholeNumberField,
    at_most,
    normalised,
)
from assemblee.mandates.charter import YEAR, Body, Charter
from assemblee.mandates.messages import CHARTER_FAULTS
from assemblee.messages import describe, explain
from assemblee.refusal import Refusal
from sortition.recipes import Break, Calendar, Fault, Holiday

LONGEST_LINES = 100_000
WHOLE = _l("Write a whole number, zero or more.")
MONTH_DAY = r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
EUROS = r"([0-9]{1,6})([.,]([0-9]{1,2}))?"
LABELS = {
    "first": _l("First day of the mandate"),
    "last": _l("Last day of the mandate"),
    "session_first": _l("A session begins on"),
    "session_last": _l("A session ends on"),
    "sessions": _l("Sessions on other dates"),
    "holidays": _l("Holidays"),
    "breaks": _l("Breaks"),
    "starts": _l("Terms that begin later"),
    "rules": _l("Articles"),
    "name": _l("Name"),
    "purpose": _l("What it is there for"),
    "source": _l("Source"),
    "parent": _l("Drawn among the members of"),
    "opens": _l("Opened by"),
    "size": _l("People who sit"),
    "alternates": _l("Alternates"),
    "length": _l("Length of a term"),
    "months": _l("Months of a term"),
    "parts": _l("Parts renewed in turn"),
    "overlap_days": _l("Days of overlap"),
    "rest_months": _l("Months of rest"),
    "incompatible": _l("Incompatible bodies"),
    "freeze_days": _l("Days from the freeze to the first day"),
    "hold_days": _l("Days from the draw to the first day"),
    "answer_days": _l("Days from the last answer to the first day"),
    "pay_per_day": _l("Pay for a day, in euros"),
    "days_per_week": _l("Days of work a week"),
    "quotas": _l("Shares of the census"),
    "tolerance": _l("Seats of tolerance"),
}
HINTS = {
    "session_first": _l("Month and day, such as 09-01."),
    "session_last": _l("Month and day, such as 07-31."),
    "sessions": _l(
        "One a line: the year in which it would begin, its first and its last day. "
        "For instance: 2027 2027-09-15 2028-07-15."
    ),
    "holidays": _l(
        "One a line: first day, last day, name. For instance: 2026-12-19 2027-01-03 Winter. "
        "Nothing is due on these days."
    ),
    "breaks": _l(
        "One a line: key of the body, first day, and last day if it is known. "
        "For instance: ordinary-assembly 2027-01-10 2027-02-09. The body does not sit on these days."
    ),
    "starts": _l("One a line: term and its new first day. For instance: ordinary-assembly/1 2026-10-01."),
    "rules": _l("One a line, in plain words."),
    "months": _l("Only for a term of so many months."),
    "parts": _l("1 renews everybody at once; 3 renews a third at a time."),
    "overlap_days": _l("How long newcomers sit beside those they replace."),
    "rest_months": _l("How long after serving before one may serve in this body again."),
    "alternates": _l("Drawn with the members, to replace those who leave."),
    "pay_per_day": _l("0 for no pay."),
    "quotas": _l(
        "One value a line: category; value; people of 10,000. For instance: Sex; Women; 5170. "
        "Left empty, the quotas are those of the pool, or the shares of the body it is drawn from."
    ),
    "tolerance": _l("How many seats a share of the census may be missed by."),
}
NUMBERS = (
    "size",
    "alternates",
    "months",
    "parts",
    "overlap_days",
    "rest_months",
    "freeze_days",
    "hold_days",
    "answer_days",
    "days_per_week",
    "tolerance",
)
BODY_FIELDS = (
    "name",
    "purpose",
    "size",
    "alternates",
    "length",
    "months",
    "parts",
    "overlap_days",
    "rest_months",
    "incompatible",
    "freeze_days",
    "hold_days",
    "answer_days",
    "pay_per_day",
    "days_per_week",
    "quotas",
    "tolerance",
)
CALENDAR_FIELDS = ("last", "session_first", "session_last", "sessions", "holidays", "breaks", "starts")


class LinesField(TextAreaField):  # type: ignore[misc] # WTForms has no types
    """One thing a line; what each of them means is said by the function that reads it."""

    def __init__(self, *arguments: Any, line: Callable[[str], object], **more: Any) -> None:  # noqa: ANN401 - WTForms
        super().__init__(*arguments, validators=[at_most(LONGEST_LINES)], filters=[normalised], **more)
        self._line = line

    def things(self) -> list[Any]:
        """Return what the lines mean."""
        return [self._line(text) for text in self._texts()]

    def pre_validate(self, _form: object) -> None:
        """Name every line that cannot be read."""
        wrong = []
        for text in self._texts():
            try:
                self._line(text)
            except ValueError:
                wrong.append(text)
        if wrong:
            raise ValidationError(
                _("These lines are not as the hint says: %(lines)s", lines=" | ".join(wrong))
            )

    def _texts(self) -> list[str]:
        return [text.strip() for text in (self.data or "").splitlines() if text.strip()]


class ConfirmCharterForm(Form):
    """What was shown, and is now published or changed once more."""

    document = HiddenField()
    base = HiddenField()
    reason = HiddenField(validators=[at_most(LONGEST_REASON)], filters=[normalised])


def charter_form(charter: Charter) -> type[Form]:
    """Return the form class of a charter, filled with what it says."""
    made: dict[str, Any] = {}
    calendar = charter.calendar
    texts = {
        "session_first": "{:02}-{:02}".format(*calendar.session_first),
        "session_last": "{:02}-{:02}".format(*calendar.session_last),
    }
    made["calendar-last"] = DateField(
        LABELS["last"], default=calendar.last, validators=[InputRequired(REQUIRED)]
    )
    for name, text in texts.items():
        made[f"calendar-{name}"] = StringField(
            LABELS[name],
            default=text,
            validators=[
                InputRequired(REQUIRED),
                at_most(LONGEST_LINE),
                Regexp(f"^{MONTH_DAY}$", message=HINTS[name]),
            ],
            filters=[normalised],
            description=HINTS[name],
        )
    for name, (lines, reader) in _calendar_lines(calendar).items():
        made[f"calendar-{name}"] = _lines(name, lines, reader)
    made["rules-rules"] = _lines("rules", charter.rules, str)
    for body in charter.bodies:
        for name in BODY_FIELDS:
            made[f"{body.recipe.key}-{name}"] = _body_field(name, body, charter)
    made["base"] = HiddenField()
    made["reason"] = TextAreaField(
        _l("Why the charter changes"),
        filters=[normalised],
        description=_l("Everybody reads it beside the new version; name nobody."),
        validators=[*([InputRequired(REQUIRED)] if charter.number else []), at_most(LONGEST_REASON)],
    )
    return type("CharterForm", (Form,), made)


def charter_of(form: Form, base: Charter) -> Charter:
    """Return the charter that a valid form makes of the one it was filled from."""

    def said(name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        field = form[name]
        return field.things() if isinstance(field, LinesField) else field.data

    calendar = replace(
        base.calendar,
        last=said("calendar-last"),
        session_first=_month_day(said("calendar-session_first")),
        session_last=_month_day(said("calendar-session_last")),
        sessions=dict(said("calendar-sessions")),
        holidays=tuple(said("calendar-holidays")),
        breaks=tuple(said("calendar-breaks")),
        starts=dict(said("calendar-starts")),
    )
    bodies = tuple(_body_of(body, said) for body in base.bodies)
    return replace(base, calendar=calendar, bodies=bodies, rules=tuple(said("rules-rules")))


def place_faults(form: Form, refused: Refusal) -> None:
    """Show a refused charter: each fault beside its field."""
    if refused.code == "charter-outside-mandate":
        form["calendar-last"].errors = [explain(refused)]
        return
    if refused.code in {"charter-unchanged", "charter-changed"}:
        form.form_errors.append(explain(refused))
        return
    faults: Iterable[Fault] = refused.parameters["faults"]  # type: ignore[assignment] # as `check` gives them
    for fault in faults:
        name = f"{fault.where}-{fault.field}"
        sentence = describe(CHARTER_FAULTS, fault.code, found=fault.found, expected=fault.expected)
        form[name].errors = [*form[name].errors, sentence]


def _lines(name: str, lines: Iterable[str], reader: Callable[[str], object]) -> LinesField:
    return LinesField(
        LABELS[name],
        line=reader,
        default="\n".join(lines),
        description=HINTS[name],
        render_kw={"rows": 4, "spellcheck": "false"} if name != "rules" else {"rows": 8},
    )


def _calendar_lines(calendar: Calendar) -> dict[str, tuple[list[str], Callable[[str], object]]]:
    return {
        "sessions": (
            [f"{year} {first} {last}" for year, (first, last) in sorted(calendar.sessions.items())],
            _session,
        ),
        "holidays": ([f"{one.first} {one.last} {one.name}" for one in calendar.holidays], _holiday),
        "breaks": ([f"{one.body} {one.first} {one.last or ''}".strip() for one in calendar.breaks], _break),
        "starts": ([f"{label} {day}" for label, day in sorted(calendar.starts.items())], _start),
    }


def _body_field(name: str, body: Body, charter: Charter) -> Any:  # noqa: ANN401 - an unbound field
    label, hint, recipe = LABELS[name], HINTS.get(name, ""), body.recipe
    if name in NUMBERS:
        values = {**vars(recipe), "days_per_week": body.days_per_week, "tolerance": _tolerance(body)}
        required = [Optional()] if name == "months" else [InputRequired(WHOLE)]
        return WholeNumberField(
            label,
            default=values[name],
            description=hint,
            validators=[*required, NumberRange(min=0, message=WHOLE)],
            render_kw={"inputmode": "numeric"},
        )
    if name == "length":
        choices = [SelectChoice("session", _l("a session")), SelectChoice("months", _l("so many months"))]
        return SelectField(label, choices=choices, default=recipe.length)
    if name == "incompatible":
        others = [one for one in charter.bodies if one.recipe.key not in (recipe.key, recipe.parent)]
        return SelectMultipleField(
            label,
            choices=[SelectChoice(one.recipe.key, one.name) for one in others],
            default=list(recipe.incompatible),
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
        )
    if name == "pay_per_day":
        return StringField(
            label,
            default=f"{body.pay_per_day // 100}.{body.pay_per_day % 100:02}",
            description=hint,
            validators=[
                InputRequired(REQUIRED),
                at_most(LONGEST_LINE),
                Regexp(f"^{EUROS}$", message=_l("Write an amount such as 92 or 92.50.")),
            ],
            filters=[normalised],
            render_kw={"inputmode": "decimal"},
        )
    if name == "quotas":
        rows = [] if isinstance(body.quotas, str) else body.quotas["census"]
        return _lines(name, [f"{category}; {value}; {share}" for category, value, share in rows], _share)
    required = [InputRequired(REQUIRED)] if name == "name" else []
    limit = at_most(LONGEST_LINE if name == "name" else LONGEST_REASON)
    return StringField(
        label, default=getattr(body, name), validators=[*required, limit], filters=[normalised]
    )


def _tolerance(body: Body) -> int:
    return 0 if isinstance(body.quotas, str) else int(body.quotas["tolerance"])


def _body_of(body: Body, value: Callable[[str], Any]) -> Body:
    def said(name: str) -> Any:  # noqa: ANN401 - whatever the field holds
        return value(f"{body.recipe.key}-{name}")

    recipe = replace(
        body.recipe,
        length=said("length"),
        months=said("months") if said("length") == "months" else None,
        incompatible=tuple(said("incompatible")),
        **{name: said(name) for name in NUMBERS if hasattr(body.recipe, name) and name != "months"},
    )
    census = [list(row) for row in said("quotas")]
    untouched = "parent" if body.recipe.source == "body" else "pool"
    return replace(
        body,
        recipe=recipe,
        name=said("name"),
        purpose=said("purpose") or "",
        quotas={"census": census, "tolerance": said("tolerance")} if census else untouched,
        pay_per_day=_cents(said("pay_per_day")),
        days_per_week=said("days_per_week"),
    )


def _month_day(text: str) -> tuple[int, int]:
    month, _dash, day = text.partition("-")
    return int(month), int(day)


def _cents(text: str) -> int:
    found = re.fullmatch(EUROS, text)
    return int(found[1]) * 100 + int((found[3] or "").ljust(2, "0")) if found else 0


def _day(text: str) -> date:
    """Read a date as it is written in documents, or as the French write it."""
    french = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text)
    return date(int(french[3]), int(french[2]), int(french[1])) if french else date.fromisoformat(text)


def _session(text: str) -> tuple[int, tuple[date, date]]:
    year, first, last = text.split()
    if not YEAR.fullmatch(year):
        raise ValueError
    return int(year), (_day(first), _day(last))


def _holiday(text: str) -> Holiday:
    first, last, name = text.split(maxsplit=2)
    return Holiday(_day(first), _day(last), name)


def _break(text: str) -> Break:
    body, first, *rest = text.split()
    last, *more = [*map(_day, rest), None]
    if more not in ([], [None]):
        raise ValueError
    return Break(body, _day(first), last)


def _start(text: str) -> tuple[str, date]:
    label, day = text.split()
    return label, _day(day)


def _share(text: str) -> tuple[str, str, int]:
    category, value, share = (part.strip() for part in text.split(";"))
    if not (category and value) or len(share) > MOST_DIGITS:
        raise ValueError
    return category, value, int(share)
