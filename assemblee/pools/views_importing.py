"""Pages by which a file of people is taken in: what becomes of each line, before anything is written."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import flash, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from assemblee import confirming, spreadsheets
from assemblee.forms import reading, writing
from assemblee.i18n import number
from assemblee.messages import describe
from assemblee.pools import importing, imports, queries
from assemblee.pools.forms import KeepForm, PeopleFileForm, ReadingForm
from assemblee.pools.messages import MEANINGS, PROBLEMS
from assemblee.pools.models import Category, ImportDraft, Pool
from assemblee.pools.views import Answer
from assemblee.pools.views_feasibility import pools
from assemblee.security import Role, allow, current_actor, lasting, undoable
from assemblee.tabular import Reading, grouped, scan_table
from assemblee.tabular.encodings import NAMES
from sortition.derivation import AGE
from sortition.people import MEANINGS as PEOPLE
from sortition.people import SOURCE, TRAIT

# With these pages, and not before, the room's doors are all there.
__all__ = ["pools"]

# What may still be chosen on the page that shows what a file would do.
IMPORT_CHOICES = ("may_publish",)
MOST_KINDS, MOST_PROPOSALS, MOST_CHANGES, MOST_DOUBTS = 30, 20, 10, 20


def _pool(pool_id: int) -> Pool:
    return queries.pool(reading(), g.mandate.id, pool_id)


def _there(pool_id: int, draft_id: int, anchor: str = "") -> Response:
    where = url_for("pools.preview", mandate=g.mandate.slug, pool_id=pool_id, draft_id=draft_id)
    return redirect(f"{where}#{anchor}" if anchor else where)


@pools.route("/<int:pool_id>/import", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("pools.drop_import")
def import_people(pool_id: int) -> Answer:
    """Take a file of people, to be shown before it is written."""
    pool = _pool(pool_id)
    form = PeopleFileForm()
    if form.validate_on_submit():
        upload = form.file.data
        with (
            form.placing(dict.fromkeys(("import-too-large", "import-drafts-too-many"), "file")),
            writing() as session,
        ):
            draft = importing.stage(
                session, pool, upload.read(), upload.filename or "respondents.csv", form.id_column.data
            )
        if not form.errors:
            return _there(pool_id, draft.id)
    return render_template("pools/import.html", pool=_pool(pool_id), form=form), 422 if form.errors else 200


@pools.get("/<int:pool_id>/import/<int:draft_id>")
@allow(Role.ORGANISER)
def preview(pool_id: int, draft_id: int) -> str:
    """Show what a file would do, line by line."""
    session = reading()
    pool = _pool(pool_id)
    draft = importing.draft_of(session, pool, draft_id)
    plan = imports.preview(session, pool, draft)
    groups = grouped(plan.refused)
    proposals = plan.proposals()
    doubts = grouped(plan.doubts)
    return render_template(
        "pools/preview.html",
        pool=pool,
        draft=draft,
        plan=plan,
        choices=imports.Choices.of(draft),
        groups=groups[:MOST_KINDS],
        more_kinds=len(groups) - MOST_KINDS,
        proposals=proposals[:MOST_PROPOSALS],
        changes=plan.changed[:MOST_CHANGES],
        doubts=doubts[:MOST_DOUBTS],
        bad_addresses=sum(problem.code == "bad-email" for problem in plan.refused),
        meanings=_meanings(pool),
        encodings=NAMES,
        form=KeepForm(formdata=None),
        reading_form=ReadingForm(formdata=None),
        **confirming.box([], IMPORT_CHOICES),
    )


def _meanings(pool: Pool) -> list[tuple[str, str]]:
    """Return what a column can hold, with the words for it: what stands for nobody's answer last."""
    return [
        *((meaning, describe(MEANINGS, meaning)) for meaning in PEOPLE),
        *((TRAIT + category.name, category.name) for category in pool.categories),
        *(
            (SOURCE + category.name, _followed(category, category.rule["kind"]))
            for category in pool.categories
            if category.rule
        ),
        ("", _("Do not keep")),
    ]


