"""Ballots as bytes: a row for each ballot, a byte for each answer, counted column by column."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from votes.errors import BadBallot

ABSENT, NO_OPINION = 255, 254
VALUES = 256
# So few rows that they stay in the processor's cache while they are counted.
BATCH = 1 << 11


@dataclass(frozen=True)
class Count:
    """How often each answer was given.

    Parameters
    ----------
    answers : array of int64, shape (columns, options)
        For each column of the ballots, how many gave each answer: for judgments, a row of grades for each
        proposal, worst first.
    no_opinion : array of int64, shape (columns,)
        How many said that they have no opinion.
    ballots : int
    """

    answers: NDArray[np.int64]
    no_opinion: NDArray[np.int64]
    ballots: int


def count(
    ballots: NDArray[np.uint8] | bytes | bytearray | memoryview, columns: int, options: int | Sequence[int]
) -> Count:
    """Count ballots.

    Parameters
    ----------
    ballots : array of uint8, shape (ballots, columns), or bytes
        Answers from 0; 255 where there is none, 254 for no opinion. Bytes are the rows one after the other.
    columns : int
        Answers of a ballot, such as one for each proposal.
    options : int or sequence of int
        How many answers there are to choose from, in all columns or in each.

    Raises
    ------
    BadBallot
        If the rows have another length, or a byte is no answer; with the number of the ballot and of the
        column from 0.
    """
    rows = _rows(ballots, columns)
    return _finished(_counted(rows, _limits(columns, options), 0), columns, options, len(rows))


def from_sqlite(
    connection: sqlite3.Connection,
    query: str,
    columns: int,
    options: int | Sequence[int],
    parameters: Sequence[object] = (),
) -> Count:
    """Count the ballots that a query returns: one BLOB a row.

    Parameters
    ----------
    connection : sqlite3.Connection
    query : str
        A SELECT of one column.
    columns, options
        As in :func:`count`.
    parameters : sequence
        What stands for the question marks of the query.

    Raises
    ------
    BadBallot
        As in :func:`count`, and if a row is not one BLOB.
    """
    limits = _limits(columns, options)
    held = np.zeros((columns, VALUES), dtype=np.int64)
    ballots = 0
    rows = connection.execute(query, parameters)
    while batch := list(islice(rows, BATCH)):
        held += _counted(_rows(_joined(batch, columns, ballots), columns), limits, ballots)
        ballots += len(batch)
    return _finished(held, columns, options, ballots)


def _rows(ballots: NDArray[np.uint8] | bytes | bytearray | memoryview, columns: int) -> NDArray[np.uint8]:
    if isinstance(ballots, np.ndarray):
        if ballots.dtype != np.uint8 or ballots.ndim != 2 or ballots.shape[1] != columns:  # noqa: PLR2004
            raise BadBallot(ballot=0, found=f"{ballots.dtype} {ballots.shape}", expected=columns)
        return ballots
    cells = np.frombuffer(ballots, dtype=np.uint8)
    if len(cells) % columns:
        raise BadBallot(ballot=len(cells) // columns, found=len(cells) % columns, expected=columns)
    return cells.reshape(-1, columns)


def _limits(columns: int, options: int | Sequence[int]) -> NDArray[np.bool_]:
    """Return which bytes are no answer, shape (columns, 256)."""
    each = [options] * columns if isinstance(options, int) else options
    values = np.arange(VALUES)
    return np.array([(values >= most) & (values < NO_OPINION) for most in each], dtype=np.bool_)


def _counted(rows: NDArray[np.uint8], refused: NDArray[np.bool_], before: int) -> NDArray[np.int64]:
    """Return how often each column holds each byte, shape (columns, 256)."""
    held = np.array([np.bincount(column, minlength=VALUES) for column in rows.T], dtype=np.int64)
    if held[refused].any():
        column, value = np.argwhere(refused & (held > 0))[0].tolist()
        ballot = before + int(np.argmax(rows[:, column] == value))
        raise BadBallot(ballot=ballot, column=column, found=value)
    return held


def _finished(held: NDArray[np.int64], columns: int, options: int | Sequence[int], ballots: int) -> Count:
    most = options if isinstance(options, int) else max(options, default=0)
    return Count(held[:, :most].reshape(columns, most), held[:, NO_OPINION], ballots)


def _joined(batch: Sequence[tuple[object, ...]], columns: int, before: int) -> bytes:
    """Return the ballots of some rows one after the other."""
    # Text and numbers cannot be joined: only when that fails is each row looked at.
    with contextlib.suppress(TypeError):
        cells: list[bytes] = list(chain.from_iterable(batch))  # type: ignore[arg-type] # join sees to it
        joined = b"".join(cells)
        if len(cells) == len(batch) and set(map(len, cells)) == {columns}:
            return joined
    place, row = next((place, row) for place, row in enumerate(batch) if not _is_ballot(row, columns))
    shapes = [len(cell) if isinstance(cell, bytes) else type(cell).__name__ for cell in row]
    raise BadBallot(ballot=before + place, found=shapes, expected=columns)


def _is_ballot(row: tuple[object, ...], columns: int) -> bool:
    return len(row) == 1 and isinstance(row[0], bytes) and len(row[0]) == columns
