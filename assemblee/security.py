"""Who may do what: roles, the access declaration of each route, and the headers of each page."""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_limiter import ApplicationLimit, Limiter
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from assemblee.mail.addresses import key_of
from assemblee.rates import Counters
from assemblee.refusal import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])
# Of one account, or of one link; of one network where there is neither.
FORM_RATE = "30 per minute"
PAPER_RATE = "60 per minute"
# Of one network, behind which a whole room may sit.
ROOM_RATE, MAIL_RATE = "300 per minute", "60 per minute; 600 per hour"
# Of one mailbox, for one network: who asks for more from elsewhere is not kept from it.
MAILBOX_RATE = "10 per hour"
# Of all forms together.
NETWORK_RATE = "600 per minute"
IPV6_PREFIX = 64
A_MINUTE = 60
READING = ("GET", "HEAD")


def network() -> str:
    """Return the address that a request comes from; of IPv6 the part that one line has to itself."""
    found = ipaddress.ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - compared, not listened to
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)


def sender() -> str:
    """Return who sends a form, as nearly as it can be told: an account, a link, else a network."""
    account = current_actor().account
    if account is not None:
        return f"account-{account}"
    parts = request.view_args or {}
    link = next((str(parts[name]) for name in ("token", "nonce") if name in parts), None)
    return network() if link is None else _mark(link)


def typed(field: str) -> Callable[[], str]:
    """Return what counts a form by what is typed into one of its fields, for one network."""
    return lambda: f"{network()} {_mark(key_of(request.form.get(field)) or '')}"


def _mark(text: str) -> str:
    # Of one length, whatever somebody sends, and no secret in memory.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def note_guess() -> None:
    """Count this request among those whose password or code was none."""
    g.is_guess = True


def _was_guess(_response: Response) -> bool:
    return bool(g.get("is_guess"))


limiter = Limiter(
    sender,
    storage_uri=f"{Counters.STORAGE_SCHEME[0]}://",
    application_limits=[
        ApplicationLimit(NETWORK_RATE, key_function=network, exempt_when=lambda: request.method in READING)
    ],
    # What is refused already opens no other counter.
    fail_on_first_breach=True,
)
# A room may guess as often as one sender may send.
guesses = limiter.shared_limit(
    FORM_RATE, scope="guesses", key_func=network, methods=["POST"], deduct_when=_was_guess
)
# Whoever lets mails be sent, to whom they like.
mailing = limiter.shared_limit(MAIL_RATE, scope="mails", key_func=network, methods=["POST"])
to_one_mailbox = limiter.shared_limit(
    MAILBOX_RATE, scope="mailbox", key_func=typed("email"), methods=["POST"]
)
in_a_room = limiter.limit(ROOM_RATE, key_func=network, methods=["POST"])
WATCHDOG = "/health"
HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
OTHER_HOST = "Ce site ne répond pas sous cette adresse. This site does not answer under this address.\n"
# Names of parts of an address, or of its query, that open somebody's page or say who somebody is. What stands
# behind such an address is kept by no browser and no proxy, and the address by no log.
SECRETS = frozenset({"token", "nonce", "receipt", "pseudonym", "code", "next"})


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
    """A route says nothing of who may use it, or whether its act can be undone: nothing starts."""


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


def lasting(view: View) -> View:
    """Declare that what a view does cannot be undone: it writes once its check page was confirmed.

    See `assemblee.confirming`; a view that writes without is stopped.
    """
    view.is_lasting = True  # type: ignore[attr-defined] # a mark on a function
    return view


def undoable(by: str) -> Callable[[View], View]:
    """Declare that what a view does can be undone, and ``by`` what: another act of the same people."""

    def declare(view: View) -> View:
        view.undone_by = by  # type: ignore[attr-defined] # a mark on a function
        return view

    return declare


def embeddable(view: View) -> View:
    """Declare that other sites may show a view in a frame: no form, nothing of its reader."""
    view.embeddable = True  # type: ignore[attr-defined] # a mark on a function
    return view


def is_lasting(view: Callable[..., Any] | None) -> bool:
    """Tell whether what a view does cannot be undone."""
    return bool(getattr(view, "is_lasting", False))


def access_table(app: Flask) -> dict[str, frozenset[Role]]:
    """Return the declared access of every endpoint.

    Raises
    ------
    UndeclaredAccess
        Deny by default: an endpoint without a declaration stops the start.
    """
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "POST" in (rule.methods or ()) and is_lasting(view) == hasattr(view, "undone_by"):
            raise UndeclaredAccess(rule.endpoint)
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


def _is_personal() -> bool:
    """Tell whether an answer may hold something of one person: it is then kept nowhere."""
    return (
        current_actor().account is not None
        or request.method not in READING
        # An address that leads nowhere may be a link that was cut.
        or request.endpoint is None
        or not SECRETS.isdisjoint(request.view_args or ())
        or not SECRETS.isdisjoint(request.args)
    )


def ask_to_wait(refused: Refusal) -> None:
    """Let the answer say when what was refused can be tried again, where the refusal knows it."""
    g.seconds = refused.parameters.get("seconds")


def seconds_to_wait() -> int:
    """Return after how long what was tried too often can be tried again."""
    told = g.get("seconds")
    if isinstance(told, int):
        return max(1, told)
    breached = [limit.reset_at for limit in limiter.current_limits if limit.breached]
    return max(1, math.ceil(max(breached) - time.time())) if breached else A_MINUTE


def _headers(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    ancestors = "*" if getattr(view, "embeddable", False) else "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store" if _is_personal() else "no-cache"
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers.setdefault("Retry-After", str(seconds_to_wait()))
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _under_its_names(app: Flask) -> WSGIApplication:
    """Return the application behind a check of the host that a request asks for.

    It stands before Flask, which would already have taken the host for its own. The watchdog may ask by any.
    """
    inner = app.wsgi_app

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        hosts = app.extensions["assemblee.config"].hosts
        asked = (environ.get("HTTP_HOST") or environ.get("SERVER_NAME") or "").lower()
        named = HOST.fullmatch(asked)
        if environ.get("PATH_INFO") == WATCHDOG or (named and named.group(1) in hosts):
            return inner(environ, start)
        # In both languages, since no cookie of ours comes with another host.
        refused = Response(OTHER_HOST, HTTPStatus.BAD_REQUEST, mimetype="text/plain")
        refused.headers["Cache-Control"] = "no-store"
        return refused(environ, start)

    return answer


def install(app: Flask, *, trusted_proxies: int) -> None:
    """Give the application its guards; call it once every blueprint is registered."""
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(guard)
    app.after_request(_headers)
    app.wsgi_app = _under_its_names(app)  # type: ignore[method-assign, assignment] # as Flask documents it
    if trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # the same
            app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies, x_host=trusted_proxies
        )
    access_table(app)
