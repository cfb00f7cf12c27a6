"""The petitions of the demo: one has opened an assembly, one is open, one looks for sponsors."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import sortition
from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.db import Store
from assemblee.demo.ceremony import finish_jobs, full_hour, guarantor
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.models import Mandate
from assemblee.petitions.life import answering
from assemblee.petitions.petition import marks
from assemblee.petitions.petition.models import Petition, Signature
from assemblee.petitions.rules import rulebook
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening, PetitionRules, WaveRules, ready_made
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.text import checking, drafting
from assemblee.petitions.text.drafting import PetitionFacts
from assemblee.security import COMMAND_LINE, Actor, Role
from sortition.stream import shuffled
from votes.threshold import Spread, Step, Threshold

# The acts fill the days between the demo's draw and the day on which it is built.
LASTS, ENDS = timedelta(days=4, hours=8), timedelta(hours=2)
SPONSORS = 3
# The trial lets a neighbourhood see what a threshold does; then the thresholds are the charter's.
TRIAL, FULL = ("15", "40"), ("100", "1000")
TRIAL_REASON = "Essai de la démonstration : des seuils bas, pour voir une agora s’ouvrir."
FULL_REASON = "Fin de l’essai : 100 signatures pour une réponse, 1 000 pour une agora extraordinaire."
DISTRICTS_NEEDED, LEAST_IN_EACH = 2, "100"
# So many volunteers for a seat that some are missing, and so few letters that the register can give them.
WAVE = WaveRules(per_seat=18, letters=2)
# Every so many sign from the library, whose network the guarantors will see.
LIBRARY, EVERY_LIBRARY = "192.0.2.7", 7
NAMES_SHOWN, NEWS, OF = 45, 20, 100

WATER = PetitionFacts(
    title="Une loi pour garantir à chacun l’eau du robinet",
    aim="Proposition de loi sur l’accès à l’eau potable",
    category="Environnement et énergie",
    text=(
        "L’été dernier, trois villages du Val-de-Brume ont manqué d’eau potable pendant neuf jours.\n\n"
        "Nous demandons une loi qui garantisse à chaque foyer les premiers mètres cubes à un prix bas, "
        "qui oblige à réparer les fuites avant d’ouvrir de nouveaux forages, et qui publie chaque année "
        "l’état des réseaux.\n\n"
        "Écrite pendant l’essai : 40 signatures suffisaient pour ouvrir une agora."
    ),
    author="Collectif des Trois-Ponts",
)
TRAINS = PetitionFacts(
    title="Garder ouvertes les petites gares",
    aim="Loi d’orientation des mobilités",
    category="Logement et transports",
    text=(
        "Deux gares sur cinq ferment leur guichet l’an prochain. Qui ne conduit pas reste chez soi.\n\n"
        "Nous demandons que la loi fixe un nombre d’arrêts par jour pour chaque gare existante, et que "
        "personne ne puisse en fermer une sans le vote des communes qu’elle dessert."
    ),
    author="Isaure Clairelune",
)
HEDGES = PetitionFacts(
    title="Protéger les haies en bord de Brume",
    aim="Code rural, plantation et entretien des haies",
    category="Environnement et énergie",
    text=(
        "Chaque hiver des haies disparaissent, et l’eau emporte la terre.\n\n"
        "Nous demandons qu’une haie arrachée soit replantée deux fois plus longue, dans la même commune."
    ),
    author="Korrig Neigefondue",
)
# Of a thousand parts of the days: until when people sign each, and how many do; when its sponsors come.
THOUSAND = 1000
SIGNERS = {WATER.title: (700, 44), TRAINS.title: (990, 72), HEDGES.title: (990, 2)}
BEFORE = {WATER.title: (20, 70), TRAINS.title: (20, 70), HEDGES.title: (910, 990)}
ADDRESSES = {
    WATER.title: "eau@petition.example",
    TRAINS.title: "gares@petition.example",
    HEDGES.title: "haies@petition.example",
}
ADMITTED = "La demande porte sur la loi ; aucun des critères de refus ne s’applique."
ANSWERED = (
    "J’ai demandé l’état des réseaux aux trois syndicats d’eau ; je le publierai ici dès que je l’aurai. "
    "La suite appartient à l’agora, si les signatures l’ouvrent."
)


@dataclass
class Play:
    """What happens to the petitions of the demo, act after act, each at its moment."""

    session: Session
    mandate: Mandate
    signers: Iterator[tuple[str, str]]
    chance: sortition.Stream
    made: dict[str, Petition] = field(default_factory=dict)

    def live(self, acts: Iterable[tuple[int, Callable[[], object]]]) -> None:
        """Do each act once so many thousandths of the days are over."""
        since = full_hour() - LASTS
        for part, act in sorted(acts, key=lambda pair: pair[0]):
            with clock.shifted(since + (LASTS - ENDS) * part / THOUSAND - clock.now()):
                act()

    def write(self, facts: PetitionFacts) -> None:
        """Let an author write a petition and look for sponsors."""
        account = accounts.ensure(self.session, ADDRESSES[facts.title])
        author = Actor(account.id, frozenset({Role.EVERYONE, Role.SIGNED_IN}))
        self.made[facts.title] = drafting.write(self.session, author, self.mandate, facts)
        drafting.submit(self.session, author, self.made[facts.title])

    def sign(self, title: str, number: int) -> None:
        """Let somebody fill the form and use the link."""
        petition = self.made[title]
        name, district = next(self.signers)
        email = f"{'.'.join(marks.folded(name).split())}@courriel{self.chance.below(10_000)}.example"
        facts = signing.SignerFacts(
            name,
            email,
            district=district,
            is_public=self.chance.below(OF) < NAMES_SHOWN,
            wants_news=self.chance.below(OF) < NEWS,
        )
        address = f"2001:db8:{self.chance.below(2**16):x}::1" if number % EVERY_LIBRARY else LIBRARY
        stamp = signing.Stamp(secrets.token_hex(16), 15 + self.chance.below(160))
        network = marks.network_of(address)
        signing.ask(self.session, petition, facts, stamp, network=network, language="fr")
        waiting = select(Signature).where(Signature.petition_id == petition.id, Signature.email == email)
        signing.confirm(self.session, self.session.scalars(waiting).one().nonce)

    def admit(self, title: str) -> None:
        """Let a guarantor admit a petition."""
        actor = guarantor(mandate_queries.guarantors(self.session, self.mandate.id)[0])
        petition = self.made[title]
        checking.rule(self.session, actor, petition, is_admitted=True, ground=None, reason=ADMITTED)

    def answer(self) -> None:
        """Let the representative answer the first step of the petition that has crossed it."""
        answering.answer_step(self.session, COMMAND_LINE, self.made[WATER.title], 1, ANSWERED)

    def signatures(
        self, title: str, first: int, last: int, numbers: range
    ) -> list[tuple[int, Callable[[], object]]]:
        """Return some signatures spread over a part of the days."""
        return [
            (first + self.chance.below(last - first), partial(self.sign, title, number)) for number in numbers
        ]


@dataclass(frozen=True)
class Town:
    """What petitions need of the demo's mandate.

    Parameters
    ----------
    mandate_id, pool, register : int
        Numbers of the mandate, of its volunteers and of its register.
    districts : mapping of str to int
        Inhabitants over 16 of each district.
    people : callable
        Gives names and districts of those who sign.
    seed : bytes
        From which chance follows.
    """

    mandate_id: int
    pool: int
    register: int
    districts: Mapping[str, int]
    people: Callable[[], Sequence[tuple[str, str]]]
    seed: bytes


def _rules(mandate: Mandate, town: Town, *, is_trial: bool) -> PetitionRules:
    answer, assembly = TRIAL if is_trial else FULL
    spread = None if is_trial else Spread(DISTRICTS_NEEDED, Threshold.read(LEAST_IN_EACH))
    return replace(
        ready_made(mandate.inhabitants_over_16),
        steps=(
            Opening(ANSWER, Step(Threshold.read(answer))),
            Opening(ASSEMBLY, Step(Threshold.read(assembly), spread)),
        ),
        districts=town.districts,
        sponsors=SPONSORS,
        wave=replace(WAVE, pool=town.pool, register=town.register),
        number=0 if is_trial else 1,
    )


def live(store: Store, town: Town) -> None:
    """Live the days of the petitions, once."""
    with store.writing() as session:
        if session.scalar(select(func.count()).where(Petition.mandate_id == town.mandate_id)):
            return
        mandate = session.get_one(Mandate, town.mandate_id)
        chance = sortition.Stream(town.seed, "petitions")
        people = town.people()
        signers = iter([people[place] for place in shuffled(len(people), chance)])
        play = Play(session, mandate, signers, chance)

        def publish(*, is_trial: bool) -> None:
            reason = TRIAL_REASON if is_trial else FULL_REASON
            rulebook.publish(session, COMMAND_LINE, mandate, _rules(mandate, town, is_trial=is_trial), reason)

        acts: list[tuple[int, Callable[[], object]]] = [
            (0, partial(publish, is_trial=True)),
            (5, partial(play.write, WATER)),
            (10, partial(publish, is_trial=False)),
            (15, partial(play.write, TRAINS)),
            (80, partial(play.admit, WATER.title)),
            (90, partial(play.admit, TRAINS.title)),
            (750, play.answer),
            (900, partial(play.write, HEDGES)),
        ]
        for title, (until, number) in SIGNERS.items():
            acts += play.signatures(title, *BEFORE[title], range(min(SPONSORS, number)))
            acts += play.signatures(title, 100, until, range(SPONSORS, number))
        play.live(acts)
    finish_jobs(store, town.mandate_id)
