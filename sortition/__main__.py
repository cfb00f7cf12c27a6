"""The command line: ``python -m sortition check|lottery|draw|rota|seat``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from string import hexdigits

from assemblee.tabular import Reading, grouped, scan_table
from assemblee.tabular.encodings import NAMES
from assemblee.tabular.sentences import NOTICES, said_of
from sortition import (
    RULES,
    TICKETS,
    BadSeed,
    Feasibility,
    InfeasibleQuotas,
    Lottery,
    Pool,
    QuotaChange,
    Quotas,
    SortitionError,
    UnreadableFiles,
    check,
    draw,
    lottery,
    rota,
    seat,
)
from sortition.pool import files_of
from sortition.progress import Progress

GOOD, BAD_INPUT, INFEASIBLE = 0, 2, 3
BAR = 30
SEED_DIGITS = 64

MESSAGES = {
    "bad-size": "The panel size must be a whole number from {least} to {most}, not {found}.",
    "bad-tickets": "The number of tickets must be a whole number from {least}, not {found}.",
    "bad-seed": "The seed must be 64 hexadecimal digits (32 bytes); found {found}.",
    "bad-lottery": "This is not a lottery: at {path}, {expected} was expected.",
    "bad-groups": "The number of {what} must be a whole number from {least}{limit}, not {found}.",
    "quotas-bind": "The rule uniform is for pools without quotas, but these quotas forbid some panels.",
    "unreadable-file": "{path} cannot be read or written: {reason}.",
    "solver-stopped": "The solver ended without an answer ({status}).",
}


class UnreadablePath(SortitionError):  # noqa: N818 - named after what is wrong
    """A file that is not there or may not be read."""

    code = "unreadable-file"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit status: 0, 2 for bad input, 3 for quotas that no panel fits."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UnreadableFiles as error:
        for group in grouped(error.problems):
            _say(said_of(group))
    except SortitionError as error:
        most = error.parameters.get("most")
        _say(MESSAGES[error.code].format(**error.parameters, limit=f" to {most}" if most else ""))
    return BAD_INPUT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sortition", description="Draws by lot under quotas.")
    commands = parser.add_subparsers(required=True, metavar="check|lottery|draw|rota|seat")
    looking = commands.add_parser("check", help="say whether a panel exists, and who is in none")
    making = commands.add_parser("lottery", help="compute the panels and their tickets")
    for command in (looking, making):
        command.add_argument("--categories", type=Path, help="file of quotas; none without it")
        command.add_argument("--respondents", type=Path, required=True, help="file of people")
        command.add_argument("--size", type=int, required=True, help="members of a panel")
        _add_readings(command)
    looking.add_argument("--json", action="store_true", help="print JSON instead of sentences")
    looking.add_argument("--out", type=Path, help="file for the JSON")
    looking.set_defaults(run=_check)
    making.add_argument("--rule", choices=list(RULES), default="leximin")
    making.add_argument("--tickets", type=int, default=TICKETS)
    making.add_argument("--out", type=Path, required=True, help="file for the lottery")
    making.set_defaults(run=_lottery)
    drawing = commands.add_parser("draw", help="draw a ticket, and print the members of its panel")
    drawing.add_argument("lottery", type=Path)
    drawing.add_argument("--seed", required=True, help="32 bytes in hexadecimal")
    drawing.set_defaults(run=_draw)
    rotating = commands.add_parser("rota", help="spread the people over groups that mirror them all")
    rotating.add_argument("--groups", type=int, required=True, help="number of groups")
    rotating.add_argument("--size", type=int, required=True, help="members of a group")
    rotating.set_defaults(run=_rota)
    seating = commands.add_parser("seat", help="seat the people at tables for several rounds")
    seating.add_argument("--tables", type=int, required=True)
    seating.add_argument("--rounds", type=int, required=True)
    seating.set_defaults(run=_seat)
    for command in (rotating, seating):
        command.add_argument("--categories", type=Path, help="categories and values; none without it")
        command.add_argument("--respondents", type=Path, required=True, help="file of people")
        _add_readings(command)
        command.add_argument("--seed", required=True, help="32 bytes in hexadecimal")
        command.add_argument("--out", type=Path, required=True, help="file for the result")
    return parser


def _check(options: argparse.Namespace) -> int:
    quotas, pool = _read(options)
    with _Progress() as progress:
        feasibility = check(pool, quotas, options.size, progress)
    document = _json(feasibility.to_document())
    if options.out:
        _write(options.out, document)
    if options.json:
        sys.stdout.write(document)
    else:
        print("\n".join(_sentences(feasibility)))
    return GOOD if feasibility.feasible else INFEASIBLE


def _lottery(options: argparse.Namespace) -> int:
    quotas, pool = _read(options)
    try:
        with _Progress() as progress:
            made = lottery(
                options.rule, pool, quotas, options.size, tickets=options.tickets, progress=progress
            )
    except InfeasibleQuotas as error:
        _write(options.out, _json(error.feasibility.to_document()))
        _say("\n".join(_sentences(error.feasibility)))
        return INFEASIBLE
    _write(options.out, _json(made.to_document()))
    return GOOD


def _draw(options: argparse.Namespace) -> int:
    try:
        document = json.loads(_bytes(options.lottery))
    except ValueError:
        document = None
    made = Lottery.from_document(document)
    for person in draw(made, _seed(options)).members:
        print(person)
    return GOOD


def _rota(options: argparse.Namespace) -> int:
    _, pool = _read(options, bounded=False)
    with _Progress() as progress:
        made = rota(pool, options.groups, options.size, _seed(options), progress)
    _write(options.out, _json(made.to_document()))
    return GOOD


def _seat(options: argparse.Namespace) -> int:
    _, pool = _read(options, bounded=False)
    made = seat(pool, options.tables, options.rounds, _seed(options))
    _write(options.out, _json(made.to_document()))
    return GOOD


def _add_readings(command: argparse.ArgumentParser) -> None:
    command.add_argument("--id-column", help="column of ids; the number of the row without it")
    command.add_argument("--encoding", choices=list(NAMES), help="of text files, where it is guessed wrong")
    command.add_argument("--sheet", help="of a workbook; the first one with people without it")


def _seed(options: argparse.Namespace) -> bytes:
    text = "".join(options.seed.split())
    wrong = next((place for place, mark in enumerate(text, start=1) if mark not in hexdigits), None)
    if wrong is not None:
        raise BadSeed(found=f"{text[wrong - 1]!r} at place {wrong}")
    if len(text) != SEED_DIGITS:
        raise BadSeed(found=f"{len(text)} of them")
    return bytes.fromhex(text)


def _read(options: argparse.Namespace, *, bounded: bool = True) -> tuple[Quotas, Pool]:
    reading = Reading(options.encoding, options.sheet)
    respondents = scan_table(_bytes(options.respondents), str(options.respondents), reading)
    categories = None
    if options.categories:
        # A sheet of people is not asked for where quotas are read.
        categories = scan_table(
            _bytes(options.categories), str(options.categories), Reading(options.encoding)
        )
    files = files_of(categories, respondents, options.id_column, bounded=bounded)
    for table, _ in filter(None, (categories, respondents)):
        for notice in table.notices:
            _say(f"{table.file}: {NOTICES[notice.code].format(found=notice.found)}")
    for notice in files.notices:
        _say(NOTICES[notice.code].format(found=notice.found))
    if files.problems:
        raise UnreadableFiles(files.problems)
    for group in grouped(files.doubts):
        _say(f"Look at this: {said_of(group)}")
    return files.quotas, files.pool


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadablePath(path=path, reason=error.strerror) from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnreadablePath(path=path, reason=error.strerror) from error


def _json(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _sentences(feasibility: Feasibility) -> list[str]:
    """Put a feasibility into words."""
    size = feasibility.size
    if feasibility.feasible:
        lines = [f"A panel of {size} that fits the quotas exists."]
        if feasibility.excluded:
            lines.append(
                f"{len(feasibility.excluded)} of {feasibility.people} people are in no possible panel:"
            )
        lines += [
            f"  {one.person}: shut out by {one.category} = {one.value}; {_changes(one.changes)} would help"
            for one in feasibility.excluded
        ]
        return lines
    lines = [f"No panel of {size} fits the quotas."]
    for shortage in feasibility.shortages:
        name = shortage.category if shortage.value is None else f"{shortage.category} = {shortage.value}"
        if shortage.value is not None:
            lines.append(f"  {name}: needs {shortage.needed}, only {shortage.available} in the pool")
        elif shortage.needed > size:
            lines.append(f"  {name}: the minima sum to {shortage.needed}, more than {size}")
        else:
            lines.append(f"  {name}: at most {shortage.available} can be taken, fewer than {size}")
    lines.append("The smallest change that makes a panel exist:")
    if any(change.is_beyond for change in feasibility.suggestions):
        lines[-1] = (
            "No change within min_flex and max_flex makes a panel exist. The smallest one beyond them:"
        )
    lines += [f"  {_change(change)}" for change in feasibility.suggestions]
    return lines


def _changes(changes: Sequence[QuotaChange]) -> str:
    return ", ".join(map(_change, changes))


def _change(change: QuotaChange) -> str:
    parts = []
    if change.new_minimum != change.minimum:
        parts.append(f"minimum {change.minimum} to {change.new_minimum}")
    if change.new_maximum != change.maximum:
        parts.append(f"maximum {change.maximum} to {change.new_maximum}")
    beyond = " (beyond its flexible bounds)" if change.is_beyond else ""
    return f"{change.category} = {change.value}: {' and '.join(parts)}{beyond}"


class _Progress:
    """Shows progress on standard error: a bar on a terminal, else one line for each phase and tenth."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.last: tuple[str, int] = ("", -1)

    def __enter__(self) -> Progress:
        return self.show

    def __exit__(self, *_: object) -> None:
        if self.terminal and self.last[0]:
            _say("")

    def show(self, done: int, total: int, phase: str) -> None:
        """Show where the work stands, if that is news."""
        steps = BAR if self.terminal else 10
        news = (phase, steps * done // max(total, 1))
        if news == self.last:
            return
        self.last = news
        if self.terminal:
            bar = "#" * news[1] + "." * (BAR - news[1])
            sys.stderr.write(f"\r[{bar}] {phase:<10} {done}/{total} ")
            sys.stderr.flush()
        else:
            _say(f"{phase} {done}/{total}")


if __name__ == "__main__":
    sys.exit(main())
