from __future__ import annotations

import pytest
from sqlalchemy import select

from assemblee.db import Store
from assemblee.mandates.models import Mandate
from assemblee.petitions.paper import sheets
from assemblee.petitions.paper.models import Sheet, SheetReading, SheetState
from assemblee.petitions.paper.sheets import Entry, Line
from assemblee.petitions.petition.models import Origin, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.signing import doubles, letters
from assemblee.petitions.signing.models import ToldApart
from assemblee.security import COMMAND_LINE, Actor
from tests import make, petitioning
from tests.answers import at_once, refused

ANNE = Line("Anne Aubépine", "Le Val", "anne@example.org")
BASILE = Line("Basile Brindille", "Le Val")
CLEA = Line("Cléa Coquelicot", "Le Mont")


def printed(store: Store, petition: Petition, number: int = 1) -> list[str]:
    with store.writing() as session:
        row = session.get_one(Petition, petition.id)
        return [sheet.code for sheet in sheets.print_sheets(session, COMMAND_LINE, row, number)]


def enter(store: Store, actor: Actor, petition: Petition, code: str, *lines: Line) -> Entry:
    with store.writing() as session:
        return sheets.enter(session, actor, session.get_one(Petition, petition.id), code, lines)


def entered(store: Store, petition: Petition, actors: tuple[Actor, Actor], *lines: Line) -> Entry:
    (code,) = printed(store, petition)
    assert not enter(store, actors[0], petition, code, *lines).is_entered
    return enter(store, actors[1], petition, code, *lines)


def on_paper(store: Store, petition: Petition) -> list[Signature]:
    with store.reading() as session:
        query = select(Signature).where(
            Signature.petition_id == petition.id, Signature.origin == Origin.PAPER
        )
        return list(session.scalars(query.order_by(Signature.id)))


def count(store: Store, petition: Petition) -> int:
    petitioning.check_count(store, petition)
    return petitioning.fresh(store, petition).counted


@pytest.mark.both_stores
def test_a_sheet_counts_once_two_people_read_the_same(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    codes = printed(store, petition, 3)
    assert len(set(codes)) == 3
    before = count(store, petition)
    assert enter(store, one, petition, codes[0], ANNE, BASILE) == Entry(is_entered=False)
    assert enter(store, one, petition, codes[0], ANNE, BASILE) == Entry(is_entered=False)
    misread = enter(store, two, petition, codes[0], ANNE, Line("Bastien Brindille", "Le Val"), Line(), CLEA)
    assert misread == Entry(is_entered=False, differing=(2, 4))
    assert count(store, petition) == before
    again = Line("BRINDILLE basile", " le val ")
    assert enter(store, two, petition, f" {codes[0].lower()} ", ANNE, again, Line()) == Entry(
        is_entered=True, counted=2
    )
    assert count(store, petition) == before + 2
    with refused("paper-sheet-entered"):
        enter(store, two, petition, codes[0], ANNE)
    with store.reading() as session:
        assert session.scalars(select(SheetReading)).all() == []
        assert session.scalars(select(Sheet.state).order_by(Sheet.number)).all() == [
            SheetState.ENTERED,
            SheetState.PRINTED,
            SheetState.PRINTED,
        ]
    assert make.leaves(store, "paper-sheet-entered") == make.leaves(store, "paper-sheets-printed") == 1
    assert petitioning.letters(store, letters.ENTERED) == ["anne@example.org"]


def test_a_third_reader_settles_what_two_read_otherwise(
    store: Store, mandate: Mandate, petition: Petition, one: Actor, two: Actor
) -> None:
    (code,) = printed(store, petition)
    enter(store, one, petition, code, ANNE)
    assert enter(store, two, petition, code, BASILE).differing == (1,)
    three = petitioning.guarantor(store, mandate, 3)
    assert enter(store, three, petition, code, ANNE).is_entered


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "paper-sheet-empty"),
        ((Line(), Line()), "paper-sheet-empty"),
        ((Line(" "),), "paper-sheet-empty"),
        ((ANNE, Line("", "Le Val")), "paper-line-incomplete"),
        ((Line("Anne"),), "paper-line-incomplete"),
        ((Line("—", "Le Val"),), "paper-line-incomplete"),
        ((Line("A" * 201, "Le Val"),), "paper-line-incomplete"),
        ((Line("Anne", "Le Val", "anne"),), "paper-line-email-invalid"),
        ((BASILE,) * (sheets.LINES + 1), "paper-sheet-too-long"),
    ],
)
def test_what_cannot_be_on_a_sheet_is_refused(
    store: Store, petition: Petition, one: Actor, lines: tuple[Line, ...], code: str
) -> None:
    (sheet,) = printed(store, petition)
    with refused(code):
        enter(store, one, petition, sheet, *lines)


