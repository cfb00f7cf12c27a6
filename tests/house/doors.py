"""Each act that lasts and each form of several lines: who does it, on which page, with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from tests import ceremony, petitioning
from tests.filling import Browser, FoundForm, form_of, forms_of
from tests.played import NOW, Words

VAL, AMONT = "/m/val", "/m/amont"
LINES = "Nous avons écouté tout le monde avant de l’écrire, et nous en gardons la trace.\r\nDeuxième ligne."
LATER = NOW + timedelta(days=100)


@dataclass(frozen=True)
class Door:
    """An act: its address, who does it, and what is typed; in braces what the played site names.

    Parameters
    ----------
    page : str
        Where its form stands, if not at the address of the act.
    first : dict
        What is typed on that page before, where the form comes in two steps.
    leap : timedelta
        By how much the clock of the machine is wrong meanwhile.
    """

    who: str
    address: str
    fields: dict[str, str] = field(default_factory=dict)
    page: str = ""
    first: dict[str, str] = field(default_factory=dict)
    leap: timedelta = timedelta()

    def at(self, words: Words) -> str:
        """Return the address of the act."""
        return self.address.format_map(words)

    def typed(self, words: Words) -> dict[str, str]:
        """Return what is typed."""
        return {name: text.format_map(words) for name, text in self.fields.items()}

    def form(self, browser: Browser, words: Words) -> FoundForm:
        """Return the form of the act, as its page shows it; an empty one if it takes nothing but a button."""
        action = self.at(words)
        answer = browser.open((self.page or self.address).format_map(words))
        if self.first:
            answer = browser.send(form_of(answer, action), self.first)
        here = [one for one in forms_of(answer) if one.action == action and not one.is_check]
        return here[-1] if here else FoundForm(action, is_check=False)


def _day(days: int) -> str:
    return (LATER + timedelta(days=days)).isoformat()


REASON, TEXT = {"reason": LINES}, {"text": LINES}
DRAWS, VOTES, PETITIONS = f"{VAL}/draws", f"{VAL}/consultations", f"{VAL}/petitions"
SITTING, DRAWN = f"{AMONT}/assemblies/{{sitting}}", f"{AMONT}/assemblies/{{drawn}}"
EXPERT, STOPPED = f"{AMONT}/assemblies/{{expert}}", f"{AMONT}/assemblies/{{stopped}}"
LEDGER = f"{SITTING}/ledger"
AHEAD, PAST = f"{SITTING}/meetings/{{ahead}}", f"{SITTING}/meetings/{{held_meeting}}"
PAPER, OTHER_PAPER = f"{PETITIONS}/{{petition}}/sheets", f"{PETITIONS}/{{offered}}/sheets"
DICE, JUDGED = {"dice": "62514 31245 16325 46213", "size": "1"}, {"line_0": "valid", "line_1": "valid"}
SIGN = f"{DRAWS}/{{sign}}"
MEETING = {
    "title": "Les transports",
    "starts_at": f"{_day(0)}T09:00",
    "ends_at": f"{_day(0)}T17:00",
    "place": "Mairie",
    "agenda": LINES,
}
PETITION = {
    "title": "Des repas bio",
    "aim": petitioning.FACTS.aim,
    "category": petitioning.FACTS.category,
    "text": LINES,
    "author": petitioning.FACTS.author,
}
FREEZING = {
    "drawing": "drand",
    "own_moment": f"{NOW + timedelta(days=6)}T18:00",
    "alternates": "2",
    "publication": "sealed",
}
MANDATE = {
    "name": "Mandat d’ailleurs",
    "slug": "ailleurs",
    "representative": "Odile Deray",
    "territory": "Ailleurs",
    "inhabitants_over_16": "50000",
    "term_start": _day(0),
    "term_end": _day(900),
}
NUMBERS = {f"group{place}": " ".join(map(str, group)) for place, group in enumerate(ceremony.LOTO)}
SEAT, MEMBER = "/seat/{guest}", "/seat/{member}"

# What cannot be undone, one of each kind: by a button or some short fields, and with more than one line.
PRESSED = (
    Door("operator", "/accounts/{account}/disable"),
    Door("operator", "/clock/", leap=timedelta(days=2)),
    Door("organiser", f"{DRAWN}/answers", {"seat": "{seat}", "answer": "accept", "means": "phone"}),
    Door("organiser", f"{SITTING}/documents/{{paper}}/withdraw"),
    Door("organiser", f"{DRAWN}/fill"),
    Door("organiser", f"{LEDGER}/{{asked}}/accept"),
    Door("organiser", f"{LEDGER}/{{asked}}/refuse", {"reason": "Sans billet."}),
    Door("organiser", f"{LEDGER}/pay", {"line": "{due}"}),
    Door("organiser", f"{DRAWN}/swear-in"),
    Door(
        "organiser",
        f"{AMONT}/assemblies/extraordinary",
        {"subject": "Loi sur l’eau", "size": "4", "first": _day(0), "last": _day(46)},
    ),
    Door("organiser", f"{AMONT}/assemblies/plan", {"on": NOW.isoformat(), "shown": "{plan}"}),
    Door("guarantor", f"{VOTES}/{{closed}}/count"),
    Door("organiser", f"{VOTES}/{{vote}}/roll/{{voter}}/hand-out"),
    Door("organiser", f"{VOTES}/{{vote}}/roll/{{voter}}/letter"),
    Door("organiser", f"{VOTES}/{{draft}}/settle"),
    Door("organiser", f"{DRAWS}/{{checked}}/freeze", FREEZING),
    Door("guarantor", f"{DRAWS}/{{numbers}}/numbers", NUMBERS),
    Door("guarantor", f"{DRAWS}/{{reveal}}/reveal", {"secret": "{secret}"}),
    Door("somebody", f"{DRAWS}/{{round}}/round", {"signature": ceremony.SIGNATURE}),
    Door("organiser", f"{PETITIONS}/{{answered}}/archive"),
    Door("author", f"{PETITIONS}/{{petition}}/merge/{{offered}}"),
    Door(
        "guarantor",
        f"{PETITIONS}/{{offered}}/sheets/samples",
        {"dice": "62514 31245 16325 46213", "size": "1"},
    ),
    Door(
        "guarantor",
        f"{PETITIONS}/{{petition}}/sheets/samples/{{sample}}",
        {"line_0": "valid", "line_1": "valid"},
    ),
    Door("author", f"{PETITIONS}/{{draft_petition}}/submit"),
    Door("guarantor", f"{PETITIONS}/{{reported}}/wave/round", {"signature": ceremony.SIGNATURE}),
    Door("organiser", f"{VAL}/pools/{{pool}}/import/{{people}}"),
    Door("organiser", f"{VAL}/pools/{{pool}}/people/{{person}}/withdraw"),
    Door("organiser", f"{VAL}/pools/{{pool}}/people/{{person}}/erase"),
    Door("operator", "/mandates/new", MANDATE),
    Door("somebody", "/me/erase"),
    Door("nobody", f"{SEAT}/decline"),
    Door("nobody", f"{MEMBER}/leave"),
    Door("nobody", f"{MEMBER}/meetings/{{held_meeting}}/approve", {"shown": "{minutes}"}),
)
SAID = (
    Door(
        "organiser", f"{SITTING}/meetings/{{ahead}}/cancel", {"why": LINES}, f"{SITTING}/meetings/{{ahead}}"
    ),
    Door(
        "organiser",
        f"{EXPERT}/nominate",
        {"person": "Odile Dumuid", "email": "odile@example.org", **REASON},
        EXPERT,
    ),
    Door("organiser", f"{AMONT}/charter/edit", {"rules-rules": LINES, **REASON}),
    Door("organiser", f"{VOTES}/{{vote}}/cancel", REASON),
    Door("organiser", f"{DRAWS}/{{checked}}/cancel", REASON),
    Door(
        "guarantor",
        f"{DRAWS}/{{given_up}}/cancel-signature",
        {"cancel-note": "{cancel_note}"},
        f"{DRAWS}/{{given_up}}/desk",
    ),
    Door("guarantor", f"{SIGN}/cosign", {"note": "{cosign_note}"}, f"{SIGN}/desk"),
    Door("guarantor", f"{SIGN}/objections", {"objection-text": LINES}, f"{SIGN}/desk"),
    Door("organiser", f"{SIGN}/objections/{{objection}}/answer", TEXT),
    Door("organiser", f"{PETITIONS}/{{reported}}/answer", TEXT),
    Door("author", f"{PETITIONS}/{{refused}}/appeal", TEXT),
    Door("guarantor", f"{PETITIONS}/{{checked_petition}}/check", {"decision": "admit", **REASON}),
    Door("guarantor", f"{PETITIONS}/{{reviewed}}/desk/reviews/{{review}}", {"opinion": "keep", **REASON}),
    Door("organiser", f"{PETITIONS}/{{reached}}/report", TEXT),
    Door("guarantor", f"{PAPER}/doubles/{{double}}", REASON),
    Door("organiser", f"{PETITIONS}/{{reached}}/steps/1", TEXT),
    Door("author", f"{PETITIONS}/{{petition}}/withdraw", REASON),
    Door("organiser", f"{PETITIONS}/rules/edit", {"categories": "Éducation\r\nSanté", "reason": "Moins."}),
)
# What can be undone, and takes more than one line.
NOTED = (
    Door("guarantor", f"{SIGN}/suspend", {"suspend-reason": LINES}, f"{SIGN}/desk"),
    Door("guarantor", f"{DRAWN}/suspend", REASON, DRAWN),
    Door("guarantor", f"{STOPPED}/resume", REASON, STOPPED),
    Door("organiser", f"{SITTING}/meetings/new", MEETING),
    Door("organiser", f"{AHEAD}/change", {**MEETING, **REASON}),
    Door(
        "organiser",
        f"{SITTING}/meetings/{{held_meeting}}/minutes",
        TEXT,
        f"{SITTING}/meetings/{{held_meeting}}",
    ),
    Door("organiser", f"{SITTING}/modules", {"title": "La loi", **TEXT}, f"{SITTING}/papers"),
    Door(
        "organiser",
        f"{VOTES}/new",
        {
            "title": "Quelle commission ?",
            "explanation": LINES,
            "proposals": "Défense\r\nFinances",
            "opens_at": f"{NOW + timedelta(days=2)}T09:00",
            "closes_at": f"{NOW + timedelta(days=9)}T09:00",
        },
    ),
    Door("organiser", f"{VOTES}/{{draft}}/change", {"explanation": LINES}),
    Door("guarantor", f"{VAL}/oversight/key", {"key": "{key}"}),
    Door("author", f"{PETITIONS}/new", {**PETITION, "step": "text"}, first={"title": "Des repas bio"}),
    Door("author", f"{PETITIONS}/{{draft_petition}}/change", PETITION),
    Door(
        "guarantor",
        f"{PETITIONS}/{{petition}}/desk/aside",
        {"step": "apply", **REASON},
        first={"domain": "bots.example", "step": "preview"},
    ),
    Door("guarantor", f"{PETITIONS}/{{petition}}/desk/restore/{{set_aside}}", REASON),
    Door(
        "organiser",
        f"{VAL}/pools/{{empty}}/quotas/category",
        {"category": "Quartier", "values": "Nord\r\nSud"},
        f"{VAL}/pools/{{empty}}/quotas",
    ),
    Door(
        "organiser",
        f"{VAL}/pools/{{empty}}/derived/age",
        {"category": "Tranche", "bands": "16–39 ans: 16-39\r\n40 ans et plus: 40-", "on": "2027-01-15"},
        f"{VAL}/pools/{{empty}}/derived",
    ),
    Door(
        "organiser",
        f"{VAL}/pools/{{empty}}/derived/postcodes",
        {"places-category": "Secteur", "places-postcodes": "01210: Nord\r\n75001: Sud"},
        f"{VAL}/pools/{{empty}}/derived",
    ),
)
LASTING = (*PRESSED, *SAID)
WRITTEN = (*NOTED, *SAID)
