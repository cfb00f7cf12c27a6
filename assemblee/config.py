"""What an installation decides: one TOML file in its instance folder."""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assemblee.refusal import Refusal

FILE = "config.toml"
MINIMUM_SECRET_LENGTH = 32
# A sitting of an evening, at most.
BOUNDS = {"staff_idle_minutes": (5, 240), "staff_hours": (1, 24)}
# This machine's names for itself, by which a site without TLS is tried.
HERE = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Config:
    """The settings of one installation.

    Parameters
    ----------
    instance : Path
        Folder that holds what the installation owns.
    secret_key : str
        Signs cookies and links; at least 32 characters.
    database_url : str
        SQLAlchemy address of the store.
    base_url : str
        Public address, written into mails.
    staff_idle_minutes : int
        After how long without a request a sign-in of an organiser, a guarantor or an operator ends.
    staff_hours : int
        After how long it ends however much it is used.
    mail_sender, smtp_host, smtp_port, smtp_user, smtp_password : str or int
        How mail leaves; without a host it is written to `outbox/*.eml`.
    mails_per_minute : int
        How many letters leave within a minute at most; 0: as many as the server takes.
    same_mails_per_hour : int
        How many letters of one subject leave for one address within an hour at most; 0: any number.
    trusted_proxies : int
        Number of reverse proxies in front, whose forwarded headers are believed.
    log_origin : str
        Name of the journal in its signatures; made from the public address when left out.
    checkpoint_minutes : int
        How often the worker signs the journal, if it has grown.
    drand_url : str
        Where the worker asks for announced rounds of drand; empty: guarantors bring them by hand.
    """

    instance: Path
    secret_key: str
    database_url: str
    base_url: str = "http://127.0.0.1:8000"
    staff_idle_minutes: int = 30
    staff_hours: int = 12
    mail_sender: str = "assemblee@localhost"
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    mails_per_minute: int = 600
    same_mails_per_hour: int = 20
    trusted_proxies: int = 0
    log_origin: str = ""
    checkpoint_minutes: int = 10
    drand_url: str = "https://api.drand.sh"

    @property
    def origin(self) -> str:
        """The name under which the journal signs."""
        return self.log_origin or f"{urlsplit(self.base_url).netloc}/journal"

    @property
    def secure(self) -> bool:
        """Whether visitors reach the site over TLS, so that cookies may demand it."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts under which the site answers, without a port."""
        named = urlsplit(self.base_url).hostname or ""
        own = f"[{named}]" if ":" in named else named.encode("idna").decode()
        return (own,) if self.secure else (own, *HERE)

    def cookie(self, name: str) -> str:
        """Return the name of a cookie, which over TLS no neighbouring site can set in our place."""
        return f"__Host-{name}" if self.secure else name


def instance_folder() -> Path:
    """Return the instance folder: `ASSEMBLEE_INSTANCE`, else `instance/` beside the package."""
    named = os.environ.get("ASSEMBLEE_INSTANCE")
    return Path(named).absolute() if named else Path(__file__).resolve().parent.parent / "instance"


def load(instance: Path | None = None) -> Config:
    """Read the settings of an installation.

    Raises
    ------
    Refusal
        `config-missing` or `config-secret-short`: the application never starts without a secret;
        `config-unreadable`, `config-unknown-setting`, `config-setting-type`, `config-setting-bounds`,
        `config-log-origin`.
    """
    folder = instance or instance_folder()
    path = folder / FILE
    if not path.exists():
        raise Refusal("config-missing", path=str(path))
    values = _read(path)
    secret = values.get("secret_key", "")
    if isinstance(secret, str) and len(secret) < MINIMUM_SECRET_LENGTH:
        raise Refusal("config-secret-short", path=str(path))
    override = os.environ.get("ASSEMBLEE_DATABASE_URL")
    if override:
        values["database_url"] = override
    values.setdefault("database_url", f"sqlite:///{folder / 'assemblee.sqlite'}")
    _require_known(path, values)
    settings = Config(instance=folder, **values)
    try:
        urlsplit(settings.base_url)
    except ValueError:
        raise Refusal("config-setting-type", path=str(path), setting="base_url") from None
    if not re.fullmatch(r"[^\s+]+", settings.origin):
        raise Refusal("config-log-origin", path=str(path))
    return settings


def _require_known(path: Path, values: Mapping[str, Any]) -> None:
    known = {field.name: type(field.default) for field in fields(Config) if field.name != "instance"}
    for name, value in values.items():
        if name not in known:
            raise Refusal("config-unknown-setting", path=str(path), setting=name)
        # To Python, true is a number.
        if type(value) is not (int if known[name] is int else str):
            raise Refusal("config-setting-type", path=str(path), setting=name)
    for name, (least, most) in BOUNDS.items():
        if not least <= values.get(name, least) <= most:
            raise Refusal("config-setting-bounds", path=str(path), setting=name, least=least, most=most)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        # What Python says of the place; the lines themselves may hold secrets.
        place = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(error))
        raise Refusal("config-unreadable", path=str(path), place=place[1] if place else "-") from None
    except UnicodeDecodeError as error:
        raise Refusal("config-unreadable", path=str(path), place=f"byte {error.start}") from None
    except OSError as error:
        raise Refusal("config-unreadable", path=str(path), place=error.strerror or "-") from None


def move(settings: Config, base_url: str) -> Config:
    """Write another public address into `config.toml`, whatever else stands in it."""
    if settings.base_url == base_url:
        return settings
    path = settings.instance / FILE
    others = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith("base_url")
    ]
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    _write(written, [*others, f"base_url = {json.dumps(base_url)}"])
    written.replace(path)
    return load(settings.instance)


def create(instance: Path | None = None, *, database_url: str = "", base_url: str = "") -> Config:
    """Write a new `config.toml` that only its owner can read.

    Raises
    ------
    Refusal
        `config-exists`: a second call never replaces the secret.
    """
    folder = instance or instance_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    lines = [f'secret_key = "{secrets.token_urlsafe(48)}"']
    # A JSON string is a TOML string, whatever quotation marks it holds.
    if database_url:
        lines.append(f"database_url = {json.dumps(database_url)}")
    if base_url:
        lines.append(f"base_url = {json.dumps(base_url)}")
        # Written down, so that the log keeps its name when the site changes its address.
        lines.append(f"log_origin = {json.dumps(f'{urlsplit(base_url).netloc}/journal')}")
    try:
        _write(path, lines)
    except FileExistsError:
        raise Refusal("config-exists", path=str(path)) from None
    return load(folder)


def _write(path: Path, lines: list[str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
