"""What every page of a petition begins with: who may see it, and its address."""

from __future__ import annotations

from flask import g, url_for

from assemblee.forms import current_config, reading
from assemblee.petitions.petition import queries
from assemblee.petitions.petition.models import Petition, PetitionState
from assemblee.refusal import Refusal
from assemblee.security import Role, current_actor


def is_author(petition: Petition) -> bool:
    """Tell whether the visitor wrote a petition."""
    account = current_actor().account
    return account is not None and petition.account_id == account


def shown(number: int) -> Petition:
    """Return a petition that the visitor may see.

    One that looks for sponsors is in no list, but whoever has its address can read and sign it. One that
    was not admitted is for its author and the guarantors.
    """
    petition = queries.petition(reading(), g.mandate.id, number)
    is_open = petition.is_public or petition.state == PetitionState.SPONSORS
    if is_open or is_author(petition) or Role.GUARANTOR in current_actor().roles:
        return petition
    raise Refusal("petition-unknown", status=404)


def page_of(petition: Petition) -> str:
    """Return the address of a petition's page."""
    return url_for("petitions.life.show", mandate=g.mandate.slug, number=petition.id)


def address_of(petition: Petition) -> str:
    """Return the whole address of a petition's page, as other sites and papers need it."""
    return current_config().base_url + page_of(petition)
