"""The forms of accounts: signing in, passwords, codes of the second factor, security keys."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from assemblee.accounts.actions import PASSWORD_MAXIMUM, PASSWORD_MINIMUM
from assemblee.accounts.security_keys import NAME_LONGEST
from assemblee.forms import LONGEST_EMAIL, LONGEST_LINE, REQUIRED, Form, at_most, normalised


class SignInForm(Form):
    """E-mail and password of staff."""

    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
        filters=[normalised],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[InputRequired(REQUIRED), at_most(PASSWORD_MAXIMUM)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class LinkForm(Form):
    """The address that a one-time link goes to."""

    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_EMAIL)],
        filters=[normalised],
        render_kw={"autocomplete": "email"},
    )


class ConfirmForm(Form):
    """A yes, and nothing else."""


class PasswordForm(Form):
    """The password now, and the one to come."""

    current = PasswordField(
        _l("Current password"),
        validators=[InputRequired(REQUIRED), at_most(PASSWORD_MAXIMUM)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"),
        validators=[
            InputRequired(REQUIRED),
            Length(
                min=PASSWORD_MINIMUM, message=_l("Use at least 12 characters; a short sentence is easiest.")
            ),
            at_most(PASSWORD_MAXIMUM),
        ],
        description=_l("At least 12 characters; a short sentence is easiest."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password once more"),
        validators=[
            InputRequired(REQUIRED),
            at_most(PASSWORD_MAXIMUM),
            EqualTo("new", message=_l("The two new passwords differ.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(Form):
    """The code that an app shows."""

    code = StringField(
        _l("Code of six figures"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        description=_l("Your authenticator app shows a new one every 30 seconds."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    next = HiddenField()


class RecoveryForm(Form):
    """One of the codes on paper."""

    code = StringField(
        _l("Recovery code"),
        validators=[InputRequired(REQUIRED), at_most(LONGEST_LINE)],
        description=_l("Sixteen letters and figures. Each code works once: cross it out."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    next = HiddenField()


class KeyProofForm(Form):
    """What a security key has signed; a script fills it in."""

    credential = HiddenField(validators=[InputRequired(REQUIRED)])
    next = HiddenField()


class SecurityKeyForm(Form):
    """A new security key, and what to call it."""

    name = StringField(
        _l("Name of the key"),
        validators=[InputRequired(REQUIRED), Length(max=NAME_LONGEST)],
        filters=[normalised],
        description=_l("So that you know it again, such as “blue key”."),
        render_kw={"autocomplete": "off", "maxlength": NAME_LONGEST},
    )
    credential = HiddenField()
