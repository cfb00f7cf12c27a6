"""Many cases: of microseconds, in one test that names each that fails; of seconds, some in the fast run."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def swept(
    names: str | tuple[str, ...], cases: Iterable[Any], *, name: Callable[[Any], object] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a test with each case in turn, as `parametrize` does, at the cost of one test.

    What pytest does around a test takes longer than these cases; a fixture is shared by all of them.

    Parameters
    ----------
    names : str or tuple of str
        The arguments that a case is given to.
    cases : iterable
        A value each, or a tuple of values for several names.
    name : callable
        What to call a case that fails.
    """
    listed, given = list(cases), (names,) if isinstance(names, str) else names

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def sweep(**fixtures: object) -> None:
            assert listed, "a sweep without cases proves nothing"
            failures = []
            for case in listed:
                values = (case,) if isinstance(names, str) else case
                try:
                    test(**fixtures, **dict(zip(given, values, strict=True)))
                except Exception as failed:  # noqa: BLE001 - the other cases have their turn
                    failed.add_note(f"case: {name(case)}")
                    failures.append(failed)
            if failures:
                msg = f"{len(failures)} of {len(listed)} cases of {test.__name__}"
                raise ExceptionGroup(msg, failures)

        seen = inspect.signature(test)
        left = [one for one in seen.parameters.values() if one.name not in given]
        sweep.__signature__ = seen.replace(parameters=left)
        return sweep

    return decorate


def sampled(cases: Iterable[Any], fast: int) -> list[Any]:
    """Return cases for `parametrize`, of which the fast run takes so many and leaves the rest as slow."""
    return [
        pytest.param(case, marks=pytest.mark.slow if place >= fast else ())
        for place, case in enumerate(cases)
    ]
