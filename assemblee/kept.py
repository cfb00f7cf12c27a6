"""What was typed comes back when a session has ended meanwhile, a page grew old, a factor is wanted.

The page that refuses such a form carries all of it, and sends it again once the person can; it is one form,
so that it acts once. Any other page that refuses a form shows what was written, to copy. Forms of other sites
get none of this: nobody shall send by a button what they never typed. Passwords and codes do not come back.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from assemblee.security import Role, current_actor

SECRETS = frozenset({"password", "current", "new", "repeat", "code", "secret", "totp"})
OF_THE_PAGE = frozenset({"csrf_token"})


def page(title: str, status: int, way: tuple[str, str] | None = None) -> tuple[str, int] | None:
    """Return the page that gives back what was typed, or nothing where there is nothing to give back.

    Parameters
    ----------
    way : (str, str), optional
        Address and words of what is to be done first.
    """
    typed = _typed()
    if not any(value.strip() for _name, value in typed):
        return None
    shown = render_template(
        "pages/kept.html",
        title=title,
        typed=typed,
        written=written(),
        way=way or _sign_in(),
        without_cookies=None if request.cookies else without_cookies(),
        has_files=bool(request.files),
    )
    return shown, status


def written() -> list[str]:
    """Return what was written in words, so that it can be copied."""
    return [value for _name, value in _typed() if any(map(str.isspace, value.strip()))]


def without_cookies() -> str:
    """Say what to do to somebody whose browser keeps no cookie."""
    return str(
        _(
            "Your browser sends no cookies. Let it keep those of this site: without them nothing can be sent "
            "from here."
        )
    )


def _typed() -> list[tuple[str, str]]:
    """Return what came with a form of this site; nothing of one that holds a secret, or is too large."""
    if request.method != "POST" or not is_from_here():
        return []
    try:
        typed = [(name, value) for name, value in request.form.items(multi=True) if name not in OF_THE_PAGE]
    except HTTPException:
        return []
    return [] if any(name in SECRETS for name, _value in typed) else typed


def is_from_here() -> bool:
    """Tell whether a form comes from a page of this site."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    found = urlsplit(request.headers.get("Origin") or request.referrer or "")
    return found.netloc == request.host


def _sign_in() -> tuple[str, str] | None:
    view = current_app.view_functions.get(request.endpoint or "")
    wanted = getattr(view, "access", frozenset({Role.EVERYONE}))
    if Role.EVERYONE in wanted or current_actor().account is not None:
        return None
    return url_for("accounts.sign_in"), _("Sign in, in another tab")
