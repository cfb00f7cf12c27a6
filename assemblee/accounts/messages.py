"""The words of people and their sign-ins: the sentence of each code."""

from __future__ import annotations

from collections.abc import Mapping

from assemblee import messages
from assemblee.i18n import marked as _

REFUSALS: Mapping[str, str] = {
    "account-already-disabled": _("This account is already disabled."),
    "account-exists": _("There is already an account with this address."),
    "account-holds-roles": _(
        "You hold roles here, and others count on you: have them taken back first, then erase yourself."
    ),
    "account-last-operator": _(
        "This is the last operator: add another one first, so that somebody keeps the keys."
    ),
    "authenticator-already-there": _(
        "Your account has an app already. Remove it before you add another one."
    ),
    "authenticator-not-begun": _(
        "No app is waiting for its first code. Add one on the page of your second factor."
    ),
    "authenticator-unreadable": _(
        "The secret of your app can no longer be read: the site has another secret key. Use a recovery code "
        "or a security key, or ask the operator to take your second factor away."
    ),
    "email-invalid": _("Write one address such as name@example.org, without accents before the @."),
    "link-unusable": _("This link was used already, or is too old. Ask for a new one."),
    "password-common": _(
        "This password is among the first that are tried, even with figures or signs added. "
        "Take a short sentence of your own."
    ),
    "password-is-address": _("This password is made of your address: it is the first that is tried."),
    "password-long": _("Use at most %(maximum)s characters."),
    "password-short": _("Use at least %(minimum)s characters; a short sentence is easiest."),
    "password-wrong": _("This is not your current password."),
    "second-factor-missing": _("There is no such second factor on this account."),
    "second-factor-stale": _(
        "Who changes a second factor must have given it in the last ten minutes. Nothing was changed."
    ),
    "second-factor-too-many": _("Too many wrong codes for this account. Wait a quarter of an hour."),
    "security-key-known": _("This key is registered already."),
    "security-key-refused": _(
        "This is not what was expected of a security key of this account: go back, and try again."
    ),
    "security-key-too-many": _("An account has %(most)s security keys at most: remove one first."),
    "security-key-unknown": _("There is no such security key on this account."),
    "security-key-without-name": _(
        "This site has no name of its own but a number, so browsers let no key be bound to it."
    ),
    "sign-in-too-many": _("Too many wrong passwords for this address. Wait a quarter of an hour."),
    "signed-out": _("Your session has ended, or you were not signed in. Nothing was changed."),
}

messages.enter(refusals=REFUSALS)
