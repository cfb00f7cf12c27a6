from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.draws import freezing, letters
from assemblee.draws.models import Draw, DrawEntry, DrawState, Publication
from assemblee.journal import tree
from assemblee.mail.models import Mail
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.security import COMMAND_LINE
from sortition import protocol
from tests import ceremony, make
from tests.answers import at_once, refused
from tests.ceremony import Guarantor, after


@pytest.mark.both_stores
def test_a_draw_is_frozen_once_however_many_press_at_once(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = make.draw(store, pool)
    make.finish_jobs(store)
    terms = ceremony.terms(store)

    def freeze() -> None:
        with store.writing() as session:
            freezing.freeze(session, COMMAND_LINE, draw, terms)

    assert at_once([freeze] * 5) == ["done"] + ["draw-is-frozen"] * 4
    assert make.leaves(store, "draw-frozen") == 1
    with store.reading() as session:
        assert len(session.scalars(select(DrawEntry)).all()) == 12


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"alternates": 9}, "draw-alternates-range"),
        ({"alternates": -1}, "draw-alternates-range"),
        ({"publication": Publication.OPEN}, "draw-publication-identifies"),
        ({"beacon": "dice"}, "beacon-unknown"),
    ],
)
def test_terms_that_cannot_be_are_refused_and_nothing_is_frozen(
    store: Store, pool: Pool, team: list[Guarantor], changes: dict[str, object], code: str
) -> None:
    del team
    with refused(code):
        ceremony.frozen(store, pool, **changes)
    with store.reading() as session:
        row = session.scalars(select(Draw)).one()
        assert (row.state, row.commitment, session.scalars(select(DrawEntry)).all()) == (
            DrawState.FEASIBLE,
            None,
            [],
        )
    assert make.leaves(store, "draw-frozen") == 0


@pytest.mark.both_stores
def test_two_draws_of_a_pool_are_never_under_way_together(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.frozen(store, pool)
    with refused("draw-pool-has-another"):
        ceremony.frozen(store, pool)
    with after(draw.cosign_until):
        later = ceremony.frozen(store, pool)
    assert ceremony.document(later)["earlier"] == {"held": 0, "cancelled": 0, "lapsed": 1}
    del team


def test_people_who_left_since_are_not_frozen_in(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    for leave in (pools.withdraw, pools.erase):
        draw = make.draw(store, pool)
        make.finish_jobs(store)
        with store.reading() as session:
            staying = session.scalars(select(Volunteer.id).where(Volunteer.state == "volunteer")).first()
        with store.writing() as session:
            leave(session, COMMAND_LINE, session.get_one(Pool, pool.id), staying or 0)
        with refused("draw-people-changed"), store.writing() as session:
            freezing.freeze(session, COMMAND_LINE, draw, ceremony.terms(store))


def test_secrets_are_open_before_the_day_of_a_national_lottery(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    del team
    fine = ceremony.terms(store)
    same_day = fine.beacon_at.astimezone(ZoneInfo("Europe/Paris")).replace(hour=0, minute=5)
    with refused("draw-reveal-on-lottery-day"):
        ceremony.frozen(store, pool, reveal_until=same_day, beacon_at=same_day.replace(hour=21))


@pytest.mark.both_stores
def test_deadlines_are_compared_as_moments_and_not_as_clocks(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    del team
    paris = ZoneInfo("Europe/Paris")
    # 02:59 does not exist that night: it is 03:59, after 03:05.
    with clock.shifted(datetime(2027, 3, 27, tzinfo=paris) - clock.now()), refused("draw-deadlines-order"):
        ceremony.frozen(
            store,
            pool,
            beacon="drand",
            cosign_until=datetime(2027, 3, 28, 1, tzinfo=paris),
            reveal_until=datetime(2027, 3, 28, 2, 59, tzinfo=paris),
            beacon_at=datetime(2027, 3, 28, 3, 5, tzinfo=paris),
        )


def test_a_ceremony_lasts_a_year_at_most(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    far = ceremony.terms(store).beacon_at + timedelta(days=366)
    with refused("draw-deadlines-far"):
        ceremony.frozen(store, pool, beacon_at=far)


@pytest.mark.both_stores
def test_deadlines_come_in_order_and_lie_ahead(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    fine = ceremony.terms(store)
    for changes in (
        {"cosign_until": clock.now() - timedelta(minutes=1)},
        {"reveal_until": fine.cosign_until},
        {"beacon_at": fine.reveal_until},
    ):
        with refused("draw-deadlines-order"):
            ceremony.frozen(store, pool, **changes)


def test_a_draw_without_guarantors_cannot_be_frozen(store: Store, pool: Pool) -> None:
    with refused("draw-guarantors-missing"):
        ceremony.frozen(store, pool)


def test_numbers_take_two_guarantors_and_a_round_of_drand_one(
    store: Store, pool: Pool, mandate: Mandate
) -> None:
    (alone,) = ceremony.guarantors(store, mandate, 1)
    with refused("beacon-witnesses-missing"):
        ceremony.frozen(store, pool)
    draw = ceremony.frozen(store, pool, beacon="drand")
    assert draw.threshold == 1
    assert [part.name for part in draw.guarantors] == [alone.name]


def test_people_who_share_their_answers_with_others_may_be_published(
    store: Store, mandate: Mandate, team: list[Guarantor]
) -> None:
    del team
    pool = make.pool(store, mandate, people=40)
    draw = ceremony.frozen(store, pool, publication=Publication.OPEN)
    assert "traits" in str(draw.frozen_text)


def test_a_frozen_draw_names_nobody_and_keeps_its_own_pool(
    store: Store, pool: Pool, team: list[Guarantor]
) -> None:
    draw = ceremony.held(store, pool, team)
    again = ceremony.frozen(store, pool)
    text = str(draw.frozen_text)
    assert "Zéphirine" not in text
    assert "@" not in text.replace(ceremony.document(draw)["log"], "")
    one, other = ({row["id"] for row in json.loads(str(made.frozen_text))["pool"]} for made in (draw, again))
    assert not one & other, "pseudonyms of two draws say nothing of each other"
    before = draw.commitment
    make.import_people(store, pool, make.respondents(5, first=30))
    assert make.fresh(store, draw).commitment == before
    assert ceremony.document(again)["earlier"] == {"held": 1, "cancelled": 0, "lapsed": 0}


def test_each_person_gets_a_proof_of_their_row(store: Store, pool: Pool, team: list[Guarantor]) -> None:
    del team
    draw = ceremony.frozen(store, pool)
    with store.reading() as session:
        mails = session.scalars(select(Mail).where(Mail.recipient == "p7@example.org")).all()
        entry = session.scalars(
            select(DrawEntry).join(Volunteer).where(Volunteer.email == "p7@example.org")
        ).one()
    (mail,) = mails
    proof = json.loads(mail.body[mail.body.index("{") :])
    document = json.loads(str(draw.frozen_text))
    assert proof == letters.own_proof(draw, document, entry.pseudonym, entry.salt)
    assert proof["id"] == entry.pseudonym
    assert entry.pseudonym in mail.body
    assert entry.pseudonym not in mail.subject, "subjects stay once the letter has left"
    leaf = tree.leaf_hash(tree.canonical(proof["row"]))
    path = [bytes.fromhex(digest) for digest in proof["proof"]]
    assert tree.includes(proof["position"], proof["size"], leaf, path, bytes.fromhex(str(draw.pool_root)))
    traits = draw.people[entry.pseudonym]
    assert proof["row"]["row"] == protocol.sealed_row(
        bytes.fromhex(proof["salt"]), [traits[name] for name in sorted(traits)]
    )
