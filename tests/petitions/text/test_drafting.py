"""What an author does with a petition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.text import drafting
from assemblee.security import Actor
from tests import petitioning
from tests.answers import refused
from tests.petitioning import act


@pytest.mark.both_stores
def test_a_petition_is_written_changed_and_submitted(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.written(store, mandate, author)
    other = petitioning.author(store, "autre@example.org")
    better = replace(petitioning.FACTS, title="Des repas bio")
    with refused("petition-of-somebody-else"):
        act(store, found, lambda session, row: drafting.change(session, other, row, better))
    act(store, found, lambda session, row: drafting.change(session, author, row, better))
    act(
        store,
        found,
        lambda session, row: drafting.attach(session, author, row, file_name="étude.pdf", content=b"%PDF"),
    )
    act(store, found, lambda session, row: drafting.submit(session, author, row))
    kept = petitioning.fresh(store, found)
    assert (kept.state, kept.title, kept.attachments[0].name) == (
        PetitionState.SPONSORS,
        "Des repas bio",
        "étude.pdf",
    )
    for verb in (
        lambda session, row: drafting.change(session, author, row, better),
        lambda session, row: drafting.submit(session, author, row),
        lambda session, row: drafting.detach(session, author, row, kept.attachments[0].id),
    ):
        with refused("petition-is-sponsors"):
            act(store, found, verb)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "petition-title-length"),
        ({"title": "x" * 151}, "petition-title-length"),
        ({"aim": ""}, "petition-aim-length"),
        ({"text": "x" * 10_001}, "petition-text-length"),
        ({"author": ""}, "petition-author-length"),
        ({"category": "Cuisine"}, "petition-category-unknown"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(
    store: Store, mandate: Mandate, author: Actor, changes: dict[str, str], code: str
) -> None:
    with refused(code):
        petitioning.written(store, mandate, author, replace(petitioning.FACTS, **changes))


def test_attachments_have_bounds(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.written(store, mandate, author)

    def attach(name: str, content: bytes) -> None:
        act(
            store,
            found,
            lambda session, row: drafting.attach(session, author, row, file_name=name, content=content),
        )

    for name, content, code in (
        ("script.html", b"<script>", "document-name-invalid"),
        ("vide.pdf", b"", "document-empty"),
        ("gros.pdf", bytes(drafting.LARGEST_ATTACHMENT + 1), "document-too-large"),
    ):
        with refused(code):
            attach(name, content)
    for number in range(drafting.MOST_ATTACHMENTS):
        attach(f"{number}.pdf", b"%PDF")
    with refused("petition-attachments-too-many"):
        attach("encore.pdf", b"%PDF")
    file = petitioning.fresh(store, found).attachments[0]
    act(store, found, lambda session, row: drafting.detach(session, author, row, file.id))
    with refused("document-unknown"):
        act(store, found, lambda session, row: drafting.detach(session, author, row, file.id))


@pytest.mark.both_stores
def test_one_account_has_few_petitions_that_wait_and_writes_few_a_day(
    store: Store, mandate: Mandate, author: Actor
) -> None:
    waiting = [petitioning.written(store, mandate, author) for _ in range(drafting.MOST_WAITING)]
    act(store, waiting[0], lambda session, row: drafting.submit(session, author, row))
    with refused("petition-drafts-too-many"):
        petitioning.written(store, mandate, author)
    petitioning.written(store, mandate, petitioning.author(store, "autre@example.org"))
    for _ in range(drafting.MOST_A_DAY - drafting.MOST_WAITING):
        last = waiting.pop()
        act(store, last, lambda session, row: drafting.withdraw(session, author, row, "trop tôt"))
        waiting.append(petitioning.written(store, mandate, author))
    act(store, waiting[-1], lambda session, row: drafting.withdraw(session, author, row, "trop tôt"))
    with refused("petition-written-too-many"):
        petitioning.written(store, mandate, author)
    with clock.shifted(timedelta(hours=25)):
        petitioning.written(store, mandate, author)


@pytest.mark.both_stores
def test_files_of_one_account_and_of_all_have_a_measure(
    store: Store, mandate: Mandate, author: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "MOST_OF_ACCOUNT", 10)
    monkeypatch.setattr(drafting, "MOST_OF_MANDATE", 15)
    other = petitioning.author(store, "autre@example.org")

    def attach(found: Petition, who: Actor, size: int) -> None:
        act(
            store,
            found,
            lambda session, row: drafting.attach(session, who, row, file_name="a.pdf", content=bytes(size)),
        )

    one, two = (petitioning.written(store, mandate, author) for _ in range(2))
    attach(one, author, 6)
    with refused("petition-files-full"):
        attach(two, author, 5)
    attach(two, author, 4)
    theirs = petitioning.written(store, mandate, other)
    with refused("petition-files-full-everywhere"):
        attach(theirs, other, 6)
    attach(theirs, other, 5)
    file = petitioning.fresh(store, one).attachments[0]
    act(store, one, lambda session, row: drafting.detach(session, author, row, file.id))
    attach(two, author, 5)


def test_an_author_withdraws(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    with refused("petition-reason-missing"):
        act(store, found, lambda session, row: drafting.withdraw(session, author, row, " "))
    act(store, found, lambda session, row: drafting.withdraw(session, author, row, "La loi est retirée."))
    assert petitioning.fresh(store, found).state == PetitionState.WITHDRAWN
    with refused("petition-is-withdrawn"):
        petitioning.ask(store, found, "p@example.org")
    with refused("petition-is-withdrawn"):
        act(store, found, lambda session, row: drafting.withdraw(session, author, row, "Encore."))
