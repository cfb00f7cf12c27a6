"""The web application: joins the rooms, and decides who each request comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, Request, flash, g, request, url_for
from flask import session as visit
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError
from werkzeug.utils import cached_property

import assemblee.assemblies.erasing
import assemblee.assemblies.rotation.electorate
import assemblee.assemblies.seats.filling
import assemblee.assemblies.work
import assemblee.consultations.erasing
import assemblee.consultations.work
import assemblee.draws.work
import assemblee.petitions.life.electorate
import assemblee.petitions.life.erasing
import assemblee.petitions.waves.work
import assemblee.pools.erasing
import assemblee.pools.work  # noqa: F401 - each registers what its room does for others
from assemblee import clock, config, discretion, errors, i18n, messages, once, security, words
from assemblee.accounts.actions import USE_NOTED_EVERY, close_session, note_use
from assemblee.accounts.models import SignIn
from assemblee.accounts.queries import open_sign_in
from assemblee.accounts.views import TOKEN
from assemblee.accounts.views_factors import accounts
from assemblee.assemblies.views_calendar import assemblies
from assemblee.consultations.views_counter import consultations
from assemblee.db import Store
from assemblee.draws.views_ceremony import draws
from assemblee.draws.views_freezing import lottery_pages
from assemblee.forms import close_reading, current_config, current_store, reading
from assemblee.jobs.views import jobs
from assemblee.journal.views import journal
from assemblee.journal.views_clock import clock_pages, is_in_doubt, watch
from assemblee.mandates import queries as mandate_queries
from assemblee.mandates.views import mandates
from assemblee.oversight.views import oversight
from assemblee.pages.views import pages
from assemblee.petitions.views import petitions
from assemblee.pools.importing import LARGEST_FILE
from assemblee.pools.views_deriving import pools
from assemblee.security import Role, current_actor
from assemblee.written import visible

# Sent by a page that refreshes itself.
REFRESH = "X-Refresh"
BLUEPRINTS = (
    pages,
    accounts,
    mandates,
    pools,
    draws,
    lottery_pages,
    assemblies,
    consultations,
    petitions,
    oversight,
    journal,
    clock_pages,
    jobs,
)


class RowNumber(IntegerConverter):
    """A number in an address: one that no row can have is not found, instead of being asked for."""

    def __init__(self, url_map: Map, fixed_digits: int = 0) -> None:
        super().__init__(url_map, fixed_digits, max=2**31 - 1)


class Application(Flask):
    """Flask, whose log names the route of a request that broke: its address may open somebody's page."""

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - what Flask passes
        """Write what broke, and where."""
        route = request.url_rule.rule if request.url_rule else "no route"
        self.logger.error("%s %s broke", request.method, route, exc_info=exc_info)


class Word(UnicodeConverter):
    """A word in an address: no name or token holds what nobody can see, and PostgreSQL takes no NUL."""

    def to_python(self, value: str) -> str:
        """Take the word, or let the address be one of no page."""
        if not value.isprintable():
            raise ValidationError
        return value


class Asked(Request):
    """A request whose questions behind the address hold what people can see, and nothing else."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        """Return the parameters of the address."""
        given = super().args.items(multi=True)
        return ImmutableMultiDict([(name, visible(value)) for name, value in given])


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login has no types
    """What Flask-Login knows of a visitor: the token of an open sign-in, its account, what it has proven."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.id = token
        self.account = sign_in.account
        self.opened_at, self.used_at = sign_in.opened_at, sign_in.used_at or sign_in.opened_at
        self.second_factor = sign_in.second_factor_at is not None


