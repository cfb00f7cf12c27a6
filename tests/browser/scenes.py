"""Draws in every state of the ceremony, so that each page can be looked at in each of them."""

from __future__ import annotations

from datetime import timedelta

import sortition
from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws import freezing, halts, objections
from assemblee.draws.models import Draw, Publication
from assemblee.journal import actions as journal
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import ceremony, make, voting
from tests.browser import petition_scenes
from tests.ceremony import Guarantor

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SIGNERS = 4
REASON = "La liste affichée à l’entrée de la salle n’était pas celle du site."


def play(store: Store, place: Mandate, author: str) -> dict[str, int | str]:
    """Bring a draw to each state, the oldest first, and return its number by the name of the state.

    Petitions of an author follow, with what else their addresses need.

    The journal's time never goes back: what is played in the past comes before what is played now.
    """
    with clock.shifted(-5 * DAY):
        found = {"infeasible": _infeasible(store, place)}
        team = ceremony.guarantors(store, place)
        found["held"] = _held(store, place, team)
        votes = _votes_of_the_past(store, place)
    with clock.shifted(-60 * HOUR):
        found["lapsed"] = _frozen(store, place, "Tirage sans assez de signatures")
        ceremony.cosign(store, found["lapsed"], team[0])
    with clock.shifted(-48 * HOUR):
        found["numbers"] = _signed(store, place, team, "Tirage qui attend les numéros")
        with ceremony.after(found["numbers"].cosign_until):
            ceremony.reveal(store, found["numbers"], team[0])
        with ceremony.after(found["numbers"].beacon_at):
            ceremony.type_numbers(store, found["numbers"], team[1], ceremony.LOTO)
    with clock.shifted(-16 * HOUR):
        soon = clock.now().replace(microsecond=0) + 3 * HOUR
        found["round"] = _signed(
            store, place, team, "Tirage qui attend drand", beacon="drand", beacon_at=soon
        )
    with clock.shifted(-12 * HOUR):
        later = clock.now().replace(microsecond=0) + 36 * HOUR
        found["beacon"] = _signed(store, place, team, "Tirage qui attend le Loto", beacon_at=later)
    with clock.shifted(-4 * HOUR):
        now = clock.now().replace(microsecond=0)
        found["reveal"] = _signed(
            store,
            place,
            team,
            "Tirage aux secrets",
            tickets=1000,
            beacon="balls",
            reveal_until=now + 24 * HOUR,
            beacon_at=now + 26 * HOUR,
        )
        with ceremony.after(found["reveal"].cosign_until):
            ceremony.reveal(store, found["reveal"], team[1])
    return {
        **{name: draw.id for name, draw in found.items()},
        **_present(store, place, team),
        **votes,
        **_votes(store, place),
        **petition_scenes.play(store, place, team[0].actor, author),
    }


def _present(store: Store, place: Mandate, team: list[Guarantor]) -> dict[str, int]:
    """Bring draws to the states that need no time to pass."""
    found = {"sign": _frozen(store, place, "Tirage à signer")}
    ceremony.cosign(store, found["sign"], team[1])
    _object(store, found["sign"], team[1], "Le quota d’âge n’est pas celui qui a été voté.")
    found["suspended"] = _frozen(store, place, "Tirage suspendu")
    found["given_up"] = _frozen(store, place, "Tirage que l’on propose d’annuler")
    found["cancelled"] = _frozen(store, place, "Tirage annulé")
    with store.writing() as session:
        halts.suspend(session, team[2].actor, found["suspended"], REASON)
        halts.lift(session, team[3].actor, found["suspended"])
        for name in ("given_up", "cancelled"):
            halts.propose_cancel(session, COMMAND_LINE, found[name], REASON)
    cancelled = make.fresh(store, found["cancelled"])
    for guarantor in team[:SIGNERS]:
        with store.writing() as session:
            halts.sign_cancel(session, guarantor.actor, cancelled, guarantor.cancel_note(cancelled))
    found["open"] = _open(store, place, team)
    found["checked"] = _alone(store, place, "Tirage à geler")
    found["frozen"] = _alone(store, place, "Tirage dont la loterie se calcule")
    with store.writing() as session:
        freezing.freeze(session, COMMAND_LINE, found["frozen"], _terms(store))
    found["waiting"] = make.draw(store, _pool(store, place, "Vivier en attente"), title="Tirage en attente")
    with store.writing() as session:
        journal.checkpoint(session)
    return {name: draw.id for name, draw in found.items()}


def _held(store: Store, place: Mandate, team: list[Guarantor]) -> Draw:
    """Play a ceremony to its end, with a rehearsal, a forgotten secret and an objection."""
    draw = _signed(store, place, team, "Assemblée ordinaire 2026–2027")
    with store.writing() as session:
        draws.rehearse(session, COMMAND_LINE, draw, make.SEED)
    with ceremony.after(draw.cosign_until):
        for guarantor in team[: SIGNERS - 1]:
            ceremony.reveal(store, draw, guarantor)
    with ceremony.after(draw.beacon_at):
        for guarantor in team[:2]:
            ceremony.type_numbers(store, draw, guarantor, ceremony.LOTO)
        _object(store, draw, team[4], "Deux garants n’ont pas signé.", "Ils étaient prévenus depuis lundi.")
    return draw


