"""Names in their normal form and order, and tables read with all their problems at once."""

from __future__ import annotations

import unicodedata

from assemblee.tabular import Row, Table, scan_table
from sortition.errors import UnreadableFiles

__all__ = ["Row", "Table", "canonical", "read_table", "tidy"]


def tidy(text: str) -> str:
    """Return a text in Unicode normal form C, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def canonical(text: str) -> bytes:
    """Return the key by which names stand in canonical order: the UTF-8 bytes of their NFC form."""
    return tidy(text).encode()


def read_table(data: bytes, file: str) -> Table:
    """Read a table of any kind that `assemblee.tabular` knows.

    Parameters
    ----------
    data : bytes
        The content of the file.
    file : str
        Its name, for the problems.

    Returns
    -------
    Table

    Raises
    ------
    UnreadableFiles
        With every problem of the file.
    """
    table, problems = scan_table(data, file)
    if problems:
        raise UnreadableFiles(problems)
    return table
