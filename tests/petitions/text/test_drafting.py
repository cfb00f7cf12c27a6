"""What an author does with a petition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.models import PetitionState
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
