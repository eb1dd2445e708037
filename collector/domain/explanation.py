"""The arithmetic of a verdict in one sentence: the same one in terminal, alert, page and JSON (law 5)."""

from __future__ import annotations

from datetime import timedelta

from collector.domain.cycle import Cycle
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.shape import Reach, Total
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
    parts = [f"Day {evaluation.day} of {evaluation.days}", *_way(key_result, evaluation)]
    if evaluation.forecast is not None:
        parts += _landing(evaluation)
    elif evaluation.level is not None and evaluation.status not in (Status.ACHIEVED, Status.MISSED):
        parts.append("too few days to forecast")
    if evaluation.needed_per_week is not None:
        parts.append(f"needs {signed(evaluation.needed_per_week)}/week")
    if evaluation.last_reachable is not None:
        parts.append(f"last reachable {evaluation.last_reachable}")
    sentence = ", ".join(parts)
    trust = _trust(key_result, evaluation)
    return f"{trust}: {sentence}" if trust else sentence


def _way(key_result: KeyResult, evaluation: Evaluation) -> list[str]:
    if evaluation.exceeded and evaluation.spent is None:
        return [f"{number(evaluation.level)} used of none allowed"]
    if evaluation.spent is not None:
        used = f"{number(evaluation.level)} of {number(evaluation.target)} used"
        return [used, f"{percent(evaluation.expected)} of the time"]
    if evaluation.progress is None:
        if evaluation.level is None:
            return ["nothing to judge yet"]
        why = "no baseline yet" if isinstance(key_result.shape, Reach) else "nothing to judge yet"
        return [f"level {number(evaluation.level)}", why]
    parts = [f"expected {percent(evaluation.expected)}", f"actual {percent(evaluation.progress)}"]
    if isinstance(key_result.shape, Total):
        parts.append(f"{number(evaluation.level)} of {number(evaluation.target)}")
    return parts


def _landing(evaluation: Evaluation) -> list[str]:
    ahead = evaluation.forecast
    if ahead is None:
        return []
    low, high = ahead.likely
    landing = (
        f"lands at {number(ahead.landing)} ({number(low)}–{number(high)}) of {number(evaluation.target)}"
    )
    return [landing, f"P(hit) {ahead.p_hit:.2f}"]


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
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float) -> str:
    """Write a change with its sign."""
    return f"+{number(value)}" if value >= 0 else f"−{number(-value)}"


def percent(share: float | None) -> str:
    """Write a share (0-1) as whole percent, clamped to 0-100 as progress is shown; unknown is a dash."""
    return "–" if share is None else f"{min(max(share, 0.0), 1.0) * 100:.0f} %"


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