def template_folder() -> str:
    """Return the templates: inside the installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "templates"
    return str(inside if inside.exists() else package.parent / "templates")


def create_app(settings: config.Config, store: Store | None = None) -> Flask:
    """Build the application of one installation.

    Raises
    ------
    assemblee.security.UndeclaredAccess
        A route says nothing of who may use it.
    """
    discretion.hush_logs()
    app = Application("assemblee", template_folder=template_folder(), static_folder="static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_FILE + 2**20,
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_NAME=settings.cookie("assemblee"),
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        # WTForms keeps its own translations; Flask-WTF would read their file again for each request.
        WTF_I18N_ENABLED=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        describe=messages.describe, fresh_once=once.fresh, messages=messages, words=words, Role=Role
    )
    app.request_class = Asked
    app.url_map.converters.update({"int": RowNumber, "default": Word, "string": Word})
    app.extensions["assemblee.config"] = settings
    app.extensions["assemblee.store"] = store or Store.of(settings)
    i18n.install(app, cookie=settings.cookie(i18n.COOKIE))
    errors.install(app)
    _install_accounts(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.url_value_preprocessor(_take_mandate)
    app.before_request(_take_actor)
    app.before_request(watch)
    security.install(app, trusted_proxies=settings.trusted_proxies)
    app.before_request(errors.require_unsent)
    app.context_processor(_layout)
    app.teardown_request(close_reading)
    return app


def _install_accounts(app: Flask) -> None:
    # Pages are told who asks by `_layout`: one that says that the database is away must not ask it.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator] # the same
    def load(token: str) -> SignedIn | None:
        sign_in = open_sign_in(reading(), token)
        return SignedIn(token, sign_in) if sign_in else None


def _take_mandate(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    # The short name leaves the view's arguments here; the mandate itself is read once the request has begun.
    g.mandate = None
    g.mandate_slug = (values or {}).pop("mandate", None)


def _take_actor() -> None:
    if request.endpoint in (None, "static"):
        return
    session = reading()
    if g.mandate_slug is not None:
        g.mandate = mandate_queries.mandate_by_slug(session, g.mandate_slug)
    is_known = current_user.is_authenticated and not _is_idle(session)
    g.account = current_user.account if is_known else None
    actor = mandate_queries.actor_of(session, g.account, g.mandate)
    g.actor = replace(actor, second_factor=is_known and current_user.second_factor)


def _is_idle(session: Session) -> bool:
    """Tell whether nobody used this request's sign-in for too long, and end it; else note its use."""
    now, minutes, hours = clock.now(), current_config().staff_idle_minutes, current_config().staff_hours
    unused = now - current_user.used_at
    if unused <= USE_NOTED_EVERY:
        return False
    is_idle, is_old = (
        unused > timedelta(minutes=minutes),
        now - current_user.opened_at > timedelta(hours=hours),
    )
    is_over = (is_idle or is_old) and mandate_queries.is_staff(session, current_user.account)
    # A page that refreshes itself is nobody's act: neither a use, nor where the end should be told.
    if REFRESH in request.headers:
        return is_over
    # In a session of its own: what was read for this request stays as it is.
    with current_store().writing() as database:
        if is_over:
            close_session(database, current_user.id)
        else:
            note_use(database, current_user.id)
    if is_over:
        visit.pop(TOKEN, None)
        flash(
            _("You were signed out: for %(minutes)s minutes nothing was asked of this site.", minutes=minutes)
            if is_idle
            else _(
                "You were signed out: a sign-in of those who run a mandate lasts %(hours)s hours.",
                hours=hours,
            )
        )
    return is_over


def _navigation() -> list[dict[str, Any]]:
    roles = current_actor().roles
    items: list[tuple[str, str, str]] = []
    mandate = g.get("mandate")
    if mandate is not None:
        here = {"mandate": mandate.slug}
        items.append((_("The mandate"), url_for("pages.mandate", **here), "pages.mandate"))
        items.append((_("Assemblies"), url_for("assemblies.index", **here), "assemblies."))
        items.append((_("Draws"), url_for("draws.index", **here), "draws."))
        items.append((_("Consultations"), url_for("consultations.index", **here), "consultations."))
        items.append((_("Petitions"), url_for("petitions.life.index", **here), "petitions."))
        items.append((_("Charter"), url_for("mandates.charters.show", **here), "mandates.charters."))
        if Role.ORGANISER in roles:
            items.append((_("Pools"), url_for("pools.index", **here), "pools."))
        if Role.GUARANTOR in roles:
            items.append((_("Guarantors' desk"), url_for("oversight.desk", **here), "oversight."))
        if roles & {Role.ORGANISER, Role.OPERATOR}:
            items.append((_("Roles"), url_for("mandates.roles", **here), "mandates.roles"))
    items.append((_("Journal"), url_for("journal.index"), "journal."))
    if Role.OPERATOR in roles:
        items.append((_("Long work"), url_for("jobs.index"), "jobs."))
        items.append((_("Accounts"), url_for("accounts.index"), "accounts.index"))
    endpoint = request.endpoint or ""
    return [
        {"label": label, "url": url, "current": endpoint.startswith(prefix)} for label, url, prefix in items
    ]


def _layout() -> dict[str, Any]:
    locale = i18n.language()
    other = "en" if locale == "fr" else "fr"
    return {
        "locale": locale,
        "mandate": g.get("mandate"),
        "account": g.get("account"),
        "actor": current_actor(),
        "navigation": _navigation(),
        "clock_in_doubt": is_in_doubt(),
        "other_language": {
            "code": other,
            "label": i18n.LANGUAGES[other],
            "url": url_for("pages.language", code=other, next=_page_address()),
        },
    }


def _page_address() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.path
