from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweeps import swept

SEEN: list[tuple[int, str]] = []


@swept(("number", "text"), [(1, "a"), (2, "b")])
def test_a_sweep_gives_its_cases_to_the_test_and_fixtures_too(tmp_path: Path, number: int, text: str) -> None:
    assert tmp_path.is_dir()
    SEEN.append((number, text))
    assert SEEN[-2:] in ([(1, "a")], [(1, "a"), (2, "b")])


def test_a_sweep_names_every_case_that_fails_and_goes_on() -> None:
    @swept("number", range(5), name=lambda number: f"number {number}")
    def even(number: int) -> None:
        assert number % 2 == 0

    with pytest.raises(ExceptionGroup, match="2 of 5 cases of even") as failed:
        even()
    assert [one.__notes__ for one in failed.value.exceptions] == [["case: number 1"], ["case: number 3"]]


def test_a_sweep_without_cases_fails() -> None:
    @swept("number", [])
    def never(number: int) -> None:
        pytest.fail(f"called with {number}")

    with pytest.raises(AssertionError, match="proves nothing"):
        never()
