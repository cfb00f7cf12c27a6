"""The forms of consultations: what is asked, the ballot, codes and sheets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from assemblee.consultations.drafting import Facts
from assemblee.consultations.messages import COMBINATIONS, DEFAULTS, KINDS, MODES, THRESHOLDS
from assemblee.consultations.models import Consultation, Mode
from assemblee.consultations.sheets import MOST_AT_ONCE
from assemblee.forms import (
    LONGEST_LINE,
    LONGEST_TEXT,
    REQUIRED,
    Form,
    MomentField,
    WholeNumberField,
    at_most,
    normalised,
    require_moment,
)
from assemblee.i18n import language
from votes.ballots import NO_OPINION
from votes.consultation import Column, Rules
from votes.scales import READY_MADE

LONGEST_MANDATE = 6
LONGEST_CODE = 60
LOCAL = "%Y-%m-%dT%H:%M"
WHOLE = _l("Write a whole number from %(min)s to %(max)s.")
SHARES: dict[str, list[Any]] = {
    "half": [1, 2, "more-than"],
    "two-thirds": [2, 3, "at-least"],
    "three-fifths": [3, 5, "at-least"],
}


def lines(text: str | None) -> list[str]:
    """Return the lines of a text that hold something."""
    return [line for line in ((normalised(line) or "") for line in (text or "").splitlines()) if line]


def words(line: str) -> list[str]:
    """Return the French and the English side of a line such as `Urgence / Urgency`; one side is both."""
    french, _, english = line.partition("/")
    return [french.strip(), (english or french).strip()]


def arguments(text: str | None) -> list[tuple[str, str, str]]:
    """Return the arguments of a text: each line is a sign, a title, and after a colon what it says."""
    sides = {"+": "for", "-": "against", "–": "against", "−": "against", "=": "about"}
    arguments = []
    for line in lines(text):
        side = sides.get(line[0], "")
        title, _, rest = line[1:].partition(":")
        arguments.append((side, title.strip(), rest.strip()))
    return arguments


class ConsultationForm(Form):
    """What is asked, of whom, and how it is counted."""

    title = StringField(
        _l("Question"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        filters=[normalised],
        description=_l("In one line, in plain words."),
    )
    explanation = TextAreaField(
        _l("Explanation"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("What is at stake, and what will be done with the result."),
        render_kw={"rows": 6},
    )
    arguments = TextAreaField(
        _l("For and against"),
        validators=[at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l(
            "One argument a line: + for, - against, = neither; a title, a colon, and the argument."
        ),
        render_kw={"rows": 5},
    )
    kind = RadioField(_l("Kind of vote"), validators=[InputRequired(REQUIRED)], default="majority-judgment")
    proposals = TextAreaField(
        _l("Proposals"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("One a line. Each voter sees them in an order of their own."),
        render_kw={"rows": 8},
    )
    scale = SelectField(_l("Scale of grades"), validators=[InputRequired(REQUIRED)], default="7")
    default = SelectField(
        _l("A proposal without a grade counts as"), validators=[InputRequired(REQUIRED)], default="static"
    )
    criteria = TextAreaField(
        _l("Criteria"),
        validators=[at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("For several criteria only. One a line, French / English, the most important first."),
        render_kw={"rows": 3},
    )
    routing = TextAreaField(
        _l("One more question on each proposal"),
        validators=[at_most(LONGEST_TEXT)],
        filters=[normalised],
        description=_l("For several criteria only. First line: the question; then its answers, one a line."),
        render_kw={"rows": 3},
    )
    combination = SelectField(
        _l("How criteria make one ranking"), validators=[InputRequired(REQUIRED)], default="lexicographic"
    )
    threshold = SelectField(
        _l("A yes needs"),
        validators=[InputRequired(REQUIRED)],
        default="half",
        description=_l("For yes or no only."),
    )
    quorum = WholeNumberField(
        _l("Quorum, in percent of the roll"),
        validators=[InputRequired(REQUIRED), NumberRange(0, 100, WHOLE)],
        default=0,
    )
    mode = RadioField(_l("Mode"), validators=[InputRequired(REQUIRED)], default=Mode.SECRET.value)
    roll = SelectField(_l("Who may vote"), validators=[InputRequired(REQUIRED)])
    opens_at = MomentField(_l("Opens"), validators=[InputRequired(REQUIRED)], format=LOCAL)
    closes_at = MomentField(_l("Closes"), validators=[InputRequired(REQUIRED)], format=LOCAL)
    guarantors = WholeNumberField(
        _l("Guarantors who start the count together"),
        validators=[InputRequired(REQUIRED), NumberRange(1, 20, WHOLE)],
        default=2,
    )

    def validate_opens_at(self, field: MomentField) -> None:
        """Refuse a day beyond any mandate."""
        require_moment(field.data, years=LONGEST_MANDATE)

    validate_closes_at = validate_opens_at

    def offer(self, rolls: list[tuple[str, int, str]], zone: str) -> None:
        """Fill the choices; moments are in a zone."""
        self.zone = ZoneInfo(zone)
        self.kind.choices = _choices(KINDS)
        self.scale.choices = [
            SelectChoice(str(number), ", ".join(_grades(number)))
            for number in sorted(READY_MADE, reverse=True)
        ]
        self.default.choices = _choices(DEFAULTS)
        self.combination.choices = _choices(COMBINATIONS)
        self.threshold.choices = _choices(THRESHOLDS)
        self.mode.choices = _choices(MODES)
        self.roll.choices = [SelectChoice(f"{kind}-{number}", name) for kind, number, name in rolls]

    def rules(self) -> dict[str, Any]:
        """Return the rules as the core reads them."""
        kind = self.kind.data
        rules: dict[str, Any] = {
            "kind": kind,
            "proposals": lines(self.proposals.data),
            "quorum": [self.quorum.data or 0, 100],
        }
        scale = _scale(int(self.scale.data))
        if kind == "majority-judgment":
            rules |= {"scale": scale, "default": self._default()}
        if kind == "yes-no":
            rules["threshold"] = SHARES[self.threshold.data]
        if kind == "multi-criteria":
            names = [words(line) for line in lines(self.criteria.data)]
            asked = [words(line) for line in lines(self.routing.data)]
            rules |= {
                "criteria": [{"name": name, "scale": scale} for name in names],
                "routing": {"name": asked[0], "options": asked[1:]} if asked else None,
                "combination": (
                    {"mode": "pareto"}
                    if self.combination.data == "pareto"
                    else {"mode": "lexicographic", "order": list(range(len(names)))}
                ),
                "default": self._default(),
            }
        return rules

    def _default(self) -> dict[str, Any] | None:
        choice = self.default.data
        if choice == "refuse":
            return None
        return {"mode": "static", "grade": 0} if choice == "static" else {"mode": choice}

    def facts(self) -> Facts:
        """Return what the organisers wrote."""
        kind, _, number = self.roll.data.partition("-")
        return Facts(
            title=self.title.data or "",
            explanation=self.explanation.data or "",
            arguments=arguments(self.arguments.data),
            rules=self.rules(),
            mode=Mode(self.mode.data),
            opens_at=self._utc("opens_at"),
            closes_at=self._utc("closes_at"),
            guarantors=self.guarantors.data or 0,
            roll=(kind, int(number)),
        )

    def _utc(self, name: str) -> datetime:
        moment: datetime = self[name].data
        return moment.replace(tzinfo=self.zone).astimezone(UTC)

    @classmethod
    def of(cls, consultation: Consultation) -> ConsultationForm:
        """Return the form as it was filled for a draft."""
        rules, zone = consultation.rules, ZoneInfo(consultation.mandate.time_zone)
        signs = {"for": "+", "against": "-", "about": "="}
        scale = rules.get("scale") or (rules.get("criteria") or [{"scale": _scale(7)}])[0]["scale"]
        default = rules.get("default")
        routing = rules.get("routing")
        return cls(
            title=consultation.title,
            explanation=consultation.explanation,
            arguments="\n".join(
                f"{signs[side]} {title}" + (f": {text}" if text else "")
                for side, title, text in consultation.arguments
            ),
            kind=rules["kind"],
            proposals="\n".join(rules["proposals"]),
            scale=str(len(scale)),
            default="none"
            if default is None
            else "worst"
            if default["mode"] == "static"
            else default["mode"],
            criteria="\n".join(" / ".join(one["name"]) for one in rules.get("criteria") or ()),
            routing="\n".join(" / ".join(one) for one in [routing["name"], *routing["options"]])
            if routing
            else "",
            combination=(rules.get("combination") or {"mode": "lexicographic"})["mode"],
            threshold=next(
                (name for name, share in SHARES.items() if share == rules.get("threshold")), "half"
            ),
            quorum=rules["quorum"][0],
            mode=consultation.mode,
            roll=f"{consultation.roll_source}-{consultation.roll_source_id}",
            opens_at=consultation.opens_at.astimezone(zone),
            closes_at=consultation.closes_at.astimezone(zone),
            guarantors=consultation.guarantors,
        )


def _choices(table: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(name, gettext(label)) for name, label in table.items()]


def _grades(number: int) -> tuple[str, ...]:
    return READY_MADE[number].english if language() == "en" else READY_MADE[number].french


def _scale(number: int) -> list[list[str]]:
    scale = READY_MADE[number]
    return [[french, english] for french, english in zip(scale.french, scale.english, strict=True)]


class ReceiptForm(Form):
    """The receipt that a voter looks for on the board."""

    receipt = StringField(
        _l("Code of the receipt"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_CODE)],
        filters=[normalised],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class SheetsForm(Form):
    """How many paper ballots are printed."""

    number = WholeNumberField(
        _l("Number of paper ballots"),
        validators=[InputRequired(REQUIRED), NumberRange(1, MOST_AT_ONCE, WHOLE)],
        default=20,
    )


CODE = StringField(
    _l("Voting code"),
    validators=[InputRequired(REQUIRED), at_most(LONGEST_CODE)],
    filters=[normalised],
    description=_l("20 letters and digits, in groups of four."),
    render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
)


class BallotForm(Form):
    """One answer for each column of a ballot; `ballot_form` adds them."""

    # The order of the proposals, kept from the ballot to its review.
    order = HiddenField(validators=[Optional(), Regexp(r"^[0-9a-f]{16}$")])

    rules: Rules
    columns: tuple[Column, ...]

    def answer(self, place: int) -> RadioField:
        """Return the field of a column."""
        return self[f"answer_{place}"]

    def ballot(self) -> bytes:
        """Return the bytes of the ballot; what was left out is no opinion."""
        return bytes(
            NO_OPINION if self.answer(place).data is None else int(self.answer(place).data)
            for place in range(len(self.columns))
        )

    def require_complete(self) -> bool:
        """Mark the grades that are missing where nothing stands for them; tell whether none is."""
        if self.rules.default is not None or self.rules.kind in {"yes-no", "nominal"}:
            return True
        missing = [
            self.answer(place)
            for place, column in enumerate(self.columns)
            if column.is_judgment and self.answer(place).data in {None, NO_OPINION}
        ]
        for field in missing:
            field.errors = [gettext("Choose a grade, or vote blank below.")]
        return not missing

    def places(self, seed: str) -> list[int]:
        """Return the proposals in the order of one voter: nobody is first for everybody."""
        return sorted(
            range(len(self.rules.proposals)),
            key=lambda place: hashlib.sha256(f"{seed}/{place}".encode()).digest(),
        )


def answer_name(value: Any) -> int | None:  # noqa: ANN401 - whatever was sent
    """Read an answer: a number, or nothing."""
    return None if value in {None, ""} else int(value)


def ballot_form(rules: Rules, *, with_code: bool = False) -> type[BallotForm]:
    """Return the form of a ballot under some rules: a group of radio buttons for each answer."""
    spoken = 1 if language() == "en" else 0
    fields: dict[str, Any] = {"rules": rules, "columns": rules.columns}
    if with_code:
        fields["code"] = CODE
    for place, column in enumerate(rules.columns):
        label, choices = _column(rules, column, spoken)
        fields[f"answer_{place}"] = RadioField(
            label,
            choices=[
                SelectChoice(value, name)
                for value, name in [*enumerate(choices), (NO_OPINION, gettext("no opinion"))]
            ],
            coerce=answer_name,
            validators=[Optional()],
            validate_choice=True,
        )
    return type("BallotForm", (BallotForm,), fields)


def _column(rules: Rules, column: Column, spoken: int) -> tuple[str, list[str]]:
    """Return the question of a column and its answers, in the language of the page."""
    name = "" if column.proposal is None else rules.proposals[column.proposal]
    if rules.kind == "yes-no":
        return name, [gettext("no"), gettext("yes")]
    if rules.kind == "nominal":
        return gettext("Your choice"), list(rules.proposals)
    if rules.kind == "majority-judgment":
        return name, [grade[spoken] for grade in rules.scale]
    if column.criterion is not None:
        asked, answers = rules.criteria[column.criterion].name, rules.criteria[column.criterion].scale
    elif rules.routing is not None:
        asked, answers = rules.routing.name, rules.routing.options
    return f"{name} — {asked[spoken]}", [answer[spoken] for answer in answers]
