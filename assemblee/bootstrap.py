"""What happens before the dependencies are there: build their environment, enter it.

Only the standard library: this module runs on a machine that has Python and nothing else.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assemblee.checkout import ROOT, variables

LOCKS = {"demo": "requirements.lock", "test": "requirements-test.lock"}
# A test proves that each pin of the first lock is in the second: who has installed the second has both.
INCLUDES = {"requirements.lock": ("requirements.lock",), "requirements-test.lock": tuple(LOCKS.values())}
NEEDED = ("click", "flask", "sqlalchemy", "highspy")

NO_PIP = (
    "Ce Python n’a ni ensurepip ni pip. Sous Debian ou Ubuntu : apt install python3-venv.",
    "This Python has neither ensurepip nor pip. On Debian or Ubuntu: apt install python3-venv.",
)
BUILD_FAILED = (
    "L’environnement n’a pas pu être construit (voir ci-dessus). Connectez la machine, puis recommencez.",
    "The environment could not be built (see above). Connect the machine, then try again.",
)
NOT_INSTALLED = (
    "Les dépendances manquent. Pour essayer : python3 -m assemblee demo ; pour de bon : voir README.md.",
    "The dependencies are missing. To try: python3 -m assemblee demo; for good: see README.md.",
)
NO_TESTS = (
    "Les tests se lancent depuis le code source, pas depuis un paquet installé.",
    "Tests run from the source code, not from an installed package.",
)
BUILDING = (
    "Construction de l’environnement dans {folder} (une à deux minutes, une seule fois)…",
    "Building the environment in {folder} (a minute or two, only once)…",
)


class CannotPrepareError(SystemExit):
    """The environment cannot be had; says why in both languages, as no catalogue can be read yet."""

    def __init__(self, sentences: tuple[str, str]) -> None:
        super().__init__("\n".join(sentences))


@dataclass(frozen=True)
class Environment:
    """The virtual environment of a checkout.

    Parameters
    ----------
    folder : Path
        Where it stands, or will.
    root : Path
        The checkout, where the locks are.
    """

    folder: Path
    root: Path = ROOT

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def stamp(self) -> Path:
        """The file that is written last, and says what is inside."""
        return self.folder / "assemblee-stamp.txt"

    def mark(self, lock: str) -> str:
        """Return the line that the stamp holds once a lock is installed."""
        digest = hashlib.sha256((self.root / lock).read_bytes()).hexdigest()
        return f"{sys.version_info[0]}.{sys.version_info[1]} {lock} {digest}"

    def has(self, lock: str) -> bool:
        """Whether a lock is installed in full, as it reads today and for this Python."""
        if not self.python.exists() or not self.stamp.is_file():
            return False
        return self.mark(lock) in self.stamp.read_text(encoding="utf-8").splitlines()

    def is_current(self) -> bool:
        """Whether this process runs inside it."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def seal(self, lock: str) -> None:
        """Write down that a lock is installed."""
        lines = [self.mark(name) for name in INCLUDES[lock] if (self.root / name).exists()]
        self.stamp.write_text("\n".join(lines) + "\n", encoding="utf-8")


def has_module(name: str) -> bool:
    """Whether a module can be imported here."""
    return importlib.util.find_spec(name) is not None


def instance_folder() -> Path:
    """Return the folder of what this installation owns."""
    named = os.environ.get("ASSEMBLEE_INSTANCE")
    return Path(named).absolute() if named else ROOT / "instance"


def say(sentences: tuple[str, str], **values: object) -> None:
    """Print a sentence in both languages."""
    for sentence in sentences:
        print(sentence.format(**values), file=sys.stderr, flush=True)


def installer(environment: Environment) -> list[str]:
    """Return the command of the pip that installs into an environment.

    Raises
    ------
    CannotPrepareError
        There is no pip at all.
    """
    if environment.is_current() or has_module("ensurepip"):
        return [str(environment.python), "-m", "pip"]
    # Debian ships ensurepip apart; the pip of the system can install into another environment.
    if has_module("pip"):
        return [sys.executable, "-m", "pip", "--python", str(environment.python)]
    raise CannotPrepareError(NO_PIP)


def prepare(environment: Environment, lock: str) -> None:
    """Make an environment in which a lock is installed; return at once where it is already.

    Raises
    ------
    CannotPrepareError
        There is no pip, or it failed.
    """
    if environment.has(lock):
        return
    say(BUILDING, folder=environment.folder)
    pip = installer(environment)
    # A larger lock goes on top of the smaller one; anything else, such as a build cut short, starts afresh.
    is_extension = environment.is_current() or any(environment.has(name) for name in INCLUDES[lock])
    environment.stamp.unlink(missing_ok=True)
    try:
        if not is_extension:
            environment.folder.parent.mkdir(parents=True, exist_ok=True)
            venv.create(
                environment.folder, clear=True, with_pip=has_module("ensurepip"), symlinks=os.name != "nt"
            )
        subprocess.run(
            [
                *pip,
                "install",
                *("--quiet", "--no-input", "--disable-pip-version-check", "--no-user"),
                *("--no-deps", "--require-hashes", "-r", str(environment.root / lock)),
            ],
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (subprocess.CalledProcessError, OSError) as failed:
        print(failed, file=sys.stderr)
        raise CannotPrepareError(BUILD_FAILED) from None
    environment.seal(lock)


def enter(environment: Environment, arguments: Sequence[str]) -> int:
    """Run the same command inside an environment; this process becomes that one where the system allows."""
    command = [str(environment.python), "-m", "assemblee", *arguments]
    if os.name != "nt":
        os.execve(command[0], command, variables())  # noqa: S606 - the interpreter that was just prepared
    return subprocess.run(command, env=variables(), check=False).returncode


def launch(arguments: Sequence[str]) -> int | None:
    """Make the command possible; return its status, or None when the click command is still to run here.

    Raises
    ------
    CannotPrepareError
        The dependencies are missing and cannot be had.
    """
    command = arguments[0] if arguments else ""
    environment = Environment(instance_folder() / "env")
    lock = LOCKS.get(command)
    if lock is not None and (ROOT / lock).exists():
        prepare(environment, lock)
        if not environment.is_current():
            return enter(environment, arguments)
    elif command == "test":
        raise CannotPrepareError(NO_TESTS)
    elif not all(has_module(name) for name in NEEDED):
        if not (ROOT / LOCKS["demo"]).exists() or not environment.has(LOCKS["demo"]):
            raise CannotPrepareError(NOT_INSTALLED)
        return enter(environment, arguments)
    return run_tests(arguments[1:]) if command == "test" else None


def run_tests(arguments: Sequence[str]) -> int:
    """Run the tests of a checkout by its own runner, which is not part of the product."""
    # `python3 -m` and `enter` both put the checkout first on the path.
    judgement = importlib.import_module("tests.judging.judgement")
    return int(judgement.run_tests(arguments))
