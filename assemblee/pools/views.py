"""Pages of pools: the register, its quotas, imports, and the form by which people volunteer."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

import sortition
from assemblee import clock
from assemblee.accounts import actions as accounts
from assemblee.accounts.forms import ConfirmForm
from assemblee.accounts.models import Account
from assemblee.confirming import Act, unless_confirmed
from assemblee.forms import Form, current_config, reading, writing
from assemblee.i18n import moment_there
from assemblee.jobs import queries as jobs
from assemblee.mail import outbox, undelivered
from assemblee.mail.addresses import mailbox
from assemblee.messages import describe
from assemblee.pager import Page, asked_page
from assemblee.pools import actions, importing, queries
from assemblee.pools.forms import (
    CategoriesFileForm,
    CategoryForm,
    PoolForm,
    cells_of,
    quota_form,
    volunteer_form,
)
from assemblee.pools.messages import NOTICES
from assemblee.pools.models import Pool, VolunteerState
from assemblee.refusal import Refusal
from assemblee.security import (
    FORM_RATE,
    Role,
    allow,
    current_actor,
    lasting,
    limiter,
    mailing,
    to_one_mailbox,
    undoable,
)
from assemblee.tabular import Group, grouped

pools = Blueprint("pools", __name__, url_prefix="/m/<mandate>/pools")
Answer = str | Response | tuple[str, int]
PER_PAGE = 50
MOST_KINDS = 30
VOLUNTEER = "volunteer"
VOLUNTEER_FIELDS = {"email-invalid": "email", "volunteer-name-missing": "name"}


def _pool(pool_id: int) -> Pool:
    return queries.pool(reading(), g.mandate.id, pool_id)


@pools.get("/")
@allow(Role.ORGANISER)
def index() -> str:
    """List the pools of the mandate."""
    session = reading()
    registers = queries.pools(session, g.mandate.id)
    counts = {pool.id: queries.state_counts(session, pool) for pool in registers}
    return render_template("pools/index.html", pools=registers, counts=counts)


@pools.route("/new", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("a pool without people is drawn from by nobody")
def new() -> Answer:
    """Create a pool."""
    form = PoolForm()
    if form.validate_on_submit():
        with form.placing({"pool-name-taken": "name", "pool-name-missing": "name"}), writing() as session:
            pool = actions.create(session, current_actor(), g.mandate.id, form.name.data, form.size.data)
        if not form.errors:
            flash(_("The pool is created. Tell it now by which categories people are told apart."))
            return redirect(url_for("pools.quotas", mandate=g.mandate.slug, pool_id=pool.id))
    return render_template("pools/new.html", form=form), 422 if form.errors else 200


@pools.get("/<int:pool_id>")
@allow(Role.ORGANISER)
def show(pool_id: int) -> str:
    """Show the register: figures, people, and what to do next."""
    session = reading()
    pool = _pool(pool_id)
    wanted = queries.VolunteerFilter(
        text=request.args.get("text", "").strip(), state=request.args.get("state", "")
    )
    asked = asked_page()
    people, total = queries.volunteers(session, pool, wanted, offset=(asked - 1) * PER_PAGE, limit=PER_PAGE)
    values = {"mandate": g.mandate.slug, "pool_id": pool_id, "text": wanted.text, "state": wanted.state}
    return render_template(
        "pools/show.html",
        pool=pool,
        counts=queries.state_counts(session, pool),
        cells=queries.cell_counts(session, pool),
        people=people,
        wanted=wanted,
        states=list(VolunteerState),
        troubles=undelivered.troubles(session, [person.email for person in people]),
        unreached=queries.UNREACHED,
        unreached_count=queries.unreached_count(session, pool),
        page=Page("pools.show", asked, total, PER_PAGE, values),
        confirm=ConfirmForm(),
        importing=jobs.latest(session, importing.IMPORT, pool.id),
        sharing=queries.sharing_mailbox(session, pool, offset=0, limit=0)[1],
    )


def _quota_page(pool: Pool, form: Form, **more: object) -> str:
    session = reading()
    shown: dict[str, object] = {
        "file_form": CategoriesFileForm(formdata=None),
        "category_form": CategoryForm(formdata=None),
        "groups": (),
        **more,
    }
    return render_template(
        "pools/quotas.html", form=form, **_live(pool, form, queries.cell_counts(session, pool)), **shown
    )


def _live(pool: Pool, form: Form, cells: list[queries.CellCount]) -> dict[str, object]:
    """Return the plain counts beside the numbers typed so far, without any solver."""
    size = form["size"].data or 0
    rows: dict[str, list[tuple[queries.CellCount, str]]] = {}
    sums: dict[str, tuple[int, int]] = {}
    for cell in cells:
        minimum = form[f"minimum_{cell.quota_id}"].data or 0
        maximum = form[f"maximum_{cell.quota_id}"].data or 0
        verdict = "ok"
        if minimum > maximum:
            verdict = "crossed"
        elif cell.available < minimum:
            verdict = "short"
        rows.setdefault(cell.category, []).append((cell, verdict))
        low, high = sums.get(cell.category, (0, 0))
        sums[cell.category] = (low + minimum, high + maximum)
    wrong_sums = {name: pair for name, pair in sums.items() if not pair[0] <= size <= pair[1]}
    problems = sum(verdict != "ok" for cells_ in rows.values() for _cell, verdict in cells_)
    return {
        "rows": rows,
        "wrong_sums": wrong_sums,
        "size": size,
        "trouble": problems + len(wrong_sums),
        "pool": pool,
    }


@pools.get("/<int:pool_id>/mailboxes")
@allow(Role.ORGANISER, Role.GUARANTOR)
def mailboxes(pool_id: int) -> str:
    """List who shares a mailbox with others: a household, or one person several times."""
    pool = _pool(pool_id)
    number = asked_page()
    rows, total = queries.sharing_mailbox(reading(), pool, offset=(number - 1) * PER_PAGE, limit=PER_PAGE)
    values = {"mandate": g.mandate.slug, "pool_id": pool_id}
    return render_template(
        "pools/mailboxes.html",
        pool=pool,
        rows=rows,
        page=Page("pools.mailboxes", number, total, PER_PAGE, values),
        may_open=Role.ORGANISER in current_actor().roles,
    )


@pools.route("/<int:pool_id>/quotas", methods=["GET", "POST"])
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def quotas(pool_id: int) -> Answer:
    """Edit the quotas, with counts beside each."""
    pool = _pool(pool_id)
    form = quota_form(pool)()
    if form.validate_on_submit():
        with form.placing({"quota-bounds": "size"}), writing() as session:
            actions.set_quotas(session, current_actor(), pool, cells_of(form, pool), form["size"].data)
        if not form.errors:
            flash(_("The quotas are kept."))
            return redirect(url_for("pools.feasibility", mandate=g.mandate.slug, pool_id=pool_id))
    return _quota_page(_pool(pool_id), form), 422 if form.errors else 200


@pools.get("/<int:pool_id>/quotas/live")
@allow(Role.ORGANISER)
@limiter.exempt
def live(pool_id: int) -> str:
    """Give the counts beside the numbers typed so far; nothing is written."""
    pool = _pool(pool_id)
    form = quota_form(pool)(formdata=request.args, meta={"csrf": False})
    return render_template("pools/_live.html", **_live(pool, form, queries.cell_counts(reading(), pool)))


@pools.post("/<int:pool_id>/quotas/file")
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def import_quotas(pool_id: int) -> Answer:
    """Replace the quotas by those of a file."""
    pool = _pool(pool_id)
    form = CategoriesFileForm()
    groups: list[Group] = []
    if form.validate_on_submit():
        upload = form.file.data
        try:
            with writing() as session:
                notices = actions.import_quotas(
                    session, current_actor(), pool, upload.read(), upload.filename or "categories.csv"
                )
        except sortition.UnreadableFiles as unreadable:
            groups = grouped(unreadable.problems)[:MOST_KINDS]
            form.file.errors = [
                _("This file was not kept; nothing was changed. Each problem is listed below.")
            ]
        else:
            flash(_("The categories and quotas of the file are kept."))
            for notice in notices:
                flash(describe(NOTICES, notice.code, found=notice.found))
            return redirect(url_for("pools.quotas", mandate=g.mandate.slug, pool_id=pool_id))
    pool = _pool(pool_id)
    editor = quota_form(pool)(formdata=None)
    return _quota_page(pool, editor, file_form=form, groups=groups), 422


@pools.post("/<int:pool_id>/quotas/category")
@allow(Role.ORGANISER)
@undoable("pools.quotas")
def add_category(pool_id: int) -> Answer:
    """Add a category typed by hand, with quotas that allow everything."""
    pool = _pool(pool_id)
    form = CategoryForm()
    if form.validate_on_submit():
        names = list(dict.fromkeys(line.strip() for line in form.values.data.splitlines() if line.strip()))
        cells = (
            *queries.cells(pool),
            *(sortition.Cell(form.category.data, name, 0, pool.size) for name in names),
        )
        if form.category.data in {category.name for category in pool.categories}:
            form.category.errors = [_("This pool already has a category of this name.")]
        else:
            with form.placing({"quota-value-in-use": "category"}), writing() as session:
                actions.set_quotas(session, current_actor(), pool, cells, pool.size)
            if not form.errors:
                flash(_("The category is added. Set its quotas."))
                return redirect(url_for("pools.quotas", mandate=g.mandate.slug, pool_id=pool_id))
    pool = _pool(pool_id)
    return _quota_page(pool, quota_form(pool)(formdata=None), category_form=form), 422


@pools.post("/<int:pool_id>/open")
@allow(Role.ORGANISER)
@undoable("pools.set_open")
def set_open(pool_id: int) -> Response:
    """Open or close the public form."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        actions.set_open(session, current_actor(), pool, is_open="open" in request.form)
    return redirect(url_for("pools.show", mandate=g.mandate.slug, pool_id=pool_id))


