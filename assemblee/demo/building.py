"""Building the demo: the mandate that goes on first, then the one that is over."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from assemblee import config, migrations
from assemblee.db import Store
from assemblee.demo import past, present
from assemblee.demo.present import Say
from assemblee.demo.seeding import PASSWORDS, passwords_of, settings_for
from assemblee.draws.models import Draw
from assemblee.jobs import durable
from assemblee.jobs import queries as job_queries
from assemblee.journal import keys, timekeeping
from assemblee.mandates.models import Mandate
from assemblee.refusal import Refusal


def build(port: int, say: Say, *, is_whole: bool = True) -> config.Config:
    """Build the demo, or find it as it was left, and say what there is.

    Parameters
    ----------
    is_whole : bool
        Whether to wait for the mandate that is over; else a worker lives it afterwards.

    Raises
    ------
    Refusal
        `demo-not-here`: the folder or the database belongs to a real installation.
    """
    settings = settings_for(port)
    passwords = passwords_of(settings)
    store = Store.of(settings)
    migrations.upgrade(store)
    keys.of_log(store)
    # Whoever starts it again after a night need not say that a night has passed.
    with suppress(Refusal), store.writing() as session:
        timekeeping.accept(session)
    neighbour = past.seed(store, passwords)
    with durable.done_here():
        present.live(store, settings, passwords, say)
    with store.writing() as session:
        past.begin(session, neighbour)
    if is_whole:
        past.live_here(store)
    with store.reading() as session:
        held = session.scalars(
            select(Draw.id).join(Mandate, Mandate.id == Draw.mandate_id).where(Mandate.slug == present.SLUG)
        ).first()
        is_lived = neighbour not in job_queries.lives(session)
    store.dispose()
    if not is_lived:
        say("\nMeanwhile a mandate that is over is lived / Pendant ce temps, un mandat terminé est vécu :\n")
        say(f"  {settings.base_url}/m/{past.SLUG}/")
    say(f"\n  {settings.base_url}/m/{present.SLUG}/draws/{held}\n")
    say("Password, secret for an authenticator app, two recovery codes, each for one time")
    say("Mot de passe, secret pour une application de codes, deux codes de secours, chacun pour une fois")
    for line in (settings.instance / PASSWORDS).read_text(encoding="utf-8").splitlines():
        email, words = line.split(" ", 1)
        say(f"  {email:32} {words}")
    return settings
