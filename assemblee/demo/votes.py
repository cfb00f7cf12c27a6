"""The votes of the demo: a committee for the representative, twenty measures, and one vote that is open."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.consultations import casting, counting, drafting, marking, queries, settling
from assemblee.consultations.models import Consultation, ConsultationState, Mode
from assemblee.db import Store
from assemblee.demo.ceremony import finish_jobs, guarantor
from assemblee.mandates.models import Mandate, RoleHolding
from assemblee.security import COMMAND_LINE, Role
from votes import blind
from votes.consultation import Rules, read_rules
from votes.receipts import TOKEN_BYTES
from votes.scales import SEVEN, Scale

COMMITTEE = "Dans quelle commission permanente notre députée doit-elle siéger ?"
MEASURES = "Vingt mesures : lesquelles vont dans le pacte, lesquelles à une convention ?"
BROADCAST = "Faut-il retransmettre en direct les séances de l’agora ?"
LASTS, STAYS_OPEN = timedelta(days=7), timedelta(days=21)
# How many of the register vote in each, and how many of a thousand of them vote blank.
VOTERS = {COMMITTEE: 230, MEASURES: 140, BROADCAST: 60}
BLANK = 30
GUARANTORS = 2

COMMITTEES = (
    "Affaires culturelles et éducation",
    "Affaires économiques",
    "Affaires étrangères",
    "Affaires sociales",
    "Défense nationale et forces armées",
    "Développement durable et aménagement du territoire",
    "Finances, économie générale et contrôle budgétaire",
    "Lois constitutionnelles, législation et administration générale de la République",
)
ACTS = (
    "Ouvrir la gare le dimanche",
    "Une maison de santé dans chaque canton",
    "Un train de nuit vers la mer",
    "Rénover les écoles avant les mairies",
    "Des cantines à moitié locales",
    "Un budget participatif au lycée",
    "Rendre gratuits les bus du samedi",
    "Un médecin à vélo",
    "Planter une haie par hectare",
    "Un guichet unique des aides",
    "Des logements pour les saisonniers",
    "Une heure de silence dans les trains",
    "Réparer plutôt que jeter : un atelier par quartier",
    "Un plan pour les berges de la Brume",
    "Des places de crèche le soir",
    "Une carte des déserts numériques",
    "Un droit de visite des prisons pour les élus",
    "La transparence des rendez-vous du député",
    "Un fonds pour les fêtes de village",
    "Un référendum local par an",
)
CRITERIA: tuple[tuple[tuple[str, str], Scale], ...] = (
    (
        ("Urgence", "Urgency"),
        Scale(
            ("Peut attendre", "Avant la fin du mandat", "Cette année", "Tout de suite"),
            ("Can wait", "Before the end of the mandate", "This year", "At once"),
        ),
    ),
    (
        ("Importance", "Importance"),
        Scale(
            ("Accessoire", "Utile", "Importante", "Essentielle"),
            ("Minor", "Useful", "Important", "Essential"),
        ),
    ),
    (
        ("Maturité", "Maturity"),
        Scale(
            ("À creuser", "Bien engagée", "Prête"),
            ("To be worked out", "Well under way", "Ready"),
        ),
    ),
)


def _pairs(scale: Scale) -> list[list[str]]:
    return [list(pair) for pair in zip(scale.french, scale.english, strict=True)]


RULES: dict[str, dict[str, Any]] = {
    COMMITTEE: {
        "kind": "majority-judgment",
        "proposals": list(COMMITTEES),
        "scale": _pairs(SEVEN),
        "default": {"mode": "static", "grade": 0},
        "quorum": [10, 100],
    },
    MEASURES: {
        "kind": "multi-criteria",
        "proposals": list(ACTS),
        "criteria": [{"name": list(name), "scale": _pairs(scale)} for name, scale in CRITERIA],
        "routing": {
            "name": ["Suite à donner", "What next"],
            "options": [["Dans le pacte", "Into the pact"], ["À une convention", "To a convention"]],
        },
        "combination": {"mode": "pareto"},
        "default": {"mode": "median"},
        "quorum": [0, 100],
    },
    BROADCAST: {
        "kind": "yes-no",
        "proposals": ["Retransmettre les séances en direct"],
        "threshold": [1, 2, "more-than"],
        "quorum": [20, 100],
    },
}
TEXTS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    COMMITTEE: (
        (
            "À l’Assemblée nationale, chaque député·e siège dans une seule des huit commissions permanentes. "
            "C’est là que se fait le travail sur les lois. Votre choix l’engage."
        ),
        [
            ("about", "Une seule commission", "On en change au plus une fois par an."),
            ("for", "Finances", "C’est elle qui suit l’argent de l’État."),
            ("against", "Finances", "Beaucoup de technique, peu de terrain."),
            ("for", "Développement durable", "La Brume déborde un hiver sur deux."),
        ],
    ),
    MEASURES: (
        (
            "Ces vingt mesures viennent des réunions de quartier. Jugez chacune par son urgence, son "
            "importance et sa maturité, et dites si elle va dans le pacte final ou devant une convention "
            "citoyenne."
        ),
        [],
    ),
    BROADCAST: (
        "Les séances de l’agora pourraient être retransmises en direct, avec sous-titres.",
        [
            ("for", "Tout le monde suit", "Même sans pouvoir venir."),
            ("against", "La parole se fige", "On ose moins quand on est filmé."),
        ],
    ),
}


def open_all(store: Store, mandate_id: int, register: int) -> None:
    """Settle the votes that will be over by the end of the demo, and let people vote in them."""
    for title in (COMMITTEE, MEASURES):
        _hold(store, mandate_id, register, title, LASTS)


def finish(store: Store, mandate_id: int, register: int) -> None:
    """Count what is closed by now, and open the vote that visitors can take part in."""
    with store.writing() as session:
        people = session.scalars(
            select(RoleHolding.account_id)
            .where(RoleHolding.mandate_id == mandate_id, RoleHolding.role == Role.GUARANTOR)
            .order_by(RoleHolding.account_id)
            .limit(GUARANTORS)
        ).all()
        closed = session.scalars(
            select(Consultation).where(
                Consultation.mandate_id == mandate_id,
                Consultation.state == ConsultationState.SETTLED,
                Consultation.closes_at < clock.now(),
            )
        ).all()
        for consultation in closed:
            for account in people:
                counting.start(session, guarantor(account), consultation)
    finish_jobs(store, mandate_id)
    _hold(store, mandate_id, register, BROADCAST, STAYS_OPEN)


def _hold(store: Store, mandate_id: int, register: int, title: str, lasts: timedelta) -> None:
    with store.writing() as session:
        if session.scalar(
            select(Consultation.id).where(Consultation.mandate_id == mandate_id, Consultation.title == title)
        ):
            return
        explanation, arguments = TEXTS[title]
        facts = drafting.Facts(
            title=title,
            explanation=explanation,
            arguments=arguments,
            rules=RULES[title],
            mode=Mode.SECRET,
            opens_at=clock.now(),
            closes_at=clock.now() + lasts,
            guarantors=GUARANTORS,
            roll=("pool", register),
        )
        made = drafting.write(session, COMMAND_LINE, session.get_one(Mandate, mandate_id), facts)
        settling.settle(session, COMMAND_LINE, made)
        _vote(session, made, VOTERS[title])


def _vote(session: Session, consultation: Consultation, voters: int) -> None:
    """Let people come in an order of chance, each with a device of their own."""
    chance = sortition.Stream(hashlib.sha256(consultation.title.encode()).digest(), "votes")
    rules = read_rules(RULES[consultation.title])
    entries = queries.entries(session, consultation)
    key = casting.public_key(consultation)
    leanings = [chance.below(100) for _ in rules.proposals]
    for _ in range(min(voters, len(entries))):
        entry = entries.pop(chance.below(len(entries)))
        prepared = blind.prepare(secrets.token_bytes(TOKEN_BYTES))
        blinded = blind.blind(key, prepared)
        signature = blind.finalize(
            key, prepared, marking.sign_token(session, entry, blinded.message), blinded.inverse
        )
        casting.cast(session, consultation, prepared, signature, _ballot(rules, leanings, chance))


def _ballot(rules: Rules, leanings: list[int], chance: sortition.Stream) -> bytes:
    if chance.below(1000) < BLANK:
        return rules.blank
    answers = bytearray()
    for column in rules.columns:
        lean = leanings[column.proposal or 0] + chance.below(100) + chance.below(100)
        answers.append(min(column.options - 1, lean * column.options // 300))
    return bytes(answers)
