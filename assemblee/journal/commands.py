"""`assemblee journal`: sign the log and check it from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from assemblee import config
from assemblee.db import Store
from assemblee.journal import actions, checks, keys, notes
from assemblee.refusal import Refusal
from assemblee.security import COMMAND_LINE

SOUND, REWRITTEN, UNCHECKED = 0, 1, 3


@click.group("journal")
def journal() -> None:
    """Sign and check the append-only log."""


@journal.command("check")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint that was kept elsewhere.",
)
@click.option("--witnessed", is_flag=True, help="Exit 3 if nobody else's signature stands above the log.")
def check(against: Path | None, *, witnessed: bool) -> None:
    """Recompute every hash, compare what is published, and print the tree head.

    Exit 1 if anything was rewritten, 3 if nothing was found but signatures could not be checked.
    """
    settings = config.load()
    held = [read_checkpoint(settings, against)] if against else []
    store = Store.of(settings)
    with store.snapshot() as session:
        log = checks.check(session, held)
    store.dispose()
    for line in log.damage:
        click.echo(line, err=True)
    click.echo(f"{log.size} leaves, root {log.roots[log.size]}")
    for line in log.unchecked:
        click.echo(line, err=True)
    if log.size and not log.cosigned and not held:
        click.echo("no witness: nobody else has signed, and no checkpoint held elsewhere was given", err=True)
    is_unchecked = log.unchecked or (witnessed and not log.cosigned and not held)
    raise SystemExit(REWRITTEN if log.damage else UNCHECKED if is_unchecked else SOUND)


def read_checkpoint(settings: config.Config, path: Path) -> notes.Head:
    """Read a checkpoint that this log has signed.

    Raises
    ------
    Refusal
        `checkpoint-unreadable`, or what `keys.load` refuses.
    """
    key = keys.load(settings).key
    try:
        note = notes.parse_note(path.read_text(encoding="utf-8"))
        head = notes.parse_head(note.text)
    except (notes.MalformedError, UnicodeDecodeError):
        raise Refusal("checkpoint-unreadable", path=str(path)) from None
    if not notes.verifies(note, key):
        raise Refusal("checkpoint-unreadable", path=str(path))
    return head


@journal.command("checkpoint")
def checkpoint() -> None:
    """Sign the log as it stands, and print the signed checkpoint."""
    store = Store.of(config.load())
    with store.writing() as session:
        click.echo(actions.checkpoint(session).note, nl=False)
    store.dispose()


@journal.command("key")
def key() -> None:
    """Print the key by which others check this log; make it first where nothing was ever signed."""
    store = Store.of(config.load())
    click.echo(str(keys.of_log(store)))
    store.dispose()


@click.group("clock")
def clock() -> None:
    """Look after the clock by which deadlines are judged."""


@clock.command("accept")
def accept() -> None:
    """Say that the time is right, after the clock leapt or the site was off for a while."""
    store = Store.of(config.load())
    with store.writing() as session:
        leaf = actions.accept_clock(session, COMMAND_LINE)
        click.echo(f"{leaf.at:%Y-%m-%dT%H:%M:%SZ}")
    store.dispose()
