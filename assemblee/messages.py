"""The sentences of codes: those of the whole house, and the tables that each room enters its own in.

A code is what an action, the core or a job answers with. Its words are in the `messages.py` of its room, and
`assemblee/words.py` joins them.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from assemblee.i18n import marked as _
from assemblee.refusal import Refusal

REFUSALS: dict[str, str] = {
    "access-denied": _("This page is for people who hold another role here."),
    "config-exists": _("%(path)s exists already; it is left as it was."),
    "config-log-origin": _("In %(path)s, log_origin must be a name without spaces and without +."),
    "config-missing": _("%(path)s is missing: run `assemblee init` first."),
    "config-secret-short": _("The secret_key in %(path)s must have at least 32 characters."),
    "config-setting-bounds": _("In %(path)s, %(setting)s must be from %(least)s to %(most)s."),
    "config-setting-type": _("In %(path)s, %(setting)s is not of the right kind: a number or a text."),
    "config-database-url": _(
        "database_url in the settings is no address of a database: `sqlite:///path` or `postgresql://...`."
    ),
    "config-unreadable": _("%(path)s cannot be read as settings (%(place)s)."),
    "database-busy": _(
        "The database is busy with something else. Nothing was changed; try again in a moment."
    ),
    "database-damaged": _(
        "The database cannot be read: its file is damaged, or is no database. "
        "Nothing was changed; put a backup in its place."
    ),
    "database-gone": _("The database does not answer. Nothing was changed; try again in a moment."),
    "config-unknown-setting": _("%(path)s has a setting that is not known: %(setting)s."),
    "database-not-migrated": _("The database is not up to date: run `assemblee db upgrade`."),
    "demo-not-here": _(
        "%(folder)s belongs to a real installation: the demo would add its own accounts to it."
    ),
    "second-factor-needed": _(
        "This act binds, and a password alone is not enough for it. Nothing was changed: give your second "
        "factor, then do it again."
    ),
    "served-already": _(
        "Another process serves the database %(path)s already: on SQLite one serves at a time. Stop it first."
    ),
}
FAILURES: dict[str, str] = {}
STATES: dict[str, str] = {}
PHASES: dict[str, str] = {}
EVENTS: dict[str, str] = {}
NOTHING: Mapping[str, str] = {}


def enter(
    *,
    refusals: Mapping[str, str] = NOTHING,
    failures: Mapping[str, str] = NOTHING,
    states: Mapping[str, str] = NOTHING,
    phases: Mapping[str, str] = NOTHING,
    events: Mapping[str, str] = NOTHING,
) -> None:
    """Enter the words of a room in the tables of the house.

    Raises
    ------
    ValueError
        A code has a sentence already, which another room has entered.
    """
    tables = (REFUSALS, FAILURES, STATES, PHASES, EVENTS)
    for table, words in zip(tables, (refusals, failures, states, phases, events), strict=True):
        if twice := table.keys() & words.keys():
            raise ValueError(sorted(twice))
        table.update(words)


def explain(refused: Refusal) -> str:
    """Return the sentence of a refusal in the reader's language."""
    return str(gettext(REFUSALS[refused.code], **refused.parameters))


def describe(table: Mapping[str, str], code: str, **parameters: object) -> str:
    """Return the sentence of a code, or the code itself where a newer core answers with one unknown here."""
    return str(gettext(table[code], **parameters)) if code in table else code
