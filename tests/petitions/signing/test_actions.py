from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition.counting import commitment
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.signing import letters as signing_letters
from tests import petitioning
from tests.answers import refused
from tests.petitions.signing.submitting import submit_at_once
from tests.sweeps import swept


def test_a_signature_counts_once_it_is_confirmed(store: Store, petition: Petition) -> None:
    before = petition.counted
    petitioning.ask(store, petition, "zoe@example.org")
    assert petitioning.fresh(store, petition).counted == before
    assert petitioning.letters(store, signing_letters.CONFIRM)[-1] == "zoe@example.org"
    found = petitioning.confirm(store, petitioning.row_of(store, petition, "zoe@example.org"))
    again = petitioning.confirm(store, found)
    assert again.leaf == found.leaf
    assert petitioning.fresh(store, petition).counted == before + 1
    petitioning.check_count(store, petition)
    line = petitioning.lines(store)[found.leaf or 0]
    assert line["event"] == "signature-counted"
    assert line["data"]["signature"] == commitment(found)
    assert "zoe" not in str(petitioning.lines(store))


@pytest.mark.both_stores
@pytest.mark.parametrize(
    "variant", ["zoe.lune@gmail.com", "ZOELUNE@gmail.com", "zoe.l.une+vote@googlemail.com"]
)
def test_variants_of_an_address_count_once(store: Store, petition: Petition, variant: str) -> None:
    petitioning.sign(store, petition, "zoelune@gmail.com")
    counted = petitioning.fresh(store, petition).counted
    petitioning.ask(store, petition, variant, "Zoé Autrement")
    with store.reading() as session:
        waiting = select(func.count()).where(Signature.state == SignatureState.PENDING)
        assert session.scalar(waiting) == 0
    assert petitioning.fresh(store, petition).counted == counted


def test_whoever_asks_again_is_told_in_their_mailbox_alone_and_not_too_often(
    store: Store, petition: Petition
) -> None:
    petitioning.sign(store, petition, "zoe@example.org")
    for _ in range(3):
        petitioning.ask(store, petition, "zoe@example.org")
    assert petitioning.letters(store, signing_letters.ALREADY) == []
    with clock.shifted(signing.SEND_AGAIN_AFTER + timedelta(minutes=1)):
        for _ in range(3):
            petitioning.ask(store, petition, "zoe@example.org")
    assert petitioning.letters(store, signing_letters.ALREADY) == ["zoe@example.org"]


@pytest.mark.both_stores
def test_what_was_never_confirmed_gives_way(store: Store, petition: Petition) -> None:
    petitioning.ask(store, petition, "zoe@example.org", "Un Farceur")
    petitioning.ask(store, petition, "zoe@example.org", "Zoé Lune")
    assert petitioning.row_of(store, petition, "zoe@example.org").name == "Zoé Lune"


def test_two_people_of_one_address_sign_if_the_rules_let_them(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=50, assembly=60, per_address=2))
    found = petitioning.opened(store, mandate)
    counted = found.counted
    for name in ("Zoé Lune", "Noé Lune"):
        petitioning.ask(store, found, "lune@example.org", name)
    with store.reading() as session:
        rows = session.scalars(select(Signature).where(Signature.email == "lune@example.org")).all()
    for row in rows:
        petitioning.confirm(store, row)
    assert petitioning.fresh(store, found).counted == counted + 2
    petitioning.ask(store, found, "lune@example.org", "Chloé Lune")
    with store.reading() as session:
        number = select(func.count()).where(Signature.email == "lune@example.org")
        assert session.scalar(number) == 2


@pytest.mark.both_stores
def test_a_signature_is_taken_back_and_given_again(store: Store, petition: Petition) -> None:
    found = petitioning.sign(store, petition, "zoe@example.org", is_public=True)
    with store.writing() as session:
        signing.withdraw(session, session.get_one(Signature, found.id).nonce)
    petitioning.check_count(store, petition)
    with store.reading() as session:
        row = session.get_one(Signature, found.id)
        assert (row.state, row.name, row.email, row.is_public) == ("withdrawn", None, None, False)
    with store.writing() as session, refused("signature-is-withdrawn"):
        signing.withdraw(session, session.get_one(Signature, found.id).nonce)
    with store.writing() as session, refused("signature-is-withdrawn"):
        signing.confirm(session, session.get_one(Signature, found.id).nonce)
    with clock.shifted(signing.SEND_AGAIN_AFTER + timedelta(minutes=1)):
        again = petitioning.sign(store, petition, "zoe@example.org")
    assert again.leaf != found.leaf
    petitioning.check_count(store, petition)


