"""The command ``python -m votes tally``: ballots or counts in, a result that explains itself out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from assemblee.tabular import Problem, Reading, grouped
from assemblee.tabular.encodings import NAMES
from assemblee.tabular.sentences import NOTICES, said_of
from votes.answers import Counts, Selection
from votes.defaults import MODES, Default
from votes.document import document
from votes.errors import BadDefault, Contradiction, Incoherent, UnreadableBallots, VotesError
from votes.files import UnreadableFile, read
from votes.majority import Explanation, judge
from votes.poll import Poll
from votes.scales import meaning, ready_made, words

GOOD, BAD_INPUT = 0, 2
MOST_KINDS = 20

MESSAGES = {
    "bad-document": "At {place}, {expected} was expected.",
    "bad-scale": "A scale has from {least} to {most} grades, not {found}.",
    "unknown-scale": "No ready-made scale has {found} grades; there are {expected}.",
    "reserved-grade": "A grade named {found!a} could be taken for something else in a ballot.",
    "bad-name": "The {what} {found} has no name that can be printed.",
    "duplicate-name": "Two of them have one name: the {what} {found!a}.",
    "no-proposal": "There is no proposal.",
    "bad-count": "{proposal}, {grade}: found {found}; expected a whole number from 0 to 10**30.",
    "bad-width": "{proposal}: found {found} counts; expected {expected}, one for each grade.",
    "bad-default": "Absent grades cannot count as {found} {grade}; expected one of {expected}, "
    "and for static one of the grades {grades}.",
    "incoherent": "{proposal}: {found} judgments are more than the {judges} judges.",
    "unbalanced": "{proposal}: {found} judgments of {judges} judges, and no default was declared.",
    "no-judgment": "{proposal}: there is no judgment, and the default {default} gives it no grade.",
    "too-large": "The common total of normalized profiles has more than {most} bits.",
    "contradiction": "The file and the option say different things about {what}.",
    "unreadable-file": "{path} cannot be read or written: {reason}.",
}


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit status: 0, or 2 for what must be refused."""
    options = _parser().parse_args(arguments)
    try:
        counts, poll = _poll(options)
        for notice in counts.notices:
            _say(f"{options.file.name}: {NOTICES[notice.code].format(found=notice.found)}")
        judgment = judge(poll)
        result = document(judgment)
        units = _units(poll)
        sentences = [_sentence(units, one) for one in judgment.explanations]
        explained = zip(judgment.explanations, sentences, strict=True)
        if counts.ballots is not None:
            result |= {"ballots": counts.ballots, "blank": counts.blank}
        result["explanations"] = [one.to_document() | {"sentence": text} for one, text in explained]
        _write(options.out, json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")
    except UnreadableBallots as error:
        _say_kinds(error.problems)
    except VotesError as error:
        _say(f"{MESSAGES[error.code].format(**error.parameters)} [{error.code}]")
    else:
        if counts.ballots is not None:
            print(
                f"Ballots: {counts.ballots:,} read, {counts.blank:,} blank, "
                f"{counts.ballots - counts.blank:,} counted."
            )
        for position in judgment.order:
            gauge = judgment.gauges[position]
            grade = f"{gauge.grade} {gauge.sign}" if gauge.grade else "nobody judged"
            print(_safe(f"{judgment.ranks[position]}. {poll.proposals[position]}: {grade}"))
        for sentence in sentences:
            print(_safe(sentence))
        return GOOD
    return BAD_INPUT


def _say_kinds(problems: Sequence[Problem]) -> None:
    groups = grouped(problems)
    for group in groups[:MOST_KINDS]:
        _say(said_of(group))
    if len(groups) > MOST_KINDS:
        _say(f"and {len(groups) - MOST_KINDS} more kinds of problems")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m votes tally", description="Count a majority judgment, and explain every rank."
    )
    parser.add_argument(
        "file", type=Path, help="ballots (.csv, .xlsx, .ods) or counts (.json, or such a table)"
    )
    parser.add_argument(
        "--grades", help="7, 6 or 5 for a ready-made scale, or names parted by commas, worst first"
    )
    parser.add_argument(
        "--default", help="what absent grades count as: refuse, static:GRADE, median or normalized"
    )
    parser.add_argument(
        "--judges", type=int, help="number of participants, those of blank ballots among them"
    )
    parser.add_argument("--columns", default="", help="which columns are proposals, such as 2- or 2-5,7")
    parser.add_argument("--skip", action="append", default=[], help="a column that is no proposal, by name")
    parser.add_argument("--encoding", choices=list(NAMES), help="of a text file, where it is guessed wrong")
    parser.add_argument("--sheet", help="of a workbook; the first one with ballots without it")
    parser.add_argument("--out", type=Path, required=True, help="file for the result")
    return parser


