"""Long lists, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

# No row has a larger number, and no database is asked for one; Python itself reads at most 4,300 digits.
LARGEST_NUMBER = 2**31 - 1
# A list is read from its beginning up to the page that is asked for.
LAST_PAGE = 100_000


def asked_number(name: str) -> int | None:
    """Return the number of this name in the address, if there is one that a row or a place can have."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 <= number <= LARGEST_NUMBER else None


def asked_page() -> int:
    """Return the page number in the address, 1 when it is missing or not a number."""
    return min(max(1, asked_number("page") or 1), LAST_PAGE)


@dataclass(frozen=True)
class Page:
    """One page of a list.

    Parameters
    ----------
    endpoint : str
        The view that shows the list.
    asked : int
        Page number from the address; brought back into range.
    total, size : int
        Rows in all, and rows a page.
    values : dict
        What else the view's address needs.
    """

    endpoint: str
    asked: int
    total: int
    size: int
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """Number of pages, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def number(self) -> int:
        """The page that is shown."""
        return min(self.asked, self.pages)

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size

    def url(self, number: int) -> str:
        """Return the address of another page."""
        return url_for(self.endpoint, **self.values, page=number)
