"""The commands that are about the whole house: make an installation, serve it, try it."""

from __future__ import annotations

import click

import assemblee.work  # noqa: F401 - the demo does itself the long work that it asks for
from assemblee import config, migrations, server
from assemblee.db import Store
from assemblee.demo import building
from assemblee.journal import keys


@click.command("init")
@click.option(
    "--database-url", default="", help="postgresql://... ; SQLite in the instance folder if left out."
)
@click.option("--base-url", default="", help="Public address, for the links in mails.")
def init(database_url: str, base_url: str) -> None:
    """Make the instance folder with a new secret, and the key of the journal."""
    settings = config.create(database_url=database_url, base_url=base_url)
    click.echo(f"{settings.instance / config.FILE}")
    store = Store.of(settings)
    keys.of_log(store)
    store.dispose()


@click.group("db")
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to this version."""
    store = Store.of(config.load())
    migrations.upgrade(store)
    click.echo(f"{migrations.current(store)}")
    store.dispose()


@click.command("serve")
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


@click.command("demo")
@click.option("--port", default=8000)
@click.option("--no-serve", is_flag=True, help="Wait for the mandate that is over, and stop before serving.")
def run_demo(port: int, *, no_serve: bool) -> None:
    """Build a fictional constituency, run a draw dry and for real, and serve it."""
    settings = building.build(port, click.echo, is_whole=no_serve)
    if not no_serve:
        raise SystemExit(server.serve(settings, host="127.0.0.1", port=port, workers=1, with_worker=True))
