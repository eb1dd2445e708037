"""The signs and words by which verdicts are told apart at a glance, the same in every verb."""

from __future__ import annotations

from collector.cli.output import Cell, Tone
from collector.cli.spark import sparkline
from collector.domain.brief import UNMEASURED, mark_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, ago, number
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Sample
from collector.domain.shape import Change, Reach, Total, Typed
from collector.domain.status import Status
from collector.services.read_models import Standing

_TONES = {
    Status.ON_TRACK: Tone.GOOD,
    Status.ACHIEVED: Tone.GOOD,
    Status.AT_RISK: Tone.WORRY,
    Status.OFF_TRACK: Tone.BAD,
    Status.MISSED: Tone.BAD,
}
SHOWN_DAYS = 28


def sign(evaluation: Evaluation | None) -> Cell:
    """Give the shape of a verdict; data that cannot be trusted is hollow and never green."""
    if evaluation is None or not evaluation.trusted:
        return Cell(UNMEASURED, Tone.FAINT)
    return Cell(mark_of(evaluation), _TONES.get(evaluation.status))


def word(standing: Standing) -> Cell:
    """Give the status in words: `off track, recovering 3/7`, or frozen: `on track as of 3 days ago`."""
    evaluation = standing.evaluation
    if evaluation is None:
        return Cell("not measured" if standing.key_result.not_run else "not read yet", Tone.FAINT)
    if evaluation.status is Status.NOT_STARTED and evaluation.as_of is None:
        return Cell("not read yet", Tone.FAINT)
    text = WORDS[evaluation.status]
    if evaluation.frozen_since is not None and evaluation.as_of is not None:
        return Cell(f"{text} as of {ago(evaluation.at - evaluation.as_of)} ago", Tone.FAINT)
    text += "".join(f", {reason}" for reason in evaluation.reasons if reason.startswith("recovering"))
    return Cell(text, _TONES.get(evaluation.status))


def outcome(left: Sample | Gap, unit: str) -> Cell:
    """Give what a slot left: a number with its unit, or the reason why there is none."""
    if isinstance(left, Gap):
        return Cell(left.reason.value.replace("_", " "), Tone.BAD)
    return Cell(measured(left.value, unit))


def measured(value: float | None, unit: str) -> str:
    """Write a number with its unit; unknown is a dash."""
    return f"{number(value)} {unit}" if value is not None and unit else number(value)


def way(key_result: KeyResult, baseline: float | None, target: float | None) -> str:
    """Write where it began and where it is to go: `120 → 60 ms`, `at most 3`."""
    shape = key_result.shape
    unit = f" {key_result.unit}" if key_result.unit else ""
    if isinstance(shape, Reach):
        return f"{number(baseline)} → {_goal(shape, target)}{unit}"
    if not isinstance(shape, Total):
        return "–"
    return f"at {'most' if shape.at_most is not None else 'least'} {number(shape.limit)}{unit}"


def promised(key_result: KeyResult) -> tuple[float | None, float | None]:
    """Give baseline and target as far as the files alone tell them."""
    shape = key_result.shape
    if isinstance(shape, Total):
        return None, shape.limit
    if not isinstance(shape, Reach):
        return None, None
    start = shape.start.value if isinstance(shape.start, Typed) else None
    if not isinstance(shape.to, Change):
        return start, shape.to
    return start, shape.to.resolve(start) if start is not None else None


def _goal(shape: Reach, target: float | None) -> str:
    if target is not None:
        return number(target)
    if isinstance(shape.to, Change):
        return f"{shape.to.amount:+g}{' %' if shape.to.relative else ' pt'}"
    return number(shape.to)


def last_days(standing: Standing) -> list[float | None]:
    """Give the values of the last days up to the newest closed one, gaps where a day holds no reading."""
    values = {day.day: day.value for day in standing.days if day.value is not None}
    if not values:
        return []
    last = standing.evaluation.day - 1 if standing.evaluation else max(values)
    newest = max(last, *values)
    oldest = max(min(values), newest - SHOWN_DAYS + 1)
    return [values.get(day) for day in range(oldest, newest + 1)]


def drawn(standing: Standing) -> str:
    """Draw the last days in one line."""
    return sparkline(last_days(standing))
