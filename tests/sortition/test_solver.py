from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

import sortition
from sortition import SolverStopped, chances, decompose, exact, highs, hull, panels, pricing, relaxation
from sortition.__main__ import _Progress, main
from sortition.system import System
from tests.sortition import make


def system_of(name: str = "opendlp_monitoring_29") -> System:
    quotas, pool, size = make.reference(name)
    return System.of(pool, quotas, size)


def chooses_two_of(first: int, second: int) -> System:
    """Panels of one member of the first type or the second."""
    return System(
        rows=np.array([[1, 1], [1, 0]]),
        lower=np.array([1, 0]),
        upper=np.array([1, 1]),
        counts=np.array([first, second]),
        least=np.array([0, 0]),
        most=np.array([first, second]),
    )


def test_equations_are_solved_exactly() -> None:
    assert exact.solve([], []) == []
    assert exact.solve([[0, 2], [3, 1]], [1, 2]) == [Fraction(1, 2), Fraction(1, 2)]
    hilbert = [[2520 // (row + column + 1) for column in range(5)] for row in range(5)]
    solved = exact.solve(hilbert, [1, 0, 0, 0, 0])
    assert solved is not None
    products = [sum(entry * value for entry, value in zip(row, solved, strict=True)) for row in hilbert]
    assert products == [1, 0, 0, 0, 0]


def test_a_singular_matrix_has_no_solution() -> None:
    assert exact.solve([[1, 2], [2, 4]], [1, 2]) is None


def test_a_matrix_that_is_singular_for_one_prime_is_solved_with_another() -> None:
    assert exact.solve([[exact.PRIMES[0], 0], [0, 1]], [1, 1]) == [Fraction(1, exact.PRIMES[0]), Fraction(1)]


def test_an_unbounded_program_stops_the_solver() -> None:
    model = highs.Model(np.array([[1.0, -1.0]]), np.zeros(1), np.ones(1), np.zeros(2), np.full(2, np.inf))
    model.aim(np.array([1.0, 0.0]))
    with pytest.raises(SolverStopped):
        model.solve()


@pytest.mark.parametrize("answer", [None, "negative"])
def test_levels_without_an_exact_dual_are_not_called_proved(
    answer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        relaxation,
        "solve",
        lambda _, right: None if answer is None else [Fraction(-1)] * len(right),
    )
    target = relaxation.leximin_target(system_of(), sortition.silent)
    assert target is not None
    assert not target.proved
    assert abs(target.bound - Fraction(7, 25)) < Fraction(1, 10**6)


@pytest.mark.parametrize("seed", [82, 252, 341, 352, 490, 515])
def test_a_lottery_without_exact_duals_says_so_and_bounds_the_best_minimum(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    traits, bounds, size = make.tiny(seed)
    quotas, pool = make.pool(traits, bounds)
    true = sortition.lottery("leximin", pool, quotas, size)
    monkeypatch.setattr(relaxation, "solve", lambda *_: None)
    monkeypatch.setattr(hull, "solve", lambda *_: None)
    made = sortition.lottery("leximin", pool, quotas, size)
    near = [abs(one - other) < Fraction(1, 10**6) for one, other in zip(made.exact, true.exact, strict=True)]
    assert all(near)
    if true.excluded:
        assert made.optimality == true.optimality
    else:
        assert not made.optimality.proved
        assert Fraction(made.optimality.upper_bound) >= min(true.exact) - Fraction(1, 10**12)
    with pytest.raises(SolverStopped):
        sortition.lottery("maximin", pool, quotas, size)


def test_a_price_that_is_not_proved_leaves_the_minimum_unproved() -> None:
    class Unsure(pricing.Listed):
        def price(self, weights: list[int]) -> pricing.Price:
            price = super().price(weights)
            return pricing.Price(price.panel, price.bound + 1, proved=False)

    system = chooses_two_of(1, 1)
    listed = pricing.every_panel(system)
    assert listed is not None
    program = hull.PanelProgram(system, listed)
    _, first = hull.hull_levels(program, listed, Unsure(listed), sortition.silent)
    assert first.value == Fraction(1, 2)
    assert first.ceiling > first.value
    assert not first.proved


def test_panels_missing_at_first_are_generated_in_both_precisions() -> None:
    class Coarse(pricing.Listed):
        largest = 4

    system = chooses_two_of(2, 3)
    listed = pricing.every_panel(system)
    assert listed is not None
    for kind in (pricing.Listed, Coarse):
        found = [np.array([1, 0]), np.array([0, 1])]
        chances_found, _ = hull.hull_levels(
            hull.PanelProgram(system, found), found, kind(listed), sortition.silent
        )
        assert chances_found == (Fraction(1, 5), Fraction(1, 5))


def test_a_panel_that_only_exact_weights_show_is_taken_in() -> None:
    class Late(pricing.Listed):
        calls = 0

        def price(self, weights: list[int]) -> pricing.Price:
            self.calls += 1
            if self.calls == 1:
                return pricing.Price(np.array([1, 0, 0]), max(weights), proved=True)
            return super().price(weights)

    system = System(
        rows=np.array([[1, 1, 1]]),
        lower=np.array([1]),
        upper=np.array([2]),
        counts=np.ones(3, dtype=np.int64),
        least=np.zeros(3, dtype=np.int64),
        most=np.ones(3, dtype=np.int64),
    )
    listed = [np.array(panel) for panel in ([1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0])]
    found = listed[:3]
    made, first = hull.hull_levels(hull.PanelProgram(system, found), found, Late(listed), sortition.silent)
    assert len(found) == 4
    assert made == (Fraction(1, 2), Fraction(1, 2), Fraction(1, 2))
    assert first.proved


def test_weights_too_long_for_the_pricing_are_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    traits, bounds, size = make.tiny(352)
    quotas, pool = make.pool(traits, bounds)
    expected = sortition.lottery("leximin", pool, quotas, size)
    monkeypatch.setattr(pricing.Listed, "largest", Fraction(1, 2))
    made = sortition.lottery("leximin", pool, quotas, size)
    assert made.exact == expected.exact
    assert made.optimality.proved == bool(made.excluded)


@pytest.mark.parametrize("limit", ["PANELS", "NODES"])
def test_a_large_system_is_not_listed(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(pricing.every_panel(chooses_two_of(1, 1)) or []) == 2
    monkeypatch.setattr(pricing, limit, 1)
    assert pricing.every_panel(chooses_two_of(1, 1)) is None


def test_a_child_that_finds_nothing_or_ends_stops_the_solver() -> None:
    impossible = System(
        rows=np.array([[1]]),
        lower=np.array([2]),
        upper=np.array([2]),
        counts=np.array([1]),
        least=np.array([0]),
        most=np.array([1]),
    )
    with pricing.Child(impossible) as child:
        with pytest.raises(SolverStopped):
            child.price([1])
        child.process.terminate()
        child.process.wait()
        with pytest.raises(SolverStopped):
            child.price([1])


def odd_triangle() -> System:
    """Three types, any two of which fill a row: the relaxation takes half of each, and no panel exists."""
    return System(
        rows=np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]),
        lower=np.ones(3, dtype=np.int64),
        upper=np.ones(3, dtype=np.int64),
        counts=np.ones(3, dtype=np.int64),
        least=np.zeros(3, dtype=np.int64),
        most=np.ones(3, dtype=np.int64),
    )


def test_a_vertex_with_fractions_is_mended() -> None:
    system = System(
        rows=np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]),
        lower=np.zeros(3, dtype=np.int64),
        upper=np.ones(3, dtype=np.int64),
        counts=np.ones(3, dtype=np.int64),
        least=np.zeros(3, dtype=np.int64),
        most=np.ones(3, dtype=np.int64),
    )
    found = panels.Panels(system).near(np.array([1.0, 1.0, 1.1]))
    assert found is not None
    assert found.tolist() == [0, 0, 1]


