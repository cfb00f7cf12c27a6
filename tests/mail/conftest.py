"""A mail server, and a worker's way of sending to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assemblee.config import Config
from assemblee.db import Store
from assemblee.mail.delivery import Delivery
from tests.mail import server
from tests.mail.server import Behaviour


@pytest.fixture
def mail_server() -> Iterator[Behaviour]:
    """Give a mail server that takes everything until told otherwise."""
    with server.running() as running:
        yield running


@pytest.fixture
def settings(config: Config, mail_server: Behaviour) -> Config:
    """Give settings that lead to the mail server."""
    return replace(
        config,
        smtp_host="127.0.0.1",
        smtp_port=mail_server.port,
        mail_sender="Assemblée <lettres@exemple.fr>",
    )


@pytest.fixture
def deliver(store: Store, settings: Config) -> Delivery:
    """Give a worker's way of sending, with little patience."""
    return Delivery(store, settings, "here", timeout=0.3)
