"""The public pages of the journal, and the answers that programs of guarantors read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request

from assemblee import qr_code
from assemblee.forms import current_config, current_store, reading, writing
from assemblee.journal import actions, keys, notes, queries
from assemblee.journal.models import Checkpoint
from assemblee.pager import Page, asked_page
from assemblee.refusal import Refusal
from assemblee.security import FORM_RATE, Role, allow, csrf, limiter, undoable

journal = Blueprint("journal", __name__, url_prefix="/journal")
PER_PAGE = 50
TOOL = Path(__file__).resolve().parents[1] / "standalone" / "assemblee-witness.py"


@journal.get("/")
@allow(Role.EVERYONE)
def index() -> str:
    """List the leaves, newest first, under the current tree head."""
    session = reading()
    page = Page("journal.index", asked_page(), queries.count(session, mandate_id=None), PER_PAGE)
    return render_template(
        "journal/index.html",
        head=queries.tree_head(session),
        leaves=queries.leaves(session, mandate_id=None, offset=page.offset, limit=PER_PAGE),
        page=page,
    )


@journal.get("/leaves.txt")
@allow(Role.EVERYONE)
def leaves() -> Response:
    """Give every leaf as it was hashed, one a line, so that anyone can recompute the root."""
    store = current_store()

    def lines() -> Iterator[str]:
        # Its own session: that of the request ends before the last line has left.
        with store.reading() as session:
            for body in queries.bodies(session):
                yield f"{body}\n"

    given = lines()
    # Asked for before the answer begins: what the database refuses can still be said.
    first = next(given, "")

    def begun() -> Iterator[str]:
        yield first
        yield from given

    return Response(begun(), mimetype="text/plain")


@journal.get("/leaves/<int:position>")
@allow(Role.EVERYONE)
def leaf(position: int) -> str:
    """Show one leaf, and in words the proof that it stands in the tree."""
    session = reading()
    leaf = queries.leaf(session, position)
    latest = queries.latest_checkpoint(session)
    # Under a signed root where there is one: that is what others hold.
    is_signed = latest is not None and latest.size > position
    size = latest.size if latest is not None and is_signed else queries.size(session)
    return render_template(
        "journal/leaf.html",
        leaf=leaf,
        size=size,
        is_signed=is_signed,
        proof=queries.inclusion(session, position, size),
    )


@journal.get("/checkpoint")
@allow(Role.EVERYONE)
def latest_checkpoint() -> Response:
    """Give the newest checkpoint as a signed note, with its cosignatures."""
    return _note(queries.latest_checkpoint(reading()))


@journal.get("/checkpoints/<int:size>")
@allow(Role.EVERYONE)
def checkpoint(size: int) -> Response:
    """Give the checkpoint of one size as a signed note, with its cosignatures."""
    return _note(queries.checkpoint(reading(), size))


def _note(checkpoint: Checkpoint | None) -> Response:
    if checkpoint is None:
        raise Refusal("checkpoint-unknown", status=404)
    return Response(queries.signed_note(reading(), checkpoint), mimetype="text/plain")


@journal.get("/checkpoints")
@allow(Role.EVERYONE)
def checkpoints() -> str:
    """List the checkpoints, who cosigned each, and how to keep watch oneself."""
    session = reading()
    page = Page("journal.checkpoints", asked_page(), queries.count_checkpoints(session), PER_PAGE)
    checkpoints = queries.checkpoints(session, offset=page.offset, limit=PER_PAGE)
    latest = queries.latest_checkpoint(session)
    address = f"{current_config().base_url}/journal/checkpoints/{latest.size}#{latest.root}" if latest else ""
    return render_template(
        "journal/checkpoints.html",
        latest=latest,
        address=address,
        picture=qr_code.svg(address) if latest else "",
        checkpoints=checkpoints,
        cosignatures=queries.cosignatures(session, [one.size for one in checkpoints]),
        key=keys.verifier(session),
        tool_hash=_tool()[1],
        page=page,
    )


@journal.get("/proofs/inclusion/<int:position>/<int:size>")
@allow(Role.EVERYONE)
def inclusion(position: int, size: int) -> Response:
    """Prove that a leaf stands in the tree of a size."""
    session = reading()
    proof = queries.inclusion(session, position, size)
    return jsonify(
        position=position,
        size=size,
        leaf=queries.leaf(session, position).hash,
        root=proof.root,
        proof=proof.hashes,
    )


@journal.get("/proofs/consistency/<int:old>/<int:new>")
@allow(Role.EVERYONE)
def consistency(old: int, new: int) -> Response:
    """Prove that the tree of a size begins with that of a smaller one."""
    session = reading()
    proof = queries.consistency(session, old, new)
    return jsonify(
        old=old,
        new=new,
        old_root=queries.tree_head(session, old).root,
        new_root=proof.root,
        proof=proof.hashes,
    )


@journal.post("/cosignatures")
@allow(Role.EVERYONE)
@undoable("nothing: a program adds what it has signed")
@csrf.exempt  # type: ignore[untyped-decorator] # the signature itself says who sends it
@limiter.limit(FORM_RATE)
def cosign() -> tuple[Response, int]:
    """Take the cosignatures of a checkpoint, as a signed note."""
    request.max_content_length = notes.LONGEST_NOTE
    try:
        text = request.get_data().decode()
    except UnicodeDecodeError:
        raise Refusal("cosignature-malformed", status=422) from None
    with writing() as session:
        kept = actions.cosign(session, text)
        size = kept[0].checkpoint_size
    return jsonify(size=size, kept=len(kept)), 201


@cache
def _tool() -> tuple[bytes, str]:
    content = TOOL.read_bytes()
    return content, hashlib.sha256(content).hexdigest()


@journal.get("/assemblee-witness.py")
@allow(Role.EVERYONE)
def tool() -> Response:
    """Give the program by which a guarantor watches this log from their own machine."""
    return Response(
        _tool()[0],
        mimetype="text/x-python",
        headers={"Content-Disposition": "attachment; filename=assemblee-witness.py"},
    )
