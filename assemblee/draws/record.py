"""The official record of a draw: one list of sections, shown as a page and printed as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

import sortition
from assemblee import paper
from assemblee.draws import queries, results
from assemblee.draws.messages import RULES
from assemblee.draws.models import Draw, Outcome
from assemblee.i18n import choose_zone, moment, number, percent
from assemblee.mandates.models import Mandate
from assemblee.paper import Section


def sections(draw: Draw, real: Outcome, mandate: Mandate, lottery: sortition.Lottery) -> list[Section]:
    """Return the record of a held draw, in the reader's language."""
    document = queries.frozen_document(draw)
    return [
        _what(draw, mandate, document),
        _fingerprints(draw, real),
        _guarantors(draw),
        _chance(draw, real, lottery),
        _quotas(draw, real),
        Section(_("The people drawn"), text=[", ".join(real.members)]),
        *(
            [Section(_("The alternates, in this order"), text=[", ".join(real.alternates)])]
            * bool(real.alternates)
        ),
        *_troubles(draw),
    ]


def _what(draw: Draw, mandate: Mandate, document: dict[str, Any]) -> Section:
    rule = _(RULES[draw.rule][0]) if draw.rule in RULES else draw.rule
    earlier = document["earlier"]
    return Section(
        _("What was drawn"),
        facts=[
            (_("Mandate"), mandate.name),
            (_("Number of the draw"), str(draw.id)),
            (_("People in the list"), number(len(document["pool"]), 0)),
            (_("Size of the panel"), number(draw.size, 0)),
            (_("Rule"), rule),
            (_("Tickets"), number(draw.tickets, 0)),
            (_("Frozen"), moment(draw.frozen_at or draw.prepared_at)),
            (_("Held"), moment(draw.held_at or draw.prepared_at)),
            (
                _("Earlier draws from this pool"),
                _(
                    "%(held)s held, %(cancelled)s cancelled, %(lapsed)s without enough signatures",
                    **earlier,
                ),
            ),
            (_("Software"), f"{document['code']['name']} {document['code']['version']}"),
            (_("Solvers"), ", ".join(f"{one['name']} {one['version']}" for one in document["solver"])),
        ],
    )


def _fingerprints(draw: Draw, real: Outcome) -> Section:
    return Section(
        _("Fingerprints"),
        facts=[
            (_("List (commit)"), str(draw.commitment)),
            (_("Lottery"), str(draw.lottery_hash)),
            (_("Seed"), real.seed),
        ],
    )


def _guarantors(draw: Draw) -> Section:
    return Section(
        _("The guarantors"),
        head=[_("Guarantor"), _("Signature"), _("Secret")],
        rows=[
            [
                part.name,
                moment(part.cosigned_at, "short") if part.cosigned_at else _("missing"),
                part.secret or (_("left out") if part.note else "—"),
            ]
            for part in draw.guarantors
        ],
        text=[
            _(
                "%(signed)s of %(team)s signed; %(threshold)s were needed.",
                signed=draw.cosigned,
                team=len(draw.guarantors),
                threshold=draw.threshold,
            )
        ],
    )


def _beacon(draw: Draw) -> list[tuple[str, str]]:
    recorded, announced = draw.beacon_found or {}, draw.beacon or {}
    if recorded["kind"] == "drand":
        return [
            (_("Round of drand"), str(recorded["round"])),
            (_("Signature of the round"), recorded["signature"]),
        ]
    return [
        (group["name"], " · ".join(map(str, numbers)))
        for group, numbers in zip(announced["groups"], recorded["numbers"], strict=True)
    ]


def _chance(draw: Draw, real: Outcome, lottery: sortition.Lottery) -> Section:
    chances = results.chances(lottery)
    best = lottery.optimality
    proof = (
        _("proved optimal")
        if best.proved
        else _(
            "not proved optimal: %(minimum)s reached, at most %(bound)s",
            minimum=best.minimum,
            bound=best.upper_bound,
        )
    )
    return Section(
        _("Chance"),
        facts=[
            (_("Public randomness"), (draw.beacon or {}).get("source", "drand")),
            *_beacon(draw),
            (_("Ticket"), number(real.ticket, 0)),
            (_("Panels in the lottery"), number(len(lottery.panels), 0)),
            (_("Smallest chance"), f"{percent(chances.minimum, 2)} ({proof})"),
            (_("Mean chance"), percent(chances.mean, 2)),
        ],
    )


def _quotas(draw: Draw, real: Outcome) -> Section:
    rows = [
        [group.category, cell.value, str(cell.minimum), str(cell.maximum), str(cell.count)]
        for group in results.panel_rows(draw, real.members)
        for cell in group.cells
    ]
    head = [_("Category"), _("Value"), _("At least"), _("At most"), _("Drawn")]
    return Section(_("The panel against the quotas"), head=head if rows else [], rows=rows)


def _troubles(draw: Draw) -> list[Section]:
    sections = []
    if draw.suspensions:
        sections.append(
            Section(
                _("Suspensions"),
                head=[_("Guarantor"), _("From"), _("To"), _("Reason")],
                rows=[
                    [
                        one.name,
                        moment(one.at, "short"),
                        moment(one.lifted_at, "short") if one.lifted_at else "—",
                        one.reason,
                    ]
                    for one in draw.suspensions
                ],
            )
        )
    objections = [
        [one.name, moment(one.at, "short"), one.text, one.answer or _("not answered")]
        for one in draw.objections
    ]
    sections.append(
        Section(
            _("Objections and answers"),
            head=[_("Guarantor"), _("Date"), _("Objection"), _("Answer")] if objections else [],
            rows=objections,
            text=[] if objections else [_("None.")],
        )
    )
    return sections


def pdf(draw: Draw, title: str, parts: Sequence[Section], address: str) -> bytes:
    """Return the record as PDF/A-2a and PDF/UA-1; the same record gives the same bytes.

    Parameters
    ----------
    title : str
    parts : sequence of Section
    address : str
        Where the bundle can be downloaded, also drawn as a QR code.
    """
    held = (draw.held_at or draw.prepared_at).astimezone(ZoneInfo(choose_zone()))
    check = _("Everything needed to replay this draw is in one folder, at this address:")
    return paper.pdf(
        title,
        parts,
        held,
        address=address,
        check=check,
        alternative=_("QR code of the address of the folder"),
    )
