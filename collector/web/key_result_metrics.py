"""Turns verdicts into metrics. Every series has the labels cycle, team and key_result (its address)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from collector.domain.evaluation import Evaluation
from collector.domain.forecast_phrases import crossing_day
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.observed import Guarded
from collector.domain.okr import KeyResult
from collector.domain.span import Span
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


def _ahead(of: Callable[[Forecast], float]) -> Callable[[Evaluation], float | None]:
    """Read a number of the forecast, where there is one."""
    return lambda evaluation: of(evaluation.forecast) if evaluation.forecast else None


def _crossing(evaluation: Evaluation) -> float | None:
    day = crossing_day(evaluation)
    return None if day is None else float(day + 1)


def _used(evaluation: Evaluation) -> float | None:
    return evaluation.budget.used if evaluation.budget else None


def _allowed(evaluation: Evaluation) -> float | None:
    return evaluation.budget.allowed if evaluation.budget else None


def _lost(evaluation: Evaluation) -> float | None:
    return float(evaluation.budget.lost) if evaluation.budget else None


def _held(evaluation: Evaluation) -> float:
    return float(evaluation.held.count) if evaluation.held else 0.0


def _sampled(evaluation: Evaluation) -> float | None:
    return evaluation.sampling.n if evaluation.sampling else None


def _distinguishable(evaluation: Evaluation) -> float | None:
    return float(evaluation.sampling.distinguishable) if evaluation.sampling else None


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
    Measure(
        "spent_ratio",
        "Share of the budget of an slo, a keep or an at-most total that is used; above 1 too.",
        lambda e: e.spent,
    ),
    Measure(
        "budget_used", "Bad events, slots out of the band, or the count: what is used of the budget.", _used
    ),
    Measure(
        "budget_allowed", "What the budget allows in the whole cycle, in the unit of budget_used.", _allowed
    ),
    Measure("budget_lost", "1 when nothing that may still come can bring the budget back, else 0.", _lost),
    Measure(
        "exceeded",
        "1 when something was used of a budget that allows nothing, else 0; absent without a budget.",
        _exceeded,
    ),
    Measure("score", "What it would score if it closed like this, 0-1.", lambda e: e.score),
    Measure(
        "first_score",
        "The score by the promise as first made; absent unless the promise was changed.",
        lambda e: e.first_score,
    ),
    Measure("held_readings", "Readings held as implausible until confirmed or decided about.", _held),
    Measure("sample_size", "Events behind the level of a ratio.", _sampled),
    Measure(
        "distinguishable",
        "1 when a ratio's 95 % interval lies on one side of where it should be by now, else 0.",
        _distinguishable,
    ),
    Measure("expected_ratio", "Share that the pace expects by now.", lambda e: e.expected),
    Measure("hit_probability", "P(success for its commitment), 0-1.", _ahead(lambda f: f.p_hit)),
    Measure("full_probability", "P100: P(the whole way), 0-1.", _ahead(lambda f: f.p_full)),
    Measure(
        "most_probability",
        "P70: P(70 % of the way), 0-1; of a budget, which knows no such share, P100.",
        _ahead(lambda f: f.p_most),
    ),
    Measure(
        "landing", "Median forecast of the level at the close, in its unit.", _ahead(lambda f: f.landing)
    ),
    Measure(
        "landing_likely_low",
        "Lower end of the range that holds the level at the close with 50 %.",
        _ahead(lambda f: f.likely[0]),
    ),
    Measure("landing_likely_high", "Upper end of that range.", _ahead(lambda f: f.likely[1])),
    Measure(
        "landing_wide_low",
        "Lower end of the range that holds the level at the close with 90 %.",
        _ahead(lambda f: f.wide[0]),
    ),
    Measure("landing_wide_high", "Upper end of that range.", _ahead(lambda f: f.wide[1])),
    Measure(
        "crossing_day",
        "Day of the cycle, from 1, on which the expected path first has the target, of a budget all that is allowed; "
        "absent when it has not before the close.",
        _crossing,
    ),
    Measure(
        "needed_per_week",
        "Change a week that the rest of the way asks for, in the unit of the key result; absent when it is there.",
        lambda e: e.needed_per_week,
    ),
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
    yield from _burn_rates(judged)
    yield from _guardrails(judged)
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
            "by_hand": "yes" if key_result.binding is not None and key_result.binding.by_hand else "no",
        }
        family.add_metric(_labels(key_result), words)
    return family


def _burn_rates(judged: Sequence[tuple[list[str], Evaluation]]) -> Iterator[Metric]:
    """A window that is the short one of one pair and the long one of another has one rate."""
    rates = _labelled(
        "burn_rate", "How fast the budget burns in a window; 1 uses it up exactly at the close.", "window"
    )
    thresholds = _labelled(
        "burn_rate_threshold",
        "The rate past which the long window of a pair, with its short one, speaks.",
        "window",
    )
    for labels, evaluation in judged:
        found: dict[str, float | None] = {}
        for burn in evaluation.budget.burns if evaluation.budget else ():
            found |= {_window(burn.short): burn.short_rate, _window(burn.long): burn.rate}
            thresholds.add_metric([*labels, _window(burn.long)], burn.threshold)
        _add_known(rates, labels, found)
    yield from (rates, thresholds)


def _window(length: timedelta) -> str:
    """Name a window as Prometheus writes a duration."""
    whole = timedelta(seconds=round(length.total_seconds()))
    return str(Span(real=whole)) if whole == length else f"{length / timedelta(milliseconds=1):.0f}ms"


def _guardrails(judged: Sequence[tuple[list[str], Evaluation]]) -> Iterator[Metric]:
    families: Mapping[str, tuple[str, Callable[[Guarded], float | None]]] = {
        "guardrail_value": ("The last good reading of a guardrail, in its unit.", lambda one: one.value),
        "guardrail_breached": (
            "1 when the last good reading of a guardrail breaks a bound, else 0; absent before the first one.",
            lambda one: None if one.value is None else float(one.breached),
        ),
        "guardrail_trusted": (
            "0 when the data of a guardrail is stale, broken or was never read, else 1.",
            lambda one: float(not one.health.freezes),
        ),
    }
    for name, (meaning, of) in families.items():
        family = _labelled(name, meaning, "guardrail")
        for labels, evaluation in judged:
            _add_known(family, labels, {one_line(one.id): of(one) for one in evaluation.guardrails})
        yield family


def _labelled(name: str, meaning: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"krd_key_result_{name}", meaning, labels=(*LABELS, label))


def _add_known(family: GaugeMetricFamily, labels: list[str], values: Mapping[str, float | None]) -> None:
    for which, value in values.items():
        if value is not None and math.isfinite(value):
            family.add_metric([*labels, which], value)


def _one_hot(
    name: str, meaning: str, states: type[StrEnum], held: Sequence[tuple[list[str], StrEnum]]
) -> Metric:
    family = GaugeMetricFamily(f"krd_key_result_{name}", meaning, labels=(*LABELS, name))
    for labels, has in held:
        for state in states:
            family.add_metric([*labels, state.value], float(state is has))
    return family
