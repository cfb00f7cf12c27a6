from __future__ import annotations

from assemblee.demo.people import CATEGORIES, VOLUNTEERS, population


def test_invented_people_volunteer_as_real_ones_do() -> None:
    people = population()
    assert len(people) == VOLUNTEERS
    graduates = sum(traits["Diplôme"] == "Bac +2 et plus" for _name, traits in people)
    assert graduates / len(people) > 1.2 * CATEGORIES["Diplôme"]["Bac +2 et plus"][0] / 1000
