"""The two catalogues hold every text of the pages, and every code has its sentence.

After a change of a text, from the top of the repository, with `T=assemblee/translations`:

    pybabel extract -F $T/mapping.cfg -k _l -k lazy_gettext -k marked -o $T/messages.pot \
        --no-location --no-wrap --sort-output --project=assemblee --version=0.1.0 \
        --copyright-holder="The Assemblée developers" .
    pybabel update -N --ignore-obsolete --no-wrap -d $T -i $T/messages.pot && rm $T/messages.pot
    (write the French in $T/fr/LC_MESSAGES/messages.po; in the English one, copy the msgid)
    pybabel compile -d $T
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import sortition
from assemblee import messages, words
from assemblee.draws.models import DrawState
from assemblee.jobs.models import JobState
from assemblee.mandates.actions import MANDATE_ROLES
from assemblee.pools.models import VolunteerState

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "assemblee" / "translations"
LANGUAGES = ("fr", "en")
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "marked": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# What is typed as it stands: commands between backquotes, addresses of pages.
VERBATIM = re.compile(r"`[^`]*`|https?://\S+")
BAD_SPACE = re.compile(r"[ ](?=[:;!?»])|«[ ]|«(?![\u00a0\u202f])|(?<=\w)[:;!?»]")

pytestmark = pytest.mark.only("sqlite")


# What is read here changes under nobody: once a run is enough.
@cache
def catalogue(language: str) -> Catalog:
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def entries(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


@cache
def extracted() -> set[tuple[str, ...]]:
    with (TRANSLATIONS / "mapping.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(
        ROOT,
        methods,
        options,
        keywords=KEYWORDS,
        directory_filter=lambda path: (
            Path(path).relative_to(ROOT).parts[:1] in {("assemblee",), ("templates",)}
        ),
    )
    return {forms(message) for _file, _line, message, _comments, _context in found}


@cache
def modules(package: str) -> list[ast.Module]:
    return [
        ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `Problem` for `sortition.Problem(...)`."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def constants(value: ast.expr) -> set[str]:
    """Return the texts that an expression can be: itself, or either branch of a condition."""
    if isinstance(value, ast.IfExp):
        return constants(value.body) | constants(value.orelse)
    return {value.value} if isinstance(value, ast.Constant) and isinstance(value.value, str) else set()


@cache
def calls(package: str) -> dict[str, list[tuple[ast.Call, list[ast.Assign]]]]:
    """Return every call by its name, each with the assignments of the function that it stands in."""
    found = defaultdict(list)
    for module in modules(package):
        for scope in ast.walk(module):
            if isinstance(scope, ast.FunctionDef | ast.Module):
                inside = list(ast.walk(scope))
                is_function = isinstance(scope, ast.FunctionDef)
                assigned = [one for one in inside if is_function and isinstance(one, ast.Assign)]
                for call in inside:
                    if isinstance(call, ast.Call):
                        found[called(call)].append((call, assigned))
    return dict(found)


def codes(package: str, name: str, position: int) -> set[str]:
    """Return the texts that calls of a name get at a position, straight or by a variable of the function."""
    found = set()
    for call, assigned in calls(package).get(name, []):
        if len(call.args) <= position:
            continue
        argument = call.args[position]
        found |= constants(argument)
        if isinstance(argument, ast.Name):
            for assignment in assigned:
                targets = [target.id for target in assignment.targets if isinstance(target, ast.Name)]
                found |= constants(assignment.value) if argument.id in targets else set()
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_in_the_catalogue_and_nothing_else(language: str) -> None:
    wanted = extracted()
    held = {forms(message.id) for message in entries(language)}
    assert len(wanted) > 400, "the extraction found next to nothing: is the mapping right?"
    assert wanted - held == set(), "texts without an entry"
    assert held - wanted == set(), "entries that no text uses any more"


def test_every_name_that_marks_a_text_is_known_to_the_extraction() -> None:
    found = {
        alias.asname or alias.name
        for module in modules("assemblee")
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.endswith("gettext") or alias.name == "marked"
    }
    assert {"_", "_l", "lazy_gettext"} <= found
    assert found - KEYWORDS.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_fuzzy_or_obsolete(language: str) -> None:
    assert [message.id for message in entries(language) if message.fuzzy] == []
    assert [message.id for message in entries(language) if not all(forms(message.string))] == []
    assert [
        message.id for message in entries(language) if len(forms(message.id)) != len(forms(message.string))
    ] == []
    assert list(catalogue(language).obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_hold_the_same_placeholders(language: str) -> None:
    wrong = []
    for message in entries(language):
        wanted = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
        held = [set(PLACEHOLDER.findall(form)) for form in forms(message.string)]
        stray = [
            form
            for form in forms(message.string)
            if message.python_format and "%" in PLACEHOLDER.sub("", form)
        ]
        if any(form != wanted for form in held) or stray:
            wrong.append(message.id)
    assert wrong == []


def test_english_says_what_the_text_says() -> None:
    assert [message.id for message in entries("en") if forms(message.id) != forms(message.string)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {forms(message.id): forms(message.string) for message in read_mo(file) if message.id}
    assert compiled == {forms(message.id): forms(message.string) for message in entries(language)}


def test_french_is_set_as_french_is() -> None:
    wrong = []
    for message in entries("fr"):
        for form in forms(message.string):
            text = VERBATIM.sub("", form)
            if "'" in text or '"' in text or BAD_SPACE.search(text):
                wrong.append(form)
    assert wrong == []


def test_every_refusal_has_a_sentence() -> None:
    found = codes("assemblee", "Refusal", 0)
    assert len(found) > 50
    assert found - messages.REFUSALS.keys() == set()
    assert {f"draw-is-{state}" for state in DrawState} - messages.REFUSALS.keys() == set()


def test_every_act_of_the_journal_has_a_sentence() -> None:
    found = codes("assemblee", "record", 2) | codes("assemblee", "leaf", 3)
    assert {"pool-opened", "pool-closed", "draw-held"} <= found
    assert found - messages.EVENTS.keys() == set()


def test_every_problem_of_a_file_has_a_sentence() -> None:
    found = (
        codes("sortition", "Problem", 3) | codes("sortition", "_note", 2) | codes("assemblee", "Problem", 3)
    )
    assert {"bad-encoding", "unknown-value", "empty-value", "negative", "duplicate-cell"} <= found
    assert found - words.pools.PROBLEMS.keys() == set()


def test_every_phase_of_the_core_has_a_sentence() -> None:
    found = codes("sortition", "progress", 2) | codes("assemblee", "progress", 2)
    assert found == messages.PHASES.keys()


def test_every_state_role_rule_and_failure_has_a_sentence() -> None:
    states = {*map(str, VolunteerState), *map(str, DrawState), *map(str, JobState), *map(str, MANDATE_ROLES)}
    assert states - messages.STATES.keys() == set()
    assert set(sortition.RULES) == words.draws.RULES.keys()
    assert codes("assemblee", "Failed", 0) - messages.FAILURES.keys() == set()
    errors = {sortition.BadSize, sortition.BadTickets, sortition.InfeasibleQuotas, sortition.QuotasBind}
    assert {error.code for error in errors} - messages.FAILURES.keys() == set()
