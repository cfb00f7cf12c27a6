"""Public pages of petitions: the list, each with its progress, who signed, and the frame for other sites."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.days import day_in
from assemblee.db import database_now
from assemblee.forms import reading
from assemblee.i18n import LANGUAGES, language
from assemblee.pager import Page, asked_page
from assemblee.petitions.data import exports
from assemblee.petitions.data import queries as public_queries
from assemblee.petitions.life import timeline
from assemblee.petitions.paper import samples
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import PUBLIC, Petition, PetitionState
from assemblee.petitions.petition.views import address_of, is_author, shown
from assemblee.petitions.rules import queries as rule_queries
from assemblee.petitions.rules import wording
from assemblee.petitions.rules.document import PetitionRules
from assemblee.petitions.text import queries as text_queries
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, current_actor, embeddable

life_pages = Blueprint("life", __name__, url_prefix="/m/<mandate>/petitions")
Answer = str | Redirect | tuple[str, int]
PER_PAGE, NAMES_SHOWN, NAMES_PER_PAGE = 20, 20, 100
ORDERS = ("newest", "signatures")
LONGEST_SEARCH = 200


@life_pages.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List the petitions that everybody sees."""
    session = reading()
    version = rule_queries.latest(session, g.mandate.id)
    states = {str(state) for state in PUBLIC}
    asked = request.args
    wanted = public_queries.Wanted(
        text=asked.get("text", "").strip()[:LONGEST_SEARCH],
        category=asked.get("category", ""),
        state=asked["state"] if asked.get("state") in states else "",
        order=asked["order"] if asked.get("order") in ORDERS else ORDERS[0],
    )
    number = asked_page()
    rows, total = public_queries.listed(
        session, g.mandate.id, wanted, offset=(number - 1) * PER_PAGE, limit=PER_PAGE
    )
    values = {"mandate": g.mandate.slug, **vars(wanted)}
    now = database_now(session)
    return render_template(
        "petitions/life/index.html",
        rows=[(one, queries.phase(one, now), progress(one)) for one in rows],
        wanted=wanted,
        rules=rule_queries.rules_of(version) if version else None,
        states=list(PUBLIC),
        is_filtered=any((wanted.text, wanted.category, wanted.state)),
        total=total,
        page=Page("petitions.life.index", number, total, PER_PAGE, values),
    )


def progress(petition: Petition) -> dict[str, Any]:
    """Return how far a petition is: its signatures, and what the next step needs and opens."""
    rules = rule_queries.rules_of(petition.version)
    place = min(petition.steps, len(rules.steps) - 1)
    following = rules.steps[place]
    return {
        "counted": petition.counted,
        "needed": following.step.threshold.needed(rules.inhabitants),
        "opens": wording.label(following),
        "is_last_reached": petition.steps == len(rules.steps),
    }


@life_pages.get("/<int:number>")
@allow(Role.EVERYONE)
def show(number: int) -> str:
    """Show a petition: what it asks for, how far it is, what was done and what comes next."""
    session = reading()
    petition = shown(number)
    rules = rule_queries.rules_of(petition.version)
    now = database_now(session)
    today = day_in(now, g.mandate.time_zone)
    phase = queries.phase(petition, now)
    names, number_of_names = public_queries.public_signatures(session, petition, offset=0, limit=NAMES_SHOWN)
    return render_template(
        "petitions/life/show.html",
        petition=petition,
        rules=rules,
        phase=phase,
        State=PetitionState,
        progress=progress(petition),
        steps=[_linked(step) for step in timeline.of(petition, rules, phase, today)],
        conditions=[(one, wording.conditions(one)) for one in rules.steps],
        wording=wording,
        spreads=_spreads(petition, rules),
        periods=exports.periods(session, petition),
        districts=exports.districts(session, petition, rules),
        samples=samples.of_petition(session, petition),
        names=names,
        number_of_names=number_of_names,
        can_sign=queries.can_be_signed(petition, now),
        is_author=is_author(petition),
        unanswered=timeline.unanswered(petition, rules),
        address=address_of(petition),
        offers=text_queries.offers(session, petition) if is_author(petition) else [],
        merged_into=_other(petition.merged_into_id),
        confirm=ConfirmForm(formdata=None),
        **_may(petition, phase),
    )


def _linked(step: timeline.Step) -> timeline.Step:
    """Return a step with the address of the page by which it is checked."""
    if step["check"] is None:
        return step
    endpoint, values, words = step["check"]
    return {**step, "check": (url_for(endpoint, **values), words)}


def _may(petition: Petition, phase: PetitionState) -> dict[str, bool]:
    """Return what the visitor could do next with a petition."""
    roles, is_own = current_actor().roles, is_author(petition)
    is_checked = phase in (PetitionState.CHECK, PetitionState.APPEAL)
    has_spoken = any(one.account_id == current_actor().account for one in petition.rulings)
    return {
        "may_check": Role.GUARANTOR in roles and is_checked and not is_own and not has_spoken,
        "may_answer": Role.ORGANISER in roles and petition.steps > 0,
    }


def _other(number: int | None) -> Petition | None:
    return queries.petition(reading(), g.mandate.id, number) if number is not None else None


def _spreads(petition: Petition, rules: PetitionRules) -> list[tuple[int, int]]:
    """Return in how many districts each step is reached, and in how many it has to be."""
    if not any(one.step.spread for one in rules.steps):
        return []
    tally = rules.tally(petition.counted, queries.by_district(reading(), petition))
    return [
        (len(one.step.spread.reached_in(tally)), one.step.spread.districts) if one.step.spread else (0, 0)
        for one in rules.steps
    ]


@life_pages.get("/<int:number>/signatures")
@allow(Role.EVERYONE)
def signatures(number: int) -> str:
    """List those who agreed to show that they signed."""
    petition = shown(number)
    asked = asked_page()
    rows, total = public_queries.public_signatures(
        reading(), petition, offset=(asked - 1) * NAMES_PER_PAGE, limit=NAMES_PER_PAGE
    )
    values = {"mandate": g.mandate.slug, "number": number}
    return render_template(
        "petitions/life/signatures.html",
        petition=petition,
        rows=rows,
        page=Page("petitions.life.signatures", asked, total, NAMES_PER_PAGE, values),
    )


@life_pages.get("/<int:number>/embed")
@allow(Role.EVERYONE)
@embeddable
def embed(number: int) -> str:
    """Show a petition in a small frame of another site: no form, no cookie, no script."""
    session = reading()
    petition = queries.petition(session, g.mandate.id, number)
    if not petition.is_public:
        raise Refusal("petition-unknown", status=404)
    asked = request.args.get("language", "")
    with force_locale(asked if asked in LANGUAGES else language()):
        return render_template(
            "petitions/life/embed.html",
            petition=petition,
            phase=queries.phase(petition, database_now(session)),
            progress=progress(petition),
            can_sign=queries.can_be_signed(petition, database_now(session)),
            locale=language(),
        )
