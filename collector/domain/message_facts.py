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
        "landing": ahead.landing if ahead else None,
        "as_of": evaluation.as_of.isoformat() if evaluation.as_of else None,
    }
