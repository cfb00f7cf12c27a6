"""Who may do what: roles, the access declaration of each route, and the headers of each page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from assemblee.rates import Counters
from assemblee.refusal import Refusal

View = TypeVar("View", bound=Callable[..., Any])
FORM_RATE = "30 per minute"

limiter = Limiter(get_remote_address, storage_uri=f"{Counters.STORAGE_SCHEME[0]}://")
READING = ("GET", "HEAD")


def is_local(target: str) -> bool:
    """Tell whether an address leads to a page of this site, and can stand in a header.

    Browsers take a reversed stroke for a stroke, and pass over tabs and line ends.
    """
    return target.startswith("/") and target[1:2] not in {"/", "\\"} and target.isprintable()


class Role(StrEnum):
    """The parts a person can hold."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed-in"
    OPERATOR = "operator"
    ORGANISER = "organiser"
    GUARANTOR = "guarantor"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class Actor:
    """Who acts: an account and the roles it holds here.

    Parameters
    ----------
    account : int or None
        Number of the account; none for a visitor and for the command line.
    roles : frozenset of Role
        What the account holds in the mandate at hand, and on the installation.
    door : str
        Where an act without an account comes from.
    second_factor : bool
        Whether this session has proven a second factor, without which no act that binds is taken.
    """

    account: int | None = None
    roles: frozenset[Role] = field(default_factory=lambda: frozenset({Role.EVERYONE}))
    door: str = "visitor"
    second_factor: bool = False

    @property
    def label(self) -> str:
        """The name under which the journal knows this actor: never personal data."""
        return f"account-{self.account}" if self.account is not None else self.door


# Who may run commands on the machine holds the secret key anyway: there is nothing left to prove.
COMMAND_LINE = Actor(None, frozenset({Role.OPERATOR}), "command-line", second_factor=True)
WORKER = Actor(None, frozenset({Role.OPERATOR}), "worker", second_factor=True)


class UndeclaredAccess(Exception):  # noqa: N818 - it reads as what it says
    """A route says nothing of who may use it, so the application does not start."""


def allow(*roles: Role) -> Callable[[View], View]:
    """Declare which roles may use a view."""

    def declare(view: View) -> View:
        view.access = frozenset(roles)  # type: ignore[attr-defined] # a mark on a function
        return view

    return declare


def binding(view: View) -> View:
    """Declare that a view's act binds: a second factor is asked for it, and a refusal of it is recorded.

    Since refusals are recorded, they are limited: nobody may fill the journal with attempts.
    """
    limited = limiter.limit(FORM_RATE, methods=["POST"])(view)
    limited.binding = True  # type: ignore[attr-defined] # a mark on a function
    return cast(View, limited)


def embeddable(view: View) -> View:
    """Declare that other sites may show a view in a frame: no form, nothing of its reader."""
    view.embeddable = True  # type: ignore[attr-defined] # a mark on a function
    return view


def access_table(app: Flask) -> dict[str, frozenset[Role]]:
    """Return the declared access of every endpoint.

    Raises
    ------
    UndeclaredAccess
        Deny by default: an endpoint without a declaration stops the start.
    """
    table = {}
    for endpoint, view in app.view_functions.items():
        if endpoint == "static":
            table[endpoint] = frozenset({Role.EVERYONE})
            continue
        declared = getattr(view, "access", None)
        if declared is None:
            raise UndeclaredAccess(endpoint)
        table[endpoint] = declared
    return table


def current_actor() -> Actor:
    """Return who makes this request."""
    actor: Actor = g.get("actor") or Actor()
    return actor


csrf = CSRFProtect()


def guard() -> Any:  # noqa: ANN401 - what Flask takes from a before_request
    """Let the request through only if one of its actor's roles is declared for the view.

    An act that binds also needs a second factor; who asks for its form is sent to give one first, so that
    nobody fills a form in vain.

    Raises
    ------
    Refusal
        `access-denied` or `second-factor-needed`.
    """
    if request.endpoint is None:
        return None
    declared = current_app.view_functions[request.endpoint]
    wanted: frozenset[Role] = getattr(declared, "access", frozenset({Role.EVERYONE}))
    actor = current_actor()
    if Role.EVERYONE in wanted or wanted & actor.roles:
        if actor.second_factor or not getattr(declared, "binding", False):
            return None
        if request.method in READING:
            return redirect(url_for("accounts.factors.ask", next=request.full_path.rstrip("?")))
        raise Refusal("second-factor-needed", status=403)
    if actor.account is None:
        if request.method in READING:
            return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    raise Refusal("access-denied", status=403)


def _headers(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    ancestors = "*" if getattr(view, "embeddable", False) else "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store" if current_actor().account else "no-cache")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def install(app: Flask, *, trusted_proxies: int) -> None:
    """Give the application its guards; call it once every blueprint is registered."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(guard)
    app.after_request(_headers)
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask documents it
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=trusted_proxies
        )
    access_table(app)