@pools.post("/<int:pool_id>/people/<int:volunteer_id>/<any(withdraw, erase):verb>")
@allow(Role.ORGANISER)
@lasting
def change_person(pool_id: int, volunteer_id: int, verb: str) -> str | Response:
    """Withdraw or erase a person on their demand."""
    pool = _pool(pool_id)
    person = queries.volunteer(reading(), pool, volunteer_id)
    check = Act(
        _("Withdraw this person?") if verb == "withdraw" else _("Erase this person?"),
        after=_("They take part in no later draw, unless they come forward again themselves.")
        if verb == "withdraw"
        else _(
            "Name, address and answers are erased for good, and a place that they hold goes to somebody "
            "else. Their number stays in the draws that were held, and nothing ties it to them any more."
        ),
        verb=_("Withdraw") if verb == "withdraw" else _("Erase for good"),
        way_out=url_for("pools.show", mandate=g.mandate.slug, pool_id=pool_id),
        facts=[(_("Pool"), pool.name), (_("Person"), person.name or person.email or person.reference or "")],
    )
    if page := unless_confirmed(check):
        return page
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        act = actions.withdraw if verb == "withdraw" else actions.erase
        act(session, current_actor(), pool, volunteer_id)
    flash(_("The person is withdrawn.") if verb == "withdraw" else _("The person is erased."))
    return redirect(url_for("pools.show", mandate=g.mandate.slug, pool_id=pool_id))


