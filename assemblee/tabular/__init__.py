"""Tables that people bring, whatever their kind: read once, here, for draws, votes and every room.

A *source* gives the lines of a file as they stand in it. A *table* is a header with rows as wide as it. A
*problem* is what cannot be read, and where; a *notice* is what was read otherwise than it stands.
No web, no database: the two pure packages read their files by this one too.
"""

from __future__ import annotations

from assemblee.tabular.problems import Group, Notice, Problem, UnreadableTable, grouped, in_order
from assemblee.tabular.sources import Reading, Source, open_source
from assemblee.tabular.tables import Row, Table, scan_table

__all__ = [
    "Group",
    "Notice",
    "Problem",
    "Reading",
    "Row",
    "Source",
    "Table",
    "UnreadableTable",
    "grouped",
    "in_order",
    "open_source",
    "scan_table",
]
