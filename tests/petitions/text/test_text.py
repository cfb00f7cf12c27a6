from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.consultations import rolls
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import answering, keeping, work
from assemblee.petitions.petition.models import Petition, Signature, State
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import rulebook
from assemblee.petitions.rules.document import ready_made
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text import checking, drafting, merging
from assemblee.petitions.text import letters as text_letters
from assemblee.petitions.text import queries as text_queries
from assemblee.security import COMMAND_LINE, Actor
from tests import make, petitioning
from tests.answers import refused


@pytest.fixture
def author(store: Store, mandate: Mandate) -> Actor:
    petitioning.publish(store, mandate)
    return petitioning.author(store)


def act(store: Store, found: Petition, verb: Callable[[Session, Petition], object]) -> object:
    with store.writing() as session:
        return verb(session, session.get_one(Petition, found.id))


def ruled(store: Store, found: Petition, who: Actor, *, is_admitted: bool, appeal: bool = False) -> None:
    verb = checking.hear if appeal else checking.rule
    act(
        store,
        found,
        lambda session, row: verb(
            session, who, row, is_admitted=is_admitted, ground=None if is_admitted else 0, reason="Voilà."
        ),
    )


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
        State.SPONSORS,
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


def test_sponsors_hand_a_petition_to_the_guarantors(store: Store, mandate: Mandate, author: Actor) -> None:
    guarantor = petitioning.guarantor(store, mandate)
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    checked = petitioning.fresh(store, found)
    assert checked.state == State.CHECK
    assert petitioning.row_of(store, found, "marraine@example.org").is_sponsor
    assert petitioning.letters(store, text_letters.TO_CHECK) == ["garante1@example.org"]
    with store.reading() as session:
        assert [one.id for one in text_queries.to_check(session, mandate.id, guarantor.account)] == [found.id]
    with refused("petition-is-check"):
        petitioning.ask(store, found, "trop.tard@example.org")
    with refused("petition-reason-missing"):
        act(
            store,
            found,
            lambda session, row: checking.rule(
                session, guarantor, row, is_admitted=False, ground=0, reason=" "
            ),
        )
    with refused("petition-ground-unknown"):
        act(
            store,
            found,
            lambda session, row: checking.rule(
                session, guarantor, row, is_admitted=False, ground=99, reason="Non."
            ),
        )
    with refused("petition-own"):
        ruled(store, found, author, is_admitted=True)
    ruled(store, found, guarantor, is_admitted=True)
    assert petitioning.fresh(store, found).state == State.OPEN
    assert petitioning.letters(store, text_letters.RULED) == ["autrice@example.org"]
    petitioning.check_count(store, found)


