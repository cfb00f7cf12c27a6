"""The charter that a new mandate begins with, in the words of French deliberative mandates."""

from __future__ import annotations

from assemblee.mandates.charter import Body, Charter
from assemblee.mandates.models import Mandate
from sortition.recipes import READY_MADE, Calendar

ASSEMBLY, GROUP, GUARANTORS, EXPERTS, EXTRAORDINARY = READY_MADE
# What a jury of a criminal court is paid for a day comes close to it.
PAY_PER_DAY = 100_00
BODIES = (
    Body(
        ASSEMBLY,
        "Agora ordinaire",
        purpose="Suivre, élaborer et amender les lois pendant une session parlementaire.",
    ),
    Body(
        GROUP,
        "Groupe opérationnel",
        quotas="parent",
        pay_per_day=PAY_PER_DAY,
        days_per_week=1,
        purpose="Travailler avec l’élu·e, un jour par semaine, en personne.",
    ),
    Body(
        GUARANTORS,
        "Garant·es",
        purpose="Vérifier le travail de l’élu·e et le bon fonctionnement de l’agora.",
    ),
    Body(
        EXPERTS,
        "Expert·es",
        purpose="Apporter leurs connaissances aux garant·es.",
    ),
    Body(
        EXTRAORDINARY,
        "Agora extraordinaire",
        purpose="Délibérer d’une grande loi quand assez d’habitants le demandent.",
    ),
)
RULES = (
    "Les places sont tirées au sort, sauf celles des expert·es, nommé·es avec des raisons publiques.",
    "L’élu·e justifie chaque vote par ce que la délibération a fait entendre et par le cadre annoncé.",
    "Personne n’est obligé d’accepter une place, et chacun peut la quitter à tout moment.",
    "L’équipe de l’élu·e et l’élu·e ne siègent dans aucune de ces instances.",
)


def ready_made(mandate: Mandate) -> Charter:
    """Return the charter that an organiser of a new mandate may publish as it is, or change first."""
    return Charter(Calendar(mandate.term_start, mandate.term_end), BODIES, RULES)
