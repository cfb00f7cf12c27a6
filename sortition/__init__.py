"""Draws by lot under quotas, with the fairest chances: a pure package without web, database or clock."""

from sortition import protocol
from sortition.certificate import Certificate, certify
from sortition.chances import leximin, maximin
from sortition.errors import (
    BadLottery,
    BadSeed,
    BadSize,
    BadTickets,
    InfeasibleQuotas,
    Problem,
    QuotasBind,
    SolverStopped,
    SortitionError,
    UnknownRule,
    UnreadableFiles,
)
from sortition.feasibility import Exclusion, Feasibility, QuotaChange, Shortage, check
from sortition.files import Row, Table, read_table
from sortition.lottery import Drawn, Lottery, Optimality, Panel, Statistics, draw, statistics
from sortition.pool import Pool, Types, read_files, read_pool
from sortition.progress import Progress, silent
from sortition.quotas import Cell, Quotas, read_quotas
from sortition.rules import RULES, TICKETS, Rule, lottery, rule
from sortition.sampling import uniform
from sortition.stream import Stream

__all__ = [
    "RULES",
    "TICKETS",
    "BadLottery",
    "BadSeed",
    "BadSize",
    "BadTickets",
    "Cell",
    "Certificate",
    "Drawn",
    "Exclusion",
    "Feasibility",
    "InfeasibleQuotas",
    "Lottery",
    "Optimality",
    "Panel",
    "Pool",
    "Problem",
    "Progress",
    "QuotaChange",
    "Quotas",
    "QuotasBind",
    "Row",
    "Rule",
    "Shortage",
    "SolverStopped",
    "SortitionError",
    "Statistics",
    "Stream",
    "Table",
    "Types",
    "UnknownRule",
    "UnreadableFiles",
    "certify",
    "check",
    "draw",
    "leximin",
    "lottery",
    "maximin",
    "protocol",
    "read_files",
    "read_pool",
    "read_quotas",
    "read_table",
    "rule",
    "silent",
    "statistics",
    "uniform",
]
