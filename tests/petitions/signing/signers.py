"""What a process does that takes signatures, and may be killed; each number that it says is a word given."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assemblee.config import Config
from assemblee.db import Store
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.petitions.signing import actions as signing


def sign(store: Store, petition: int, number: int) -> None:
    """Fill the form and use the link, as often as it takes."""
    email = f"signataire{number}@example.org"
    facts = signing.SignerFacts(f"Signataire {number}", email, place="Le Val")
    while True:
        try:
            with store.writing() as session:
                found = session.get_one(Petition, petition)
                signing.ask(
                    session,
                    found,
                    facts,
                    signing.Stamp(secrets.token_hex(16), 30),
                    network=None,
                    language="fr",
                )
            with store.writing() as session:
                row = session.scalars(
                    select(Signature).where(Signature.petition_id == petition, Signature.email == email)
                ).one()
                signing.confirm(session, row.nonce)
        except OperationalError:
            # A store that is busy for too long is asked again, as a person does.
            continue
        return


def take(config: Config, petition: int, threads: int, numbers: Sequence[int], saying: Connection) -> None:
    """Let people sign, so many at a time, and say the number of each once their confirmation is kept."""
    store = Store.of(config)
    waiting = queue.SimpleQueue[int | None]()
    talking = threading.Lock()

    def work() -> None:
        while (number := waiting.get()) is not None:
            sign(store, petition, number)
            with talking:
                saying.send(number)

    people = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for one in people:
        one.start()
    for number in (*numbers, *(None for _ in people)):
        waiting.put(number)
    for one in people:
        one.join()
    store.dispose()
