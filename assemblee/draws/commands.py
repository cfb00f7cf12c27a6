"""`assemblee draws`: the bundle of a held draw, from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from assemblee import config
from assemblee.db import Store
from assemblee.draws import bundle as bundles
from assemblee.draws import queries
from assemblee.journal.bundles import archive


@click.group("draws")
def draws() -> None:
    """Take out what a draw leaves for the public."""


@draws.command("bundle")
@click.argument("number", type=int, metavar="ID")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Zip file to write; it unpacks into one folder in which `python3 -I -S verify.py .` decides.",
)
def bundle(number: int, out: Path) -> None:
    """Write all that a stranger needs to replay a held draw."""
    store = Store.of(config.load())
    try:
        with store.reading() as session:
            content = archive(bundles.files(session, queries.any_draw(session, number)))
    finally:
        store.dispose()
    out.write_bytes(content)
    click.echo(f"{out}: {len(content)} bytes")
