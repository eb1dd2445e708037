"""The numbers of a verdict, as machines that get a message see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.domain.evaluation import Evaluation


def facts_of(evaluation: Evaluation) -> Mapping[str, Any]:
    """Give the numbers of a verdict by the names of `krd status -o json`."""
    ahead = evaluation.forecast
    return {
        "status": evaluation.status.value,
        "health": evaluation.health.value,
        "day": evaluation.day,
        "days": evaluation.days,
        "baseline": evaluation.baseline,
        "target": evaluation.target,
        "current": evaluation.current,
        "level": evaluation.level,
        "progress": evaluation.progress,
        "expected": evaluation.expected,
        "p_hit": ahead.p_hit if ahead else None,
        "p_full": ahead.p_full if ahead else None,
        "p_most": ahead.p_most if ahead else None,
        "landing": ahead.landing if ahead else None,
        "likely": list(ahead.likely) if ahead else None,
        "wide": list(ahead.wide) if ahead else None,
        "crosses": ahead.crosses if ahead else None,
        "needed_per_week": evaluation.needed_per_week,
        "last_reachable": evaluation.last_reachable,
        "as_of": evaluation.as_of.isoformat() if evaluation.as_of else None,
    }
