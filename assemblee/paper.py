"""Official papers: titled sections of facts, tables and sentences, as PDF that anybody can read and keep."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from assemblee import qr_code
from assemblee.i18n import language

SOURCE = Path(__file__).resolve().parent / "paper.typ"


@dataclass(frozen=True)
class Section:
    """A part of a paper: facts, then a table, then paragraphs, each if there is something to say."""

    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def pdf(
    title: str, parts: Sequence[Section], moment: datetime, *, address: str, check: str, alternative: str
) -> bytes:
    """Return a paper as PDF/A-2a and PDF/UA-1; the same paper gives the same bytes.

    Parameters
    ----------
    title : str
    parts : sequence of Section
    moment : datetime
        When what it tells of was done.
    address, check, alternative : str
        Where it can be checked, the sentence that says so, and what its QR code is called.
    """
    data = {
        "title": title,
        "sections": [asdict(part) for part in parts],
        "address": address,
        "code": str(qr_code.svg(address)),
        "check": check,
        "alternative": alternative,
    }
    return compiled(SOURCE, data, moment)


def compiled(source: Path, data: Mapping[str, Any], moment: datetime) -> bytes:
    """Return a source of Typst, filled with data, as PDF/A-2a and PDF/UA-1, in the language of the reader.

    The same data give the same bytes.

    Parameters
    ----------
    source : Path
    data : mapping
        What the source reads, as JSON; `language` and `date` are added.
    moment : datetime
        When what it tells of was done, in the zone whose day is shown.
    """
    shown = {**data, "language": language(), "date": moment.date().isoformat().split("-")}
    # Values go in as data and never as markup, whatever people have written in them.
    return typst.compile(
        source.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(shown, ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=int(moment.timestamp()),
    )
