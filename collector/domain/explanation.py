"""The arithmetic of a verdict in one sentence: the same one in terminal, alert, page and JSON (law 5)."""

from __future__ import annotations

import math
from datetime import timedelta

from collector.domain.cycle import Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.pace import Late, Linear, Points, WorkingDays
from collector.domain.shape import Change, Keep, Reach, Shape, Slo, Total
from collector.domain.status import Status

WORDS = {
    Status.DRAFT: "draft",
    Status.NOT_STARTED: "not started",
    Status.ON_TRACK: "on track",
    Status.AT_RISK: "at risk",
    Status.OFF_TRACK: "off track",
    Status.ACHIEVED: "achieved",
    Status.MISSED: "missed",
    Status.RETIRED: "retired",
}


def explain(key_result: KeyResult, evaluation: Evaluation) -> str:
    """Say the verdict: day, expected, actual, landing, P(hit), what is needed, and how far the data can be trusted."""
    parts = [f"Day {evaluation.day} of {evaluation.days}", *_by_hand(key_result, evaluation)]
    parts += _way(key_result, evaluation)
    if evaluation.forecast is not None:
        parts += _landing(key_result, evaluation)
    elif evaluation.level is not None and evaluation.status not in (Status.ACHIEVED, Status.MISSED):
        parts.append("too few days to forecast")
    if evaluation.needed_per_week is not None:
        parts.append(f"needs {signed(evaluation.needed_per_week)}/week")
    if evaluation.last_reachable is not None:
        parts.append(f"last reachable {evaluation.last_reachable}")
    parts += [*_sampling(evaluation), *_score(evaluation)]
    sentence = ", ".join(parts)
    trust = _trust(key_result, evaluation)
    return f"{trust}: {sentence}" if trust else sentence


