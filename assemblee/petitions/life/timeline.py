"""What became of a petition and what comes next, as steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext as _

from assemblee.days import day_in, days_after
from assemblee.i18n import day
from assemblee.messages import explain
from assemblee.petitions.petition.models import ENDED, Petition, PetitionState, Ruling, Stage
from assemblee.petitions.rules import wording
from assemblee.petitions.rules.document import ANSWER, ASSEMBLY, Opening, PetitionRules
from assemblee.refusal import Refusal

Step = dict[str, Any]
# The name of a page with what its address needs, and the words of the link.
Link = tuple[str, dict[str, Any], str]


def of(petition: Petition, rules: PetitionRules, phase: PetitionState, today: date) -> list[Step]:
    """Return the steps of a petition: title, text, time, state, and perhaps a link to what checks it."""
    is_over = phase in ENDED
    steps = [
        *_before(petition, rules, phase, is_over=is_over),
        *_crossings(petition, rules, today, is_over=is_over),
    ]
    if is_over and petition.ended_at is not None:
        endings = {
            PetitionState.ARCHIVED: _("Archived"),
            PetitionState.REFUSED: _("Refused"),
            PetitionState.WITHDRAWN: _("Withdrawn by its author"),
            PetitionState.EXPIRED: _("The time to sign is over"),
            PetitionState.MERGED: _("Merged into another petition"),
        }
        ended = petition.end_reason or ""
        steps.append(_step(endings[phase], "done", ended, time=day(petition.ended_at, "short")))
    return steps


def _step(title: str, state: str, text: str = "", time: str = "", check: Link | None = None) -> Step:
    return {"title": title, "state": state, "text": text, "time": time, "check": check}


def _what(*, is_done: bool, is_over: bool, is_now: bool = False) -> str:
    if is_done:
        return "done"
    if is_over:
        return "off"
    return "now" if is_now else "wait"


def _leaf(position: int) -> Link:
    return "journal.leaf", {"position": position}, _("line %(line)s", line=position)


def _before(
    petition: Petition, rules: PetitionRules, phase: PetitionState, *, is_over: bool
) -> Iterator[Step]:
    zone = petition.mandate.time_zone
    yield _step(_("Written"), "done", time=day(petition.written_at, "short"))
    checks = [one for one in petition.rulings if one.stage == Stage.CHECK]
    has_sponsors = petition.check_by is not None or bool(checks) or petition.opened_at is not None
    if rules.sponsors:
        yield _step(
            _("Sponsors"),
            _what(is_done=has_sponsors, is_over=is_over, is_now=phase == PetitionState.SPONSORS),
            _("%(needed)s before the text is checked.", needed=wording.signatures(rules.sponsors)),
        )
    yield from map(_ruling, checks)
    if not checks:
        is_opened = petition.opened_at is not None
        yield _step(
            _("Check by a guarantor"),
            _what(is_done=is_opened, is_over=is_over, is_now=phase == PetitionState.CHECK),
            _("Against the published grounds, with a reason.")
            if not is_opened
            else _("No guarantor spoke in time: the petition opened by itself."),
            time=_by(day_in(petition.check_by, zone)) if petition.check_by and not is_opened else "",
        )
    appeals = [one for one in petition.rulings if one.stage == Stage.APPEAL]
    yield from map(_ruling, appeals)
    if petition.appeal_text and not appeals:
        yield _step(
            _("Appeal to the other guarantors"),
            _what(
                is_done=petition.opened_at is not None, is_over=is_over, is_now=phase == PetitionState.APPEAL
            ),
            time=_by(day_in(petition.appeal_by, zone)) if petition.appeal_by else "",
        )
    is_closed = phase in (PetitionState.REACHED, PetitionState.ANSWERED) or (
        is_over and petition.opened_at is not None
    )
    yield _step(
        _("Open for signatures"),
        _what(is_done=is_closed, is_over=is_over, is_now=phase == PetitionState.OPEN),
        _("Until %(day)s.", day=day(petition.closes_at)) if petition.closes_at and petition.opened_at else "",
        time=day(petition.opened_at, "short") if petition.opened_at else "",
    )


def _by(last: date) -> str:
    return str(_("by %(day)s", day=day(last, "short")))


def _ruling(one: Ruling) -> Step:
    titles = {
        (Stage.CHECK, True): _("Admitted by a guarantor"),
        (Stage.CHECK, False): _("Refused by a guarantor"),
        (Stage.APPEAL, True): _("Admitted on appeal"),
        (Stage.APPEAL, False): _("Refused on appeal"),
    }
    return _step(
        titles[Stage(one.stage), one.is_admitted],
        "done",
        one.reason,
        time=day(one.at, "short"),
        check=_leaf(one.leaf),
    )


def _crossings(petition: Petition, rules: PetitionRules, today: date, *, is_over: bool) -> Iterator[Step]:
    crossed = {one.number: one for one in petition.crossings}
    is_signed = petition.state in (
        PetitionState.DRAFT,
        PetitionState.SPONSORS,
        PetitionState.CHECK,
        PetitionState.APPEAL,
        PetitionState.OPEN,
    )
    for number, opening in enumerate(rules.steps, 1):
        crossing = crossed.get(number)
        late = is_over or not (is_signed or petition.state == PetitionState.REACHED)
        yield _step(
            wording.needed(opening, rules),
            _what(is_done=crossing is not None, is_over=late),
            wording.opens(opening),
            time=day(crossing.at, "short") if crossing else "",
            check=_leaf(crossing.leaf) if crossing else None,
        )
        if crossing is not None and opening.opens == ANSWER:
            zone = petition.mandate.time_zone
            due = day_in(days_after(crossing.at, rules.answer_days, zone), zone)
            yield _step(
                _("Answer of the representative"),
                _what(is_done=crossing.answer is not None, is_over=False, is_now=True),
                crossing.answer or "",
                time=day(crossing.answered_at, "short") if crossing.answered_at else _by(due),
            )
        if opening.opens == ASSEMBLY:
            yield from _assembly(petition, rules, today, is_over=is_over)


def _assembly(petition: Petition, rules: PetitionRules, today: date, *, is_over: bool) -> Iterator[Step]:
    term, is_crossed = petition.term, petition.steps > (rules.opening or 0)
    sessions = [date.fromisoformat(one) for one in petition.sessions]
    # What ends without an assembly had none; what ends after one has had its sessions.
    is_off = is_over and not is_crossed
    text = ""
    if is_crossed and term is None and petition.held_back:
        text = _("It waits: %(reason)s", reason=explain(Refusal(petition.held_back)))
    link: Link | None = None
    if term is not None:
        here = {"mandate": petition.mandate.slug, "term_id": term.id}
        link = "assemblies.show", here, _("its members and its draw")
        text = _("From %(first)s to %(last)s.", first=day(term.first), last=day(term.last))
    yield _step(
        _("Extraordinary assembly"),
        _what(is_done=term is not None, is_over=is_off, is_now=is_crossed),
        text,
        check=link,
    )
    is_sitting = bool(sessions) and sessions[0] <= today
    yield _step(
        _("Days of meeting"),
        _what(is_done=bool(sessions) and sessions[-1] < today, is_over=is_off, is_now=is_sitting),
        ", ".join(day(one) for one in sessions),
        time=day(sessions[0], "short") if sessions else "",
    )
    yield _step(
        _("Report of the assembly"),
        _what(is_done=petition.report is not None, is_over=is_off),
        time=_by(petition.report_by) if petition.report_by else "",
    )
    yield _step(
        _("Official answer"),
        _what(is_done=petition.answer is not None, is_over=is_off),
        _("The representative says what comes of the report, and why."),
        time=day(petition.answered_at, "short") if petition.answered_at else "",
    )


def unanswered(petition: Petition, rules: PetitionRules) -> list[tuple[int, Opening]]:
    """Return the steps that were crossed, open an answer or something else, and have no word of it yet."""
    return [
        (one.number, rules.steps[one.number - 1])
        for one in petition.crossings
        if one.answer is None and rules.steps[one.number - 1].opens != ASSEMBLY
    ]
