"""Five hundred rewritings of the journal, on each store, by somebody who holds the database and the key."""

from __future__ import annotations

from collections import Counter

from assemblee.db import Store
from tests.journal.test_administrator import attack, prepare

EDITS = 500


def test_every_edit_is_found_by_who_holds_an_older_checkpoint(store: Store) -> None:
    held = prepare(store)
    kinds = Counter(attack(store, held, number) for number in range(EDITS))
    print(f"{store.url.get_backend_name()}: {kinds.total()} edits, all found")
    for kind, number in sorted(kinds.items()):
        print(f"  {number:4} {kind}")
