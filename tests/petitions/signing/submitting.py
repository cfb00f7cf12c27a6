"""One person who sends the form again and again, all at once, however they spell their address."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from assemblee.db import Store
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.petitions.signing import letters as signing_letters
from tests import make, petitioning
from tests.answers import at_once

NAME = "Zoé Lune"
CONFIRMATIONS = 40


def submit_at_once(store: Store, found: Petition, spellings: Sequence[str]) -> None:
    """Send a form for each spelling, and press the link: one signature, one message."""
    before = petitioning.fresh(store, found).counted
    sent = len(petitioning.letters(store, signing_letters.CONFIRM))

    def submit(email: str) -> None:
        petitioning.ask(store, found, email, NAME)

    assert set(at_once([lambda email=email: submit(email) for email in spellings])) == {"done"}
    with store.reading() as session:
        row = session.scalars(
            select(Signature).where(Signature.petition_id == found.id, Signature.name == NAME)
        ).one()
    assert len(petitioning.letters(store, signing_letters.CONFIRM)) == sent + 1
    confirmations = [lambda: petitioning.confirm(store, row)] * CONFIRMATIONS
    assert set(at_once(confirmations)) == {"done"}
    assert petitioning.fresh(store, found).counted == before + 1
    petitioning.check_count(store, found)
    assert make.leaves(store, "signature-counted") == before + 1
