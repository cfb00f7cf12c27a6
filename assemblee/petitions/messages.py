"""The words of petitions: importing those of each room inside this one enters them."""

from __future__ import annotations

from assemblee.petitions.desk import messages as desk
from assemblee.petitions.life import messages as life
from assemblee.petitions.paper import messages as paper
from assemblee.petitions.petition import messages as petition
from assemblee.petitions.rules import messages as rules
from assemblee.petitions.signing import messages as signing
from assemblee.petitions.text import messages as text
from assemblee.petitions.waves import messages as waves

__all__ = ["desk", "life", "paper", "petition", "rules", "signing", "text", "waves"]
