"""The commands of long work, with every kind of it: importing a room's work enters it here."""

from __future__ import annotations

import assemblee.assemblies.erasing
import assemblee.assemblies.work
import assemblee.consultations.work
import assemblee.demo.past
import assemblee.draws.network
import assemblee.draws.work
import assemblee.oversight.work
import assemblee.petitions.life.work
import assemblee.petitions.waves.work
import assemblee.pools.work  # noqa: F401 - each enters its kinds of work
from assemblee.jobs.commands import jobs, worker

__all__ = ["jobs", "worker"]
