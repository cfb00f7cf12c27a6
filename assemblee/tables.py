"""Every table of the house, for the migrations: importing a room's models puts them here."""

from __future__ import annotations

import assemblee.accounts.models
import assemblee.assemblies.meetings.models
import assemblee.assemblies.terms.models
import assemblee.consultations.models
import assemblee.draws.models
import assemblee.jobs.models
import assemblee.journal.models
import assemblee.mail.models
import assemblee.mandates.models
import assemblee.once
import assemblee.oversight.models
import assemblee.petitions.desk.models
import assemblee.petitions.paper.models
import assemblee.petitions.petition.models
import assemblee.petitions.rules.models
import assemblee.petitions.signing.models
import assemblee.petitions.waves.models
import assemblee.pools.models  # noqa: F401 - each puts its tables in the metadata
from assemblee.db import Base

METADATA = Base.metadata
