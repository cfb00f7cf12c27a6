"""Where a refusal becomes an answer: a page, or an exit status with its sentence."""

from __future__ import annotations

import json
import math
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response as BaseResponse

from assemblee import i18n, kept, once
from assemblee import words as _words  # noqa: F401 - enters the sentences of every room
from assemblee.db import BUSY_TIMEOUT_SECONDS, unavailable
from assemblee.draws import ceremony
from assemblee.forms import close_reading, current_store, reading
from assemblee.messages import explain
from assemblee.once import SentBeforeError
from assemblee.refusal import Refusal
from assemblee.security import ask_to_wait, current_actor, seconds_to_wait

# As long as a writer waits for the lock of SQLite.
RETRY_SECONDS = BUSY_TIMEOUT_SECONDS
WANT_FACTOR = {"second-factor-needed", "second-factor-stale"}


def _page(title: str, text: str, status: int, way: tuple[str, str] | None = None) -> Response:
    if request.accept_mimetypes.best == "application/json":
        body = {"type": "about:blank", "title": title, "detail": text, "status": status}
        return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    page = render_template("pages/error.html", title=title, text=text, way=way, written=kept.written())
    return Response(page, status=status)


def sentence(refused: Refusal) -> str:
    """Return the sentence of a refusal where there is no page: on a command line."""
    app = Flask("assemblee")
    i18n.install(app)
    with app.app_context():
        return str(explain(refused))


def _sentences(status: int) -> tuple[str, str]:
    known = {
        400: (_("The request cannot be read"), _("Go back, and try again.")),
        401: (
            _("Sign in first"),
            _("Your session has ended, or you were not signed in. Nothing was changed."),
        ),
        403: (_("Not allowed"), _("This page is for people who hold another role here.")),
        404: (_("Page not found"), _("The address is wrong, or the page is gone.")),
        405: (_("Not possible this way"), _("Go back to the page and use its buttons.")),
        413: (_("The file is too large"), _("Send a smaller file.")),
        429: (
            _("Too many requests"),
            _(
                "What you sent was not taken. Try again in %(minutes)s min at most.",
                minutes=math.ceil(seconds_to_wait() / 60),
            ),
        ),
        500: (
            _("Something broke here"),
            _("The fault is ours; nothing you sent was half kept. Try again, or tell the organisers."),
        ),
    }
    return known.get(status, (_("The request was refused"), _("Go back, and try again.")))


def _leave_trace(code: str) -> None:
    """Record that somebody tried an act which binds on a frozen draw, and was refused.

    Of visitors nothing is recorded: a line for ever would name nobody, and anybody could write a million.
    """
    if code == "clock-in-doubt":
        # No line can be written now.
        return
    view = current_app.view_functions.get(request.endpoint or "")
    draw_id = (request.view_args or {}).get("draw_id")
    if (
        request.method == "POST"
        and current_actor().account is not None
        and draw_id is not None
        and g.get("mandate")
        and getattr(view, "binding", False)
    ):
        # The attempt, not the act: it needs no check page.
        close_reading()
        with current_store().writing() as session:
            act = str(request.endpoint).rpartition(".")[2]
            ceremony.note_attempt(
                session, current_actor(), mandate_id=g.mandate.id, draw_id=draw_id, act=act, refusal=code
            )


def _way_on(code: str) -> tuple[str, str] | None:
    """Return the link to where a second factor is given, which leads back to the page that asked for it."""
    if code not in WANT_FACTOR:
        return None
    page = urlsplit(request.referrer or "")
    back = page.path if page.netloc == request.host else url_for("pages.me")
    return url_for("accounts.factors.ask", next=back), _("Give a second factor")


def require_unsent() -> None:
    """Lead whoever sends a form twice on before its view, for which it may be too late by then."""
    once.require_unsent(reading())


def _sent_before(sent: SentBeforeError) -> BaseResponse:
    close_reading()
    address = once.led_to(reading(), sent.mark)
    if address is not None:
        return redirect(address)
    return _page(
        _("Received already"),
        _("What you sent has arrived, and counts once. Go back to the page before to see it."),
        200,
    )


def _remember(response: Response) -> Response:
    """Note where a form has led, for whoever sends it once more."""
    found = g.pop("once", None)
    if found is not None and response.location:
        close_reading()
        with current_store().writing() as session:
            once.remember(session, found, response.location)
    return response


def _sent_meanwhile() -> BaseResponse | None:
    """Return where the same form has led while this one was looked at, after a double click."""
    if once.mark() is None:
        return None
    close_reading()
    try:
        require_unsent()
    except SentBeforeError as sent:
        return _sent_before(sent)
    return None


def _refused(refusal: Refusal) -> BaseResponse:
    if (led := _sent_meanwhile()) is not None:
        return led
    _leave_trace(refusal.code)
    ask_to_wait(refusal)
    way = _way_on(refusal.code)
    if way is not None and (again := kept.page(_("A second factor is needed"), refusal.status, way)):
        return make_response(again)
    titles = {404: _("Page not found"), 403: _("Not allowed"), 410: _("Too late")}
    title = _("A second factor is needed") if refusal.code in WANT_FACTOR else titles.get(refusal.status)
    return _page(title or _("Not possible now"), explain(refusal), refusal.status, _way_on(refusal.code))


def _forged(_error: CSRFError) -> Response:
    again = kept.page(_("Your session ended meanwhile"), 400)
    if again is not None:
        return make_response(again)
    if not request.cookies:
        return _page(_("Cookies are needed"), kept.without_cookies(), 400)
    return _page(
        _("This form is too old"),
        _("Go back, reload the page and send it again. Nothing was changed."),
        400,
    )


def install(app: Flask) -> None:
    """Give every refusal and every error its page."""
    app.after_request(_remember)
    app.register_error_handler(SentBeforeError, _sent_before)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _forged)

    @app.errorhandler(SQLAlchemyError)
    def without_database(error: SQLAlchemyError) -> Response:
        refusal = unavailable(error)
        if refusal is None:
            raise error
        app.logger.error("%s: %s", refusal.code, type(getattr(error, "orig", error)).__name__)
        # The page must not need what is not there: it is one for nobody in particular.
        g.account = g.mandate = g.actor = None
        g.clock_in_doubt = False
        answer = _page(_("Not possible now"), explain(refusal), refusal.status)
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    def failed(error: HTTPException) -> Response:
        status = error.code or 500
        if status == HTTPStatus.UNAUTHORIZED.value and (again := kept.page(_("Sign in first"), status)):
            return make_response(again)
        return _page(*_sentences(status), status)

    for status in default_exceptions:
        app.register_error_handler(status, failed)
