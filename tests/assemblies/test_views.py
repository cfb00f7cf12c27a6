"""The pages of bodies: what each kind of visitor sees and does there."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.assemblies.seats import actions as seats
from assemblee.assemblies.seats import letters
from assemblee.assemblies.terms import queries
from assemblee.assemblies.terms.models import Seat, SeatState, Term, TermState
from assemblee.db import Store
from assemblee.draws.models import Publication
from assemblee.journal import tree
from assemblee.journal.models import Leaf
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE, Role
from sortition.stream import Stream
from tests import bodies, ceremony, make
from tests.answers import Visitor

pytestmark = pytest.mark.only("sqlite")
HERE = "/m/amont/assemblies"
INVITED = SeatState.INVITED


def link(store: Store, seat: Seat) -> str:
    with store.reading() as session:
        return f"/seat/{letters.token(session.info['settings'], session.get_one(Seat, seat.id))}/"


def organiser(app: Flask, store: Store) -> Visitor:
    return ceremony.person(app, store, "organisatrice@example.org", Role.ORGANISER)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everybody_sees_who_sits_and_what_comes(
    app: Flask, store: Store, mandate: Mandate, pool: Pool, language: str
) -> None:
    found = bodies.running(store, mandate, pool)
    with bodies.on(found.first):
        visitor = Visitor(app, language=language)
        page = visitor.visit(f"{HERE}/")
        assert "Agora ordinaire 1" in page
        assert "16 / 16" in page
        page = visitor.visit(f"{HERE}/{found.id}")
        names = [seat.known_as for seat in found.seats]
        assert found.seats[0].pseudonym in page
        assert not any(name and name in page for name in names), "nobody agreed to show a name"
        assert str(found.seats[0].address) not in page
        visitor.visit(f"{HERE}/deviations")
        visitor.visit(f"{HERE}/999", status=404)


def test_before_the_charter_there_is_nothing_to_see_and_no_dead_end(app: Flask, store: Store) -> None:
    make.mandate(store, slug="vide")
    Visitor(app).visit("/m/vide/assemblies/")
    team = organiser(app, store)
    assert "/m/vide/charter/edit" in team.visit("/m/vide/assemblies/")
    assert "/m/vide/charter/edit" in team.visit("/m/vide/assemblies/desk")


def test_a_person_drawn_answers_without_an_account(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    one, other = bodies.of(found, INVITED)[:2]
    visitor, here = Visitor(app), link(store, one)
    assert "accept" in visitor.visit(here)
    assert "aria-invalid" in visitor.send(f"{here}accept", status=422, public_name="N" * 200)
    assert visitor.send(f"{here}accept", public_name="Nadia R.") == here
    page = visitor.visit(here)
    assert "Nadia R." in page
    assert "Nadia R." in visitor.visit(f"{HERE}/{found.id}")
    visitor.send(f"{here}name", public_name="")
    assert "Nadia R." not in visitor.visit(f"{HERE}/{found.id}")
    visitor.send(f"{here}name", status=422, public_name="N" * 200)
    visitor.send(f"{here}leave")
    assert f"{here}leave" not in visitor.visit(here)
    visitor.send(f"{here}leave", status=409)
    visitor.send(f"{link(store, other)}decline")
    visitor.visit(link(store, other))
    visitor.visit("/seat/nothing/", status=404)


def test_an_alternate_and_somebody_late_see_why_there_is_nothing_to_answer(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    visitor = Visitor(app, language="en")
    waiting = bodies.of(found, SeatState.ALTERNATE)[0]
    assert "alternate" in visitor.visit(link(store, waiting))
    seat = bodies.of(found, INVITED)[0]
    assert seat.answer_until is not None
    with clock.shifted(seat.answer_until - clock.now() + timedelta(seconds=5)):
        assert "The time to answer is over" in visitor.visit(link(store, seat))
        visitor.send(f"{link(store, seat)}accept", status=409)


def test_the_organisers_draw_a_term_and_enter_answers_by_hand(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    team = organiser(app, store)
    term = bodies.term(store, mandate, f"{bodies.ASSEMBLY}/1")
    here = f"{HERE}/{term.id}"
    team.visit(here)
    team.send(f"{here}/draw", status=422, pool=999)
    assert "/draws/" in team.send(f"{here}/draw", pool=pool.id)
    team.send(f"{here}/draw", status=409, pool=pool.id)
    guarantors = bodies.drawn(store, mandate, pool, f"{bodies.GUARANTORS}/1")
    here = f"{HERE}/{guarantors.id}"
    one, other = bodies.of(guarantors, INVITED)
    team.send(f"{here}/answers", status=422, seat=one.id, answer="perhaps", means="phone")
    team.send(f"{here}/answers", status=422, seat=one.id, answer="resign", means="phone")
    team.send(f"{here}/answers", seat=one.id, answer="accept", means="phone")
    team.send(f"{here}/answers", seat=other.id, answer="decline", means="letter")
    team.send(f"{here}/answers", status=422, seat=other.id, answer="accept", means="mail")
    team.send(f"{here}/fill")
    team.send(f"{here}/swear-in")
    called = bodies.of(bodies.term(store, mandate, guarantors.label), INVITED)
    assert len(called) == 1
    team.send(f"{here}/answers", seat=called[0].id, answer="accept", means="counter")
    team.send(f"{here}/answers", seat=called[0].id, answer="excuse", means="mail")
    team.send(f"{here}/answers", seat=one.id, answer="resign", means="mail")
    after = {seat.id: seat.state for seat in bodies.term(store, mandate, guarantors.label).seats}
    assert after[one.id] == SeatState.RESIGNED
    assert after[other.id] == SeatState.DECLINED
    assert after[called[0].id] == SeatState.EXCUSED


def test_an_expert_is_nominated_on_the_page_of_the_term(app: Flask, store: Store, mandate: Mandate) -> None:
    team = organiser(app, store)
    here = f"{HERE}/{bodies.term(store, mandate, f'{bodies.EXPERTS}/1').id}"
    team.visit(here)
    team.send(f"{here}/nominate", status=422, person="", email="x", reason="")
    facts = {"person": "Odile Dumuid", "reason": "Connaît l’eau."}
    assert "aria-invalid" in team.send(f"{here}/nominate", status=422, email="odile", **facts)
    team.send(f"{here}/nominate", email="odile@example.org", **facts)
    seat = bodies.of(bodies.term(store, mandate, f"{bodies.EXPERTS}/1"), INVITED)[0]
    own = Visitor(app, language="en")
    page = own.visit(link(store, seat))
    assert "public_name" not in page
    assert "your name, Odile Dumuid, and the reason below are public" in page
    own.send(f"{link(store, seat)}accept", public_name="Somebody else")
    page = own.visit(link(store, seat))
    assert "public_name" not in page
    assert "Somebody else" not in page
    assert "Odile Dumuid" in page.partition("What the public sees")[2]
    own.send(f"{link(store, seat)}name", status=409, public_name="Somebody else")
    page = Visitor(app).visit(here)
    assert "Odile Dumuid" in page
    assert "Connaît l’eau." in page
    assert "odile@example.org" not in page


def test_the_organisers_are_told_what_to_do_and_plan_again(
    app: Flask, store: Store, mandate: Mandate
) -> None:
    with bodies.on(bodies.TERM_START):
        team = organiser(app, store)
        assert "/assemblies/" in team.visit(f"{HERE}/desk")
        team.visit(f"{HERE}/plan")
        with store.writing() as session:
            place = session.get_one(Mandate, mandate.id)
            charter = charters.current(session, place)
            moved = {2028: (date(2028, 10, 1), date(2029, 7, 31))}
            calendar = replace(charter.calendar, sessions=moved)
            charters.publish(session, COMMAND_LINE, place, replace(charter, calendar=calendar), "Une loi.")
        page = team.visit(f"{HERE}/plan")
        shown = page.split('name="shown" value="')[1].split('"')[0]
        day = bodies.TERM_START.isoformat()
        assert "aria-invalid" in team.send(f"{HERE}/plan", status=422, on="2020-01-01", shown=shown)
        assert "aria-invalid" in team.send(f"{HERE}/plan", status=422, on="demain", shown=shown)
        team.send(f"{HERE}/plan", status=200, on=day)
        assert shown in team.send(f"{HERE}/plan", status=200, on=day, shown="another"), "it is shown anew"
        assert team.send(f"{HERE}/plan", on=day, shown=shown) == f"{HERE}/"
        assert bodies.term(store, mandate, f"{bodies.ASSEMBLY}/2").first == date(2028, 10, 1)
        team.visit(f"{HERE}/plan")


def test_an_extraordinary_assembly_is_opened_on_a_page(app: Flask, store: Store, mandate: Mandate) -> None:
    team = organiser(app, store)
    team.visit(f"{HERE}/extraordinary")
    facts = {"subject": "Loi sur l’eau", "size": "4", "first": "2027-11-02"}
    assert "aria-invalid" in team.send(f"{HERE}/extraordinary", status=422, last="2027-11-01", **facts)
    address = team.send(f"{HERE}/extraordinary", last="2027-12-18", **facts)
    assert "Loi sur l’eau" in Visitor(app).visit(address)


def test_a_guarantor_suspends_a_body_and_nobody_else_does(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1")
    here = f"{HERE}/{found.id}"
    guarantor = ceremony.person(app, store, "garante@example.org", Role.GUARANTOR)
    guarantor.visit(here)
    guarantor.send(f"{here}/suspend", status=422, reason=" ")
    guarantor.send(f"{here}/suspend", status=422, reason="x" * 2_001)
    organiser(app, store).send(f"{here}/suspend", status=403, reason="Non")
    guarantor.send(f"{here}/suspend", reason="La salle n’est pas accessible.")
    assert "La salle n’est pas accessible." in Visitor(app).visit(here)
    assert "La salle n’est pas accessible." in Visitor(app).visit(link(store, bodies.of(found, INVITED)[0]))
    guarantor.send(f"{here}/suspend", status=409, reason="Encore")
    guarantor.send(f"{here}/resume", reason="Une rampe est posée.")


def begun_with_replacements(store: Store, mandate: Mandate, pool: Pool) -> tuple[Term, Term]:
    """Give an assembly in which two were replaced by lot, and its first group, on that group's first days."""
    found = bodies.drawn(store, mandate, pool, f"{bodies.ASSEMBLY}/1", alternates=0)
    for seat in bodies.of(found, INVITED)[:2]:
        with store.writing() as session:
            seats.decline(session, COMMAND_LINE, session.get_one(Seat, seat.id))
    bodies.turn(store, mandate)
    bodies.accept(store, bodies.of(bodies.term(store, mandate, found.label), INVITED))
    bodies.swear(store, found)
    with bodies.on(found.first):
        for _ in range(2):
            bodies.turn(store, mandate)
    return found, bodies.term(store, mandate, f"{bodies.GROUP}/1")


