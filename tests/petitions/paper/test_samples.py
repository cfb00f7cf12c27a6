"""Samples of lines, drawn by dice and judged."""

from __future__ import annotations

from assemblee.db import Store
from assemblee.petitions.paper import samples
from assemblee.petitions.paper.models import Sample
from assemblee.petitions.paper.sheets import Line
from assemblee.petitions.petition.models import Petition
from assemblee.security import COMMAND_LINE, Actor
from tests import make, petitioning
from tests.answers import refused
from tests.petitions.paper.test_sheets import entered

DICE = "35142 66123 45113 26451"


def drawn(store: Store, petition: Petition, size: int, dice: str = DICE) -> Sample:
    with store.writing() as session:
        return samples.draw(session, COMMAND_LINE, session.get_one(Petition, petition.id), dice, size)


def judge(store: Store, actor: Actor, found: Sample, verdicts: dict[int, bool]) -> Sample:
    with store.writing() as session:
        return samples.judge(session, actor, session.get_one(Sample, found.id), verdicts)


def test_guarantors_judge_a_sample_that_dice_have_drawn(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    with refused("sample-nothing-to-check"):
        drawn(store, petition, 1)
    people = [Line(f"Personne {letter}", "Le Val") for letter in "ABCDEFGHIJ"]
    entered(store, petition, (one, two), *people)
    for size in (0, 11):
        with refused("sample-size-invalid"):
            drawn(store, petition, size)
    for dice in ("123", "x" * 20, "١" * 20, "1" * 201):
        with refused("sample-dice-invalid"):
            drawn(store, petition, 4, dice)
    found = drawn(store, petition, 4)
    with refused("sample-already-open"):
        drawn(store, petition, 4)
    places = [line.place for line in found.lines]
    outside = next(place for place in range(10) if place not in places)
    with refused("sample-line-unknown"):
        judge(store, one, found, {outside: True})
    with refused("account-unknown"):
        judge(store, COMMAND_LINE, found, {places[0]: True})
    assert judge(store, one, found, dict.fromkeys(places[:3], False)).closed_at is None
    closed = judge(store, one, found, {places[0]: True, places[1]: True, places[3]: True})
    assert (closed.valid, closed.middle, closed.low, closed.high) == (3, 8, 3, 9)
    with refused("sample-closed"):
        judge(store, one, found, {places[0]: True})
    assert make.leaves(store, "paper-sample-drawn") == make.leaves(store, "paper-sample-judged") == 1
    again = drawn(store, petition, 10, DICE[::-1])
    assert [line.place for line in again.lines] == list(range(10))


def test_a_sample_is_redrawn_from_the_journal(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    people = [Line(f"Personne {letter}", "Le Val") for letter in "ABCDEFGHIJ"]
    entered(store, petition, (one, two), *people)
    drawn(store, petition, 4)
    journal = petitioning.lines(store)
    (leaf,) = [line for line in journal if line["event"] == "paper-sample-drawn"]
    paper = [
        line["position"]
        for line in journal
        if line["event"] == "signature-counted" and line["data"]["origin"] == "paper"
    ]
    data = leaf["data"]
    places = samples.sample(samples.seed_of(data["dice"]), data["population"], len(data["lines"]))
    assert [paper[place] for place in places] == data["lines"]
