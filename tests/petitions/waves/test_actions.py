from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from assemblee import clock, days
from assemblee.config import Config
from assemblee.db import Store
from assemblee.draws import beacons, network
from assemblee.jobs.actions import WORK
from assemblee.journal.models import Leaf
from assemblee.mandates import charters
from assemblee.mandates.models import Mandate
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.petitions.rules.document import WaveRules
from assemblee.petitions.signing import codes
from assemblee.petitions.signing.models import SigningCode
from assemblee.petitions.waves import actions as waves
from assemblee.petitions.waves import invited, letters, work
from assemblee.petitions.waves.invited import Answer
from assemblee.petitions.waves.models import Candidate, Invitation, Wave, WaveState
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool, Volunteer
from assemblee.pools.models import VolunteerState as PersonState
from assemblee.security import COMMAND_LINE
from sortition import invitations
from sortition.protocol import digest
from tests import bodies, ceremony, make, petitioning
from tests.answers import at_once, refused

WOMEN, YOUNG = "Femmes", "16–39 ans"


@pytest.fixture(autouse=True)
def _in_days_of_a_real_round(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live one notice before a round that the network has signed, however slow this machine is."""
    monkeypatch.setattr(beacons, "first_round", lambda _moment: ceremony.ROUND)
    with clock.shifted(
        beacons.round_time(ceremony.ROUND) - waves.NOTICE + timedelta(seconds=30) - clock.now()
    ):
        yield


def register(store: Store, mandate: Mandate, people: int = 40) -> Pool:
    found = make.pool(store, mandate, people=0, name="Registre")
    lines = ["id,nom,courriel,Genre,Âge"]
    for number in range(people):
        gender = WOMEN if number % 2 else "Hommes"
        age = YOUNG if number % 3 else "40 ans et plus"
        email = f"h{number}@example.net" if number % 5 else ""
        lines.append(f"H{number:03},Habitante {number},{email},{gender},{age}")
    if people:
        make.import_people(store, found, "\n".join(lines).encode())
    return found


def crossed(store: Store, mandate: Mandate, **rules: int) -> Petition:
    """Bring a petition over its threshold, so that it opens an assembly."""
    with store.writing() as session:
        place = session.get_one(Mandate, mandate.id)
        charters.publish(session, COMMAND_LINE, place, bodies.small(charters.ready_made(place)), "")
    found = petitioning.rules(mandate, answer=1, assembly=2, sponsors=0, wave=WaveRules(**rules))
    petitioning.publish(store, mandate, found)
    petition = petitioning.opened(store, mandate)
    for name in ("Anne", "Basile"):
        petitioning.sign(store, petition, f"{name.lower()}@example.org", name)
    after = petitioning.fresh(store, petition)
    assert (after.state, after.held_back) == (PetitionState.REACHED, None)
    return after


def wave_of(store: Store, petition: Petition) -> Wave:
    with store.reading() as session:
        found = waves.of_petition(session, session.get_one(Petition, petition.id))
        assert found is not None
        _ = found.document, found.secret, found.petition
        return found


@pytest.fixture
def pool(store: Store, mandate: Mandate) -> Pool:
    """Give a pool of men of forty years and more."""
    found = make.pool(store, mandate, people=0)
    lines = ["id,nom,courriel,Genre,Âge"]
    lines += [
        f"P{number},Volontaire {number},p{number}@example.org,Hommes,40 ans et plus" for number in range(40)
    ]
    make.import_people(store, found, "\n".join(lines).encode())
    return found


@pytest.fixture
def petition(store: Store, mandate: Mandate, pool: Pool) -> Petition:
    inhabitants = register(store, mandate)
    return crossed(store, mandate, pool=pool.id, register=inhabitants.id, per_seat=3, letters=3)


@pytest.fixture
def prepared(store: Store, petition: Petition) -> Wave:
    make.finish_jobs(store)
    return wave_of(store, petition)


def bring(store: Store, wave: Wave, signature: str = ceremony.SIGNATURE) -> Wave:
    with store.writing() as session:
        waves.record_round(session, COMMAND_LINE, session.get_one(Wave, wave.id), signature)
    return wave_of(store, wave.petition)


@pytest.fixture
def drawn(store: Store, prepared: Wave) -> Wave:
    with clock.shifted(waves.NOTICE):
        return bring(store, prepared)


def leaf(store: Store, event: str) -> dict[str, object]:
    with store.reading() as session:
        body = session.scalars(select(Leaf.body).where(Leaf.event == event)).one()
        found: dict[str, object] = json.loads(body)["data"]
        return found


def test_a_crossing_publishes_whom_the_register_has_for_what_is_missing(
    store: Store, petition: Petition, prepared: Wave
) -> None:
    assert queries.WAVE in WORK
    assert prepared.state == WaveState.PREPARED
    missing = {(one["category"], one["value"]): one["missing"] for one in prepared.strata}
    assert petition.term is not None
    assert set(missing) == {("Genre", WOMEN), ("Âge", YOUNG)}
    published = json.loads(str(prepared.document))
    assert published["beacon"]["round"] == ceremony.ROUND
    assert hashlib.sha256(str(prepared.document).encode()).hexdigest() == prepared.hash
    data = leaf(store, "wave-prepared")
    assert (data["frozen"], data["rows"]) == (prepared.hash, len(published["rows"]))
    # Nothing of the register but salted hashes and the strata that are missing.
    assert all(len(row) == 2 and len(row[0]) == 64 for row in published["rows"])
    assert [row[0] for row in published["rows"]] == sorted(row[0] for row in published["rows"])
    assert "Habitante" not in str(prepared.document)
    # 40 people, but for those who are men of forty and more.
    assert len(published["rows"]) == 40 - 7
    with store.writing() as session:
        again = session.get_one(Petition, petition.id)
        assert waves.prepare(session, COMMAND_LINE, again, waves.plan(session, again)).id == prepared.id
    assert make.leaves(store, "wave-prepared") == 1


@pytest.mark.both_stores
def test_the_draw_is_replayed_from_what_was_published(store: Store, drawn: Wave) -> None:
    assert drawn.state == WaveState.DRAWN
    published = json.loads(str(drawn.document))
    beacon = hashlib.sha256(bytes.fromhex(ceremony.SIGNATURE)).digest()
    frozen = hashlib.sha256(str(drawn.document).encode()).digest()
    seed = digest("asm-wave-1/seed", frozen, beacon)
    rows = [row[1] for row in published["rows"]]
    wanted = [one["wanted"] for one in published["strata"]]
    assert invitations.choose(rows, wanted, seed) == drawn.chosen
    assert drawn.chosen
    data = leaf(store, "wave-drawn")
    assert (data["seed"], data["invited"]) == (seed.hex(), len(drawn.chosen))
    with store.reading() as session:
        invited_rows = session.scalars(select(Invitation)).all()
        assert {row.place for row in invited_rows} == set(drawn.chosen)
        for row in invited_rows:
            # Who is invited is who stood in the row.
            assert waves.commitment(drawn.secret, row.volunteer_id or 0) == published["rows"][row.place][0]
        assert session.scalars(select(Candidate)).all() == []


@pytest.mark.both_stores
def test_a_round_is_brought_once_and_not_before_its_time(store: Store, prepared: Wave) -> None:
    with refused("beacon-too-early"):
        bring(store, prepared)
    with clock.shifted(waves.NOTICE):
        with store.reading() as session:
            assert [one.id for one in waves.awaiting(session, prepared.petition.mandate_id)] == [prepared.id]
        for wrong in ("", "00" * 48):
            with refused("beacon-signature-wrong"):
                bring(store, prepared, wrong)
        answers = at_once([lambda: bring(store, prepared)] * 4)
        assert answers == ["done", *["wave-is-drawn"] * 3]
        with store.reading() as session:
            assert waves.awaiting(session) == []
    assert make.leaves(store, "wave-drawn") == 1


def test_the_worker_brings_the_round_and_writes_to_those_with_an_address(
    store: Store, config: Config, prepared: Wave, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def signature_of(address: str, beacon: dict[str, object]) -> str:
        asked.append((address, beacon["round"]))
        if len(asked) == 1:
            raise OSError
        return ceremony.SIGNATURE

    monkeypatch.setattr(network, "signature_of", signature_of)
    monkeypatch.setattr(work, "TRY_AGAIN_SECONDS", 0)
    work.fetch_rounds(store, replace(config, drand_url="https://drand.example"))
    assert asked == []
    with clock.shifted(waves.NOTICE):
        work.fetch_rounds(store, replace(config, drand_url=""))
        for _ in range(3):
            work.fetch_rounds(store, replace(config, drand_url="https://drand.example"))
    assert asked == [("https://drand.example", ceremony.ROUND)] * 2
    written = petitioning.letters(store, letters.INVITED)
    with store.reading() as session:
        people = session.scalars(select(Invitation).where(Invitation.is_mailed)).all()
        assert sorted(written) == sorted(str(one.inhabitant and one.inhabitant.email) for one in people)
        found = waves.of_petition(session, prepared.petition)
        assert found is not None
        all_of_them, sent, joined = invited.figures(session, found)
        assert (sent, joined) == (len(written), 0)
        assert invited.unsent(session, found) == all_of_them - sent


def code_of_a_letter(store: Store, wave: Wave) -> tuple[invited.InvitationLetter, Volunteer]:
    with store.writing() as session:
        letter = invited.print_letters(session, COMMAND_LINE, session.get_one(Wave, wave.id), 1)[0]
    with store.reading() as session:
        person = session.scalars(select(Invitation).where(Invitation.place == letter.place)).one().inhabitant
        assert person is not None
        return letter, person


def volunteer(store: Store, code: str, person: Volunteer, email: str = "", **changes: str) -> Volunteer:
    with store.writing() as session:
        answer = Answer(str(person.name), email, {**person.traits, **changes})
        return invited.volunteer_by_code(session, code, answer)


@pytest.mark.both_stores
def test_a_code_brings_an_inhabitant_into_the_pool_once(store: Store, pool: Pool, drawn: Wave) -> None:
    letter, person = code_of_a_letter(store, drawn)
    assert len(letter.code.replace("-", "")) == codes.PERSONAL_SYMBOLS
    with store.reading() as session:
        found = invited.by_code(session, f" {letter.code.lower()} ")
        assert invited.known_traits(session, found) == person.traits
        assert letter.code not in str(found.code_mark)
    with refused("volunteer-traits-invalid"):
        volunteer(store, letter.code, person, Genre="?")
    with refused("email-invalid"):
        volunteer(store, letter.code, person, "nonsense")
    with refused("invitation-name-missing"), store.writing() as session:
        invited.volunteer_by_code(session, letter.code, Answer(" ", "", person.traits))
    # The public form is closed, and there is no address: the letter is enough.
    joined = volunteer(store, letter.code, person)
    assert (joined.pool_id, joined.email, joined.traits) == (pool.id, None, person.traits)
    with refused("invitation-answered"):
        volunteer(store, letter.code, person)
    for wrong in ("", "nothing", "0000-0000-0000"):
        with refused("invitation-code-unknown"):
            volunteer(store, wrong, person)
    assert make.leaves(store, "volunteer-joined") == make.leaves(store, "wave-letters-printed") == 1


def test_nobody_is_promised_time_beyond_the_freeze_of_the_draw(store: Store, prepared: Wave) -> None:
    with store.writing() as session:
        term = session.get_one(Wave, prepared.id).petition.term
        assert term is not None
        now = clock.now().date()
        term.freeze_by = now + timedelta(days=8)
    with clock.shifted(waves.NOTICE):
        drawn = bring(store, prepared)
    assert drawn.answer_until is not None
    assert days.day_in(drawn.answer_until, "Europe/Paris") == now + timedelta(days=8)


@pytest.mark.both_stores
def test_an_answer_comes_in_time(store: Store, drawn: Wave) -> None:
    letter, person = code_of_a_letter(store, drawn)
    with clock.shifted(timedelta(days=30)), refused("invitation-over"):
        volunteer(store, letter.code, person)


def test_a_lost_letter_is_printed_again(store: Store, drawn: Wave) -> None:
    letter, person = code_of_a_letter(store, drawn)
    with store.writing() as session:
        wave = session.get_one(Wave, drawn.id)
        again = invited.print_again(session, COMMAND_LINE, wave, letter.place)
        with refused("invitation-unknown"):
            invited.print_again(session, COMMAND_LINE, wave, 9_999)
        for number in (0, codes.MOST_AT_ONCE + 1):
            with refused("letters-number-invalid"):
                invited.print_letters(session, COMMAND_LINE, wave, number)
    with refused("invitation-code-unknown"):
        volunteer(store, letter.code, person)
    volunteer(store, again.code, person)
    with refused("invitation-answered"), store.writing() as session:
        invited.print_again(session, COMMAND_LINE, session.get_one(Wave, drawn.id), letter.place)
    with store.writing() as session:
        wave = session.get_one(Wave, drawn.id)
        invited.print_letters(session, COMMAND_LINE, wave, codes.MOST_AT_ONCE)
        with refused("letters-none-left"):
            invited.print_letters(session, COMMAND_LINE, wave, 1)


@pytest.mark.both_stores
def test_two_answers_at_once_are_one_volunteer(store: Store, drawn: Wave) -> None:
    letter, person = code_of_a_letter(store, drawn)
    answers = at_once([lambda: volunteer(store, letter.code, person)] * 4)
    assert answers == ["done", *["invitation-answered"] * 3]


def test_who_is_erased_is_not_written_to_and_the_draw_stays_what_it_was(
    store: Store, mandate: Mandate, prepared: Wave
) -> None:
    with clock.shifted(waves.NOTICE):
        with store.writing() as session:
            person = session.scalars(select(Volunteer).where(Volunteer.name == "Habitante 5")).one()
            inhabitants = session.get_one(Pool, person.pool_id)
            pools.erase(session, COMMAND_LINE, inhabitants, person.id)
            pools.withdraw(
                session,
                COMMAND_LINE,
                inhabitants,
                session.scalars(select(Volunteer.id).where(Volunteer.name == "Habitante 7")).one(),
            )
        found = bring(store, prepared)
        with store.reading() as session:
            rows = session.scalars(select(Invitation)).all()
            assert {row.place for row in rows} == set(found.chosen)
            names = {row.inhabitant.name for row in rows if row.inhabitant is not None}
        assert not names & {None, "Habitante 5", "Habitante 7"}
        letter, one = code_of_a_letter(store, found)
        with store.writing() as session:
            inhabitants = session.get_one(Pool, one.pool_id)
            pools.erase(session, COMMAND_LINE, inhabitants, one.id)
        with refused("invitation-code-unknown"):
            volunteer(store, letter.code, one)


def test_volunteers_are_not_invited_under_another_spelling(
    store: Store, mandate: Mandate, pool: Pool
) -> None:
    inhabitants = register(store, mandate, people=6)
    with store.writing() as session:
        row = session.scalars(select(Volunteer).where(Volunteer.email == "p1@example.org")).one()
        row.email, row.state = "H1+agora@example.net", PersonState.WITHDRAWN
    petition = crossed(store, mandate, pool=pool.id, register=inhabitants.id, per_seat=1)
    with store.reading() as session:
        planned = waves.plan(session, session.get_one(Petition, petition.id))
        names = {session.get_one(Volunteer, number).name for _, _, number in planned.rows}
    assert names == {f"Habitante {number}" for number in (2, 3, 4, 5)}


def test_signing_changes_nothing_of_whom_a_wave_draws(
    store: Store, petition: Petition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "ab" * size)
    with store.reading() as session:
        before = waves.plan(session, session.get_one(Petition, petition.id))
    monkeypatch.undo()
    for number in (1, 2, 3):
        petitioning.sign(store, petition, f"h{number}@example.net", f"Habitante {number}")
    monkeypatch.setattr("secrets.token_hex", lambda size: "ab" * size)
    with store.reading() as session:
        assert waves.plan(session, session.get_one(Petition, petition.id)) == before


@pytest.mark.parametrize("reason", ["no-pool", "no-register", "enough", "nobody"])
def test_why_no_wave_is_needed_is_said(store: Store, mandate: Mandate, pool: Pool, reason: str) -> None:
    inhabitants = register(store, mandate, people=0 if reason == "nobody" else 10)
    rules = {
        "no-pool": {"register": inhabitants.id},
        "no-register": {"pool": pool.id},
        "enough": {"pool": inhabitants.id, "register": pool.id, "per_seat": 1},
        "nobody": {"pool": pool.id, "register": inhabitants.id},
    }[reason]
    if reason == "enough":
        make.import_people(store, inhabitants, make.respondents(90))
    petition = crossed(store, mandate, **rules)
    make.finish_jobs(store)
    found = wave_of(store, petition)
    assert (found.state, found.reason) == (WaveState.NOT_NEEDED, reason)
    assert leaf(store, "wave-not-needed")["reason"] == reason
    with refused("wave-is-not-needed"):
        bring(store, found)
    with refused("wave-is-not-needed"), store.writing() as session:
        invited.print_letters(session, COMMAND_LINE, session.get_one(Wave, found.id), 1)


def test_a_petition_without_an_assembly_has_no_wave(store: Store, mandate: Mandate, pool: Pool) -> None:
    petitioning.publish(store, mandate, petitioning.rules(mandate, sponsors=0))
    petition = petitioning.opened(store, mandate)
    with refused("wave-assembly-missing"), store.reading() as session:
        waves.plan(session, session.get_one(Petition, petition.id))
    with refused("wave-assembly-missing"), store.writing() as session:
        waves.prepare(session, COMMAND_LINE, session.get_one(Petition, petition.id), waves.WavePlan("enough"))


# Codes by which the register is known when somebody signs.


def test_letters_tie_signatures_to_the_register(store: Store, mandate: Mandate) -> None:
    inhabitants = register(store, mandate, people=3)
    with store.writing() as session:
        found = session.get_one(Pool, inhabitants.id)
        first = codes.print_letters(session, COMMAND_LINE, found, 2)
        (third,) = codes.print_letters(session, COMMAND_LINE, found, 2)
        with refused("letters-none-left"):
            codes.print_letters(session, COMMAND_LINE, found, 1)
        for number in (0, codes.MOST_AT_ONCE + 1):
            with refused("letters-number-invalid"):
                codes.print_letters(session, COMMAND_LINE, found, number)
    assert [one.name for one in (*first, third)] == ["Habitante 0", "Habitante 1", "Habitante 2"]
    with store.reading() as session:
        people = list(session.scalars(select(Volunteer.id).order_by(Volunteer.id)))
        assert codes.match(session, mandate.id, f" {first[1].code.lower()} ") == people[1]
        assert codes.match(session, mandate.id + 1, first[1].code) is None
        for wrong in ("", "abc", "0000-0000-0000", "é" * 12):
            assert codes.match(session, mandate.id, wrong) is None
        marks = session.scalars(select(SigningCode.code_mark)).all()
        assert not {one.code for one in (*first, third)} & set(marks)
    with store.writing() as session:
        found = session.get_one(Pool, inhabitants.id)
        again = codes.print_again(session, COMMAND_LINE, found, people[1])
        pools.erase(session, COMMAND_LINE, found, people[0])
        with refused("volunteer-not-in"):
            codes.print_again(session, COMMAND_LINE, found, people[0])
    with store.reading() as session:
        assert codes.match(session, mandate.id, first[1].code) is None
        assert codes.match(session, mandate.id, again.code) == people[1]
        assert codes.match(session, mandate.id, first[0].code) is None
    assert make.leaves(store, "signing-codes-printed") == 3