def seal(store: Store, found: Term) -> None:
    with store.writing() as session:
        row = session.get_one(Term, found.id)
        assert row.draw is not None
        row.draw.publication = Publication.SEALED


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_sealed_draw_tells_nobody_who_answered_what(
    app: Flask, store: Store, mandate: Mandate, pool: Pool, language: str
) -> None:
    found, group = begun_with_replacements(store, mandate, pool)
    visitor = Visitor(app, language=language)
    addresses = [f"{HERE}/{term.id}" for term in (found, group)]
    with bodies.on(found.first):
        team = organiser(app, store)
        bodies.accept(store, bodies.of(group, INVITED))
        for address in addresses:
            assert 'class="quotas"' in visitor.visit(address), "charts, while it is open"
        everything = visitor.client.get(f"{addresses[1]}/rota.json").json
        seal(store, found)
        for address in addresses:
            assert 'class="quotas"' not in visitor.visit(address)
            assert "Femmes" not in visitor.visit(address)
            assert 'class="quotas"' in team.visit(address)
        assert language == "fr" or "They are within the quotas." in visitor.visit(addresses[0])
        rota = visitor.client.get(f"{addresses[1]}/rota.json").json
        drawn = visitor.client.get(f"{addresses[0]}/replacements.json").json
    assert set(rota["rota"]) == {"format", "groups", "within"}
    assert rota["rota"]["groups"] == everything["rota"]["groups"]
    assert rota["hash"] == tree.fingerprint(everything["rota"])
    assert all(set(row) == {"id"} for row in rota["members"])
    with store.reading() as session:
        written = [
            json.loads(leaf.body)["data"]
            for leaf in session.scalars(select(Leaf).where(Leaf.event == "replacement-drawn"))
        ]
        (of_rota,) = session.scalars(select(Leaf).where(Leaf.event == "rota-drawn"))
    assert json.loads(of_rota.body)["data"]["rota"] == rota["hash"]
    assert [(one["candidates"], one["list"]) for one in drawn] == [
        (one["candidates"], one["list"]) for one in written
    ]
    assert len(drawn) == 2


def test_a_stranger_draws_the_rota_and_the_replacements_again(
    app: Flask, store: Store, mandate: Mandate, pool: Pool
) -> None:
    found, group = begun_with_replacements(store, mandate, pool)
    with bodies.on(found.first):
        assert group.state == TermState.RUNNING
        Visitor(app).visit(f"{HERE}/{group.id}")
        published = Visitor(app).client.get(f"{HERE}/{group.id}/rota.json").json
        drawn = Visitor(app).client.get(f"{HERE}/{found.id}/replacements.json").json
    assert {row["id"] for row in published["members"]} >= {seat.pseudonym for seat in group.seats}
    assert all(row["traits"] for row in published["members"])
    assert sum(len(one) for one in published["rota"]["groups"]) == 12
    assert len(drawn) == 2
    for one in drawn:
        stream = Stream(bytes.fromhex(make.SEED), f"replacement/{one['number']}")
        assert one["candidates"][stream.below(len(one["candidates"]))] == one["chosen"]
    missing = Visitor(app).client.get(f"{HERE}/{found.id}/rota.json")
    assert missing.status_code == 404
    assert json.dumps(published)
    with store.reading() as session:
        assert queries.rota(session, session.get_one(Term, found.id), bodies.GROUP) is not None