def test_nobody_withdraws_once_the_assembly_is_open(store: Store, mandate: Mandate) -> None:
    petitioning.publish(store, mandate)
    found = petitioning.opened(store, mandate)
    signed = [petitioning.sign(store, found, f"p{number}@example.org") for number in range(3)]
    assert petitioning.fresh(store, found).state == PetitionState.REACHED
    with store.writing() as session, refused("signature-threshold-crossed"):
        signing.withdraw(session, session.get_one(Signature, signed[0].id).nonce)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "signature-name-missing"),
        ({"place": ""}, "signature-place-missing"),
        ({"email": "nobody"}, "email-invalid"),
        ({"email": "a@yopmail.com"}, "email-disposable"),
        ({"code": "NOT-A-CODE-1"}, "personal-code-unknown"),
    ],
)
def test_a_form_that_lacks_something_is_refused(
    store: Store, petition: Petition, changes: dict[str, str], code: str
) -> None:
    values = {"email": "zoe@example.org", "name": "Zoé", **changes}
    with refused(code):
        petitioning.ask(store, petition, values.pop("email"), values.pop("name"), **values)


@pytest.mark.both_stores
def test_a_form_serves_once(store: Store, petition: Petition) -> None:
    used = petitioning.stamp()
    for number, code in ((1, None), (2, "form-used")):
        facts = signing.SignerFacts("Zoé", f"p{number}@example.org", place="Le Val")
        with store.writing() as session:
            row = session.get_one(Petition, petition.id)
            if code is None:
                signing.ask(session, row, facts, used, network=None, language="fr")
                signing.ask(session, row, facts, used, network=None, language="fr")
            else:
                with refused(code):
                    signing.ask(session, row, facts, used, network=None, language="fr")


def test_a_form_that_has_served_says_nothing_to_a_mailbox_that_has_signed(
    store: Store, petition: Petition
) -> None:
    petitioning.sign(store, petition, "zoe@example.org")
    used = petitioning.stamp()
    sent = len(petitioning.letters(store, signing_letters.ALREADY))
    facts = signing.SignerFacts("Noé", "noe@example.org", place="Le Val")
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        signing.ask(session, row, facts, used, network=None, language="fr")
    with clock.shifted(timedelta(hours=1)), store.writing() as session, refused("form-used"):
        row = session.get_one(Petition, petition.id)
        signing.ask(session, row, replace(facts, email="zoe@example.org"), used, network=None, language="fr")
    assert len(petitioning.letters(store, signing_letters.ALREADY)) == sent


@pytest.mark.both_stores
def test_a_network_that_signs_like_a_machine_is_stopped_for_an_hour(store: Store, petition: Petition) -> None:
    network = "203.0.113.0/24"
    for number in range(signing.MOST_OF_NETWORK):
        petitioning.ask(store, petition, f"p{number}@example.org", network=network)
    with refused("signing-too-many"):
        petitioning.ask(store, petition, "one.more@example.org", network=network)
    petitioning.ask(store, petition, "one.more@example.org", network="198.51.100.0/24")
    with clock.shifted(timedelta(hours=1, minutes=1)):
        petitioning.ask(store, petition, "another@example.org", network=network)


@pytest.mark.both_stores
def test_a_link_that_waited_too_long_asks_for_a_new_one(store: Store, petition: Petition) -> None:
    petitioning.ask(store, petition, "zoe@example.org")
    row = petitioning.row_of(store, petition, "zoe@example.org")
    with clock.shifted(timedelta(days=signing.PENDING_DAYS, hours=1)):
        with refused("signature-link-old"):
            petitioning.confirm(store, row)
        petitioning.sign(store, petition, "zoe@example.org")


@pytest.mark.both_stores
def test_nobody_signs_after_the_end(store: Store, petition: Petition) -> None:
    petitioning.ask(store, petition, "zoe@example.org")
    row = petitioning.row_of(store, petition, "zoe@example.org")
    with clock.shifted(timedelta(days=181)):
        with refused("petition-is-expired"):
            petitioning.ask(store, petition, "noe@example.org")
        with refused("petition-is-expired"):
            petitioning.confirm(store, row)


@pytest.mark.both_stores
def test_two_hundred_submits_of_one_person_are_one_signature(store: Store, petition: Petition) -> None:
    submit_at_once(store, petition, ["zoe@example.org"] * 200)


@swept("name", ("\u200b\u200b", "\u2800", "\u3164", "\u00ad", "\u202e", "-", "12"))
def test_a_name_needs_a_letter_that_people_see(store: Store, petition: Petition, name: str) -> None:
    with refused("signature-name-missing"):
        petitioning.ask(store, petition, "quelquun@example.org", name)


def test_a_name_is_kept_as_people_see_it(store: Store, petition: Petition) -> None:
    petitioning.ask(store, petition, "quelquun@example.org", "Él\u200bise\n\u202e Dupont")
    with store.reading() as session:
        kept = session.scalars(select(Signature.name).where(Signature.email == "quelquun@example.org")).one()
    assert kept == "Élise Dupont"
