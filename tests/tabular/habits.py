"""Tables of people as anybody writes them, half of them injured."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from openpyxl import Workbook

from tests.tabular import make

GENDER, AGE = "Genre", "Tranche d’âge"
CATEGORIES = {GENDER: ("Femme", "Homme", "Autre"), AGE: ("16-34 ans", "35-64 ans", "65 ans et plus")}
FIRST_NAMES = (
    *("Ana", "Zoé", "Élodie", "René", "Hélène", "François", "Noël", "Maëlle", "Jérôme", "Benoît", "Cécile"),
    *("Théo", "Océane", "Thérèse", "Étienne", "Inès", "Loïc", "Anaïs", "Irène", "Jean-Rémi", "Bob", "Mehdi"),
)
LAST_NAMES = (
    *("Martin", "Lefèvre", "Müller", "Gonçalves", "Château", "Dupré", "D'Été", "L'Hôte", "Évrard", "Petit"),
    *("de la Tour, comte", "O'Neil", "Prévôt", "N'Diaye; dit Blaise", "Nguyen", 'dit "le Grand"', "Île-Rose"),
)
TOWNS = ("Évry", "Nîmes", "Besançon", "12, rue du Bac", "Saint-Étienne; Loire", "Paris", "Le Puy-en-Velay")
NOTES = ("", "", "oui", "peut-être", "à midi, pas le soir", 'dit "oui"', "oui\nnon", "l'an 2000", "-", "5 km")
TITLES = ("Liste des volontaires", "Registered people, May", "Mise à jour : hier")
HEADERS = {
    "id": ("id", "Identifiant", "Référence", "Réf.", "N°", "Reference", "Response ID", "Numéro"),
    "name": ("Nom complet", "name", "Full name", "Nom, prénom", "Nom et prénom"),
    "first name": ("Prénom", "First name", "Votre prénom", "Given name"),
    "last name": ("Nom", "Last name", "Nom de famille", "Surname"),
    "email": ("E-mail", "Courriel", "Adresse e-mail", "Email address", "Mél"),
    "phone": ("Téléphone", "Phone", "Tél.", "Mobile"),
    "address": ("Adresse", "Address", "Adresse postale", "Home address"),
    GENDER: ("Genre", "genre", "GENRE", " Genre "),
    AGE: ("Tranche d’âge", "tranche d'age", "TRANCHE D'ÂGE", "Tranche\u00a0d´âge", "Tranche_d'âge"),
    "note": ("Remarques", "Notes", "Quand, et où ?"),
}
Row = dict[str, str]


@dataclass
class Plan:
    """A table before it is written: its columns, its people, and how it will be written."""

    chance: random.Random
    kind: str
    columns: list[str]
    header: dict[str, str]
    people: list[Row]
    encoding: str = "utf-8"
    mark: str = ";"
    end: str = "\r\n"
    quoting: int = csv.QUOTE_MINIMAL
    is_neutral: bool = False
    is_merged: bool = False
    is_hidden: bool = False
    above: list[str] = field(default_factory=list)
    left: int = 0
    blank: set[int] = field(default_factory=set)
    # What stands in a cell in place of what somebody said, and what stands beyond the last column.
    instead: dict[tuple[int, str], object] = field(default_factory=dict)
    beyond: dict[int, str] = field(default_factory=dict)
    # People about whom something is wrong, and what must be said of them.
    injured: set[int] = field(default_factory=set)
    expected: str | None = None
    injury: str = ""


@dataclass(frozen=True)
class Brought:
    """A table as it was written.

    Parameters
    ----------
    top : int
        The line of the header.
    starts : list of int
        On which line each row begins, whatever stands on it.
    lines : dict
        On which line each person stands, by their place.
    count : int
        How many lines below the header hold a value.
    injured : set of int
        Lines about which something is wrong.
    expected : str or None
        The code of a problem that must be said of each of those lines, or of the whole file.
    """

    plan: Plan
    data: bytes
    top: int
    starts: list[int]
    lines: dict[int, int]
    count: int
    injured: set[int]
    expected: str | None


def planned(seed: int, number: int) -> Plan:
    """Return a plan, the same for the same seed and number."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 - invented people
    columns = ["id", *chance.choice((["name"], ["first name", "last name"])), GENDER, AGE]
    columns += [one for one in ("email", "phone", "address", "note") if chance.random() < 0.7]
    chance.shuffle(columns)
    header = {column: _cased(chance, chance.choice(HEADERS[column])) for column in columns}
    size = 3_000 if chance.random() < 0.004 else chance.randint(5, 40)
    kind = chance.choices((".csv", ".xlsx", ".ods"), (6, 2, 2))[0]
    plan = Plan(chance, kind, columns, header, [_person(chance, place) for place in range(size)])
    plan.encoding = chance.choice(
        ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp1252", "mac_roman", "cp850")
    )
    plan.mark = chance.choice(",;;;\t|")
    plan.end = chance.choice(("\n", "\r\n", "\r"))
    plan.quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    plan.is_neutral, plan.is_merged, plan.is_hidden = (chance.random() < 0.2 for _ in range(3))
    plan.left = chance.choice((0, 0, 0, 1, 2))
    plan.blank = {place for place in range(size) if chance.random() < 0.03}
    plan.above = chance.choices(("", *TITLES), k=chance.choice((0, 0, 0, 1, 2)))
    if plan.is_merged:
        plan.people.sort(key=lambda person: person["address"])
    return plan


