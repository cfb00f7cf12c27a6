"""`assemblee user`: accounts from the command line."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from assemblee import config
from assemblee.accounts import actions, factors
from assemblee.accounts.models import Account
from assemblee.accounts.queries import account_by_email
from assemblee.db import Store
from assemblee.refusal import Refusal


@click.group("user")
def user() -> None:
    """Add and disable accounts, and help who lost a second factor."""


@user.command("add")
@click.argument("email")
@click.option("--operator", is_flag=True, help="Let this account run the installation.")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True)
def add(email: str, *, operator: bool, password: str) -> None:
    """Add an account that signs in by password."""
    store = Store.of(config.load())
    with store.writing() as session:
        account = actions.add(session, email, password=password, is_operator=operator)
        click.echo(f"account {account.id}: {account.email}")
    store.dispose()


@user.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Disable an account and end its sessions."""
    store = Store.of(config.load())
    with store.writing() as session:
        actions.disable(session, _account(session, email))
    store.dispose()


@user.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Take every second factor away from an account whose owner lost them, and end its sessions."""
    store = Store.of(config.load())
    with store.writing() as session:
        factors.reset(session, _account(session, email))
    store.dispose()


def _account(session: Session, email: str) -> Account:
    found = account_by_email(session, email)
    if found is None:
        raise Refusal("account-unknown", status=404)
    return found
