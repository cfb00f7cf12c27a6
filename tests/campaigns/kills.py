"""Five hundred people vote, on each store, while the web process is killed at random moments."""

from __future__ import annotations

from assemblee.config import Config
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from tests.consultations.kills import vote_under_kills

VOTERS = 500


def test_marks_tokens_and_ballots_agree_after_every_kill(
    config: Config, store: Store, mandate: Mandate
) -> None:
    kills, people = vote_under_kills(config, store, mandate, VOTERS)
    name = store.url.get_backend_name()
    print(f"{name}: {kills} kills tried, each of {people} people has one mark and one ballot")