def _cased(chance: random.Random, header: str) -> str:
    change: Callable[[str], str] = chance.choice((str, str, str.upper, str.lower, str.title))
    return change(header) + chance.choice(("", "", "", " :", " *", "?"))


def _person(chance: random.Random, place: int) -> Row:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return {
        "id": chance.choice((f"P{place:04}", f"p-{place}", f"{place + 100}", f"É{place}")),
        "first name": first,
        "last name": last,
        "name": f"{first} {last}",
        GENDER: chance.choice(CATEGORIES[GENDER]),
        AGE: chance.choice(CATEGORIES[AGE]),
        "email": f"p{place}@example.org" if chance.random() < 0.8 else "",
        "phone": chance.choice(("+33 6 12 34 56 78", "06 12 34 56 78", "612345678", "")),
        "address": chance.choice(TOWNS),
        "note": chance.choice(NOTES),
    }


def written(plan: Plan) -> Brought:
    """Write a table as it was planned."""
    lines: dict[int, int] = {}
    rows: list[list[object]] = [[title] for title in plan.above]
    if plan.chance.random() < 0.2:
        rows.insert(plan.chance.randint(0, len(rows)), [])
    rows.append([plan.header[column] for column in plan.columns])
    top = len(rows)
    merged: list[tuple[int, int]] = []
    for place, person in enumerate(plan.people):
        if place in plan.blank:
            rows.append([])
        row: list[object] = [plan.instead.get((place, column), person[column]) for column in plan.columns]
        lines[place] = len(rows)
        rows.append([*row, plan.beyond[place]] if place in plan.beyond else row)
    rows += [[]] * plan.chance.choice((0, 0, 1, 3))
    rows = [[*[""] * plan.left, *row] if row else row for row in rows]
    if plan.kind == ".csv":
        data, starts = _as_text(plan, rows)
    else:
        merged = _spans(plan, rows, lines) if plan.is_merged and "address" in plan.columns else []
        data = (_as_workbook if plan.kind == ".xlsx" else _as_open_document)(plan, rows, merged)
        starts = list(range(1, len(rows) + 1))
    lines = {place: starts[row] for place, row in lines.items()}
    count = sum(any(value not in ("", None) for value in row) for row in rows[top:])
    injured = {lines[place] for place in plan.injured}
    return Brought(plan, data, starts[top - 1], starts, lines, count, injured, plan.expected)