@pools.route("/<int:pool_id>/volunteer", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("nothing happens before the mail is answered")
@mailing
@to_one_mailbox
def volunteer(pool_id: int) -> Answer:
    """Take the answers of a person who comes forward; the mail that follows confirms them."""
    pool = _pool(pool_id)
    form = volunteer_form(pool)()
    if not pool.is_open:
        raise Refusal("pool-closed", status=410)
    if form.validate_on_submit():
        traits = {category.name: form[f"category_{category.id}"].data for category in pool.categories}
        with form.placing(VOLUNTEER_FIELDS), writing() as session:
            actions.require_volunteer(pool, form["name"].data, traits)
            until = clock.now() + accounts.LINK_LENGTH
            token = accounts.issue_link(
                session,
                form.email.data,
                VOLUNTEER,
                {
                    "pool": pool_id,
                    "name": form["name"].data,
                    "traits": traits,
                    "may_publish": form["may_publish"].data,
                },
            )
            outbox.write(
                session,
                mailbox(form.email.data).address,
                _("Confirm that you volunteer"),
                _(
                    "Hello,\n\nconfirm until %(when)s that you volunteer:\n%(url)s\n\n"
                    "If you did not ask for it, you need not do anything.",
                    when=moment_there(until),
                    url=current_config().base_url
                    + url_for("pools.confirm", mandate=g.mandate.slug, pool_id=pool_id, token=token),
                ),
                expires_at=until,
            )
        if not form.errors:
            return render_template("pools/check_mail.html", pool=pool, until=until)
    return render_template(
        "pools/volunteer.html", pool=_pool(pool_id), form=form
    ), 422 if form.errors else 200


@pools.route("/<int:pool_id>/volunteer/<token>", methods=["GET", "POST"])
@allow(Role.EVERYONE)
@undoable("pools.withdraw_mine")
@limiter.limit(FORM_RATE, methods=["POST"])
def confirm(pool_id: int, token: str) -> Answer:
    """Take the person into the pool once the mail came back."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with writing() as session:
            link = accounts.use_link(session, token, VOLUNTEER)
            if link.payload["pool"] != pool_id:
                raise Refusal("link-unusable", status=410)
            pool = queries.pool(session, g.mandate.id, pool_id)
            actions.volunteer(
                session,
                current_actor(),
                pool,
                name=link.payload["name"],
                email=link.email,
                traits=link.payload["traits"],
                may_publish=link.payload.get("may_publish", False),
            )
            link.payload = {}
        return render_template("pools/welcome.html", pool=pool)
    accounts.peek_link(reading(), token, VOLUNTEER)
    return render_template("pools/confirm.html", pool=_pool(pool_id), form=form)


@pools.post("/<int:pool_id>/mine/<int:volunteer_id>/withdraw")
@allow(Role.SIGNED_IN)
@undoable("pools.volunteer")
def withdraw_mine(pool_id: int, volunteer_id: int) -> Response:
    """Let a person withdraw; who wants to be erased does so in every room at once."""
    with writing() as session:
        pool = queries.pool(session, g.mandate.id, pool_id)
        person = queries.volunteer(session, pool, volunteer_id)
        account = session.get_one(Account, current_actor().account)
        if person.email != account.email:
            raise Refusal("volunteer-unknown", status=404)
        actions.withdraw(session, current_actor(), pool, volunteer_id)
    flash(_("You are withdrawn: you take part in no later draw."))
    return redirect(url_for("pages.me"))
