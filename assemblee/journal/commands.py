"""`assemblee journal`: check the log from the command line."""

from __future__ import annotations

import click

from assemblee import config
from assemblee.db import Store
from assemblee.journal import queries


@click.group("journal")
def journal() -> None:
    """Check the append-only log."""


@journal.command("check")
def check() -> None:
    """Recompute every hash and print the tree head; exit 1 if anything was rewritten."""
    store = Store(config.load().database_url)
    with store.reading() as session:
        damage = queries.damage(session)
        head = queries.tree_head(session)
    store.dispose()
    for line in damage:
        click.echo(line, err=True)
    click.echo(f"{head.size} leaves, root {head.root}")
    raise SystemExit(1 if damage else 0)
