"""The pages of petitions: those of every room inside this one, under one name."""

from __future__ import annotations

from flask import Blueprint

from assemblee.petitions.data.views import petition_data
from assemblee.petitions.desk.views import desk_pages
from assemblee.petitions.life.views import life_pages
from assemblee.petitions.life.views_answering import answering_pages
from assemblee.petitions.paper.views import sheet_pages
from assemblee.petitions.rules.views import rule_pages
from assemblee.petitions.signing.views import signing_pages
from assemblee.petitions.signing.views_codes import letter_pages
from assemblee.petitions.text.views import author_pages
from assemblee.petitions.text.views_checking import checking_pages
from assemblee.petitions.waves.views import invitation_pages, wave_pages

petitions = Blueprint("petitions", __name__)
for pages in (
    rule_pages,
    author_pages,
    checking_pages,
    signing_pages,
    letter_pages,
    sheet_pages,
    desk_pages,
    life_pages,
    answering_pages,
    petition_data,
    wave_pages,
    invitation_pages,
):
    petitions.register_blueprint(pages)
