"""What a program can do cheaply: fill fast, use a form again, lie about its network, own a domain.

Stamps, honeypot and forged headers are tried on the pages, in `signing/test_views.py`.
"""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from assemblee import clock
from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk import fraud, patterns
from assemblee.petitions.petition.models import Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.signing import actions as signing
from tests import make, petitioning
from tests.answers import refused

ADDRESSES = 5_000
DOMAIN = "boites-a-la-chaine.example"


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=10_000, assembly=20_000))
    return petitioning.opened(store, mandate)


@pytest.mark.both_stores
def test_addresses_of_one_domain_from_one_network_are_stopped(store: Store, petition: Petition) -> None:
    def ask(number: int) -> None:
        petitioning.ask(store, petition, f"a{number}@{DOMAIN}", f"Robot {number}", network="203.0.113.0/24")

    for number in range(signing.MOST_OF_NETWORK):
        ask(number)
    for number in range(20):
        with refused("signing-too-many"):
            ask(signing.MOST_OF_NETWORK + number)


@pytest.mark.both_stores
def test_five_thousand_addresses_of_one_domain_are_flagged_and_set_aside_together(
    store: Store, mandate: Mandate, petition: Petition
) -> None:
    # From as many networks, with names and times of people: only the domain is left to see.
    now = clock.now()
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        session.execute(
            insert(Signature),
            [
                {
                    "petition_id": row.id,
                    "origin": "online",
                    "state": SignatureState.COUNTED,
                    "name": f"{make.SEED[number % 50 : number % 50 + 6]} {number * 7919 % 10007:x}",
                    "email": f"a{number}@{DOMAIN}",
                    "email_mark": f"{number}",
                    "slot": 0,
                    "is_sponsor": False,
                    "is_public": False,
                    "wants_news": False,
                    "language": "fr",
                    "network": f"10.{number >> 8}.{number & 255}.0/24",
                    "seconds": 40 + number % 200,
                    "nonce": f"nonce {number}",
                    "salt": "00",
                    "asked_at": now,
                    "counted_at": now,
                    "counted_on": now.date(),
                    "leaf": 1_000_000 + number,
                }
                for number in range(ADDRESSES)
            ],
        )
        row.counted += ADDRESSES
    with store.reading() as session:
        found = patterns.find(session, session.get_one(Petition, petition.id))
        flagged = [one for one in found if one.kind == patterns.DOMAIN]
        assert [(one.what, one.number) for one in flagged] == [(DOMAIN, ADDRESSES)]
        shown = fraud.effect(session, session.get_one(Petition, petition.id), flagged[0].condition)
        assert (shown.before - shown.after, shown.after) == (ADDRESSES, petition.counted)
    guarantor = petitioning.guarantor(store, mandate)
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        fraud.set_aside(
            session, guarantor, row, flagged[0].condition, "Un domaine, un automate.", shown=shown.fingerprint
        )
    kept = petitioning.fresh(store, petition)
    assert (kept.counted, kept.state) == (petition.counted, PetitionState.OPEN)
    with store.reading() as session:
        aside = select(func.count()).where(Signature.state == SignatureState.SET_ASIDE)
        assert session.scalar(aside) == ADDRESSES


def test_a_person_who_uses_every_trick_counts_once(store: Store, petition: Petition) -> None:
    petitioning.sign(store, petition, "zoe.lune@gmail.com", "Zoé Lune")
    for email in ("Z.O.E.lune+1@gmail.com", "zoelune@googlemail.com", "ZOE.LUNE+x@GMAIL.COM"):
        petitioning.ask(store, petition, email, "Quelqu’une d’autre")
    for email in ("zoe@yopmail.com", "zoe@sub.mailinator.com"):
        with refused("email-disposable"):
            petitioning.ask(store, petition, email)
    with store.reading() as session:
        waiting = select(func.count()).where(Signature.state == SignatureState.PENDING)
        assert session.scalar(waiting) == 0
    assert petitioning.fresh(store, petition).counted == petition.counted + 1
