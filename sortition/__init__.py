"""Draws by lot under quotas, with the fairest chances: a pure package without web, database or clock."""

from assemblee.tabular import Problem
from sortition import protocol
from sortition.certificate import Certificate, certify
from sortition.chances import leximin, maximin
from sortition.errors import (
    BadGroups,
    BadLottery,
    BadSeed,
    BadSize,
    BadTickets,
    NobodyLeft,
    QuotasBind,
    SolverStopped,
    SortitionError,
    UnknownPeople,
    UnknownRule,
    UnreadableFiles,
)
from sortition.feasibility import Exclusion, Feasibility, InfeasibleQuotas, QuotaChange, Shortage, check
from sortition.files import Row, Table, read_table
from sortition.lottery import Drawn, Lottery, Optimality, Panel, Statistics, draw, statistics
from sortition.pool import Pool, Types, read_files, read_pool
from sortition.progress import Progress, silent
from sortition.quotas import Cell, Quotas, read_quotas, scaled
from sortition.rotation import Mirror, Rota, rota
from sortition.rules import RULES, TICKETS, Rule, lottery, rule
from sortition.sampling import uniform
from sortition.seating import Seating, seat
from sortition.stream import Stream
from sortition.vacancies import Fit, Replacement, distance, mirrored, next_alternate, replacement

__all__ = [
    "RULES",
    "TICKETS",
    "BadGroups",
    "BadLottery",
    "BadSeed",
    "BadSize",
    "BadTickets",
    "Cell",
    "Certificate",
    "Drawn",
    "Exclusion",
    "Feasibility",
    "Fit",
    "InfeasibleQuotas",
    "Lottery",
    "Mirror",
    "NobodyLeft",
    "Optimality",
    "Panel",
    "Pool",
    "Problem",
    "Progress",
    "QuotaChange",
    "Quotas",
    "QuotasBind",
    "Replacement",
    "Rota",
    "Row",
    "Rule",
    "Seating",
    "Shortage",
    "SolverStopped",
    "SortitionError",
    "Statistics",
    "Stream",
    "Table",
    "Types",
    "UnknownPeople",
    "UnknownRule",
    "UnreadableFiles",
    "certify",
    "check",
    "distance",
    "draw",
    "leximin",
    "lottery",
    "maximin",
    "mirrored",
    "next_alternate",
    "protocol",
    "read_files",
    "read_pool",
    "read_quotas",
    "read_table",
    "replacement",
    "rota",
    "rule",
    "scaled",
    "seat",
    "silent",
    "statistics",
    "uniform",
]
