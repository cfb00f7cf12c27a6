"""HiGHS as this package uses it: one thread, a fixed seed, no gap, the same answer each time."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from sortition.errors import SolverStopped
from sortition.system import Floats, Numbers

FEASIBILITY = 1e-9
# All columns of our integer programs are bounded, so that "unbounded or infeasible" can only mean the latter.
NO_SOLUTION = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
STOPPED = (highspy.HighsModelStatus.kSolutionLimit, highspy.HighsModelStatus.kIterationLimit)


@dataclass(frozen=True, eq=False)
class Basis:
    """Which columns and rows are basic in the optimal vertex, and at which bound the others stand.

    A status is 0 at the lower bound, 1 if basic, 2 at the upper bound.
    """

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]


class Model:
    """A linear or integer program ``max objective @ x`` over ``lower <= matrix @ x <= upper``.

    Parameters
    ----------
    matrix : ndarray, shape (rows, columns)
    lower, upper : ndarray, shape (rows,)
    least, most : ndarray, shape (columns,)
        Bounds of the columns.
    integer : bool
        Whether the columns are whole numbers.
    nodes : int
        Most nodes of the search tree.
    gap : float
        The relative gap at which an integer solution is good enough.
    """

    def __init__(
        self,
        matrix: Numbers,
        lower: Numbers,
        upper: Numbers,
        least: Numbers,
        most: Numbers,
        *,
        integer: bool = False,
        nodes: int = 1_000_000,
        gap: float = 0.0,
    ) -> None:
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call] # highspy has no types
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("mip_rel_gap", gap),
            ("mip_abs_gap", 0.0),
            ("mip_max_nodes", nodes),
            ("mip_feasibility_tolerance", FEASIBILITY),
            ("primal_feasibility_tolerance", FEASIBILITY),
            ("dual_feasibility_tolerance", FEASIBILITY),
        ):
            self.highs.setOptionValue(name, value)
        if not integer:
            self.highs.setOptionValue("presolve", "off")
        self.columns = matrix.shape[1]
        self.rows = 0
        nothing = np.zeros(0, dtype=np.int32)
        self.highs.addCols(
            self.columns,
            np.zeros(self.columns),
            _floats(least),
            _floats(most),
            0,
            nothing,
            nothing,
            np.zeros(0),
        )
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        self.add_rows(matrix, lower, upper)
        if integer:
            kinds = np.full(self.columns, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
            self.highs.changeColsIntegrality(self.columns, np.arange(self.columns, dtype=np.int32), kinds)

    def add_rows(self, matrix: Numbers, lower: Numbers, upper: Numbers) -> None:
        """Add rows below the others."""
        height = matrix.shape[0]
        where, indices = np.nonzero(matrix)
        starts = np.searchsorted(where, np.arange(height)).astype(np.int32)
        values = matrix[where, indices].astype(np.float64)
        self.highs.addRows(
            height, _floats(lower), _floats(upper), len(values), starts, indices.astype(np.int32), values
        )
        self.rows += height

    def add_columns(self, matrix: Numbers) -> None:
        """Add columns from 0 upwards, shape (rows, columns), right of the others."""
        width = matrix.shape[1]
        where, indices = np.nonzero(matrix.T)
        starts = np.searchsorted(where, np.arange(width)).astype(np.int32)
        values = matrix.T[where, indices].astype(np.float64)
        self.highs.addCols(
            width,
            np.zeros(width),
            np.zeros(width),
            np.full(width, highspy.kHighsInf),
            len(values),
            starts,
            indices.astype(np.int32),
            values,
        )
        self.columns += width

    def aim(self, objective: Numbers) -> None:
        """Set the objective."""
        self.highs.changeColsCost(
            self.columns, np.arange(self.columns, dtype=np.int32), np.asarray(objective, dtype=np.float64)
        )

    def change(self, row: int, column: int, coefficient: float, least: float) -> None:
        """Set one coefficient, and the lower bound of its row."""
        self.highs.changeCoeff(row, column, coefficient)
        self.highs.changeRowBounds(row, least, highspy.kHighsInf)

    def solve(self) -> bool:
        """Return whether there is a solution: the best one, or the best that the nodes allowed.

        Raises
        ------
        SolverStopped
            If the solver gave up.
        """
        self.highs.run()
        status = self.highs.getModelStatus()
        if status in NO_SOLUTION:
            return False
        has_solution = (
            self.highs.getInfo().primal_solution_status
            == highspy.SolutionStatus.kSolutionStatusFeasible.value
        )
        if status == highspy.HighsModelStatus.kOptimal or (has_solution and status in STOPPED):
            return True
        raise SolverStopped(status=self.highs.modelStatusToString(status))

    @property
    def solution(self) -> Floats:
        """The columns of the solution."""
        return np.array(self.highs.getSolution().col_value)

    @property
    def value(self) -> float:
        """The objective of the solution."""
        return float(self.highs.getInfo().objective_function_value)

    @property
    def duals(self) -> Floats:
        """The multiplier of each row: positive where a larger upper bound would help."""
        return np.array(self.highs.getSolution().row_dual)

    @property
    def reduced_costs(self) -> Floats:
        """The reduced cost of each column."""
        return np.array(self.highs.getSolution().col_dual)

    @property
    def basis(self) -> Basis:
        """The optimal basis of a linear program."""
        basis = self.highs.getBasis()
        return Basis(_statuses(basis.col_status), _statuses(basis.row_status))


def _floats(values: Numbers) -> Floats:
    return np.clip(np.asarray(values, dtype=np.float64), -highspy.kHighsInf, highspy.kHighsInf)


def _statuses(statuses: list[highspy.HighsBasisStatus]) -> NDArray[np.int64]:
    return np.array([status.value for status in statuses], dtype=np.int64)