def _followed(category: Category, kind: str) -> str:
    text = (
        _("Year or day of birth, from which %(category)s follows", category=category.name)
        if kind == AGE
        else _("Postcode, from which %(category)s follows", category=category.name)
    )
    return str(text)


@pools.post("/<int:pool_id>/import/<int:draft_id>/columns")
@allow(Role.ORGANISER)
@undoable("pools.read_as")
def read_as(pool_id: int, draft_id: int) -> Response:
    """Say how a file is read, and what each column holds."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        draft = importing.draft_of(session, pool, draft_id)
        known = {meaning for meaning, _name in _meanings(pool)}
        table, _problems = scan_table(draft.content, draft.file_name, Reading(**_chosen(draft)))
        columns = {
            name: meaning
            for place, name in enumerate(table.header)
            if (meaning := request.form.get(f"column_{place}")) in known and meaning is not None
        }
        encoding, sheet = request.form.get("encoding"), request.form.get("sheet")
        importing.read_as(
            session,
            pool,
            draft_id,
            columns,
            encoding=encoding if encoding in NAMES else None,
            sheet=sheet or None,
        )
    return _there(pool_id, draft_id, "columns")


def _chosen(draft: ImportDraft) -> dict[str, str | None]:
    choices = imports.Choices.of(draft)
    return {"encoding": choices.encoding, "sheet": choices.sheet}


@pools.post("/<int:pool_id>/import/<int:draft_id>/words")
@allow(Role.ORGANISER)
@undoable("pools.replace_word")
def replace_word(pool_id: int, draft_id: int) -> Response:
    """Read a word of the file as a value of a category, or as it stands again."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        importing.replace_word(
            session,
            pool,
            draft_id,
            request.form.get("category", ""),
            request.form.get("found", ""),
            wanted=request.form.get("wanted"),
        )
    return _there(pool_id, draft_id, "words")