def _terms(store: Store, **changes: object) -> freezing.Terms:
    now = clock.now().replace(microsecond=0)
    # The numbers of a lottery come out on a later day than the last secret.
    deadlines = {"cosign_until": now + HOUR, "reveal_until": now + 2 * HOUR, "beacon_at": now + 27 * HOUR}
    return ceremony.terms(store, **{**deadlines, **changes})


def _prepared(store: Store, pool: Pool, title: str, tickets: int = 1_000_000) -> Draw:
    draw = make.draw(store, pool, title=title, tickets=tickets)
    make.finish_jobs(store)
    return draw


def _pool(store: Store, place: Mandate, name: str) -> Pool:
    with store.writing() as session:
        made = pools.create(session, COMMAND_LINE, place.id, name, 4)
        pools.set_quotas(session, COMMAND_LINE, made, make.CELLS, 4)
    make.import_people(store, made, make.respondents(12))
    return made


def _alone(store: Store, place: Mandate, title: str, tickets: int = 1_000_000) -> Draw:
    """Prepare a draw from a pool of its own: one pool has one ceremony at a time."""
    return _prepared(store, _pool(store, place, title.replace("Tirage", "Vivier")), title, tickets)


def _frozen(store: Store, place: Mandate, title: str, tickets: int = 1_000_000, **changes: object) -> Draw:
    return _freeze(store, _alone(store, place, title, tickets), **changes)


def _freeze(store: Store, draw: Draw, **changes: object) -> Draw:
    with store.writing() as session:
        freezing.freeze(session, COMMAND_LINE, draw, _terms(store, **changes))
    make.finish_jobs(store)
    return make.fresh(store, draw)


def _signed(
    store: Store,
    place: Mandate,
    team: list[Guarantor],
    title: str,
    tickets: int = 1_000_000,
    **changes: object,
) -> Draw:
    draw = _frozen(store, place, title, tickets, **changes)
    for guarantor in team[:SIGNERS]:
        ceremony.cosign(store, draw, guarantor)
    return make.fresh(store, draw)


def _object(store: Store, draw: Draw, guarantor: Guarantor, text: str, answer: str = "") -> None:
    with store.writing() as session:
        filed = objections.file(session, guarantor.actor, draw, text)
        session.flush()
        if answer:
            objections.answer(session, COMMAND_LINE, draw, filed.id, answer)


def _infeasible(store: Store, place: Mandate) -> Draw:
    with store.writing() as session:
        narrow = (sortition.Cell("Genre", "Femmes", 4, 4), *make.CELLS[1:])
        pool = pools.create(session, COMMAND_LINE, place.id, "Vivier impossible", 4)
        pools.set_quotas(session, COMMAND_LINE, pool, narrow, 4)
    make.import_people(store, pool, make.respondents(12))
    return _prepared(store, pool, "Tirage impossible")


def _open(store: Store, place: Mandate, team: list[Guarantor]) -> Draw:
    """Freeze a draw whose answers are published, over people who are all alike."""
    with store.writing() as session:
        pool = pools.create(session, COMMAND_LINE, place.id, "Vivier ouvert", 4)
        pools.set_quotas(session, COMMAND_LINE, pool, (sortition.Cell("Genre", "Femmes", 0, 4),), 4)
    lines = [
        "id,nom,courriel,Genre",
        *(f"P{number},Zéphirine,p{number}@example.org,Femmes" for number in range(9)),
    ]
    make.import_people(store, pool, "\n".join(lines).encode())
    draw = _prepared(store, pool, "Tirage aux réponses publiées")
    draw = _freeze(store, draw, publication=Publication.OPEN)
    ceremony.cosign(store, draw, team[0])
    return draw


def _votes_of_the_past(store: Store, place: Mandate) -> dict[str, int]:
    """Count two votes, and let one close whose count nobody has started."""
    pool = _pool(store, place, "Vivier qui vote")
    until = clock.now() + HOUR
    found = {"closed": voting.settled(store, place, pool, voting.YES_NO, title="À compter", closes_at=until)}
    for name, rules in (("judged", voting.JUDGMENT), ("measures", voting.MEASURES)):
        made = voting.settled(store, place, pool, rules, title=f"Vote dépouillé, {name}", closes_at=until)
        columns = len(voting.queries.rules(made).columns)
        for number, entry in enumerate(voting.roll(store, made)[:11]):
            voting.vote(store, made, entry, bytes((number + column) % 2 for column in range(columns)))
        found[name] = voting.count(store, made, voting.guarantors(store, place)[:2])
    return {name: made.id for name, made in found.items()}


def _votes(store: Store, place: Mandate) -> dict[str, int]:
    """Open a vote, and leave another one as a draft."""
    pool = _pool(store, place, "Vivier qui va voter")
    written = voting.written(store, place, voting.facts(pool, voting.MEASURES, title="Vote en brouillon"))
    return {"vote": voting.settled(store, place, pool).id, "draft": written.id}


def give_passwords(store: Store, *emails: str) -> None:
    """Give accounts the password of tests."""
    with store.writing() as session:
        for email in emails:
            accounts.ensure(session, email).password_hash = ceremony.password_hash()