def _by_hand(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    """A person's word is marked, and says for which day it stands (law 7)."""
    if not evaluation.by_hand:
        return []
    if evaluation.as_of is None:
        return ["by hand"]
    cycle = key_result.cycle
    return [f"by hand, as of {cycle.grid.name(cycle.day_of_until(evaluation.as_of))}"]


def _way(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    if evaluation.spent is not None or evaluation.exceeded:
        return _spent(key_result, evaluation)
    if evaluation.progress is None:
        if evaluation.level is None:
            return ["nothing to judge yet"]
        why = "no baseline yet" if isinstance(key_result.shape, Reach) else "nothing to judge yet"
        return [f"level {number(evaluation.level)}", why]
    expected = f"expected {percent(evaluation.expected)}{_pace(key_result)}"
    parts = [*_resolved(key_result, evaluation), expected, f"actual {percent(evaluation.progress)}"]
    if isinstance(key_result.shape, Total):
        parts.append(f"{number(evaluation.level)} of {number(evaluation.target)}")
    return parts


def _pace(key_result: KeyResult) -> str:
    """Name a pace that is not linear."""
    if key_result.cycle.short:
        return ""
    match key_result.pace:
        case Linear():
            return ""
        case Late(until=until):
            return f" (late, from {until.day} {until:%b})"
        case Points():
            return " (by points)"
        case WorkingDays():
            return " (working days)"


def _resolved(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    """A target written as a change is told with what it was resolved from."""
    shape = key_result.shape
    if not isinstance(shape, Reach) or not isinstance(shape.to, Change):
        return []
    sign = "+" if shape.to.amount >= 0 else "−"
    unit = "%" if shape.to.relative else "pt"
    change = f"{number(evaluation.baseline)} {sign} {number(abs(shape.to.amount))} {unit}"
    return [f"target {number(evaluation.target)} ({change})"]


def _spent(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    """Say what is used of a budget beside the time that has passed, and when it will be used up."""
    budget, time = evaluation.budget, f"{percent(evaluation.expected)} of the time"
    if evaluation.spent is None:
        return [f"{number(budget.used if budget else evaluation.level)} used of none allowed"]
    parts = [_used(key_result.shape, evaluation), time]
    if budget is None or evaluation.status in (Status.ACHIEVED, Status.MISSED):
        return parts
    if budget.lost:
        parts.append("already lost")
    elif budget.exhausts is not None:
        parts.append(f"exhausted on {budget.exhausts} at this rate")
    return parts


def _used(shape: Shape, evaluation: Evaluation) -> str:
    share = f"{(evaluation.spent or 0.0) * 100:.0f} %"
    match shape:
        case Slo():
            return f"{share} of the error budget"
        case Keep() if evaluation.budget is not None:
            used, allowed = number(evaluation.budget.used), number(evaluation.budget.allowed)
            return f"{share} of the budget ({used} of {allowed} slots out of the band)"
        case _:
            return f"{number(evaluation.level)} of {number(evaluation.target)} used"


def _landing(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    ahead = evaluation.forecast
    if ahead is None:
        return []
    chance = f"P(hit) {ahead.p_hit:.2f}" + (" if it began today" if evaluation.status is Status.DRAFT else "")
    if isinstance(key_result.shape, Keep | Slo):
        return [chance]  # its landing is a share with many nines: when the budget is used up says more
    middle, low, high = (_whole(value, evaluation.target) for value in (ahead.landing, *ahead.likely))
    return [
        f"lands at {number(middle)} ({number(low)}–{number(high)}) of {number(evaluation.target)}",
        chance,
    ]


def _whole(value: float, target: float | None) -> float:
    """What is next to nothing beside the target is said to be nothing."""
    return 0.0 if target and abs(value) < 1e-5 * abs(target) else value


def _sampling(evaluation: Evaluation) -> list[str]:
    """Say that the sample is too small to tell on which side of its line it lies, while the line is being judged."""
    sampling = evaluation.sampling
    judged = (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK)
    if sampling is None or sampling.distinguishable or evaluation.status not in judged:
        return []
    return [f"{WORDS[evaluation.status]}, not yet distinguishable (n = {number(sampling.n)})"]


def _score(evaluation: Evaluation) -> list[str]:
    """Tell the score at the close; both scores wherever the promise has changed."""
    over = evaluation.status in (Status.ACHIEVED, Status.MISSED)
    if evaluation.score is None or not (over or evaluation.first_score is not None):
        return []
    score = f"score {evaluation.score:.2f}"
    if evaluation.first_score is None:
        return [score]
    return [f"{score}, by the promise as first made {evaluation.first_score:.2f}"]


def _trust(key_result: KeyResult, evaluation: Evaluation) -> str:
    """Say how far the data can be trusted when it is not fresh; nothing when it is, or when nothing is judged any more."""
    if evaluation.status in (Status.ACHIEVED, Status.MISSED, Status.RETIRED):
        return ""
    match evaluation.health:
        case Health.FRESH | Health.LATE:
            return ""
        case Health.NEVER:
            return "Nothing was read yet"
        case Health.STALE | Health.BROKEN:
            word = "Stale" if evaluation.health is Health.STALE else "Broken"
            if evaluation.as_of is None:
                return f"{word}, nothing was ever read"
            return f"{word}, {WORDS[evaluation.status]} as of {lasting(key_result.cycle, evaluation.at - evaluation.as_of)} ago"


def number(value: float | None) -> str:
    """Write a number for people: three or four figures that matter, no needless zeros; unknown is a dash."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-4:
        return f"{value:.3g}"
    if size < 1:
        return f"{value:.4g}"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    if 99 < size < 100:  # percentages live on their nines
        digits = min(1 - math.floor(math.log10(100 - size)), 6)
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float) -> str:
    """Write a change with its sign."""
    return f"+{number(value)}" if value >= 0 else f"−{number(-value)}"


def percent(share: float | None) -> str:
    """Write a share (0-1) as whole percent, clamped to 0-100 as progress is shown; unknown is a dash."""
    return "–" if share is None else f"{min(max(0.0, share), 1.0) * 100:.0f} %"


def lasting(cycle: Cycle, age: timedelta) -> str:
    """Write a length of time for people of this cycle: one that sets its own day is told in its days."""
    return f"{age / cycle.grid.length:.1f} days" if cycle.short else ago(age)


def ago(age: timedelta) -> str:
    """Write an age in its largest whole unit: `3 days`, `2 h`, `14 s`."""
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            amount = seconds // size
            return f"{amount} {unit}{'s' if unit == 'day' and amount > 1 else ''}"
    return f"{seconds} s"
