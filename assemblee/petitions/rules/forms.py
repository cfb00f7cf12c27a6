"""The form of the rules for petitions: numbers, and lists of one thing a line."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Regexp, ValidationError

from assemblee.forms import LONGEST_REASON, REQUIRED, Form, WholeNumberField, at_most, normalised
from assemblee.i18n import language
from assemblee.messages import explain
from assemblee.petitions.rules.document import (
    ANSWER,
    ASSEMBLY,
    NUMBERS,
    OTHER,
    PLAN,
    WAVE,
    AssemblyPlan,
    Opening,
    PetitionRules,
    WaveRules,
)
from assemblee.refusal import Refusal
from votes.errors import BadFraction
from votes.threshold import Spread, Step, Threshold

WHOLE = _l("Write a whole number from %(min)s to %(max)s.")
SHARE = r">?\s*[0-9][0-9 \u00a0\u202f]*(?:\s*/\s*[0-9][0-9 \u00a0\u202f]*)?"
STEP = re.compile(
    rf"(?P<threshold>{SHARE})\s*:\s*(?P<opens>\w+)"
    rf"(?:\s*:\s*(?P<promise>.*?))?"
    rf"(?:\s*;\s*(?:in|dans)\s+(?P<districts>[0-9]+)\s+\w+\s*:\s*(?P<least>{SHARE}))?"
)
# Both languages are read, whichever the page is in.
WORDS = {
    "answer": ANSWER,
    "réponse": ANSWER,
    "assembly": ASSEMBLY,
    "assemblée": ASSEMBLY,
    "agora": ASSEMBLY,
    "other": OTHER,
    "autre": OTHER,
}
SPOKEN = {
    "en": {ANSWER: "answer", ASSEMBLY: "assembly", OTHER: "other", "in": "in", "districts": "districts"},
    "fr": {ANSWER: "réponse", ASSEMBLY: "agora", OTHER: "autre", "in": "dans", "districts": "secteurs"},
}
# The field of each part of the document, where it has another name.
PLACES = {"assembly/days": "assembly_days", "wave/answer_days": "wave_answer_days"}


def _whole(label: Any, bounds: tuple[int, int], hint: Any = "") -> WholeNumberField:  # noqa: ANN401 - lazy texts
    return WholeNumberField(
        label,
        validators=[InputRequired(REQUIRED), NumberRange(*bounds, WHOLE)],
        description=hint,
    )


def _lines(label: Any, hint: Any, rows: int, *, is_required: bool = True) -> TextAreaField:  # noqa: ANN401 - the same
    return TextAreaField(
        label,
        validators=[InputRequired(REQUIRED)] if is_required else [],
        filters=[normalised],
        description=hint,
        render_kw={"rows": rows},
    )


def lines(text: str | None) -> list[str]:
    """Return the lines of a text that hold something."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def read_step(line: str) -> Opening:
    """Return the step of a line such as `1/20 : other : A hearing ; in 3 districts: 1/100`.

    Raises
    ------
    ValueError
        The line is something else.
    """
    match = STEP.fullmatch(line)
    opens = WORDS.get(match["opens"].lower()) if match else None
    if match is None or opens is None:
        raise ValueError(line)
    spread = None
    if match["districts"]:
        spread = Spread(int(match["districts"]), _threshold(match["least"]))
    return Opening(opens, Step(_threshold(match["threshold"]), spread), (match["promise"] or "").strip())


def _threshold(text: str) -> Threshold:
    try:
        return Threshold.read(re.sub(r"[\s\u00a0\u202f]", "", text))
    except BadFraction:
        raise ValueError(text) from None


def write_step(one: Opening) -> str:
    """Return the line of a step, in the words of the page."""
    spoken = SPOKEN[language()]
    parts = [str(one.step.threshold), spoken[one.opens], *([one.promise] if one.promise else [])]
    written = " : ".join(parts)
    spread = one.step.spread
    if spread is None:
        return written
    return f"{written} ; {spoken['in']} {spread.districts} {spoken['districts']} : {spread.least}"


def read_district(line: str) -> tuple[str, int]:
    """Return the district of a line such as `North: 12000`.

    Raises
    ------
    ValueError
        The line is something else.
    """
    name, colon, people = line.rpartition(":")
    figures = re.sub(r"[\s\u00a0\u202f]", "", people)
    if not colon or not name.strip() or not figures.isascii() or not figures.isdigit():
        raise ValueError(line)
    return name.strip(), int(figures)


