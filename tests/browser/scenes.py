"""Draws in every state of the ceremony, so that each page can be looked at in each of them."""

from __future__ import annotations

from datetime import timedelta

import sortition
from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.db import Store
from assemblee.draws import actions as draws
from assemblee.draws import ceremony as verbs
from assemblee.draws import halts, objections
from assemblee.draws.models import Draw, Publication
from assemblee.journal import actions as journal
from assemblee.mandates.models import Mandate
from assemblee.pools import actions as pools
from assemblee.pools.models import Pool
from assemblee.security import COMMAND_LINE
from tests import ceremony, make
from tests.ceremony import Guarantor

HOUR = timedelta(hours=1)
SIGNERS = 4
REASON = "La liste affichée à l’entrée de la salle n’était pas celle du site."


def play(store: Store, place: Mandate, pool: Pool) -> dict[str, int]:
    """Bring a draw to each state, the oldest first, and return its number by the name of the state.

    The journal's time never goes back: what is played in the past comes before what is played now.
    """
    with clock.shifted(timedelta(days=-2)):
        team = ceremony.guarantors(store, place)
        held = _frozen(store, pool, "Assemblée ordinaire 2026–2027")
        with store.writing() as session:
            draws.rehearse(session, COMMAND_LINE, held, make.SEED)
        for guarantor in team[:SIGNERS]:
            ceremony.cosign(store, held, guarantor)
        with ceremony.after(held.cosign_until):
            for guarantor in team[: SIGNERS - 1]:
                ceremony.reveal(store, held, guarantor)
        with ceremony.after(held.beacon_at):
            for guarantor in team[:2]:
                ceremony.type_numbers(store, held, guarantor, ceremony.LOTO)
        _object(store, held, team[4], "Deux garants n’ont pas signé.", "Ils étaient prévenus depuis lundi.")
        found = {"held": held, "infeasible": _infeasible(store, place)}
    with clock.shifted(-24 * HOUR):
        found["lapsed"] = _frozen(store, pool, "Tirage sans assez de signatures")
        ceremony.cosign(store, found["lapsed"], team[0])
    with clock.shifted(-20 * HOUR):
        found["numbers"] = _signed(store, pool, team, "Tirage qui attend les numéros")
        with ceremony.after(found["numbers"].cosign_until):
            ceremony.reveal(store, found["numbers"], team[0])
        with ceremony.after(found["numbers"].beacon_at):
            ceremony.type_numbers(store, found["numbers"], team[1], ceremony.LOTO)
    with clock.shifted(-16 * HOUR):
        found["round"] = _signed(store, pool, team, "Tirage qui attend drand", beacon="drand")
    with clock.shifted(-12 * HOUR):
        later = clock.now().replace(microsecond=0) + 36 * HOUR
        found["beacon"] = _signed(store, pool, team, "Tirage qui attend le Loto", beacon_at=later)
    with clock.shifted(-4 * HOUR):
        now = clock.now().replace(microsecond=0)
        found["reveal"] = _signed(
            store,
            pool,
            team,
            "Tirage aux secrets",
            tickets=1000,
            beacon="balls",
            reveal_until=now + 24 * HOUR,
            beacon_at=now + 26 * HOUR,
        )
        with ceremony.after(found["reveal"].cosign_until):
            ceremony.reveal(store, found["reveal"], team[1])
    return {**{name: draw.id for name, draw in found.items()}, **_present(store, pool, team)}


def _present(store: Store, pool: Pool, team: list[Guarantor]) -> dict[str, int]:
    """Bring draws to the states that need no time to pass."""
    found = {"sign": _frozen(store, pool, "Tirage à signer")}
    ceremony.cosign(store, found["sign"], team[1])
    _object(store, found["sign"], team[1], "Le quota d’âge n’est pas celui qui a été voté.")
    found["suspended"] = _frozen(store, pool, "Tirage suspendu")
    found["given_up"] = _frozen(store, pool, "Tirage que l’on propose d’annuler")
    found["cancelled"] = _frozen(store, pool, "Tirage annulé")
    with store.writing() as session:
        halts.suspend(session, team[2].actor, found["suspended"], REASON)
        halts.lift(session, team[3].actor, found["suspended"])
        for name in ("given_up", "cancelled"):
            halts.propose_cancel(session, COMMAND_LINE, found[name], REASON)
    cancelled = make.fresh(store, found["cancelled"])
    for guarantor in team[:SIGNERS]:
        with store.writing() as session:
            halts.sign_cancel(session, guarantor.actor, cancelled, guarantor.cancel_note(cancelled))
    found["open"] = _open(store, team)
    found["checked"] = make.draw(store, pool, title="Tirage à geler")
    make.finish_jobs(store)
    found["frozen"] = _prepared(store, pool, "Tirage dont la loterie se calcule")
    with store.writing() as session:
        verbs.freeze(session, COMMAND_LINE, found["frozen"], ceremony.terms(store))
    found["waiting"] = make.draw(store, pool, title="Tirage en attente")
    with store.writing() as session:
        journal.checkpoint(session)
    return {name: draw.id for name, draw in found.items()}


def _prepared(store: Store, pool: Pool, title: str, tickets: int = 1_000_000) -> Draw:
    draw = make.draw(store, pool, title=title, tickets=tickets)
    make.finish_jobs(store)
    return draw


def _frozen(store: Store, pool: Pool, title: str, tickets: int = 1_000_000, **changes: object) -> Draw:
    draw = _prepared(store, pool, title, tickets)
    with store.writing() as session:
        verbs.freeze(session, COMMAND_LINE, draw, ceremony.terms(store, **changes))
    make.finish_jobs(store)
    return make.fresh(store, draw)


def _signed(
    store: Store,
    pool: Pool,
    team: list[Guarantor],
    title: str,
    tickets: int = 1_000_000,
    **changes: object,
) -> Draw:
    draw = _frozen(store, pool, title, tickets, **changes)
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


def _open(store: Store, team: list[Guarantor]) -> Draw:
    """Freeze a draw whose answers are published, over people who are all alike."""
    with store.writing() as session:
        place = session.get_one(Mandate, 1)
        pool = pools.create(session, COMMAND_LINE, place.id, "Vivier ouvert", 4)
        pools.set_quotas(session, COMMAND_LINE, pool, (sortition.Cell("Genre", "Femmes", 0, 4),), 4)
    lines = [
        "id,nom,courriel,Genre",
        *(f"P{number},Zéphirine,p{number}@example.org,Femmes" for number in range(9)),
    ]
    make.import_people(store, pool, "\n".join(lines).encode())
    draw = _frozen(store, pool, "Tirage aux réponses publiées", publication=Publication.OPEN)
    ceremony.cosign(store, draw, team[0])
    return draw


def give_passwords(store: Store, *emails: str) -> None:
    """Give accounts the password of tests."""
    with store.writing() as session:
        for email in emails:
            accounts.ensure(session, email).password_hash = ceremony.password_hash()
