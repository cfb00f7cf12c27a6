"""The pages of paper, of the desk against fraud, and of waves of invitations."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee import clock
from assemblee.db import Store
from assemblee.draws import beacons
from assemblee.mandates.models import Mandate
from assemblee.petitions.desk.models import Invalidation, Review
from assemblee.petitions.paper.models import Sample, SampledLine, Sheet
from assemblee.petitions.paper.sheets import LINES
from assemblee.petitions.petition.models import Petition, Signature, SignatureState
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves import invited
from assemblee.petitions.waves.models import Invitation, Wave
from assemblee.pools.models import Pool
from assemblee.security import Actor, Role
from tests import ceremony, make, petitioning
from tests.answers import Visitor
from tests.petitions.paper.test_sheets import ANNE, BASILE, CLEA, DICE, entered
from tests.petitions.waves.test_actions import crossed, register

ORGANISER, GUARANTOR = "organisatrice@example.org", "garante1@example.org"

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def staff(store: Store, mandate: Mandate) -> tuple[Actor, Actor]:
    for email in (ORGANISER, GUARANTOR):
        make.account(store, email, password=make.PASSWORD)
    return make.organiser(store, mandate, ORGANISER), petitioning.guarantor(store, mandate, 1)


@pytest.fixture
def petition(store: Store, mandate: Mandate) -> Petition:
    petitioning.publish(store, mandate, petitioning.rules(mandate, answer=2, assembly=3, sponsors=0))
    return petitioning.opened(store, mandate)


def base(found: Petition) -> str:
    return f"/m/val/petitions/{found.id}"


def rows_of(store: Store, kind: type[object]) -> list[object]:
    with store.reading() as session:
        return list(session.scalars(select(kind)))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_sheets_are_printed_and_entered_by_two(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    organiser, guarantor = Visitor(app, ORGANISER, language), Visitor(app, GUARANTOR, language)
    here = base(petition) + "/sheets"
    organiser.visit(f"{here}/")
    organiser.send(f"{here}/print", status=422, number=0)
    organiser.send(f"{here}/print", number=2)
    assert "/print" not in guarantor.visit(f"{here}/")
    paper = [organiser.client.get(f"{here}/sheets.pdf{asked}") for asked in ("", "", "?sheet=2")]
    assert [answer.status_code for answer in paper] == [200] * 3
    assert paper[0].data == paper[1].data != paper[2].data
    assert paper[0].data.startswith(b"%PDF")
    organiser.visit(f"{here}/sheets.pdf?sheet=9", status=404)
    code = rows_of(store, Sheet)[0].code
    assert code in organiser.visit(f"{here}/enter?code={code}")
    lines = {"code": code, "name_1": "Anne Aubépine", "place_1": "Le Val", "email_1": "anne@example.org"}
    organiser.send(f"{here}/enter", status=422, **{**lines, "email_1": "anne"})
    organiser.send(f"{here}/enter", status=422, **{**lines, "code": "ABCD"})
    organiser.send(f"{here}/enter", status=422, code=code)
    organiser.send(f"{here}/enter", **lines)
    other = guarantor.send(f"{here}/enter", status=200, **{**lines, "name_1": "Anne Épine"})
    assert 'class="tag late"' in other
    guarantor.send(f"{here}/enter", **lines)
    assert petitioning.fresh(store, petition).counted == 1
    guarantor.visit(f"{here}/")
    assert f"name_{LINES}" in other


@pytest.mark.parametrize("language", ["fr", "en"])
def test_guarantors_tell_people_apart_and_check_a_sample(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    visitor, here = Visitor(app, GUARANTOR, language), base(petition) + "/sheets"
    visitor.visit(f"{here}/doubles")
    visitor.visit(f"{here}/samples")
    entered(store, petition, staff, ANNE, BASILE, BASILE)
    assert "Basile Brindille" in visitor.visit(f"{here}/doubles")
    double = next(row.id for row in rows_of(store, Signature) if row.state == "double")
    visitor.visit(f"{here}/doubles/{double}")
    visitor.visit(f"{here}/doubles/{double + 1}", status=404)
    visitor.send(f"{here}/doubles/{double}", status=422, reason="")
    visitor.send(f"{here}/doubles/{double}", reason="Le père et le fils.")
    assert petitioning.fresh(store, petition).counted == 3
    visitor.send(f"{here}/samples", status=422, dice="12", size=2)
    visitor.send(f"{here}/samples", status=422, dice=DICE, size=9)
    visitor.send(f"{here}/samples", dice=DICE, size=3)
    sample = f"{here}/samples/1"
    visitor.visit(sample)
    visitor.visit(f"{here}/samples/2", status=404)
    visitor.send(sample, line_0="valid")
    visitor.send(sample, status=422, line_0="?")
    visitor.send(sample, line_0="invalid", line_1="valid", line_2="valid")
    assert rows_of(store, Sample)[0].valid == 2
    visitor.visit(sample)
    visitor.visit(f"{here}/samples")


def test_everybody_reads_what_a_sample_has_found(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor]
) -> None:
    visitor, guarantor = Visitor(app, None, "fr"), Visitor(app, GUARANTOR, "fr")
    assert "Contrôles des signatures sur papier" not in visitor.visit(base(petition))
    entered(store, petition, staff, ANNE, BASILE, CLEA)
    guarantor.send(f"{base(petition)}/sheets/samples", dice=DICE, size=2)
    page = visitor.visit(base(petition))
    assert "Contrôles des signatures sur papier" in page
    assert "en cours de vérification" in page
    drawn = [f"line_{line.place}" for line in rows_of(store, SampledLine)]
    guarantor.send(
        f"{base(petition)}/sheets/samples/1", **dict(zip(drawn, ("invalid", "valid"), strict=True))
    )
    page = visitor.visit(base(petition))
    assert "environ 2, de 1 à 2" in page
    assert "/sheets/samples/1" not in page
    row = rows_of(store, Sample)[0]
    assert f"/journal/leaves/{row.result_leaf}" in page
    [published] = visitor.client.get(f"{base(petition)}.json").get_json()["samples"]
    assert published == {
        "drawn_at": published["drawn_at"],
        "dice": row.dice,
        "population": 3,
        "size": 2,
        "leaf": row.leaf,
        "judged_at": published["judged_at"],
        "valid": 1,
        "estimate": 2,
        "low": 1,
        "high": 2,
        "confidence": "19/20",
        "result_leaf": row.result_leaf,
    }


def shown(page: str) -> str:
    found = re.search(r'name="shown"[^>]*value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_desk_shows_the_effect_before_it_is_applied(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    visitor, here = Visitor(app, GUARANTOR, language), base(petition) + "/desk"
    visitor.visit(f"{here}/")
    visitor.visit(f"{here}/aside")
    for number in range(6):
        petitioning.sign(store, petition, f"p{number}@bots.example", f"Jean Martin {number}")
    assert "bots.example" in visitor.visit(f"{here}/")
    finding = visitor.visit(f"{here}/finding?place=0")
    visitor.visit(f"{here}/finding?place=99")
    visitor.visit(f"{here}/finding")
    assert 'value="bots.example"' in finding
    visitor.send(f"{here}/aside", status=422, step="preview")
    visitor.send(f"{here}/aside", status=422, step="preview", ids="1 zwei", since="yesterday")
    visitor.send(f"{here}/aside", status=200, step="preview", domain="nobody.example")
    visitor.send(
        f"{here}/aside", status=200, step="preview", since="2026-01-01T00:00", until="2027-01-01T00:00"
    )
    fields = {"domain": "bots.example", "step": "apply", "shown": shown(finding)}
    visitor.send(f"{here}/aside", status=422, reason="", **fields)
    visitor.send(f"{here}/aside", status=422, reason="Robots.", **{**fields, "shown": "00"})
    assert rows_of(store, Invalidation) == []
    visitor.send(f"{here}/aside", reason="Robots.", **fields)
    assert petitioning.fresh(store, petition).counted == 0
    assert "Robots." in Visitor(app, None, language).visit(f"{here}/record")
    # The assembly was open already: guarantors say whether it goes on.
    review = f"{here}/reviews/{rows_of(store, Review)[0].id}"
    assert review in visitor.visit(f"{here}/")
    visitor.visit(review)
    visitor.send(review, status=422, reason="Assez.", opinion="?")
    visitor.send(review, reason="Trop peu.", opinion="stop")
    visitor.visit(review)
    assert "Trop peu." in Visitor(app, None, language).visit(f"{here}/record")
    visitor.visit(f"{here}/restore/1")
    visitor.visit(f"{here}/restore/9", status=404)
    visitor.send(f"{here}/restore/1", status=422)
    visitor.send(f"{here}/restore/1", reason="Elles ont répondu.")
    assert petitioning.fresh(store, petition).counted == 6
    visitor.visit(f"{here}/")
    Visitor(app, None, language).visit(f"{here}/record")


def test_acts_of_guarantors_need_a_second_factor(
    app: Flask, store: Store, petition: Petition, staff: tuple[Actor, Actor]
) -> None:
    visitor = Visitor(app, GUARANTOR, second_factor=False)
    for page in ("desk/aside", "desk/restore/1", "desk/reviews/1", "sheets/samples", "sheets/doubles/1"):
        assert visitor.client.get(f"{base(petition)}/{page}").status_code == 302
        assert visitor.client.post(f"{base(petition)}/{page}").status_code == 403


@pytest.fixture
def wave(store: Store, mandate: Mandate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Petition]:
    """Give a petition whose wave waits for a round that is out."""
    monkeypatch.setattr(beacons, "first_round", lambda _moment: ceremony.ROUND)
    before = beacons.round_time(ceremony.ROUND) - waves.NOTICE + timedelta(seconds=30) - clock.now()
    with clock.shifted(before):
        pool = make.pool(store, mandate, people=1)
        inhabitants = register(store, mandate)
        found = crossed(store, mandate, pool=pool.id, register=inhabitants.id, per_seat=3, letters=2)
        make.finish_jobs(store)
    with clock.shifted(before + waves.NOTICE):
        yield found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_is_drawn_and_answered(
    app: Flask, store: Store, wave: Petition, staff: tuple[Actor, Actor], language: str
) -> None:
    here = base(wave) + "/wave"
    anybody, guarantor = Visitor(app, None, language), Visitor(app, GUARANTOR, language)
    anybody.visit(f"{here}/")
    document = anybody.client.get(f"{here}/asm-wave.json")
    assert (document.status_code, document.json["format"]) == (200, "asm-wave-1")
    guarantor.visit(f"{here}/")
    guarantor.send(f"{here}/round", status=422, signature="00")
    guarantor.send(f"{here}/round", signature=ceremony.SIGNATURE)
    anybody.visit(f"{here}/")
    organiser = Visitor(app, ORGANISER, language)
    organiser.visit(f"{here}/")
    organiser.send(f"{here}/letters", status=422, letters=0)
    letters = organiser.client.post(f"{here}/letters", data={"letters": 500})
    assert (letters.status_code, letters.data[:4]) == (200, b"%PDF")
    organiser.send(f"{here}/letters", status=422, letters=1)
    organiser.visit(f"{here}/")
    with store.writing() as session:
        row = session.scalars(select(Invitation).where(~Invitation.is_mailed)).first()
        assert row is not None
        found = session.scalars(select(Wave)).one()
        code = invited.print_again(session, staff[0], found, row.place).code
    anybody.visit("/invitation/")
    anybody.send("/invitation/", status=422)
    anybody.send("/invitation/", status=422, code="0000-0000-0000")
    anybody.send("/invitation/", status=200, code=code)
    page = anybody.visit(f"/invitation/?code={code}")
    with store.reading() as session:
        person = session.get_one(Invitation, row.id).inhabitant
        pool = session.get_one(Pool, found.pool_id)
        assert person is not None
        assert html.escape(str(person.name)) in page
        answers = {f"category_{one.id}": person.traits[one.name] for one in pool.categories}
    for value in answers.values():
        assert re.search(rf'<option selected value="{value}"', page)
    given = {"code": code, "name": person.name, "email": "", "over_16": "y", "consent": "y", **answers}
    anybody.send("/invitation/", status=422, **{**given, "consent": ""})
    anybody.send("/invitation/", status=422, **{**given, "email": "nobody"})
    anybody.send("/invitation/", status=200, **given)
    anybody.send("/invitation/", status=409, **given)
    anybody.visit(f"{here}/")


def test_a_petition_without_a_wave_has_no_page_of_it(app: Flask, store: Store, petition: Petition) -> None:
    Visitor(app).visit(f"{base(petition)}/wave/", status=404)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_wave_that_is_not_needed_says_why(
    app: Flask, store: Store, petition: Petition, language: str
) -> None:
    for name in ("Anne", "Basile", "Cléa"):
        petitioning.sign(store, petition, f"{name[0].lower()}@example.org", name)
    make.finish_jobs(store)
    visitor = Visitor(app, None, language)
    visitor.visit(f"{base(petition)}/wave/")
    visitor.visit(f"{base(petition)}/wave/asm-wave.json", status=404)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_letters_with_codes_are_printed_for_a_register(
    app: Flask, store: Store, mandate: Mandate, staff: tuple[Actor, Actor], language: str
) -> None:
    inhabitants = register(store, mandate, people=3)
    visitor = Visitor(app, ORGANISER, language)
    visitor.visit("/m/val/petitions/letters/")
    visitor.send("/m/val/petitions/letters/", status=422, register=inhabitants.id, letters=0)
    answer = visitor.client.post("/m/val/petitions/letters/", data={"register": inhabitants.id, "letters": 9})
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")
    visitor.send("/m/val/petitions/letters/", status=422, register=inhabitants.id, letters=9)
    with store.reading() as session:
        assert session.scalars(select(Signature).where(Signature.state == SignatureState.PENDING)).all() == []
    assert Role.GUARANTOR in staff[1].roles
