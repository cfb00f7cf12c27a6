from __future__ import annotations

import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from votes import ballots
from votes.ballots import ABSENT, NO_OPINION, count, from_sqlite
from votes.errors import BadBallot

ROWS = [[0, 2, 1], [2, ABSENT, 1], [NO_OPINION, 2, 0]]


def box(rows: list[object]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE box (ballot)")
    connection.executemany("INSERT INTO box VALUES (?)", [(row,) for row in rows])
    return connection


def from_box(rows: list[object], query: str = "SELECT ballot FROM box", columns: int = 3) -> ballots.Count:
    connection = box(rows)
    try:
        return from_sqlite(connection, query, columns, 3)
    finally:
        connection.close()


def test_ballots_are_counted_by_column() -> None:
    matrix = np.array(ROWS, dtype=np.uint8)
    for found in (
        count(matrix, 3, 3),
        count(matrix.tobytes(), 3, 3),
        count(bytearray(matrix.tobytes()), 3, [3, 3, 3]),
        from_box([bytes(row) for row in ROWS]),
    ):
        assert found.answers.tolist() == [[1, 0, 1], [0, 0, 2], [1, 2, 0]]
        assert found.no_opinion.tolist() == [1, 0, 0]
        assert found.ballots == 3


@given(
    st.lists(st.lists(st.sampled_from([0, 1, 2, NO_OPINION, ABSENT]), min_size=2, max_size=2), max_size=30)
)
def test_a_box_read_in_small_batches_is_counted_as_one(rows: list[list[int]]) -> None:
    batch, ballots.BATCH = ballots.BATCH, 4
    try:
        found = from_box([bytes(row) for row in rows], columns=2)
    finally:
        ballots.BATCH = batch
    expected = [[[row[place] for row in rows].count(value) for value in range(3)] for place in range(2)]
    assert found.answers.tolist() == expected
    assert found.ballots == len(rows)
    assert count(b"".join(map(bytes, rows)), 2, 3).answers.tolist() == expected


def test_a_byte_that_is_no_answer_is_found() -> None:
    with pytest.raises(BadBallot) as refused:
        count(bytes([0, 1, 0, 3]), 2, 3)
    assert refused.value.parameters == {"ballot": 1, "column": 1, "found": 3}
    with pytest.raises(BadBallot) as refused:
        count(bytes([0, 1, 2, 1]), 2, [2, 3])
    assert refused.value.parameters == {"ballot": 1, "column": 0, "found": 2}
    with pytest.raises(BadBallot) as refused:
        from_box([bytes(3), bytes([0, 253, 0])])
    assert refused.value.parameters == {"ballot": 1, "column": 1, "found": 253}


@pytest.mark.parametrize(
    ("row", "found"),
    [(b"\0\0", [2]), (b"\0\0\0\0", [4]), ("abc", ["str"]), (None, ["NoneType"]), (12, ["int"])],
)
def test_a_row_that_is_no_ballot_is_found(row: object, found: list[object]) -> None:
    with pytest.raises(BadBallot) as refused:
        from_box([bytes(3), bytes(3), row, bytes(2), bytes(4)])
    assert refused.value.parameters == {"ballot": 2, "found": found, "expected": 3}


def test_a_query_of_two_columns_is_refused() -> None:
    with pytest.raises(BadBallot):
        from_box([bytes(3)], "SELECT ballot, ballot FROM box")


def test_other_arrays_are_refused() -> None:
    for wrong in (
        np.zeros((2, 3), dtype=np.int64),
        np.zeros((2, 2), dtype=np.uint8),
        np.zeros(6, dtype=np.uint8),
    ):
        with pytest.raises(BadBallot):
            count(wrong, 3, 3)
    with pytest.raises(BadBallot):
        count(bytes(7), 3, 3)