def test_mending_is_given_up_after_some_patience() -> None:
    finder = panels.Panels(odd_triangle())
    assert [finder.near(np.ones(3)) for _ in range(panels.PATIENCE + 2)] == [None] * (panels.PATIENCE + 2)
    assert finder.searched == panels.PATIENCE
    assert finder.asked < panels.RENEWED, "patience is renewed by asking, and by nothing else"


def test_there_is_no_panel_near_where_even_the_relaxation_has_none() -> None:
    assert panels.Panels(odd_triangle().without(np.array([True, True, False]))).near(np.ones(3)) is None


def test_a_solver_that_stops_while_mending_gives_no_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = panels.Panels(odd_triangle())

    def stop(_: object) -> bool:
        raise SolverStopped

    relaxed = finder.relaxed.solve
    monkeypatch.setattr(highs.Model, "solve", stop)
    monkeypatch.setattr(finder.relaxed, "solve", relaxed)
    assert finder.near(np.ones(3)) is None


def test_a_decomposition_ends_when_panels_or_rounds_do(monkeypatch: pytest.MonkeyPatch) -> None:
    system = system_of()
    target = relaxation.leximin_target(system, sortition.silent)
    assert target is not None
    monkeypatch.setattr(decompose, "ROUNDS", 0)
    assert decompose.decompose(system, target.chances, [], sortition.silent) is None
    monkeypatch.setattr(panels.Panels, "near", lambda *_: None)
    assert decompose.decompose(system, target.chances, [], sortition.silent) is None