@pytest.mark.both_stores
def test_silence_opens_a_petition(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    work.turn_all(store)
    assert petitioning.fresh(store, found).state == State.CHECK
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == State.OPEN
    assert make.leaves(store, "petition-opened") == 1


def refused_petition(
    store: Store, mandate: Mandate, author: Actor, others: int
) -> tuple[Petition, list[Actor]]:
    guarantors = [petitioning.guarantor(store, mandate, number) for number in range(others + 1)]
    found = petitioning.submitted(store, mandate, author)
    petitioning.sign(store, found, "marraine@example.org")
    ruled(store, found, guarantors[0], is_admitted=False)
    return found, guarantors


def appeal(store: Store, found: Petition, who: Actor) -> None:
    act(store, found, lambda session, row: checking.appeal(session, who, row, "Relisez, s’il vous plaît."))


@pytest.mark.parametrize(
    ("said", "state"),
    [([True, True], State.OPEN), ([False, False], State.REFUSED), ([True, False, False], State.REFUSED)],
)
def test_an_appeal_is_heard_by_the_others(
    store: Store, mandate: Mandate, author: Actor, said: list[bool], state: State
) -> None:
    found, guarantors = refused_petition(store, mandate, author, 3)
    appeal(store, found, author)
    with refused("petition-ruled-already"):
        ruled(store, found, guarantors[0], is_admitted=False, appeal=True)
    for who, is_admitted in zip(guarantors[1:], said, strict=False):
        ruled(store, found, who, is_admitted=is_admitted, appeal=True)
    assert petitioning.fresh(store, found).state == state
    if state == State.REFUSED:
        with refused("petition-appealed-already"):
            appeal(store, found, author)


@pytest.mark.both_stores
def test_an_appeal_has_its_time_and_needs_somebody(store: Store, mandate: Mandate, author: Actor) -> None:
    found, _ = refused_petition(store, mandate, author, 0)
    with refused("petition-appeal-nobody"):
        appeal(store, found, author)
    petitioning.guarantor(store, mandate, 5)
    with clock.shifted(timedelta(days=15)), refused("petition-appeal-late"):
        appeal(store, found, author)
    appeal(store, found, author)
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == State.OPEN


def test_an_author_withdraws(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    with refused("petition-reason-missing"):
        act(store, found, lambda session, row: drafting.withdraw(session, author, row, " "))
    act(store, found, lambda session, row: drafting.withdraw(session, author, row, "La loi est retirée."))
    assert petitioning.fresh(store, found).state == State.WITHDRAWN
    with refused("petition-is-withdrawn"):
        petitioning.ask(store, found, "p@example.org")
    with refused("petition-is-withdrawn"):
        act(store, found, lambda session, row: drafting.withdraw(session, author, row, "Encore."))


def test_petitions_that_ask_for_the_same_become_one(store: Store, mandate: Mandate, author: Actor) -> None:
    other = petitioning.author(store, "autre@example.org")
    with store.writing() as session:
        rules = petitioning.rules(mandate, answer=4, assembly=5, number=1)
        rulebook.publish(session, COMMAND_LINE, session.get_one(Mandate, mandate.id), rules, "Seuils.")
    stays = petitioning.opened(store, mandate, author)
    goes = petitioning.submitted(
        store, mandate, other, replace(petitioning.FACTS, title="Du bio dans les cantines")
    )
    petitioning.sign(store, goes, "marraine0@example.org")
    with clock.shifted(timedelta(days=15)):
        work.turn_all(store)
    with store.reading() as session:
        assert text_queries.similar(session, mandate.id, "Cantine bio au collège")[0].id in {
            stays.id,
            goes.id,
        }
        assert text_queries.similar(session, mandate.id, "Un pont sur la rivière") == []
    petitioning.sign(store, goes, "deux@example.org")
    petitioning.sign(store, goes, "trois@example.org")
    petitioning.ask(store, goes, "quatre@example.org")
    waiting = petitioning.row_of(store, goes, "quatre@example.org")
    counted = petitioning.row_of(store, goes, "deux@example.org")
    with refused("petition-merge-not-offered"):
        merge(store, author, stays, goes)
    with store.writing() as session:
        rows = [session.get_one(Petition, one.id) for one in (goes, stays)]
        merging.offer(session, other, *rows)
    assert petitioning.letters(store, text_letters.OFFERED) == ["autrice@example.org"]
    with refused("petition-of-somebody-else"):
        merge(store, other, stays, goes)
    merge(store, author, stays, goes)
    kept, gone = petitioning.fresh(store, stays), petitioning.fresh(store, goes)
    assert (kept.counted, gone.counted, gone.state, gone.merged_into_id) == (3, 0, State.MERGED, stays.id)
    petitioning.check_count(store, kept)
    petitioning.confirm(store, waiting)
    assert petitioning.fresh(store, stays).counted == 4
    petitioning.check_count(store, kept)
    # Both were read before the merge, as by somebody who presses the button at that moment.
    for row in (waiting, counted):
        with store.writing() as session:
            signing.withdraw(session, row.nonce)
    assert (petitioning.fresh(store, stays).counted, petitioning.fresh(store, goes).counted) == (2, 0)
    petitioning.check_count(store, kept)
    with refused("petition-is-merged"):
        merge(store, author, stays, goes)


def merge(store: Store, who: Actor, into: Petition, offered: Petition) -> None:
    with store.writing() as session:
        merging.accept(
            session, who, session.get_one(Petition, into.id), session.get_one(Petition, offered.id)
        )


@pytest.mark.both_stores
def test_what_follows_a_crossing_is_answered_in_order(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)

    def say(verb: Callable[..., object], *values: object) -> None:
        act(store, found, lambda session, row: verb(session, COMMAND_LINE, row, *values))

    with refused("petition-step-not-crossed"):
        say(answering.answer_step, 1, "Oui.")
    for number in range(3):
        petitioning.sign(store, found, f"p{number}@example.org")
    with refused("petition-answer-missing"):
        say(answering.answer_step, 1, " ")
    say(answering.answer_step, 1, "J’y travaille.")
    with refused("petition-step-answered"):
        say(answering.answer_step, 1, "Encore.")
    with refused("petition-report-missing"):
        say(answering.answer, "Trop tôt.")
    say(answering.report, "L’agora recommande.")
    with refused("petition-reported-already"):
        say(answering.report, "Encore.")
    with refused("petition-is-reached"):
        say(answering.archive)
    say(answering.answer, "Je voterai ainsi.")
    assert petitioning.fresh(store, found).state == State.ANSWERED
    with clock.shifted(timedelta(days=31)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == State.ARCHIVED


def test_a_petition_that_nobody_answers_ends_with_the_mandate(
    store: Store, mandate: Mandate, author: Actor
) -> None:
    found = petitioning.opened(store, mandate, author)
    for number in range(3):
        petitioning.sign(store, found, f"p{number}@example.org")
    with clock.shifted(timedelta(days=300)):
        work.turn_all(store)
    assert petitioning.fresh(store, found).state == State.REACHED
    with clock.shifted(timedelta(days=6 * 365)):
        work.turn_all(store)
        assert petitioning.fresh(store, found).state == State.ARCHIVED
    with clock.shifted(timedelta(days=7 * 365)):
        work.turn_all(store)
    kept = petitioning.fresh(store, found)
    assert (kept.counted, kept.erased_at is not None) == (4, True)


@pytest.mark.both_stores
def test_signatures_are_forgotten_and_the_count_stays(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    petitioning.ask(store, found, "zoe@example.org", network="203.0.113.0/24")
    petitioning.confirm(store, petitioning.row_of(store, found, "zoe@example.org"))
    petitioning.ask(store, found, "jamais@example.org", network="203.0.113.0/24")
    with clock.shifted(timedelta(days=31)):
        work.turn_all(store)
    with store.reading() as session:
        rows = session.scalars(select(Signature)).all()
        assert {row.network for row in rows} == {None}
        assert "jamais@example.org" not in {row.email for row in rows}
    with clock.shifted(timedelta(days=181)):
        work.turn_all(store)
        assert petitioning.fresh(store, found).state == State.EXPIRED
    with clock.shifted(timedelta(days=181 + 184)):
        work.turn_all(store)
        work.turn_all(store)
    with store.reading() as session:
        rows = session.scalars(select(Signature)).all()
        assert {(row.name, row.email, row.email_mark, row.salt) for row in rows} == {(None, None, None, "")}
    petitioning.check_count(store, found)
    assert make.leaves(store, "petition-signatures-erased") == 1


def test_signers_can_be_the_roll_of_a_vote(store: Store, mandate: Mandate, author: Actor) -> None:
    found = petitioning.opened(store, mandate, author)
    petitioning.sign(store, found, "zoe@example.org")
    petitioning.ask(store, found, "pas.encore@example.org")
    with store.reading() as session:
        voters = rolls.voters(session, mandate.id, "petition", found.id)
    assert [one.email for one in voters] == ["marraine0@example.org", "zoe@example.org"]


@pytest.mark.both_stores
def test_rules_follow_one_another(store: Store, mandate: Mandate) -> None:
    with refused("petition-rules-missing"):
        petitioning.written(store, mandate, petitioning.author(store))
    petitioning.publish(store, mandate)
    newer = replace(ready_made(72_000), number=1)
    for rules, reason, code in (
        (newer, " ", "petition-rules-reason-missing"),
        (replace(newer, number=0), "Trop bas.", "petition-rules-changed"),
        (replace(newer, sponsors=-1), "Trop bas.", "petition-rules-invalid"),
        (replace(newer, steps=newer.steps[::-1]), "Trop bas.", "petition-rules-invalid"),
        (replace(newer, grounds=()), "Trop bas.", "petition-rules-invalid"),
    ):
        with store.writing() as session, refused(code):
            row = session.get_one(Mandate, mandate.id)
            rulebook.publish(session, COMMAND_LINE, row, rules, reason)
    with store.reading() as session:
        assert rule_queries.current(session, mandate.id).number == 1
        assert keeping.due(session) == []