def test_sheets_are_entered_by_people_who_are_signed_in(store: Store, petition: Petition, one: Actor) -> None:
    (code,) = printed(store, petition)
    with refused("account-unknown"):
        enter(store, COMMAND_LINE, petition, code, ANNE)
    for wrong in ("", "ABCD", "0000-0000"):
        with refused("paper-sheet-unknown"):
            enter(store, one, petition, wrong, ANNE)
    for number in (0, sheets.MOST_AT_ONCE + 1):
        with refused("sheets-number-invalid"):
            printed(store, petition, number)


def test_districts_of_the_rules_are_those_of_a_sheet(
    store: Store, mandate: Mandate, one: Actor, two: Actor
) -> None:
    districts = {"Le Val": 40_000, "Le Mont": 32_000}
    rules = petitioning.rules(mandate, answer=50, assembly=60, sponsors=0, districts=districts)
    petitioning.publish(store, mandate, rules)
    petition = petitioning.opened(store, mandate)
    (code,) = printed(store, petition)
    with refused("paper-line-place-unknown"):
        enter(store, one, petition, code, Line("Anne", "Ailleurs"))
    assert entered(store, petition, (one, two), ANNE, CLEA).counted == 2
    assert [(row.district, row.place) for row in on_paper(store, petition)] == [
        ("Le Val", None),
        ("Le Mont", None),
    ]


