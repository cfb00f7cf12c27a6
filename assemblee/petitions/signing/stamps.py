"""The stamp of a signing form: when it was shown, signed by the site, and a mark by which it serves once."""

from __future__ import annotations

import secrets
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from assemblee import clock
from assemblee.petitions.signing.actions import Stamp
from assemblee.refusal import Refusal

SALT = "petition-form"
OLDEST = timedelta(hours=24)
# Nobody reads a petition and types a name and an address in less.
FASTEST = timedelta(seconds=3)
LONGEST = 200


def write(secret_key: str, petition_id: int) -> str:
    """Return the stamp of a form that is shown now."""
    shown = int(clock.now().timestamp() * 1000)
    return str(URLSafeSerializer(secret_key, SALT).dumps([secrets.token_hex(16), petition_id, shown]))


def read(secret_key: str, petition_id: int, text: str) -> Stamp:
    """Return the mark of a form, and for how many seconds it was open.

    Raises
    ------
    Refusal
        `form-stamp-invalid` (forged, of another petition, older than a day) or `form-too-fast`.
    """
    try:
        mark, petition, shown = URLSafeSerializer(secret_key, SALT).loads(text[:LONGEST])
    except (BadSignature, ValueError):
        raise Refusal("form-stamp-invalid", status=422) from None
    open_for = timedelta(milliseconds=int(clock.now().timestamp() * 1000) - shown)
    if petition != petition_id or open_for > OLDEST:
        raise Refusal("form-stamp-invalid", status=422)
    if open_for < FASTEST:
        raise Refusal("form-too-fast", status=422)
    return Stamp(mark, int(open_for.total_seconds()))