def test_a_round_ends_when_no_panel_is_found() -> None:
    class Once:
        left = 1

        def near(self, weights: np.ndarray) -> np.ndarray | None:
            self.left -= 1
            return np.zeros(len(weights), dtype=np.int64) if self.left >= 0 else None

    assert len(decompose._round(Once(), np.ones(100), np.ones(100))) == 1


def test_people_set_aside_may_make_the_relaxation_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chances, "every_panel", lambda _: None)
    quotas, pool, size = make.reference("parity_gap_2")
    for rule in ("leximin", "maximin"):
        lottery = sortition.lottery(rule, pool, quotas, size)
        assert len(lottery.excluded) == 9


@pytest.mark.parametrize("seed", [82, 341])
def test_what_the_relaxation_cannot_give_after_setting_aside_comes_from_the_panels(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    traits, bounds, size = make.tiny(seed)
    quotas, pool = make.pool(traits, bounds)
    expected = sortition.lottery("leximin", pool, quotas, size).exact
    monkeypatch.setattr(chances, "every_panel", lambda _: None)
    monkeypatch.setattr(chances, "_relaxed", lambda *_: None)
    assert sortition.lottery("leximin", pool, quotas, size).exact == expected


@pytest.mark.measured_children
def test_a_panel_to_begin_with_changes_no_answer() -> None:
    system = {"rows": [[1, 1]], "lower": [1], "upper": [1], "least": [0, 0], "most": [1, 1]}
    asked = [system, {"weights": [1, 2]}, {"weights": [1, 2], "hint": [1, 0]}]
    command = [sys.executable, "-P", str(pricing.CHILD)]
    lines = "".join(json.dumps(one) + "\n" for one in asked)
    done = subprocess.run(command, input=lines, check=True, capture_output=True, text=True)
    best = {"panel": [0, 1], "bound": 2, "proved": True}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [best, best]


@pytest.mark.measured_children
def test_the_child_does_nothing_when_it_is_only_imported() -> None:
    script = f"import runpy; runpy.run_path({str(pricing.CHILD)!r})"
    done = subprocess.run([sys.executable, "-P", "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == ""


def test_progress_is_shown_once_a_tenth(capsys: pytest.CaptureFixture[str]) -> None:

    with _Progress() as progress:
        progress(0, 100, "levels")
        progress(1, 100, "levels")
    assert capsys.readouterr().err == "levels 0/100\n"
    assert main(["draw", "none.json", "--seed", ""]) == 2
