"""Lays a verdict out step by step. It reads what the domain computed and names what entered; it computes nothing anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.cli.arithmetic_forecast import outlook_steps, policy_steps
from collector.cli.everything import Everything
from collector.cli.marks import measured
from collector.cli.part_steps import part_steps, trust_steps
from collector.cli.plain import counted
from collector.cli.show_sheet import origin_of, why_no_baseline
from collector.cli.step import Step
from collector.cli.way_steps import way_steps
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.cycle import Cycle
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago, number, percent
from collector.domain.judgement import patience_of
from collector.domain.level import FEWEST_DAYS
from collector.domain.measure import Ratio, WholeCycle
from collector.domain.okr import KeyResult
from collector.domain.phrases import level_of
from collector.domain.shape import Change, Commitment, Keep, Reach, Slo, Total
from collector.domain.span import Span
from collector.domain.status import (
    FULL_COVERAGE,
    Status,
    first_judged_day,
)
from collector.services.read_models import Standing


def steps_of(everything: Everything) -> list[Step]:
    """Give all steps of a verdict, or the one why there is none."""
    standing = everything.standing
    key_result, verdict = standing.key_result, standing.evaluation
    if verdict is None:
        return [
            Step(
                "verdict",
                "–",
                key_result.not_run or "nothing was ever read: `krd run` or `krd once` reads it",
            )
        ]
    return [
        *_data(key_result, verdict),
        *trust_steps(everything),
        _day(key_result, verdict),
        *_level(standing, verdict),
        *_baseline(standing, verdict),
        *part_steps(everything),
        *way_steps(key_result, verdict),
        *outlook_steps(key_result, verdict),
        *_coverage(verdict),
        *_machine(key_result, verdict),
    ]


def _data(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    if key_result.binding is None or verdict.as_of is None:
        yield Step("data", verdict.health.value, verdict.trouble or "no good reading yet")
        return
    patience = patience_of(key_result, key_result.binding, verdict.at)
    old = ago(verdict.at - verdict.as_of)
    yield Step(
        "data",
        verdict.health.value,
        f"{old} old; late past {Span(real=patience.late)}, stale past {Span(real=patience.stale)}",
    )
    if verdict.frozen_since is not None:
        yield Step("frozen", "yes", "data that cannot be trusted moves no verdict; it stays as it was")


def _day(key_result: KeyResult, verdict: Evaluation) -> Step:
    cycle = key_result.cycle
    how = f"closed days of cycle {cycle.id}: over, and with an outcome for every slot"
    return Step("day", f"{verdict.day} of {verdict.days}", how)


def _level(standing: Standing, verdict: Evaluation) -> Iterator[Step]:
    key_result = standing.key_result
    unit = key_result.unit
    match key_result.shape:
        case Total():
            yield Step(
                "count", measured(verdict.level, unit), "the newest good count since the cycle's start"
            )
            return
        case Keep() | Slo():
            what = (
                "slots in the band / slots measured"
                if isinstance(key_result.shape, Keep)
                else "good / all events"
            )
            how = f"{what} in {counted(verdict.level_days, 'day')} of the cycle"
            yield Step("level", level_of(key_result, verdict.level), how)
            return
        case Reach():
            pass
    window = key_result.level_days
    if verdict.level is None:
        yield Step("level", "–", "no closed day holds a reading")
        return
    if verdict.level_days < FEWEST_DAYS:
        how = f"the last day with a reading: fewer than {FEWEST_DAYS} of the last {window} days hold one"
    elif key_result.binding is not None and isinstance(key_result.binding.form, Ratio):
        how = f"pooled over {verdict.level_days} of the last {window} days: all numerators / all denominators"
    else:
        how = f"mean of {verdict.level_days} of the last {window} days"
    yield Step("level", measured(verdict.level, unit), how)
    for day in _entered(standing.days, verdict, window):
        yield Step(f"· {_named(key_result.cycle, day.day)}", number(day.value), _day_value(key_result, day))


def _entered(days: Sequence[Day], verdict: Evaluation, window: int) -> list[Day]:
    closed = [day for day in days if day.value is not None and day.day < verdict.day]
    if verdict.level_days < FEWEST_DAYS:
        return closed[-1:]
    return [day for day in closed if day.day >= verdict.day - window]


def _day_value(key_result: KeyResult, day: Day) -> str:
    readings = counted(day.n, "reading")
    if day.num is not None and day.den is not None:
        return f"{number(day.num)} / {number(day.den)}, {readings}"
    if key_result.binding is not None and isinstance(key_result.binding.window, WholeCycle):
        return f"the count at its close, {readings}"
    if day.n == 1:
        return readings
    return f"median of {readings}, {number(day.low)} to {number(day.high)}"


def _named(cycle: Cycle, day: int) -> str:
    return cycle.grid.name(day)


def _baseline(standing: Standing, verdict: Evaluation) -> Iterator[Step]:
    key_result = standing.key_result
    unit, shape = key_result.unit, key_result.shape
    if not isinstance(shape, Reach):
        return
    if standing.baseline is None:
        yield Step("baseline", "–", why_no_baseline(key_result))
    else:
        known = standing.baseline
        spread = f", spread {number(known.spread)}" if known.spread is not None else ""
        yield Step("baseline", measured(known.value, unit), f"{origin_of(known)}{spread}")
        yield from _baseline_days(key_result.cycle, standing.baseline)
    how = "as written"
    if isinstance(shape.to, Change):
        how = f"{shape.to.amount:+g}{' % of' if shape.to.relative else ' points from'} the baseline"
    if key_result.commitment is Commitment.ASPIRATIONAL:
        how += f"; aspirational: {percent(key_result.commitment.success)} of the way is a success"
    yield Step("target", measured(verdict.target, unit), how)


def _baseline_days(cycle: Cycle, baseline: Baseline) -> Iterator[Step]:
    if baseline.kind is not BaselineKind.MEASURED:
        return
    for day, value in baseline.evidence.get("days", {}).items():
        yield Step(f"· {_named(cycle, int(day))}", number(value), "a day before the cycle")


def _coverage(verdict: Evaluation) -> Iterator[Step]:
    if verdict.coverage is None:
        return
    how = f"slots with a reading / slots due; below {percent(FULL_COVERAGE)} at risk is the best status"
    yield Step("coverage", percent(verdict.coverage), how)


def _machine(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    yield Step(
        "status",
        verdict.status.value.replace("_", " "),
        "; ".join(verdict.reasons) or _rule(key_result, verdict),
    )
    yield from policy_steps(key_result, verdict)


def _rule(key_result: KeyResult, verdict: Evaluation) -> str:
    if verdict.status is Status.NOT_STARTED and isinstance(key_result.shape, Reach):
        return f"judged from the close of day {first_judged_day(verdict.days)} on"
    policy = key_result.drift
    if verdict.drift.status is Status.OFF_TRACK:
        return f"raised by {counted(policy.days, 'low day')} in a row; what ends it stands below"
    if verdict.forecast is not None:
        return f"on track at P(hit) {policy.on_track:.2f} or above, off track after {policy.days} days below {policy.off_track:.2f}, else at risk"
    return "no P(hit) yet: on track at or above the expected progress, else at risk"
