"""A sample of what `tests/campaigns/letters.py` does ten thousand times on each store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.mail.delivery import Delivery
from assemblee.mandates.models import Mandate
from tests import make, petitioning
from tests.mail import hostile
from tests.mail.server import Behaviour

SAMPLE = 120


@pytest.mark.both_stores
def test_hostile_addresses_are_refused_or_reach_the_mailbox_that_is_their_key(
    app: Flask, store: Store, mandate: Mandate, deliver: Delivery, mail_server: Behaviour
) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50_000, assembly=60_000))
    pool = make.pool(store, mandate, people=0)
    doors = hostile.Doors(app, store, mandate, pool, petitioning.opened(store, mandate))
    deliver.config = replace(deliver.config, mails_per_minute=0, same_mails_per_hour=0)
    hostile.play(doors, list(hostile.cases(1, SAMPLE)), deliver, mail_server)
    assert doors.refused["file"] > SAMPLE / 4
    assert len(doors.owed) > SAMPLE / 20