class RulesForm(Form):
    """The rules for petitions."""

    number = HiddenField(validators=[Regexp(r"^[0-9]{1,6}$")])
    inhabitants = _whole(_l("Inhabitants over 16"), NUMBERS["inhabitants"], _l("Shares are of this number."))
    steps = _lines(
        _l("Steps"),
        _l(
            "One a line, lowest first: a number or a share, then what it opens (answer, assembly, or other "
            "and what it is). For instance “100 : answer”, “1000 : assembly”, “1/20 : other : a public "
            "hearing”. A line may end with “; in 3 districts : 1/100”."
        ),
        5,
    )
    districts = _lines(
        _l("Districts"),
        _l("One a line: name: inhabitants over 16. Left empty, signers write where they live."),
        6,
        is_required=False,
    )
    sponsors = _whole(_l("Sponsors before the check"), NUMBERS["sponsors"])
    sponsor_days = _whole(_l("Days to find sponsors"), NUMBERS["sponsor_days"])
    check_days = _whole(
        _l("Days for the check"),
        NUMBERS["check_days"],
        _l("Without an answer, the petition opens by itself."),
    )
    appeal_days = _whole(_l("Days to appeal, and to answer an appeal"), NUMBERS["appeal_days"])
    open_days = _whole(_l("Days to sign"), NUMBERS["open_days"])
    review_days = _whole(
        _l("Days for a review"),
        NUMBERS["review_days"],
        _l("When signatures are set aside after a step was reached."),
    )
    answer_days = _whole(_l("Days to answer a step"), NUMBERS["answer_days"])
    per_address = _whole(
        _l("People who may share an e-mail address"),
        NUMBERS["per_address"],
        _l("In a household, for instance."),
    )
    categories = _lines(_l("Categories"), _l("One a line."), 6)
    grounds = _lines(
        _l("Grounds of refusal"),
        _l("One a line. A petition is refused on one of these, and on nothing else."),
        6,
    )
    notice_days = _whole(
        _l("Days from the step to the first day of the assembly"),
        PLAN["notice_days"],
        _l("For invitations, answers and the frozen draw."),
    )
    assembly_days = _whole(_l("Days from its first day to its last"), PLAN["days"])
    sessions = _whole(_l("Days of meeting"), PLAN["sessions"], _l("On Saturdays, spread evenly."))
    report_days = _whole(_l("Days from its last day to its report"), PLAN["report_days"])
    pool = SelectField(_l("Pool that it is drawn from"), coerce=int, default=0)
    register = SelectField(
        _l("Register of inhabitants"),
        coerce=int,
        default=0,
        description=_l("People are drawn from it and written to where volunteers are too few."),
    )
    per_seat = _whole(_l("Volunteers wanted for each seat"), WAVE["per_seat"])
    letters = _whole(_l("Letters for each volunteer who is missing"), WAVE["letters"])
    wave_answer_days = _whole(_l("Days to answer a letter"), WAVE["answer_days"])
    reason = StringField(
        _l("Reason of this version"),
        validators=[at_most(LONGEST_REASON)],
        filters=[normalised],
        description=_l("It stays public. Only the first version needs none."),
    )

    def offer(self, found: list[tuple[int, str]]) -> None:
        """Fill the choices of pools."""
        choices = [SelectChoice(0, _("no pool")), *(SelectChoice(number, name) for number, name in found)]
        self.pool.choices = self.register.choices = choices

    def validate_steps(self, field: TextAreaField) -> None:
        """Say which line is no step."""
        _check_lines(field, read_step)

    def validate_districts(self, field: TextAreaField) -> None:
        """Say which line is no district, or stands twice."""
        _check_lines(field, read_district)
        names = [read_district(line)[0] for line in lines(field.data)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValidationError(_("“%(name)s” stands twice.", name=twice))

    def rules(self) -> PetitionRules:
        """Return the rules that a valid form holds."""
        return PetitionRules(
            steps=tuple(map(read_step, lines(self.steps.data))),
            districts=dict(map(read_district, lines(self.districts.data))),
            categories=tuple(lines(self.categories.data)),
            grounds=tuple(lines(self.grounds.data)),
            plan=AssemblyPlan(
                self.notice_days.data, self.assembly_days.data, self.sessions.data, self.report_days.data
            ),
            wave=WaveRules(
                self.pool.data,
                self.register.data,
                self.per_seat.data,
                self.letters.data,
                self.wave_answer_days.data,
            ),
            number=int(self.number.data),
            **{name: self[name].data for name in NUMBERS},
        )

    @classmethod
    def of(cls, rules: PetitionRules) -> RulesForm:
        """Return the form as it is filled for some rules."""
        return cls(
            number=str(rules.number),
            steps="\n".join(map(write_step, rules.steps)),
            districts="\n".join(f"{name}: {people}" for name, people in rules.districts.items()),
            categories="\n".join(rules.categories),
            grounds="\n".join(rules.grounds),
            notice_days=rules.plan.notice_days,
            assembly_days=rules.plan.days,
            sessions=rules.plan.sessions,
            report_days=rules.plan.report_days,
            pool=rules.wave.pool,
            register=rules.wave.register,
            per_seat=rules.wave.per_seat,
            letters=rules.wave.letters,
            wave_answer_days=rules.wave.answer_days,
            **{name: getattr(rules, name) for name in NUMBERS},
        )

    def place(self, refused: Refusal) -> None:
        """Show a refusal beside the field it belongs to, or let it go on to the page of refusals."""
        if refused.code == "petition-rules-reason-missing":
            self.reason.errors = [explain(refused)]
            return
        if refused.code == "petition-rules-changed":
            self.form_errors.append(explain(refused))
            return
        if refused.code != "petition-rules-invalid":
            raise refused
        where = str(refused.parameters["where"])
        first, _slash, rest = where.partition("/")
        name = PLACES.get(where, rest if first in ("assembly", "wave") else first)
        field = self[name if name in self else "steps"]
        field.errors = [_("This was expected: %(expected)s.", expected=refused.parameters["expected"])]


def _check_lines(field: TextAreaField, read: Any) -> None:  # noqa: ANN401 - a function of a line
    for line in lines(field.data):
        try:
            read(line)
        except ValueError:
            raise ValidationError(_("This line cannot be read: “%(line)s”", line=line)) from None