def _as_text(plan: Plan, rows: Sequence[Sequence[object]]) -> tuple[bytes, list[int]]:
    """Return the bytes of a text, and on which line each row begins."""
    chance, starts = plan.chance, list[int]()
    width = max(map(len, rows))
    is_padded = chance.random() < 0.5
    written = [f"sep={plan.mark}"] if chance.random() < 0.1 else []
    line = 1 + len(written)
    for row in rows:
        starts.append(line)
        cells = [*row, *[""] * (width - len(row))] if is_padded else list(row)
        written.append(_record(plan, cells))
        line += 1 + sum(str(cell).count("\n") for cell in row)
    whole = plan.end.join(written) + chance.choice((plan.end, ""))
    whole = whole.replace("’", "'") if plan.encoding == "cp850" else whole
    return whole.encode(plan.encoding), starts


def _record(plan: Plan, cells: Sequence[object]) -> str:
    text = io.StringIO(newline="")
    # The library puts into quotes what holds the line end that it writes, and no other.
    writer = csv.writer(text, delimiter=plan.mark, quoting=plan.quoting)
    is_neutral = [plan.is_neutral and str(cell).startswith(("+", "-")) for cell in cells]
    writer.writerow([f"'{cell}" if told else cell for cell, told in zip(cells, is_neutral, strict=True)])
    return text.getvalue().removesuffix("\r\n")


def _spans(plan: Plan, rows: list[list[object]], lines: dict[int, int]) -> list[tuple[int, int]]:
    """Return runs of rows of one address, which then stands only in the first of each."""
    place, found = plan.left + plan.columns.index("address"), []
    first = 0
    for person in range(1, len(plan.people) + 1):
        one = plan.people[first]["address"]
        if person < len(plan.people) and plan.people[person]["address"] == one:
            continue
        if person - first > 1:
            found.append((lines[first], lines[person - 1]))
            for row in range(lines[first] + 1, lines[person - 1] + 1):
                if rows[row]:
                    rows[row][place] = ""
        first = person
    return found


def _as_workbook(plan: Plan, rows: list[list[object]], merged: list[tuple[int, int]]) -> bytes:
    book = Workbook()
    if plan.is_hidden:
        book.active.append(["autre"])
        book.active.sheet_state = "hidden"
    elif plan.chance.random() < 0.3:
        book.create_sheet("notes").append(["autre"])
    sheet = book.create_sheet("people", 0)
    for row in rows:
        sheet.append([_typed(plan, value) for value in row])
    for first, last in merged:
        column = plan.left + plan.columns.index("address") + 1
        sheet.merge_cells(start_row=first + 1, end_row=last + 1, start_column=column, end_column=column)
    if plan.is_hidden:
        sheet.row_dimensions[len(rows) // 2 + 1].hidden = True
    return make.saved(book)


def _typed(plan: Plan, value: object) -> object:
    text = str(value)
    if text.isdecimal() and not text.startswith("0") and plan.chance.random() < 0.5:
        return plan.chance.choice((int, float))(text)
    return f"'{text}" if text.startswith(("+", "-")) and plan.is_neutral else value or None


def _as_open_document(plan: Plan, rows: list[list[object]], merged: list[tuple[int, int]]) -> bytes:
    column = plan.left + plan.columns.index("address") if merged else -1
    firsts = dict(merged)
    written = []
    for place, row in enumerate(rows):
        cells = []
        for at, value in enumerate(row):
            spanned = firsts.get(place, place) - place + 1 if at == column else 1
            told = {"table:number-rows-spanned": spanned} if spanned > 1 else {}
            cells.append(make.cell(_typed(plan, value), **told))
        rest = make.cell(table__number_columns_repeated=1_024)
        hidden = {"visibility": "collapse"} if plan.is_hidden and place == len(rows) // 2 else {}
        written.append(make.row(*cells, rest, **hidden))
    blank = make.row(make.cell(table__number_columns_repeated=1_024), number_rows_repeated=1_000_000)
    sheets = {"people": "".join(written) + blank}
    return make.archive(make.open_parts(sheets | ({"autre": make.plain([["x"]])} if plan.is_hidden else {})))