@pytest.mark.both_stores
def test_who_signed_online_does_not_count_again_on_paper(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    by_address = petitioning.sign(store, petition, "a.n.n.e@gmail.com", "Anne A.")
    by_name = petitioning.sign(store, petition, "basile@example.org", "Brindille, Basile")
    before = count(store, petition)
    same_mailbox = Line("Anne Aubépine", "Le Val", "Anne+x@googlemail.com")
    done = entered(store, petition, (one, two), same_mailbox, BASILE, CLEA, CLEA)
    assert (done.counted, done.doubles) == (1, 3)
    assert count(store, petition) == before + 1
    rows = on_paper(store, petition)
    assert [row.instead_of_id for row in rows] == [by_address.id, by_name.id, None, rows[2].id]


def test_who_signed_on_paper_counts_once_when_signing_online(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    entered(store, petition, (one, two), ANNE, BASILE)
    before = count(store, petition)
    online = petitioning.sign(store, petition, "basile@example.org", "Basile BRINDILLE")
    assert online.state == SignatureState.COUNTED
    assert count(store, petition) == before
    assert on_paper(store, petition)[1].instead_of_id == online.id
    assert make.leaves(store, "paper-signature-doubled") == 1
    # The mailbox that stands on the sheet is told that it has signed, and counts once too.
    petitioning.ask(store, petition, "Anne@example.org", "Anne-Lise Aubépine")
    assert count(store, petition) == before
    with store.writing() as session:
        signing.withdraw(session, session.get_one(Signature, on_paper(store, petition)[0].id).nonce)
    assert count(store, petition) == before - 1


def test_a_pending_signature_gives_way_to_paper_and_takes_over_when_confirmed(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    petitioning.ask(store, petition, "anne@example.org", "Quelqu’un d’autre")
    before = count(store, petition)
    assert entered(store, petition, (one, two), ANNE).counted == 1
    assert count(store, petition) == before + 1
    with store.reading() as session:
        pending = session.scalars(select(Signature).where(Signature.state == SignatureState.PENDING)).one()
    petitioning.confirm(store, pending)
    assert count(store, petition) == before + 1
    assert on_paper(store, petition)[0].state == SignatureState.DOUBLE


@pytest.mark.both_stores
def test_an_address_that_several_may_share_is_full_before_it_is_double(
    store: Store, mandate: Mandate, one: Actor, two: Actor
) -> None:
    rules = petitioning.rules(mandate, answer=50, assembly=60, sponsors=0, per_address=2)
    petitioning.publish(store, mandate, rules)
    petition = petitioning.opened(store, mandate)
    petitioning.sign(store, petition, "maison@example.org", "Anne Aubépine")
    house = [Line(name, "Le Val", "maison@example.org") for name in ("Anne Aubépine", "Basile", "Cléa")]
    done = entered(store, petition, (one, two), *house)
    assert (done.counted, done.doubles) == (1, 2)
    assert [row.state for row in on_paper(store, petition)] == ["double", "counted", "double"]
    assert count(store, petition) == 2


def test_a_guarantor_tells_two_people_apart(store: Store, petition: Petition, one: Actor, two: Actor) -> None:
    father = petitioning.sign(store, petition, "brindille@example.org", "Basile Brindille")
    entered(store, petition, (one, two), BASILE, ANNE)
    son, anne = on_paper(store, petition)
    before = count(store, petition)

    def apart(actor: Actor, row: Signature, reason: str = "Le père et le fils.") -> bool:
        with store.writing() as session:
            found = session.get_one(Petition, petition.id)
            return doubles.tell_apart(session, actor, found, session.get_one(Signature, row.id), reason)

    with refused("told-apart-reason-missing"):
        apart(one, son, " ")
    with refused("account-unknown"):
        apart(COMMAND_LINE, son)
    with refused("signature-is-counted"):
        apart(one, anne)
    assert apart(one, son)
    assert count(store, petition) == before + 1
    assert make.leaves(store, "signatures-told-apart") == 1
    with refused("signature-is-counted"):
        apart(one, son)
    # A third of the name is still a double, of the first that it was not told apart from.
    entered(store, petition, (one, two), BASILE)
    grandson = on_paper(store, petition)[2]
    assert grandson.instead_of_id == father.id
    assert not apart(one, grandson)
    assert apart(one, grandson)
    assert count(store, petition) == before + 2
    assert petitioning.fresh(store, petition).state == PetitionState.OPEN


def test_sponsors_on_paper_bring_a_petition_to_its_check(
    store: Store, mandate: Mandate, one: Actor, two: Actor
) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, sponsors=2, answer=50, assembly=60))
    petition = petitioning.submitted(store, mandate, petitioning.author(store))
    codes = printed(store, petition, 2)
    enter(store, one, petition, codes[1], CLEA)
    entered(store, petition, (one, two), ANNE, BASILE, CLEA)
    assert petitioning.fresh(store, petition).state == PetitionState.CHECK
    assert count(store, petition) == 3
    assert all(row.is_sponsor for row in on_paper(store, petition))
    with refused("petition-is-check"):
        enter(store, two, petition, codes[1], CLEA)
    with refused("petition-is-check"):
        printed(store, petition)


@pytest.mark.both_stores
def test_paper_crosses_a_threshold_once(store: Store, mandate: Mandate, one: Actor, two: Actor) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, sponsors=0, answer=2, assembly=3))
    petition = petitioning.opened(store, mandate)
    people = [Line(f"Personne {letter}", "Le Val") for letter in "ABCDE"]
    assert entered(store, petition, (one, two), *people).counted == 5
    assert count(store, petition) == 5
    assert petitioning.fresh(store, petition).state == PetitionState.REACHED
    assert make.leaves(store, "petition-crossed") == 2
    # Paper that comes after the crossing counts as well.
    assert entered(store, petition, (one, two), ANNE).counted == 1


@pytest.mark.both_stores
def test_two_readers_at_once_enter_a_sheet_once(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    (code,) = printed(store, petition)
    before = count(store, petition)
    acts = [lambda actor=actor: enter(store, actor, petition, code, ANNE, BASILE) for actor in (one, two) * 3]
    answers = at_once(acts)
    assert set(answers) <= {"done", "paper-sheet-entered"}
    assert count(store, petition) == before + 2


def test_what_was_read_is_forgotten_with_the_petition(
    store: Store, petition: Petition, one: Actor, two: Actor
) -> None:
    petitioning.sign(store, petition, "brindille@example.org", "Basile Brindille")
    entered(store, petition, (one, two), BASILE)
    (code,) = printed(store, petition)
    enter(store, one, petition, code, ANNE)
    with store.writing() as session:
        found = session.get_one(Petition, petition.id)
        row = session.get_one(Signature, on_paper(store, petition)[0].id)
        doubles.tell_apart(session, one, found, row, "Le père et le fils.")
        sheets.forget(session, found)
        assert session.scalars(select(SheetReading)).all() == []
        assert session.scalars(select(ToldApart.reason)).all() == [""]
