"""What a result is given out as: words for one ballot, a table, a paper to print, a path to the root."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from assemblee import paper as papers
from assemblee.consultations import profiles, queries
from assemblee.consultations.messages import KINDS, MODES
from assemblee.consultations.models import Ballot, Consultation
from assemblee.consultations.profiles import spoken
from assemblee.i18n import number
from assemblee.journal import tree
from assemblee.messages import describe
from assemblee.spreadsheets import as_csv
from votes.ballots import NO_OPINION
from votes.consultation import Rules
from votes.receipts import board_leaf


def answers(rules: Rules, ballot: bytes) -> list[tuple[str, str]]:
    """Return a ballot in words: each question and its answer."""
    if ballot == rules.blank:
        return [(_("Ballot"), _("blank"))]
    said = []
    for column, value in zip(rules.columns, ballot, strict=True):
        asked, words = _column(rules, column.proposal, column.criterion)
        said.append((asked, _("no opinion") if value == NO_OPINION else words[value]))
    return said


def _column(rules: Rules, proposal: int | None, criterion: int | None) -> tuple[str, list[str]]:
    if proposal is None:
        return _("Choice"), list(rules.proposals)
    name = rules.proposals[proposal]
    if rules.kind == "yes-no":
        return name, [_("no"), _("yes")]
    if criterion is not None:
        one = rules.criteria[criterion]
        return f"{name} — {spoken(one.name)}", [spoken(grade) for grade in one.scale]
    if rules.routing is not None:
        return f"{name} — {spoken(rules.routing.name)}", [spoken(one) for one in rules.routing.options]
    return name, [spoken(grade) for grade in rules.scale]


def path(session: Session, consultation: Consultation, ballot: Ballot) -> list[str]:
    """Return the hashes that lead from a ballot to the root of the board (RFC 6962, section 2.1.1)."""
    leaves = [
        tree.leaf_hash(board_leaf(bytes.fromhex(one.token), one.cells))
        for one in queries.ballots(session, consultation)
    ]
    places = tree.inclusion_path(ballot.position, len(leaves))
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([tree.node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    hashes = tree.assemble(places, lambda place: levels[place[0]][place[1]])
    return [digest.hex() for digest in hashes]


def rows(rules: Rules, result: dict[str, Any]) -> tuple[list[str], list[list[str | int]]]:
    """Return the counts as a table: a row for each proposal, and for each criterion of it."""
    tally = result["tally"]
    if rules.kind == "yes-no":
        head = [_("Proposal"), _("no"), _("yes"), _("no opinion"), _("Adopted")]
        adoption = {True: _("yes"), False: _("no")} if result["quorum_met"] else {False: ""}
        body = [
            [name, *counts, without, adoption[adopted]]
            for name, counts, without, adopted in zip(
                rules.proposals, tally["counts"], tally["no_opinion"], tally["adopted"], strict=True
            )
        ]
        return head, body
    if rules.kind == "nominal":
        ranking = tally["ranking"] or [""] * len(rules.proposals)
        return [_("Rank"), _("Proposal"), _("Votes")], [
            list(row) for row in zip(ranking, rules.proposals, tally["counts"], strict=True)
        ]
    if rules.kind == "majority-judgment":
        grades = [spoken(grade) for grade in rules.scale]
        head = [_("Rank"), _("Proposal"), _("Majority grade"), *grades, _("no opinion")]
        return head, _judged(rules, tally, grades)
    head = [_("Criterion"), _("Rank"), _("Proposal"), _("Majority grade"), _("Grades, worst first")]
    body = []
    for criterion, one in zip(rules.criteria, tally["criteria"], strict=True):
        grades = [spoken(grade) for grade in criterion.scale]
        body += [
            [
                spoken(criterion.name),
                *row[:3],
                " · ".join(
                    f"{name} {count}" for name, count in zip([*grades, _("no opinion")], row[3:], strict=True)
                ),
            ]
            for row in _judged(rules, one, grades)
        ]
    return head, body


def _judged(rules: Rules, tally: dict[str, Any], grades: list[str]) -> list[list[str | int]]:
    places = range(len(rules.proposals))
    ranking = tally["ranking"]
    return [
        [
            ranking[place] if ranking else "",
            rules.proposals[place],
            grades[tally["majority_grade"][place]] if tally["majority_grade"] else "",
            *tally["counts"][place],
            tally["no_opinion"][place],
        ]
        for place in (sorted(places, key=ranking.__getitem__) if ranking else places)
    ]


def table(rules: Rules, result: dict[str, Any]) -> bytes:
    """Return the counts for a spreadsheet, below the line that says so if they decide nothing."""
    head, body = rows(rules, result)
    return as_csv(head, body) if result["quorum_met"] else as_csv([profiles.missed(result)], [head, *body])


def paper(consultation: Consultation, rules: Rules, result: dict[str, Any], address: str) -> bytes:
    """Return the result as a PDF, with the full address of its page."""
    head, body = rows(rules, result)
    undecided = papers.Section(profiles.missed(result), text=[_("This vote decides nothing.")])
    sections = [
        *([] if result["quorum_met"] else [undecided]),
        papers.Section(
            _("The vote"),
            facts=[
                (_("Mandate"), consultation.mandate.name),
                (_("Kind of vote"), describe(KINDS, rules.kind)),
                (_("Mode"), describe(MODES, consultation.mode)),
                (_("On the roll"), number(result["roll"], 0)),
                (_("Marked on the roll"), number(result["marks"], 0)),
                (_("Ballots"), number(result["ballots"], 0)),
                (_("Blank ballots"), number(result["blank"], 0)),
                (_("Needed for the quorum"), number(result["needed"], 0)),
                (_("Quorum reached"), _("yes") if result["quorum_met"] else _("no")),
            ],
        ),
        papers.Section(_("Result"), head=head, rows=[[str(cell) for cell in row] for row in body]),
        *(
            papers.Section(profile.title or _("Why this order"), text=[*profile.reasons, *profile.margin])
            for profile in profiles.of(rules, result)
            if profile.reasons or profile.margin
        ),
    ]
    return papers.pdf(
        consultation.title,
        sections,
        (consultation.counted_at or consultation.closes_at).astimezone(
            ZoneInfo(consultation.mandate.time_zone)
        ),
        address=address,
        check=_("Everything needed to recount this vote is at this address:"),
        alternative=_("QR code of the address of the result"),
    )