@pools.post("/<int:pool_id>/import/<int:draft_id>/addresses")
@allow(Role.ORGANISER)
@undoable("pools.keep_without_addresses")
def keep_without_addresses(pool_id: int, draft_id: int) -> Response:
    """Keep lines whose address is none without it, or leave them out again."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        importing.keep_without_addresses(session, pool, draft_id, is_wanted="keep" in request.form)
    return _there(pool_id, draft_id, "refused")


@pools.get("/<int:pool_id>/import/<int:draft_id>/refused.xlsx")
@allow(Role.ORGANISER)
def refused(pool_id: int, draft_id: int) -> Response:
    """Give the lines that are left out as a workbook, with one more column that says why."""
    session = reading()
    pool = _pool(pool_id)
    draft = importing.draft_of(session, pool, draft_id)
    plan = imports.preview(session, pool, draft)
    reasons: dict[int, list[str]] = {}
    for problem in plan.refused:
        if problem.line is not None:
            why = describe(PROBLEMS, problem.code, found=problem.found, expected=problem.expected)
            place = f"{problem.column}{_(':')} " if problem.column else ""
            reasons.setdefault(problem.line, []).append(f"{place}{why}")
    rows: list[Sequence[object]] = [
        (*row.values, " ".join(reasons[row.line])) for row in plan.table.rows if row.line in reasons
    ]
    content = spreadsheets.as_xlsx((*plan.table.header, _("Why this line is left out")), rows)
    return _workbook(content, "refused.xlsx")


@pools.post("/<int:pool_id>/import/<int:draft_id>")
@allow(Role.ORGANISER)
@lasting
def apply_import(pool_id: int, draft_id: int) -> str | Response:
    """Write what the preview showed."""
    if not confirming.is_confirmed(IMPORT_CHOICES):
        return preview(pool_id, draft_id)
    may_publish = KeepForm().may_publish.data
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        if importing.is_large(importing.draft_of(session, pool, draft_id)):
            importing.apply_later(session, current_actor(), pool, draft_id, may_publish=may_publish)
            told = _("The file is being imported.")
        else:
            plan = importing.apply_import(session, current_actor(), pool, draft_id, may_publish=may_publish)
            told = _summed(plan)
    flash(told)
    return redirect(url_for("pools.show", mandate=g.mandate.slug, pool_id=pool_id))


def _summed(plan: imports.Preview) -> str:
    """Say what became of every line: the parts add up to the whole."""
    told: str = ngettext(
        "%(num)s line of the file is counted: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, "
        "%(refused)s left out.",
        "All %(num)s lines of the file are counted: %(new)s new, %(changed)s changed, "
        "%(unchanged)s unchanged, %(refused)s left out.",
        plan.lines,
        new=number(len(plan.new), 0),
        changed=number(len(plan.changed), 0),
        unchanged=number(plan.unchanged, 0),
        refused=number(plan.refused_lines, 0),
    )
    return told


@pools.post("/<int:pool_id>/import/<int:draft_id>/drop")
@allow(Role.ORGANISER)
@undoable("pools.import_people")
def drop_import(pool_id: int, draft_id: int) -> Response:
    """Forget a file that was shown."""
    with writing() as session:
        importing.drop_import(session, queries.pool(session, g.mandate.id, pool_id), draft_id)
    flash(_("The file is forgotten; nothing was changed."))
    return redirect(url_for("pools.show", mandate=g.mandate.slug, pool_id=pool_id))


@pools.get("/<int:pool_id>/people-to-fill-in.xlsx")
@allow(Role.ORGANISER)
def people_to_fill_in(pool_id: int) -> Response:
    """Give a workbook for people, with a second sheet that explains each column."""
    return _to_fill_in(_people_explained(_pool(pool_id)), (), "people.xlsx")


@pools.get("/<int:pool_id>/quotas-to-fill-in.xlsx")
@allow(Role.ORGANISER)
def quotas_to_fill_in(pool_id: int) -> Response:
    """Give a workbook of the quotas as they are, with a second sheet that explains each column."""
    cells = queries.cells(_pool(pool_id))
    rows = [(cell.category, cell.value, cell.minimum, cell.maximum) for cell in cells]
    return _to_fill_in(_quotas_explained(), rows, "quotas.xlsx")


def _to_fill_in(explained: list[tuple[str, str]], rows: Sequence[Sequence[object]], name: str) -> Response:
    sheets = {
        _("To fill in"): ([column for column, _text in explained], rows),
        _("Explanations"): ((_("Column"), _("What to write")), explained),
    }
    return _workbook(spreadsheets.as_workbook(sheets), name)


def _people_explained(pool: Pool) -> list[tuple[str, str]]:
    return [
        ("id", _("What tells this person from all others: a number, for instance. Never change it later.")),
        (_("First name"), _("May be left empty.")),
        (_("Last name"), _("May be left empty.")),
        (_("E-mail address"), _("One address to write to; may be left empty.")),
        (_("Telephone"), _("May be left empty.")),
        (_("Postal address"), _("May be left empty.")),
        *(
            (
                category.name,
                _("One of: %(values)s.", values=", ".join(value.name for value in category.values)),
            )
            for category in pool.categories
        ),
    ]


def _values(category: Category) -> str:
    return ", ".join(value.name for value in category.values)


def _quotas_explained() -> list[tuple[str, str]]:
    return [
        (_("Category"), _("By what people are told apart, such as age.")),
        (_("Value"), _("One answer, written as in the file of people.")),
        (_("Minimum"), _("The least people with this answer in a panel: a whole number.")),
        (_("Maximum"), _("The most people with this answer in a panel: a whole number.")),
    ]


@pools.get("/<int:pool_id>/people.xlsx")
@allow(Role.ORGANISER)
def people(pool_id: int) -> Response:
    """Give the volunteers of a pool as a workbook that the import takes back."""
    pool = _pool(pool_id)
    header = [
        "id",
        _("First and last name"),
        _("E-mail address"),
        _("Telephone"),
        _("Postal address"),
        *(category.name for category in pool.categories),
    ]
    rows = [
        (
            person.reference or person.email_key or "",
            person.name or "",
            person.email or "",
            person.phone or "",
            person.address or "",
            *(person.traits.get(category.name, "") for category in pool.categories),
        )
        for person in queries.active(reading(), pool)
    ]
    return _workbook(spreadsheets.as_workbook({"people": (header, rows)}), "people.xlsx")


def _workbook(content: bytes, name: str) -> Response:
    return send_file(
        io.BytesIO(content),
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=name,
    )
