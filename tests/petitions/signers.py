"""A process that takes signatures, and may be killed; each line that it prints is a word given.

Run as `python -m tests.petitions.signers DATABASE INSTANCE PETITION THREADS`: it reads the number of a signer
a line, and prints it back once that signer's confirmation is kept.
"""

from __future__ import annotations

import queue
import sys
import threading
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assemblee.config import Config
from assemblee.db import Store
from assemblee.petitions import signing
from assemblee.petitions.models import Petition, Signature
from tests import petitioning


def sign(store: Store, petition: int, number: int) -> None:
    """Fill the form and use the link, as often as it takes."""
    email = f"signataire{number}@example.org"
    facts = signing.Facts(f"Signataire {number}", email, place="Le Val")
    while True:
        try:
            with store.writing() as session:
                found = session.get_one(Petition, petition)
                signing.ask(session, found, facts, petitioning.stamp(), network=None, language="fr")
            with store.writing() as session:
                row = session.scalars(
                    select(Signature).where(Signature.petition_id == petition, Signature.email == email)
                ).one()
                signing.confirm(session, row)
        except OperationalError:
            # A store that is busy for too long is asked again, as a person does.
            continue
        return


def main() -> None:
    url, instance, petition, threads = sys.argv[1:]
    store = Store.of(Config(instance=Path(instance), secret_key="s" * 48, database_url=url))
    waiting: queue.Queue[int | None] = queue.Queue()
    printing = threading.Lock()

    def work() -> None:
        while (number := waiting.get()) is not None:
            sign(store, int(petition), number)
            with printing:
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()

    people = [threading.Thread(target=work, daemon=True) for _ in range(int(threads))]
    for one in people:
        one.start()
    for line in sys.stdin:
        waiting.put(int(line))
    for _ in people:
        waiting.put(None)
    for one in people:
        one.join()


if __name__ == "__main__":
    main()
