"""Long lists, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for


def asked_page() -> int:
    """Return the page number in the address, 1 when it is missing or not a number."""
    return max(1, request.args.get("page", 1, type=int) or 1)


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
