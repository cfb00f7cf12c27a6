"""A browser without a screen: reads the forms of a page, fills them, and sends what a browser would send."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from assemblee.confirming import SURE

# What a browser says of where a form comes from.
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class FoundForm:
    """A form: where it is sent, what stands in it, and the fields that take several lines."""

    action: str
    is_check: bool
    fields: MultiDict[str, str] = field(default_factory=MultiDict)
    several_lines: list[str] = field(default_factory=list)

    def filled(self, fields: dict[str, str]) -> MultiDict[str, str]:
        """Return what is sent once some fields are filled."""
        return MultiDict([*self.without(*fields).fields.items(multi=True), *fields.items()])

    def without(self, *names: str) -> FoundForm:
        """Return the form without some fields."""
        kept = MultiDict([one for one in self.fields.items(multi=True) if one[0] not in names])
        return replace(self, fields=kept)


class Forms(HTMLParser):
    """The forms of a page that are sent by POST, in their order."""

    def __init__(self, page: str, address: str) -> None:
        super().__init__()
        self.found: list[FoundForm] = []
        self._address = urlsplit(address).path
        self._form: FoundForm | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form" and values.get("method") == "post":
            action = values.get("action") or self._address
            self._form = FoundForm(action, values.get("class") == "sure")
        elif self._form is None:
            return
        elif tag == "input":
            self._take_input(self._form, values)
        elif tag == "select":
            self._select, self._options = values["name"], []
        elif tag == "option" and self._select is not None:
            self._options.append((values.get("value", ""), "selected" in values))
        elif tag == "textarea" and "name" in values:
            self._area, self._text = values["name"], []

    @staticmethod
    def _take_input(form: FoundForm, values: dict[str, str]) -> None:
        kind, name = values.get("type", "text"), values.get("name")
        if name is None or kind in {"file", "submit"}:
            return
        if kind in {"checkbox", "radio"} and "checked" not in values:
            return
        form.fields.add(name, values.get("value", "on" if kind == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "select" and self._select is not None:
            chosen = next((value for value, is_chosen in self._options if is_chosen), None)
            if chosen is not None or self._options:
                self._form.fields.add(self._select, self._options[0][0] if chosen is None else chosen)
            self._select = None
        elif tag == "textarea" and self._area is not None:
            text = "".join(self._text)
            # The line end after the tag is none of the text.
            self._form.fields.add(self._area, text.removeprefix("\r\n").removeprefix("\n"))
            self._form.several_lines.append(self._area)
            self._area = None
        elif tag == "form":
            self.found.append(self._form)
            self._form = None


class Browser:
    """Somebody's browser, which keeps cookies and confirms nothing by itself."""

    def __init__(self, app: Flask, token: str | None = None) -> None:
        self.client = FlaskClient(app, app.response_class)
        if token is not None:
            self.sign_in(token)

    def sign_in(self, token: str) -> None:
        """Have the cookie of a sign-in, beside whatever else is kept."""
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token

    def twin(self, app: Flask) -> Browser:
        """Return another window of this browser, with the same cookies."""
        other = Browser(app)
        other.client._cookies.update(self.client._cookies)
        return other

    def forget(self) -> None:
        """Lose every cookie."""
        self.client._cookies.clear()

    def open(self, address: str) -> TestResponse:
        """Open a page."""
        return self.client.get(address)

    def form(self, address: str, action: str) -> FoundForm:
        """Open a page, and return its form that is sent somewhere."""
        return form_of(self.open(address), action)

    def send(self, form: FoundForm, fields: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """Fill a form and send it."""
        data = form.filled(fields or {})
        return self.client.post(form.action, data=data, headers={**FROM_HERE, **headers})

    def confirm(self, answer: TestResponse) -> TestResponse:
        """Tick the box of a check page, and send it; return any other answer as it is."""
        check = check_of(answer)
        return answer if check is None else self.send(check, {SURE: "y"})


def forms_of(answer: TestResponse) -> list[FoundForm]:
    """Return the forms of an answer."""
    return Forms(answer.text, answer.request.path).found if answer.mimetype == "text/html" else []


def form_of(answer: TestResponse, action: str) -> FoundForm:
    """Return the form of an answer that is sent somewhere, the last of them if there are several."""
    found = [one for one in forms_of(answer) if one.action == action and not one.is_check]
    assert found, (action, answer.status_code, [one.action for one in forms_of(answer)])
    return found[-1]


def check_of(answer: TestResponse) -> FoundForm | None:
    """Return the form of a check page; nothing if an answer is none."""
    return next((one for one in forms_of(answer) if one.is_check), None)
