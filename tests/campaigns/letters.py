"""Ten thousand hostile addresses and names, on each store, through every form and a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from assemblee.db import Store
from assemblee.mail.delivery import Delivery
from assemblee.mandates.models import Mandate
from tests import make, petitioning
from tests.mail import hostile
from tests.mail.conftest import deliver, mail_server, settings  # noqa: F401 - fixtures
from tests.mail.server import Behaviour

SEEDS, CASES = 10, 1_000


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_is_refused_or_reaches_the_mailbox_that_is_its_key(  # noqa: PLR0917 - fixtures
    app: Flask,
    store: Store,
    mandate: Mandate,
    deliver: Delivery,  # noqa: F811 - the fixture
    mail_server: Behaviour,  # noqa: F811 - the same
    seed: int,
) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50_000, assembly=60_000))
    pool = make.pool(store, mandate, people=0)
    doors = hostile.Doors(app, store, mandate, pool, petitioning.opened(store, mandate))
    deliver.config = replace(deliver.config, mails_per_minute=0, same_mails_per_hour=0)
    hostile.play(doors, list(hostile.cases(seed, CASES)), deliver, mail_server)
    print(
        f"{store.url.get_backend_name()} {seed}: {CASES} cases, {sum(doors.refused.values())} refusals, "
        f"{len(mail_server.letters)} letters to {len(doors.owed)} mailboxes"
    )
