from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.mail import outbox
from assemblee.mail.models import Mail


def test_letters_of_days_that_are_made_up_never_leave(store: Store) -> None:
    with store.writing() as session:
        outbox.write(session, "before@example.org", "Avant", "un lien")
    with clock.shifted(timedelta(days=-100)), outbox.withheld(), store.writing() as session:
        outbox.write(session, "then@example.org", "Alors", "un lien")
    with store.writing() as session:
        outbox.write(session, "after@example.org", "Après", "un lien")
    with store.reading() as session:
        letters = {letter.subject: letter for letter in session.scalars(select(Mail))}
    assert [letters[subject].sent_at is None for subject in ("Avant", "Alors", "Après")] == [
        True,
        False,
        True,
    ]
    assert (letters["Alors"].recipient, letters["Alors"].body) == ("", ""), "nobody is named any more"
