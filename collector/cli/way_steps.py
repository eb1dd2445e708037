"""The steps from the level to how far it is: progress or budget, the pace, the score, and how sure a ratio is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from collector.cli.marks import measured
from collector.cli.step import Step, percent_raw
from collector.domain.baseline import BaselineKind
from collector.domain.budget import Budget, Burn
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import number, signed
from collector.domain.okr import KeyResult
from collector.domain.pace import Late, Linear, Points, WorkingDays
from collector.domain.phrases import used_of
from collector.domain.shape import Commitment, Keep, Reach, Shape, Slo, Total
from collector.domain.span import Span


def way_steps(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    """Give them in the order in which they are computed."""
    yield from _gone(key_result, verdict)
    if verdict.expected is not None:
        yield Step("expected", percent_raw(verdict.expected), _pace(key_result, verdict))
    if verdict.weeks_ahead is not None:
        words = "ahead of" if verdict.weeks_ahead >= 0 else "behind"
        yield Step("pace", f"{signed(verdict.weeks_ahead)} weeks", f"{words} the pace")
    if verdict.budget is not None:
        yield from _budget(key_result, verdict.budget)
    yield from _sampling(key_result, verdict)
    yield from _scores(key_result, verdict)


def _gone(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    used = used_of(key_result.shape, verdict).replace(" of ", " used / ", 1) + " allowed"
    if verdict.exceeded and verdict.spent is None:
        yield Step("spent", "exceeded", used)
    elif verdict.spent is not None:
        yield Step("spent", percent_raw(verdict.spent), f"{used}{_allowed(key_result.shape)}")
    elif verdict.progress is not None:
        level, target, begun = number(verdict.level), number(verdict.target), number(verdict.baseline)
        how = f"({level} − {begun}) / ({target} − {begun})"
        if isinstance(key_result.shape, Total):
            how = f"{level} / {target}"
        yield Step("progress", percent_raw(verdict.progress), how)


def _allowed(shape: Shape) -> str:
    match shape:
        case Slo(objective=objective):
            return f": {100 - objective:.4g} % of the events so far and those still expected"
        case Keep(share=share):
            return f": {100 - share:.4g} % of the slots due in the cycle"
        case Reach() | Total():
            return ""
        case _:
            assert_never(shape)


def _pace(key_result: KeyResult, verdict: Evaluation) -> str:
    """Name the pace, and what it says about today."""
    cycle, days = key_result.cycle, f"over {verdict.days} days, after {verdict.day}"
    if verdict.spent is not None or verdict.exceeded:
        return f"the share of the time that is over: {verdict.day} of {verdict.days} days"
    match key_result.pace if not cycle.short else Linear():
        case Linear():
            how = f"linear {days}"
        case Late(until=until) if _day(cycle, until) >= verdict.day:
            how = f"late: nothing expected before {_name(until)}"
        case Late(until=until):
            how = f"late: nothing before {_name(until)}, linear from then on {days}"
        case Points(points=points):
            after = next((one for one in points if _day(cycle, one[0]) >= verdict.day), None)
            ahead = (
                f"{number(after[1])} by the end of {_name(after[0])}" if after else "the target at the close"
            )
            how = f"points: the next is {ahead}"
        case WorkingDays():
            how = f"working days only, {days}"
    if isinstance(key_result.shape, Reach) and verdict.baseline_kind == BaselineKind.FIRST_READING.value:
        how += ", counted from the first reading"
    return how


def _day(cycle: Cycle, day: date) -> int:
    """Number a date as a day of the cycle; one that sets its own day has no dates."""
    return (day - cycle.grid.first).days if isinstance(cycle.grid, CalendarDays) else 0


def _name(day: date) -> str:
    return f"{day.day} {day:%b}"


def _budget(key_result: KeyResult, budget: Budget) -> Iterator[Step]:
    if budget.lost:
        yield Step("lost", "yes", "more is used than the whole cycle allows: nothing brings it back")
    elif budget.exhausts is not None:
        yield Step("exhausted on", budget.exhausts, f"at the rate of the last {key_result.level_days} days")
    else:
        yield Step("exhausted on", "–", f"it lasts at the rate of the last {key_result.level_days} days")
    for burn in budget.burns:
        yield _burn(burn)


def _burn(burn: Burn) -> Step:
    """A pair of windows: it speaks only while both are past the threshold, so that an old burn does not go on speaking."""
    long, short = Span(real=burn.long), Span(real=burn.short)
    how = f"over {long}, {number(burn.short_rate)} over {short}; too fast when both are past {number(burn.threshold)}"
    if burn.over:
        how += ": they are"
    return Step("burn rate", number(burn.rate), how)


def _sampling(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    sampling = verdict.sampling
    if sampling is None:
        return
    unit = key_result.unit
    interval = f"{number(sampling.low)} to {measured(sampling.high, unit)}"
    line = "on one side of where it should be by now"
    if not sampling.distinguishable:
        line = f"not yet distinguishable, n = {number(sampling.n)}: where it should be by now lies within"
    yield Step("sample", f"n = {number(sampling.n)}", f"95 % Wilson interval {interval}; {line}")


def _scores(key_result: KeyResult, verdict: Evaluation) -> Iterator[Step]:
    if verdict.score is None:
        return
    when = "at the close" if verdict.over else "if it closed like this"
    caps = [one.id for one in verdict.guardrails if one.breached]
    if caps:
        most = "0.99" if key_result.commitment is Commitment.COMMITTED else "0.69"
        when += f"; at most {most} while a guardrail is broken ({', '.join(caps)})"
    yield Step("score", f"{verdict.score:.2f}", when)
    if verdict.first_score is not None:
        yield Step("first score", f"{verdict.first_score:.2f}", "by the promise as first made in this cycle")
