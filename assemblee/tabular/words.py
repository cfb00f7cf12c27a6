"""Words that look alike, and the usual words for the columns of a table, in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d-]")
APOSTROPHES = re.compile("[\u2018\u2019\u201b\u02bc\u00b4\uff07`]")
WHOLE_NUMBER = re.compile(r"([+-]?[0-9]+)[.,]0+")
# Longer texts are no words that come again, and would fill the memory.
LONGEST_WORD = 200
# What people write behind the name of a column.
ENDS = " :?*."
NEAR_DASH = re.compile(r"\s*([-/])\s*")

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": (
            "id", "identifiant", "identifier", "reference", "ref", "numero", "number", "nr", "no", "n°", "#",
            "unique id", "response id", "respondent id", "person id", "volunteer id", "nationbuilder id",
            "id de la reponse", "identifiant unique", "numero de dossier", "code", "matricule",
        ),
        "name": (
            "name", "nom complet", "full name", "nom et prenom", "nom prenom", "prenom et nom", "prenom nom",
            "nom, prenom", "votre nom", "your name", "nom et prenoms", "nom affiche",
        ),
        "first name": (
            "first name", "firstname", "given name", "prenom", "prenoms", "votre prenom", "forename",
        ),
        "last name": (
            "last name", "lastname", "surname", "family name", "nom de famille", "nom d'usage",
            "nom de naissance", "nom",
        ),
        "email": (
            "email", "e-mail", "mail", "courriel", "adresse e-mail", "adresse email", "adresse mail",
            "adresse de courriel", "adresse courriel", "adresse electronique", "email address",
            "e-mail address", "mel", "adresse de messagerie", "votre e-mail", "votre adresse e-mail",
            "your email", "username", "nom d'utilisateur",
        ),
        "phone": (
            "phone", "telephone", "tel", "telephone number", "phone number", "mobile", "mobile phone",
            "portable", "telephone portable", "numero de telephone", "tel portable", "gsm", "cell",
        ),
        "address": (
            "address", "adresse", "adresse postale", "postal address", "home address", "rue", "street",
            "domicile", "adresse du domicile",
        ),
        "birth": (
            "birth year", "year of birth", "date of birth", "birth date", "birthdate", "dob", "born",
            "born in", "annee de naissance", "date de naissance", "ne(e) en", "ne(e) le", "nee le", "ne le",
            "naissance",
        ),
        "postcode": ("postcode", "post code", "postal code", "zip", "zip code", "code postal", "cp"),
        "category": ("category", "categorie", "critere", "champ"),
        "value": ("value", "feature", "name", "valeur", "modalite", "reponse", "nom"),
        "min": ("min", "minimum", "mini", "minimum de places", "au moins"),
        "max": ("max", "maximum", "maxi", "maximum de places", "au plus"),
        "min_flex": ("min flex", "minimum souple", "min souple", "minimum flexible"),
        "max_flex": ("max flex", "maximum souple", "max souple", "maximum flexible"),
    }
)  # fmt: skip
"""For each column that the readers know, the words that name it, as :func:`alike` leaves them."""


def alike(text: str) -> str:
    """Return what texts have in common that look alike: case, accents, spaces, dashes and apostrophes aside.

    Examples
    --------
    >>> alike("16\u201334\u00a0ans") == alike("16 - 34 ANS"), alike("\u00c9t\u00e9"), alike("1,0")
    (True, 'ete', '1')
    """
    return _remembered(text) if len(text) <= LONGEST_WORD else _folded(text)


def _folded(text: str) -> str:
    # The acute accent that people type for an apostrophe would become a space with a mark above.
    letters = unicodedata.normalize("NFKD", APOSTROPHES.sub("'", text))
    unmarked = "".join(mark for mark in letters if not unicodedata.combining(mark)).casefold()
    plain = DASHES.sub("-", unmarked).replace("_", " ")
    plain = NEAR_DASH.sub(r"\1", " ".join(plain.split()))
    number = WHOLE_NUMBER.fullmatch(plain)
    return number[1] if number else plain


_remembered = lru_cache(maxsize=4096)(_folded)


def proposed(word: str, known: Iterable[str]) -> str:
    """Return the one known word that looks like another one, or nothing.

    Examples
    --------
    >>> proposed("Woman", ("woman", "man")), proposed("Woman", ("woman", "WOMAN"))
    ('woman', '')
    """
    meant = alike(word)
    found = [one for one in known if alike(one) == meant]
    return found[0] if len(found) == 1 and word else ""


def column_named(header: Iterable[str], name: str) -> str | None:
    """Return the header that is a name, or else the only one that looks like it, marks behind it aside."""
    headers = tuple(header)
    bare = alike(name).rstrip(ENDS)
    like = [one for one in headers if bare and alike(one).rstrip(ENDS) == bare]
    only = like[0] if len(like) == 1 else None
    return name if name in headers else proposed(name, headers) or only


def column_for(header: Iterable[str], meaning: str, taken: Iterable[str] = ()) -> str | None:
    """Return the header that a word of :data:`SYNONYMS` names, the first words before the others."""
    given = set(taken)
    folded = {alike(name).rstrip(ENDS): name for name in reversed(tuple(header)) if name not in given}
    return next((folded[word] for word in SYNONYMS[meaning] if word in folded), None)
