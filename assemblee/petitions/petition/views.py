"""What every page of a petition begins with: who may see it, and its address."""

from __future__ import annotations

from flask import g, url_for

from assemblee.forms import current_config, reading
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, State
from assemblee.refusal import Refusal
from assemblee.security import Role, current_actor


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
    return url_for("petitions.life.show", mandate=g.mandate.slug, number=found.id)


def address_of(found: Petition) -> str:
    """Return the whole address of a petition's page, as other sites and papers need it."""
    return current_config().base_url + page_of(found)
