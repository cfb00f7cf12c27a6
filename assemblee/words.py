"""Every word of the house: importing a room's messages enters them here."""

from __future__ import annotations

from assemblee import messages
from assemblee.accounts import messages as accounts
from assemblee.assemblies import messages as assemblies
from assemblee.consultations import messages as consultations
from assemblee.draws import messages as draws
from assemblee.jobs import messages as jobs
from assemblee.journal import messages as journal
from assemblee.mail import messages as mail
from assemblee.mandates import messages as mandates
from assemblee.oversight import messages as oversight
from assemblee.pages import messages as pages
from assemblee.petitions import messages as petitions
from assemblee.pools import messages as pools

__all__ = [
    "accounts",
    "assemblies",
    "consultations",
    "draws",
    "jobs",
    "journal",
    "mail",
    "mandates",
    "messages",
    "oversight",
    "pages",
    "petitions",
    "pools",
]
