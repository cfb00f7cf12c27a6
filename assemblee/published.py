"""The commands of the journal, with every comparison: importing a room's `published` enters its own."""

from __future__ import annotations

import assemblee.consultations.published
import assemblee.draws.published
import assemblee.petitions.petition.published  # noqa: F401 - each enters its comparison
from assemblee.journal.commands import journal

__all__ = ["journal"]
