"""No text that somebody types is without a limit."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from datetime import date
from importlib import import_module

import pytest
from flask import Flask
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import Length

import assemblee
from assemblee.draws.forms import NumbersForm, numbers_form
from assemblee.forms import LONGEST_REASON, STAYS, Form, ReasonForm, normalised
from assemblee.mandates import charters
from assemblee.mandates.forms_charter import charter_form
from assemblee.mandates.models import Mandate
from assemblee.pools.forms import quota_form, volunteer_form
from assemblee.pools.models import Pool
from assemblee.refusal import Refusal

BY_THE_ACTION = "the action refuses it, in the words of the command line"
BY_THE_RULES = "a document of 200 texts of 1,000 signs each, which the action checks as a whole"
WITHOUT = {
    ("AcceptForm", "public_name"): BY_THE_ACTION,
    ("NameForm", "public_name"): BY_THE_ACTION,
    ("ExpenseForm", "purpose"): BY_THE_ACTION,
    ("SignForm", "website"): "a trap for programs: it is not kept",
    ("RulesForm", "categories"): BY_THE_RULES,
    ("RulesForm", "districts"): BY_THE_RULES,
    ("RulesForm", "grounds"): BY_THE_RULES,
    ("RulesForm", "steps"): BY_THE_RULES,
}


def classes(parent: type[Form]) -> Iterator[type[Form]]:
    for child in parent.__subclasses__():
        yield child
        yield from classes(child)


def texts(form: Form) -> Iterator[Field]:
    """Name what is typed; what a page hides in a form was typed in another one, or is read by rule."""
    return (one for one in form if isinstance(one, StringField) and not isinstance(one, HiddenField))


def has_limit(field: Field) -> bool:
    return any(isinstance(one, Length) and one.max > 0 for one in field.validators)


@pytest.fixture
def every_form(app: Flask) -> list[Form]:
    for module in pkgutil.walk_packages(assemblee.__path__, "assemblee."):
        if module.name.rpartition(".")[2].startswith("forms"):
            import_module(module.name)
    place = Mandate(name="Val", term_start=date(2026, 9, 1), term_end=date(2031, 8, 31))
    pool = Pool(name="Volontaires", size=1)
    with app.test_request_context("/"):
        # Those that are made for a mandate, a pool or a drawing.
        made = [charter_form(charters.ready_made(place)), quota_form(pool), volunteer_form(pool)]
        numbers = numbers_form({"groups": [{"name": "Numéros", "count": 5, "least": 1, "most": 49}]})
        known = [one for one in classes(Form) if one.__module__.startswith("assemblee.")]
        plain = [one(formdata=None) for one in dict.fromkeys([*known, *made]) if one is not type(numbers)]
        return [*plain, numbers]


def test_every_text_has_a_limit(every_form: list[Form]) -> None:
    without = {
        (type(form).__name__, field.name)
        for form in every_form
        for field in texts(form)
        if not has_limit(field)
    }
    assert without == set(WITHOUT)
    assert {ReasonForm, NumbersForm} <= {one for form in every_form for one in type(form).__mro__}


def test_a_reason_says_who_reads_it_and_how_long_it_may_be(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"reason": "x" * (LONGEST_REASON + 1)}):
        form = ReasonForm(hint="Everybody reads it.")
        assert not form.validate()
        assert form.reason.errors == ["2000 signes au plus."]
        assert form.reason.description == "Everybody reads it."
    with app.test_request_context("/", method="POST", data={"reason": "x" * LONGEST_REASON}):
        form = ReasonForm()
        assert form.validate()
        assert form.reason.description == STAYS


def test_a_refusal_stands_beside_its_field_and_any_other_goes_on(app: Flask) -> None:
    with app.test_request_context("/"):
        form = ReasonForm(formdata=None)
        with form.placing({"email-invalid": "reason"}):
            raise Refusal("email-invalid")
        assert list(form.errors) == ["reason"]
        with pytest.raises(Refusal, match="link-unusable"), form.placing({"email-invalid": "reason"}):
            raise Refusal("link-unusable")


def test_a_field_of_one_line_is_read_as_one_line_without_marks_that_nobody_sees(app: Flask) -> None:
    class Both(Form):
        title = StringField(filters=[normalised])
        text = TextAreaField(filters=[normalised])
        secret = PasswordField()

    sent = {"title": " Le\r\nVal\u202e ", "text": "un\u200b\r\ndeux", "secret": "un\n deux\u200b"}
    with app.test_request_context("/", method="POST", data=sent):
        form = Both(meta={"csrf": False})
    assert (form.title.data, form.text.data, form.secret.data) == ("Le Val", "un\r\ndeux", sent["secret"])
