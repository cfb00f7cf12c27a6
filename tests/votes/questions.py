"""Rules of consultations, one of each kind."""

from __future__ import annotations

from typing import Any

from votes.consultation import Rules, read_rules

SCALE = [["mal", "bad"], ["moyen", "fair"], ["bien", "good"]]
WORST = {"mode": "static", "grade": 0}
QUORUM = [0, 1]
CRITERIA = [{"name": ["Urgence", "Urgency"], "scale": SCALE}, {"name": ["Coût", "Cost"], "scale": SCALE[:2]}]
ROUTING = {"name": ["Suite", "Next"], "options": [["pacte", "pact"], ["convention", "convention"]]}
EXAMPLES: dict[str, dict[str, Any]] = {
    "majority-judgment": {"proposals": ["A", "B"], "scale": SCALE, "default": WORST},
    "yes-no": {"proposals": ["A", "B"], "threshold": [1, 2, "more-than"]},
    "nominal": {"proposals": ["A", "B", "C"]},
    "multi-criteria": {
        "proposals": ["A", "B"],
        "criteria": CRITERIA,
        "routing": ROUTING,
        "combination": {"mode": "lexicographic", "order": [1, 0]},
        "default": WORST,
    },
}


def document(kind: str, /, **changes: object) -> dict[str, Any]:
    return {"kind": kind, "quorum": QUORUM, **EXAMPLES[kind], **changes}


def rules(kind: str, /, **changes: object) -> Rules:
    return read_rules(document(kind, **changes))