def _poll(options: argparse.Namespace) -> tuple[Counts, Poll]:
    grades = _grades(options.grades)
    reading = Reading(options.encoding, options.sheet)
    counts = read(options.file, grades, Selection(options.columns, options.skip, reading))
    if grades is not None and counts.grades != grades:
        raise Contradiction(what="the grades")
    default = None if options.default is None else _default(options.default, counts)
    if None not in (default, counts.default) and default != counts.default:
        raise Contradiction(what="the default")
    if None not in (options.judges, counts.judges) and options.judges != counts.judges:
        raise Contradiction(what="the judges")
    judges = _judges(options.judges, counts)
    poll = Poll.of(counts.grades, counts.counts, judges, default or counts.default, counts.no_opinion)
    return counts, poll


def _judges(people: int | None, counts: Counts) -> object:
    """Return how many judge: whose ballot is blank took part, and is no judge."""
    if counts.ballots is None:
        return counts.judges if people is None else people
    counted = counts.ballots - counts.blank
    if counts.judges is not None:
        if type(counts.judges) is int and counts.judges < counted:
            raise Incoherent(proposal="all ballots", found=counted, judges=counts.judges)
        return counts.judges
    people = counts.ballots if people is None else people
    if people < counts.ballots:
        raise Incoherent(proposal="all ballots", found=counts.ballots, judges=people)
    return people - counts.blank


def _grades(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    if text.strip().isdecimal():
        return ready_made(text.strip()).french
    return tuple(name.strip() for name in text.split(","))


def _default(text: str, counts: Counts) -> Default:
    mode, _, name = text.partition(":")
    if mode != "static":
        if text not in MODES:
            raise BadDefault(found=text, grade="", expected=MODES, grades=_listed(counts.grades))
        return Default(mode)
    grade = meaning(name, words(counts.grades))
    if grade is None:
        raise BadDefault(found=mode, grade=repr(name), expected=MODES, grades=_listed(counts.grades))
    return Default(mode, grade)


def _listed(grades: Sequence[str]) -> str:
    return ", ".join(f"{place} ({name})" for place, name in enumerate(grades))


def _sentence(units: tuple[str, str], one: Explanation) -> str:
    """Put an explanation into words; the units are those of one judgment and of several."""
    if one.code == "identical":
        both = f"both {one.grades[0]}; identical counts" if one.grades[0] else "nobody judged either"
        return f"{one.first} and {one.second}: {both}"
    if one.numbers is None:
        return f"{one.first} before {one.second}: {one.grades[0]} against {one.grades[1]}"
    where = one.code if one.bound == one.grades[0] else f"{one.code} than {one.bound}"
    first, second = one.numbers
    unit = units[first != 1]
    verb = unit.rsplit(maxsplit=1)[-1]
    return (
        f"{one.first} before {one.second}: both {one.grades[0]}; first difference: "
        f"{first:,} {unit} {one.first} {where}, {second:,} {verb} {one.second} {where}"
    )


def _units(poll: Poll) -> tuple[str, str]:
    """Return what was counted: people, as long as no absent grade is counted with theirs."""
    if poll.default.mode == "normalized":
        return (f"of {poll.total:,} parts put",) * 2
    if any(sum(row) < poll.judges for row in poll.counts):
        return (f"of {poll.total:,} judgments, absent ones counted, put",) * 2
    return ("person judged", "people judged")


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        if path.exists() and not path.is_file():
            # A pipe or a terminal is not replaced.
            path.write_text(text, encoding="utf-8")
            return
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UnreadableFile(path=str(path), reason=error.strerror) from error


def _say(text: str) -> None:
    print(_safe(text), file=sys.stderr)


def _safe(text: str) -> str:
    """Return a text that any terminal can show."""
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
