"""What the forms of every room share: their language, and one writing transaction a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from types import TracebackType
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from assemblee import clock, once
from assemblee.config import Config
from assemblee.days import comes_twice, is_skipped, shown_twice
from assemblee.db import Store
from assemblee.i18n import choose_zone, language
from assemblee.messages import explain
from assemblee.refusal import Refusal
from assemblee.security import is_lasting
from assemblee.written import one_line, visible

MOST_DIGITS = 9
# On the button that leads from a check page back to what was typed.
CHANGE = "change"
REQUIRED = lazy_gettext("Fill in this field.")
MOMENT = lazy_gettext("Give a day and an hour.")
STAYS = lazy_gettext("It stays public.")
# What is typed is kept for ever and shown to everybody: each text has a limit, which no honest one reaches.
LONGEST_LINE, LONGEST_REASON, LONGEST_TEXT = 200, 2_000, 10_000
LONGEST_EMAIL = 254


# A password is what was typed, and what a form hides may be a document.
SEVERAL_LINES = (TextAreaField, PasswordField, HiddenField)


class Form(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A form of the web door, whose own messages speak the language of the page."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # the same
        """Where WTForms looks for its translations."""

        def bind_field(self, form: FlaskForm, unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            """Read a field of one line as one line, whatever a program sends for it."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, SEVERAL_LINES):
                filters = unbound_field.kwargs.get("filters", ())
                options = {**options, "filters": [*filters, _on_one_line]}
            return super().bind_field(form, unbound_field, options)

        @property
        def locales(self) -> list[str]:
            """Return the language of the page."""
            return [language()]

    def validate(self, extra_validators: Any = None) -> bool:  # noqa: ANN401 - WTForms
        """Tell whether the form holds; what is to be changed is shown again as it was typed."""
        return CHANGE not in request.form and bool(super().validate(extra_validators))

    def refuse(self, refused: Refusal, fields: Mapping[str, str]) -> None:
        """Show a refusal beside the field it belongs to, or let it go on to the page of refusals."""
        if refused.code not in fields:
            raise refused
        self[fields[refused.code]].errors = [explain(refused)]

    def placing(self, fields: Mapping[str, str]) -> Placing:
        """Show what a block refuses beside the field it belongs to: without errors, its act is done."""
        return Placing(self, fields)


class Placing:
    """A block of acts, whose refusals are shown on a form if it has a field for them, and go on if not.

    As in ``with form.placing({"email-invalid": "email"}), writing() as session:``, where what was written
    is rolled back before.
    """

    def __init__(self, form: Form, fields: Mapping[str, str]) -> None:
        self._form = form
        self._fields = fields

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """Tell whether the error is now on the form."""
        if not isinstance(error, Refusal) or error.code not in self._fields:
            return False
        self._form.refuse(error, self._fields)
        return True


class WholeNumberField(IntegerField):  # type: ignore[misc] # WTForms has no types
    """A whole number, whose range validator alone says what was expected when something else was typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, or leave none."""
        # Beyond it a database would not take it, and nothing here is counted in thousands of millions.
        if all(len(value.strip()) <= MOST_DIGITS for value in valuelist):
            with suppress(ValueError):
                super().process_formdata(valuelist)


class MomentField(DateTimeLocalField):  # type: ignore[misc] # the same
    """A day and an hour in the mandate's zone, in words when it cannot be read."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the moment."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(MOMENT)) from None

    def pre_validate(self, form: Any) -> None:  # noqa: ANN401 - WTForms
        """Refuse an hour that the clocks of the page's zone skip, or show twice: it is not one moment."""
        del form
        zone = ZoneInfo(choose_zone())
        if self.data is None:
            return
        if is_skipped(self.data, zone):
            raise StopValidation(gettext("The clocks skip this hour that night: choose another."))
        if comes_twice(self.data, zone):
            first, last = shown_twice(self.data, zone)
            raise StopValidation(
                gettext(
                    "The clocks go back that night, and this hour comes twice: choose one before %(first)s, "
                    "or %(last)s or later.",
                    first=f"{first:%H:%M}",
                    last=f"{last:%H:%M}",
                )
            )


def at_most(length: int) -> Length:
    """Return the validator of a text that may have so many signs."""
    return Length(max=length, message=lazy_gettext("At most %(max)s signs, please."))


def require_moment(moment: datetime | None, years: int) -> None:
    """Refuse a day that is no plan: one more than so many years from now.

    Raises
    ------
    wtforms.validators.ValidationError
    """
    if moment is None:
        return
    year = clock.now().year
    if not year <= moment.year <= year + years:
        raise ValidationError(
            gettext("Choose a year from %(first)s to %(last)s.", first=year, last=year + years)
        )


def normalised(value: str | None) -> str | None:
    """Trim a text field and bring it to NFC, without marks that nobody sees, as everything that is stored."""
    return visible(value) if value else value


def _on_one_line(value: str | None) -> str | None:
    return one_line(value) if value else value


class ReasonForm(Form):
    """Why something is done, for everybody to read; `hint` says who reads it."""

    reason = TextAreaField(
        lazy_gettext("Reason"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_REASON)],
        filters=[normalised],
        render_kw={"rows": 3},
    )

    def __init__(self, *arguments: Any, hint: str = STAYS, **more: Any) -> None:  # noqa: ANN401 - WTForms
        super().__init__(*arguments, **more)
        self.reason.description = hint


def current_store() -> Store:
    """Return the store of the running application."""
    return cast(Store, current_app.extensions["assemblee.store"])


def current_config() -> Config:
    """Return the settings of the running application."""
    return cast(Config, current_app.extensions["assemblee.config"])


def reading() -> Session:
    """Return the read session of this request; it is closed when the request ends."""
    if "session" not in g:
        g.reading = current_store().reading()
        g.session = g.reading.__enter__()
    return cast(Session, g.session)


@contextmanager
def writing() -> Iterator[Session]:
    """Open the writing transaction of this request, after letting go of what was read."""
    close_reading()
    _require_confirmed()
    try:
        with current_store().writing() as session:
            once.take(session)
            yield session
    except BaseException:
        # Nothing was done: the same form may be sent again.
        g.pop("once", None)
        raise


class _RehearsedError(Exception):
    """An act that was tried has ended well, and leaves nothing."""


def rehearse(act: Callable[[Session], object]) -> None:
    """Try an act in a transaction that is rolled back, so that what refuses it is said before a check page.

    Raises
    ------
    Refusal
        Those of the act.
    """
    close_reading()
    with suppress(_RehearsedError), current_store().writing() as session:
        act(session)
        session.flush()
        raise _RehearsedError


def _require_confirmed() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if is_lasting(view) and not g.get("is_confirmed"):
        msg = f"{request.endpoint} writes before its check page was confirmed"
        raise RuntimeError(msg)


def retrying(act: Callable[[Session], None]) -> None:
    """Let an act write in the transaction of this request, as `Store.retrying` does."""
    close_reading()
    _require_confirmed()
    current_store().retrying(act)


def close_reading(_error: BaseException | None = None) -> None:
    """Close the read session of this request, if one was opened."""
    if g.pop("session", None) is not None:
        g.pop("reading").__exit__(None, None, None)
