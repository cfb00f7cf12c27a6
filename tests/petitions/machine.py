"""Petitions, signers, guarantors, merges and days in any order: what must hold after every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from assemblee import clock
from assemblee.assemblies.terms.models import Term
from assemblee.mail.models import Mail
from assemblee.petitions.desk import fraud, reviews
from assemblee.petitions.desk.models import Invalidation, Review
from assemblee.petitions.life import answering, work
from assemblee.petitions.paper import sheets
from assemblee.petitions.petition import letters, queries
from assemblee.petitions.petition.models import STEPS, Petition, PetitionState, Signature, SignatureState
from assemblee.petitions.signing import actions as signing
from assemblee.petitions.signing import doubles
from assemblee.petitions.signing.models import ToldApart
from assemblee.petitions.text import checking, drafting, merging
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE
from tests import make, petitioning

WHICH = st.integers(0, 1000)
# Few people and low thresholds: the same person meets every step, and every step is met.
PEOPLE = st.integers(0, 11)
ANSWER, ASSEMBLY = 3, 6
MOST_PETITIONS = 6


class Petitions(RuleBasedStateMachine):
    """A mandate in which petitions are written, from its first day to wherever the steps lead."""

    new_database: ClassVar[make.NewDatabase]

    def __init__(self) -> None:
        super().__init__()
        self.end = ExitStack()
        self.store = make.installation(self.end, self.new_database)
        self.taken = 0
        self.states: dict[int, PetitionState] = {}
        self.crossed: dict[int, int] = {}

    @initialize()
    def begin(self) -> None:
        self.place = make.mandate(self.store)
        rules = petitioning.rules(self.place, answer=ANSWER, assembly=ASSEMBLY, sponsors=2)
        petitioning.publish(self.store, self.place, rules)
        self.authors = [petitioning.author(self.store, f"a{number}@example.org") for number in range(2)]
        self.guarantors = [petitioning.guarantor(self.store, self.place, number) for number in range(3)]
        # One is open in most runs from the start, so that signers meet more than drafts.
        petitioning.opened(self.store, self.place, self.authors[0])

    def teardown(self) -> None:
        self.end.close()

    def act(self, verb: Callable[[Session], object]) -> None:
        """Try a verb; what is refused must leave everything as it was, which the invariants see."""
        self.taken += 1
        with suppress(Refusal), self.store.writing() as session:
            verb(session)

    def one(self, session: Session, which: int, *states: PetitionState) -> Petition:
        found = session.scalars(
            select(Petition).where(Petition.state.in_(states)).order_by(Petition.id)
        ).all()
        if not found:
            raise Refusal("petition-unknown")
        return found[which % len(found)]

    @rule(who=st.integers(0, 1), days=st.integers(1, 3))
    def write(self, who: int, days: int) -> None:
        with self.store.reading() as session:
            number = len(session.scalars(select(Petition.id)).all())
        if number < MOST_PETITIONS:
            facts = replace(petitioning.FACTS, title=f"Demande {number}, {days}")
            petitioning.submitted(self.store, self.place, self.authors[who], facts)
            self.taken += 1

    @rule(which=WHICH, who=PEOPLE, style=st.integers(0, 3))
    def sign(self, which: int, who: int, style: int) -> None:
        email = [
            f"p.{who}@gmail.com",
            f"P{who}+vote@gmail.com",
            f"p{who}@googlemail.com",
            f"x{who}@example.org",
        ]
        facts = signing.SignerFacts(f"Personne {who}", email[style], place="Le Val", wants_news=who % 2 == 0)
        self.act(
            lambda session: signing.ask(
                session,
                self.one(session, which, *STEPS),
                facts,
                petitioning.stamp(who),
                network=f"10.0.{who % 3}.0/24",
                language="fr",
            )
        )
        self.confirm(which)

    @rule(which=WHICH, first=PEOPLE, number=st.integers(2, 6))
    def sign_in_a_row(self, which: int, first: int, number: int) -> None:
        for place in range(number):
            self.sign(which, (first + place) % 12, 0)

    @rule(which=WHICH)
    def confirm(self, which: int) -> None:
        def verb(session: Session) -> None:
            waiting = session.scalars(
                select(Signature).where(Signature.state == SignatureState.PENDING).order_by(Signature.id)
            ).all()
            if waiting:
                signing.confirm(session, waiting[which % len(waiting)].nonce)

        self.act(verb)

    @rule(which=WHICH, chance=st.integers(0, 2))
    def take_back(self, which: int, chance: int) -> None:
        if chance:
            return

        def verb(session: Session) -> None:
            rows = session.scalars(select(Signature).order_by(Signature.id)).all()
            signing.withdraw(session, rows[which % len(rows)].nonce)

        self.act(verb)

    @rule(which=WHICH, who=PEOPLE)
    def enter_a_sheet(self, which: int, who: int) -> None:
        def verb(session: Session) -> None:
            found = self.one(
                session, which, PetitionState.OPEN, PetitionState.REACHED, PetitionState.SPONSORS
            )
            sheet = sheets.print_sheets(session, COMMAND_LINE, found, 1)[0]
            lines = [
                sheets.Line(f"Personne {who}", place="Le Val"),
                sheets.Line(f"Papier {who}", place="Le Val", email=f"p{who + 1}@gmail.com"),
            ]
            for reader in self.guarantors[:2]:
                sheets.enter(session, reader, found, sheet.code, lines)

        self.act(verb)

    @rule(which=WHICH)
    def tell_apart(self, which: int) -> None:
        def verb(session: Session) -> None:
            rows = session.scalars(
                select(Signature).where(Signature.state == SignatureState.DOUBLE).order_by(Signature.id)
            ).all()
            if rows:
                row = rows[which % len(rows)]
                doubles.tell_apart(session, self.guarantors[0], row.petition, row, "Deux personnes.")

        self.act(verb)

    @rule(which=WHICH, who=st.integers(0, 2), is_admitted=st.booleans())
    def rule_on_it(self, which: int, who: int, is_admitted: bool) -> None:  # noqa: FBT001 - drawn by name
        ground = None if is_admitted else 0

        def verb(session: Session) -> None:
            found = self.one(session, which, PetitionState.CHECK, PetitionState.APPEAL)
            say = checking.rule if found.state == PetitionState.CHECK else checking.hear
            say(session, self.guarantors[who], found, is_admitted=is_admitted, ground=ground, reason="Voilà.")

        self.act(verb)

    @rule(which=WHICH, who=st.integers(0, 1))
    def appeal(self, which: int, who: int) -> None:
        self.act(
            lambda session: checking.appeal(
                session, self.authors[who], self.one(session, which, PetitionState.REFUSED), "Relisez."
            )
        )

    @rule(which=WHICH, who=st.integers(0, 1), chance=st.integers(0, 5))
    def give_up(self, which: int, who: int, chance: int) -> None:
        if chance == 0:
            self.act(
                lambda session: drafting.withdraw(
                    session, self.authors[who], self.one(session, which, *STEPS), "Plus besoin."
                )
            )

    @rule(which=WHICH, other=WHICH)
    def merge(self, which: int, other: int) -> None:
        def verb(session: Session) -> None:
            goes = self.one(session, which, PetitionState.OPEN, PetitionState.SPONSORS)
            stays = self.one(session, other, PetitionState.OPEN, PetitionState.SPONSORS)
            by_account = {one.account: one for one in self.authors}
            merging.offer(session, by_account[goes.account_id], goes, stays)
            merging.accept(session, by_account[stays.account_id], stays, goes)

        self.act(verb)

    @rule(which=WHICH, network=st.integers(0, 2), name=st.booleans())
    def set_aside(self, which: int, network: int, name: bool) -> None:  # noqa: FBT001 - drawn by name
        condition = (
            fraud.Condition(name_like="Papier") if name else fraud.Condition(network=f"10.0.{network}.0/24")
        )

        def verb(session: Session) -> None:
            found = self.one(session, which, *STEPS)
            shown = fraud.effect(session, found, condition).fingerprint
            fraud.set_aside(session, self.guarantors[0], found, condition, "Un automate.", shown=shown)

        self.act(verb)

    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        def verb(session: Session) -> None:
            rows = session.scalars(select(Invalidation).order_by(Invalidation.id)).all()
            if rows:
                fraud.restore(session, self.guarantors[1], rows[which % len(rows)], "Vérifié au téléphone.")

        self.act(verb)

    @rule(which=WHICH, who=st.integers(0, 2), keeps=st.booleans())
    def review(self, which: int, who: int, keeps: bool) -> None:  # noqa: FBT001 - drawn by name
        def verb(session: Session) -> None:
            rows = session.scalars(select(Review).order_by(Review.id)).all()
            if rows:
                found = rows[which % len(rows)]
                reviews.say(session, self.guarantors[who], found, keeps=keeps, reason="Voilà.")

        self.act(verb)

    @rule(which=WHICH, chance=st.integers(0, 3))
    def answer(self, which: int, chance: int) -> None:
        verbs: list[Callable[[Session, Petition], object]] = [
            lambda session, found: answering.answer_step(session, COMMAND_LINE, found, 1, "Oui."),
            lambda session, found: answering.report(session, COMMAND_LINE, found, "Rapport."),
            lambda session, found: answering.answer(session, COMMAND_LINE, found, "Réponse."),
            lambda session, found: answering.archive(session, COMMAND_LINE, found),
        ]
        self.act(lambda session: verbs[chance](session, self.one(session, which, *STEPS)))

    @rule(days=st.sampled_from([1, 1, 8, 16, 40, 100]))
    def pass_days(self, days: int) -> None:
        self.end.enter_context(clock.shifted(timedelta(days=days)))
        work.turn_all(self.store)
        self.taken += 1

    @invariant()
    def what_must_hold(self) -> None:
        with self.store.reading() as session:
            found = session.scalars(select(Petition).order_by(Petition.id)).all()
            terms = session.scalars(select(Term.id).where(Term.subject.is_not(None))).all()
            notices = session.scalars(select(Mail.recipient).where(Mail.subject == letters.CROSSED)).all()
            lines = petitioning.lines(self.store)
            crossings = Counter(
                (line["data"]["petition"], line["data"]["step"])
                for line in lines
                if line["event"] == "petition-crossed"
            )
            # Each step is crossed once, by one leaf, whatever happens to signatures later.
            assert set(crossings.values()) <= {1}
            assert sorted(one.term_id for one in found if one.term_id is not None) == sorted(terms)
            crossed = 0
            for one in found:
                crossed += one.steps
                self._check(session, one, lines)
                assert len(one.crossings) == one.steps == sum(key[0] == one.id for key in crossings)
            # The author and each guarantor is told of each crossing once.
            staff = {f"garante{number}@example.org" for number in range(3)}
            assert all(Counter(notices)[address] == crossed for address in staff)

    def _check(self, session: Session, one: Petition, lines: list[dict[str, object]]) -> None:
        assert one.counted == queries.counted(session, one)
        assert one.counted == petitioning.recounted(lines, one.id)
        before, state = self.states.get(one.id), PetitionState(one.state)
        assert before in {None, state} or state in _reachable(before)
        assert one.steps >= self.crossed.get(one.id, 0)
        assert (one.steps == len(("answer", "assembly"))) == (one.term_id is not None)
        self.states[one.id], self.crossed[one.id] = state, one.steps
        counted = session.scalars(
            select(Signature).where(
                Signature.petition_id == one.id, Signature.state == SignatureState.COUNTED
            )
        ).all()
        # A guarantor may say, with a reason, that two people share a mailbox.
        apart = set(session.scalars(select(ToldApart.signature_id)))
        mailboxes = [row.email_mark for row in counted if row.email_mark and row.id not in apart]
        assert len(mailboxes) == len(set(mailboxes)), "a mailbox counts twice"
        assert all(row.leaf is not None for row in counted)


def _reachable(state: PetitionState) -> set[PetitionState]:
    """Return what a petition can have become in one step of the machine, which may do several of its own."""
    found = {state}
    while True:
        further = {after for one in found for after in STEPS.get(one, ())}
        if further <= found:
            return found
        found |= further
