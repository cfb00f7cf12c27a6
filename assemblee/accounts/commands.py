"""`assemblee user`: accounts from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from assemblee import config
from assemblee.accounts import actions, factors
from assemblee.accounts.models import Account
from assemblee.accounts.queries import account_by_email
from assemblee.db import Store
from assemblee.refusal import Refusal


@contextmanager
def _writing() -> Iterator[Session]:
    """Open the one transaction of a command."""
    store = Store.of(config.load())
    try:
        with store.writing() as session:
            yield session
    finally:
        store.dispose()


@click.group("user")
def user() -> None:
    """Add and disable accounts, and help who lost a second factor."""


@user.command("add")
@click.argument("email")
@click.option("--operator", is_flag=True, help="Let this account run the installation.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def add(email: str, *, operator: bool, password: str) -> None:
    """Add an account that signs in by password."""
    with _writing() as session:
        account = actions.add(session, email, password=password, is_operator=operator)
        click.echo(f"account {account.id}: {account.email}")


@user.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Disable an account and end its sessions."""
    with _writing() as session:
        actions.disable(session, _account(session, email))


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take every second factor away from an account whose owner lost them, and end its sessions."""
    with _writing() as session:
        factors.reset(session, _account(session, email))


def _account(session: Session, email: str) -> Account:
    account = account_by_email(session, email)
    if account is None:
        raise Refusal("account-unknown", status=404)
    return account
