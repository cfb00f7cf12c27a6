"""The `assemblee` command: joins the rooms' commands, and reads of each only its name until it is called."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from assemblee import __version__
from assemblee.refusal import Refusal

if TYPE_CHECKING:
    from _collections_abc import dict_items

# Where each command is, and what it is for: to say so must not take as long as to do it.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": (
        "assemblee.commands:init",
        "Make the instance folder with a new secret, and the key of the journal.",
    ),
    "db": ("assemblee.commands:db", "Look after the database."),
    "serve": ("assemblee.commands:serve", "Serve the pages, with one worker beside them."),
    "demo": (
        "assemblee.commands:run_demo",
        "Build a fictional constituency, run a draw dry and for real, and serve it.",
    ),
    "user": (
        "assemblee.accounts.commands:user",
        "Add and disable accounts, and help who lost a second factor.",
    ),
    "worker": ("assemblee.work:worker", "Do the long work, and send the mail, until stopped."),
    "jobs": ("assemblee.work:jobs", "Look after long work."),
    "journal": ("assemblee.published:journal", "Sign and check the append-only log."),
    "clock": ("assemblee.journal.commands:clock", "Look after the clock by which deadlines are judged."),
    "draws": ("assemblee.draws.commands:draws", "Take out what a draw leaves for the public."),
}
EXIT_REFUSED = 2
PRIVATE = 0o077


class Late(dict[str, click.Command]):
    """Commands by name, each of which is imported when somebody asks for it."""

    def __missing__(self, name: str) -> click.Command:
        module, _, attribute = COMMANDS[name][0].partition(":")
        self[name] = getattr(import_module(module), attribute)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the signature of a dictionary
        """Return a command, if there is one of this name."""
        return self[name] if name in COMMANDS else default

    def items(self) -> dict_items[str, click.Command]:
        """Return every command with its name."""
        self.update({name: self[name] for name in COMMANDS})
        return super().items()


class Refusing(click.Group):
    """A group of commands in which a refusal is a sentence and an exit status, never a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return sorted(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command is for, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - the signature of click
        """Run the command and explain its refusal."""
        # Whatever it writes, its children too, is for the account that runs it: people's data, keys, letters.
        os.umask(PRIVATE)
        try:
            return super().invoke(ctx)
        except Refusal as refused:
            self._explain(refused)
        except Exception as error:  # whatever fails may come of a database; all else goes on as it is
            # Only who fails waits for what knows of databases.
            unavailable = import_module("assemblee.db").unavailable(error)
            if unavailable is None:
                raise
            self._explain(unavailable)

    @staticmethod
    def _explain(refused: Refusal) -> NoReturn:
        # Only who is refused waits for the catalogues.
        click.echo(f"{refused.code}: {import_module('assemblee.errors').sentence(refused)}", err=True)
        raise SystemExit(EXIT_REFUSED) from None


@click.group(cls=Refusing, commands=Late())
@click.version_option(__version__)
def cli() -> None:
    """Assemblée: the engine of a deliberative mandate."""
