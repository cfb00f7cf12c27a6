"""Public pages of petitions: the list, each petition with its progress, who signed, and the rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from assemblee.accounts.forms import ConfirmForm
from assemblee.db import database_now
from assemblee.forms import current_config, reading, writing
from assemblee.i18n import LANGUAGES, language
from assemblee.journal import tree
from assemblee.pager import Page, asked_page
from assemblee.petitions.life import exports, timeline
from assemblee.petitions.paper import samples
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import PUBLIC, Petition, RulesVersion, State
from assemblee.petitions.rules import rulebook, wording
from assemblee.petitions.rules.document import Rules, ready_made
from assemblee.petitions.rules.forms import RulesForm
from assemblee.petitions.text import queries as text_queries
from assemblee.pools import queries as pools
from assemblee.refusal import Refusal
from assemblee.security import Role, allow, binding, current_actor, embeddable

petitions = Blueprint("petitions", __name__, url_prefix="/m/<mandate>/petitions")
Answer = str | Redirect | tuple[str, int]
PER_PAGE, NAMES_SHOWN, NAMES_PER_PAGE = 20, 20, 100
ORDERS = ("newest", "signatures")
LONGEST_SEARCH = 200


def is_author(found: Petition) -> bool:
    """Tell whether the visitor wrote a petition."""
    account = current_actor().account
    return account is not None and found.account_id == account


def shown(number: int) -> Petition:
    """Return a petition that the visitor may see.

    One that looks for sponsors is in no list, but whoever has its address can read and sign it. One that
    was not admitted is for its author and the guarantors.
    """
    found = queries.petition(reading(), g.mandate.id, number)
    is_open = found.is_public or found.state == State.SPONSORS
    if is_open or is_author(found) or Role.GUARANTOR in current_actor().roles:
        return found
    raise Refusal("petition-unknown", status=404)


def page_of(found: Petition) -> str:
    """Return the address of a petition's page."""
    return url_for("petitions.show", mandate=g.mandate.slug, number=found.id)


def address_of(found: Petition) -> str:
    """Return the whole address of a petition's page, as other sites and papers need it."""
    return current_config().base_url + page_of(found)


