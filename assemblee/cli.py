"""The `assemblee` command: joins the rooms' commands, and the few that are about the whole house."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask

import assemblee.consultations.work
import assemblee.draws.network
import assemblee.draws.work
import assemblee.oversight.work
import assemblee.petitions.work
import assemblee.petitions.work_waves
import assemblee.pools.work  # noqa: F401 - each registers work of its room
from assemblee import __version__, config, demo, i18n, migrations, server
from assemblee.accounts.commands import user
from assemblee.db import Store
from assemblee.draws.commands import draws
from assemblee.errors import EXIT_REFUSED
from assemblee.jobs.commands import jobs, worker
from assemblee.journal import keys
from assemblee.journal.commands import journal
from assemblee.messages import explain
from assemblee.refusal import Refusal


class Refusing(click.Group):
    """A group of commands in which a refusal is a sentence and an exit status, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - the signature of click
        """Run the command and explain its refusal."""
        try:
            return super().invoke(ctx)
        except Refusal as refused:
            app = Flask("assemblee")
            i18n.install(app)
            with app.app_context():
                click.echo(f"{refused.code}: {explain(refused)}", err=True)
            raise SystemExit(EXIT_REFUSED) from None


@click.group(cls=Refusing)
@click.version_option(__version__)
def cli() -> None:
    """Assemblée: the engine of a deliberative mandate."""


@cli.command("init")
@click.option(
    "--database-url", default="", help="postgresql://... ; SQLite in the instance folder if left out."
)
@click.option("--base-url", default="", help="Public address, for the links in mails.")
def init(database_url: str, base_url: str) -> None:
    """Make the instance folder with a new secret, and the key of the journal."""
    settings = config.create(database_url=database_url, base_url=base_url)
    keys.create(settings)
    click.echo(f"{settings.instance / config.FILE}")


@cli.group("db")
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to this version."""
    store = Store.of(config.load())
    migrations.upgrade(store)
    click.echo(f"{migrations.current(store)}")
    store.dispose()


@cli.command("serve")
@click.option("--host", default="127.0.0.1")
@click.option("--port", default=8000)
@click.option("--workers", default=1, help="Web processes: 1 on SQLite, as many as cores on PostgreSQL.")
@click.option(
    "--no-worker", is_flag=True, help="Do not start a worker for the long work beside the web process."
)
def serve(host: str, port: int, workers: int, *, no_worker: bool) -> None:
    """Serve the pages, with one worker beside them."""
    raise SystemExit(
        server.serve(config.load(), host=host, port=port, workers=workers, with_worker=not no_worker)
    )


@cli.command("demo")
@click.option("--port", default=8000)
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
def run_demo(port: int, *, no_serve: bool) -> None:
    """Build a fictional constituency, run a draw dry and for real, and serve it."""
    settings = demo.build(port, click.echo)
    if not no_serve:
        raise SystemExit(server.serve(settings, host="127.0.0.1", port=port, workers=1, with_worker=True))


for command in (user, worker, jobs, journal, draws):
    cli.add_command(command)
