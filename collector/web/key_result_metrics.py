"""Turns verdicts into metrics. Every series has the labels cycle, team and key_result (its address)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.status import Status
from collector.logs import one_line

LABELS = ("cycle", "team", "key_result")


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a verdict, told under a name of its own; nothing is told where it is not known."""

    name: str
    meaning: str
    of: Callable[[Evaluation], float | None]


def _age(evaluation: Evaluation) -> float | None:
    return (evaluation.at - evaluation.as_of).total_seconds() if evaluation.as_of else None


def _p_hit(evaluation: Evaluation) -> float | None:
    return evaluation.forecast.p_hit if evaluation.forecast else None


def _landing(evaluation: Evaluation) -> float | None:
    return evaluation.forecast.landing if evaluation.forecast else None


def _exceeded(evaluation: Evaluation) -> float | None:
    if evaluation.exceeded:
        return 1.0
    return None if evaluation.spent is None else 0.0


MEASURES = (
    Measure("current", "The last good reading, in the unit of the key result.", lambda e: e.current),
    Measure("level", "What the key result is judged by, in its unit.", lambda e: e.level),
    Measure("baseline", "Where the key result began, in its unit.", lambda e: e.baseline),
    Measure("target", "Where the key result is to arrive, in its unit.", lambda e: e.target),
    Measure(
        "progress_ratio",
        "Share of the way from baseline to target; below 0 and above 1 too.",
        lambda e: e.progress,
    ),
    Measure("spent_ratio", "Share of an at-most total that is used.", lambda e: e.spent),
    Measure(
        "exceeded",
        "1 when more was used than an at-most total allows, else 0; absent for all others.",
        _exceeded,
    ),
    Measure("expected_ratio", "Share that the pace expects by now.", lambda e: e.expected),
    Measure("hit_probability", "P(success for its commitment), 0-1.", _p_hit),
    Measure("landing", "Median forecast of the level at the close, in its unit.", _landing),
    Measure("coverage_ratio", "Share of the slots due that hold a used reading.", lambda e: e.coverage),
    Measure("age_seconds", "Age of the last good reading: now less its as_of.", _age),
)


def key_result_metrics(verdicts: Sequence[tuple[KeyResult, Evaluation | None]]) -> Iterator[Metric]:
    """Give the families of all key results. One that is not measured has its info, and nothing else."""
    yield _info([key_result for key_result, _ in verdicts])
    judged = [(_labels(key_result), evaluation) for key_result, evaluation in verdicts if evaluation]
    for measure in MEASURES:
        family = GaugeMetricFamily(f"krd_key_result_{measure.name}", measure.meaning, labels=LABELS)
        for labels, evaluation in judged:
            value = measure.of(evaluation)
            if value is not None and math.isfinite(value):
                family.add_metric(labels, value)
        yield family
    yield _one_hot(
        "status",
        "1 for the status it has, 0 for all others; frozen while the data is bad.",
        Status,
        [(labels, evaluation.status) for labels, evaluation in judged],
    )
    yield _one_hot(
        "health",
        "1 for the health its data has, 0 for all others.",
        Health,
        [(labels, evaluation.health) for labels, evaluation in judged],
    )


def _labels(key_result: KeyResult) -> list[str]:
    return [one_line(key_result.cycle.id), one_line(key_result.team), one_line(key_result.address)]


def _info(key_results: Sequence[KeyResult]) -> Metric:
    family = InfoMetricFamily("krd_key_result", "What the key result is, in words.", labels=LABELS)
    for key_result in key_results:
        words = {
            "title": one_line(key_result.title),
            "owner": one_line(key_result.owner),
            "objective": one_line(key_result.objective),
            "commitment": key_result.commitment.value,
            "unit": one_line(key_result.unit),
            "measured": "no" if key_result.not_run else "yes",
        }
        family.add_metric(_labels(key_result), words)
    return family


def _one_hot(
    name: str, meaning: str, states: type[StrEnum], held: Sequence[tuple[list[str], StrEnum]]
) -> Metric:
    family = GaugeMetricFamily(f"krd_key_result_{name}", meaning, labels=(*LABELS, name))
    for labels, has in held:
        for state in states:
            family.add_metric([*labels, state.value], float(state is has))
    return family