@petitions.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List the petitions that everybody sees."""
    session = reading()
    version = rulebook.latest(session, g.mandate.id)
    states = {str(state) for state in PUBLIC}
    asked = request.args
    wanted = queries.Wanted(
        text=asked.get("text", "").strip()[:LONGEST_SEARCH],
        category=asked.get("category", ""),
        state=asked["state"] if asked.get("state") in states else "",
        order=asked["order"] if asked.get("order") in ORDERS else ORDERS[0],
    )
    number = asked_page()
    rows, total = queries.listed(
        session, g.mandate.id, wanted, offset=(number - 1) * PER_PAGE, limit=PER_PAGE
    )
    values = {"mandate": g.mandate.slug, **vars(wanted)}
    now = database_now(session)
    return render_template(
        "petitions/life/index.html",
        rows=[(one, queries.phase(one, now), progress(one)) for one in rows],
        wanted=wanted,
        rules=rulebook.rules_of(version) if version else None,
        states=list(PUBLIC),
        is_filtered=any((wanted.text, wanted.category, wanted.state)),
        total=total,
        page=Page("petitions.index", number, total, PER_PAGE, values),
    )


def progress(found: Petition) -> dict[str, Any]:
    """Return how far a petition is: its signatures, and what the next step needs and opens."""
    rules = rulebook.rules_of(found.version)
    place = min(found.steps, len(rules.steps) - 1)
    following = rules.steps[place]
    return {
        "counted": found.counted,
        "needed": following.step.threshold.needed(rules.inhabitants),
        "opens": wording.label(following),
        "is_last_reached": found.steps == len(rules.steps),
    }


@petitions.get("/<int:number>")
@allow(Role.EVERYONE)
def show(number: int) -> str:
    """Show a petition: what it asks for, how far it is, what was done and what comes next."""
    session = reading()
    found = shown(number)
    rules = rulebook.rules_of(found.version)
    now = database_now(session)
    phase = queries.phase(found, now)
    names, number_of_names = queries.public_signatures(session, found, offset=0, limit=NAMES_SHOWN)
    return render_template(
        "petitions/life/show.html",
        petition=found,
        rules=rules,
        phase=phase,
        State=State,
        progress=progress(found),
        steps=[_linked(step) for step in timeline.of(found, rules, phase, now.date())],
        conditions=[(one, wording.conditions(one)) for one in rules.steps],
        wording=wording,
        spreads=_spreads(found, rules),
        periods=exports.periods(session, found),
        districts=exports.districts(session, found, rules),
        samples=samples.of_petition(session, found),
        names=names,
        number_of_names=number_of_names,
        can_sign=queries.can_be_signed(found, now),
        is_author=is_author(found),
        unanswered=timeline.unanswered(found, rules),
        address=address_of(found),
        offers=text_queries.offers(session, found) if is_author(found) else [],
        merged_into=_other(found.merged_into_id),
        confirm=ConfirmForm(formdata=None),
        **_may(found, phase),
    )


def _linked(step: timeline.Step) -> timeline.Step:
    """Return a step with the address of the page by which it is checked."""
    if step["check"] is None:
        return step
    endpoint, values, words = step["check"]
    return {**step, "check": (url_for(endpoint, **values), words)}


def _may(found: Petition, phase: State) -> dict[str, bool]:
    """Return what the visitor could do next with a petition."""
    roles, is_own = current_actor().roles, is_author(found)
    is_checked = phase in (State.CHECK, State.APPEAL)
    has_spoken = any(one.account_id == current_actor().account for one in found.rulings)
    return {
        "may_check": Role.GUARANTOR in roles and is_checked and not is_own and not has_spoken,
        "may_answer": Role.ORGANISER in roles and found.steps > 0,
    }


def _other(number: int | None) -> Petition | None:
    return queries.petition(reading(), g.mandate.id, number) if number is not None else None


def _spreads(found: Petition, rules: Rules) -> list[tuple[int, int]]:
    """Return in how many districts each step is reached, and in how many it has to be."""
    if not any(one.step.spread for one in rules.steps):
        return []
    tally = rules.tally(found.counted, queries.by_district(reading(), found))
    return [
        (len(one.step.spread.reached_in(tally)), one.step.spread.districts) if one.step.spread else (0, 0)
        for one in rules.steps
    ]


@petitions.get("/<int:number>/signatures")
@allow(Role.EVERYONE)
def signatures(number: int) -> str:
    """List those who agreed to show that they signed."""
    found = shown(number)
    asked = asked_page()
    rows, total = queries.public_signatures(
        reading(), found, offset=(asked - 1) * NAMES_PER_PAGE, limit=NAMES_PER_PAGE
    )
    values = {"mandate": g.mandate.slug, "number": number}
    return render_template(
        "petitions/life/signatures.html",
        petition=found,
        rows=rows,
        page=Page("petitions.signatures", asked, total, NAMES_PER_PAGE, values),
    )


@petitions.get("/<int:number>/embed")
@allow(Role.EVERYONE)
@embeddable
def embed(number: int) -> str:
    """Show a petition in a small frame of another site: no form, no cookie, no script."""
    session = reading()
    found = queries.petition(session, g.mandate.id, number)
    if not found.is_public:
        raise Refusal("petition-unknown", status=404)
    asked = request.args.get("language", "")
    with force_locale(asked if asked in LANGUAGES else language()):
        return render_template(
            "petitions/life/embed.html",
            petition=found,
            phase=queries.phase(found, database_now(session)),
            progress=progress(found),
            can_sign=queries.can_be_signed(found, database_now(session)),
            locale=language(),
        )


@petitions.get("/rules")
@allow(Role.EVERYONE)
def rules_page() -> str:
    """Show the rules in force in plain words, and the list of versions."""
    session = reading()
    version = rulebook.latest(session, g.mandate.id)
    return render_template(
        "petitions/rules/show.html",
        version=version,
        versions=rulebook.versions(session, g.mandate.id),
        **_explained(version),
    )


@petitions.get("/rules/<int:wanted>")
@allow(Role.EVERYONE)
def rules_version(wanted: int) -> str:
    """Show one version of the rules."""
    version = _version(wanted)
    return render_template("petitions/rules/version.html", version=version, **_explained(version))


@petitions.get("/rules/<int:wanted>.json")
@allow(Role.EVERYONE)
def rules_document(wanted: int) -> Response:
    """Give the bytes whose hash stands in the journal."""
    return Response(tree.canonical(_version(wanted).document), mimetype="application/json")


def _version(wanted: int) -> RulesVersion:
    for version in rulebook.versions(reading(), g.mandate.id):
        if version.number == wanted:
            return version
    raise Refusal("petition-rules-missing", status=404)


def _explained(version: RulesVersion | None) -> dict[str, Any]:
    if version is None:
        return {"rules": None}
    rules = rulebook.rules_of(version)
    return {
        "rules": rules,
        "steps": [
            (wording.needed(one, rules), wording.conditions(one), wording.opens(one)) for one in rules.steps
        ],
        "wording": wording,
    }


@petitions.route("/rules/edit", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@binding
def rules_edit() -> Answer:
    """Publish rules: the first ones, or a version that replaces those in force."""
    session = reading()
    version = rulebook.latest(session, g.mandate.id)
    base = rulebook.rules_of(version) if version else ready_made(g.mandate.inhabitants_over_16)
    form = RulesForm() if request.method == "POST" else RulesForm.of(base)
    form.offer([(pool.id, pool.name) for pool in pools.pools(session, g.mandate.id)])
    if form.validate_on_submit():
        try:
            with writing() as writer:
                rulebook.publish(writer, current_actor(), g.mandate, form.rules(), form.reason.data or "")
        except Refusal as refused:
            form.place(refused)
        else:
            flash(_("The rules are published. Petitions written before keep theirs."))
            return redirect(url_for("petitions.rules_page", mandate=g.mandate.slug))
    page = render_template("petitions/rules/edit.html", form=form, version=version)
    return page, 422 if form.errors else 200
