"""The pages of paper, of the desk against fraud, and of waves of invitations."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from assemblee.db import Store
from assemblee.petitions.paper.models import Sample, SampledLine, Sheet
from assemblee.petitions.paper.sheets import LINES
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.security import Actor
from tests import petitioning
from tests.answers import Visitor
from tests.petitioning import GUARANTOR, ORGANISER
from tests.petitions.paper.test_samples import DICE
from tests.petitions.paper.test_sheets import ANNE, BASILE, CLEA, entered

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def petition(petition_of_three: Petition) -> Petition:
    return petition_of_three


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
