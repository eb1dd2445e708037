"""The signs and words by which verdicts are told apart at a glance, the same in every verb."""

from __future__ import annotations

from collector.cli.output import Cell, Tone
from collector.cli.spark import sparkline
from collector.domain.brief import UNMEASURED, mark_of
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS, ago
from collector.domain.health import Health
from collector.domain.okr import KeyResult
from collector.domain.phrases import BY_HAND, measured, way
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

__all__ = ["SHOWN_DAYS", "age", "drawn", "measured", "outcome", "promised", "sign", "way", "word"]


def sign(evaluation: Evaluation | None) -> Cell:
    """Give the shape of a verdict; data that cannot be trusted is hollow and never green."""
    if evaluation is None or not evaluation.trusted:
        return Cell(UNMEASURED, Tone.FAINT)
    return Cell(mark_of(evaluation), _TONES.get(evaluation.status))


def word(standing: Standing) -> Cell:
    """Give the status in words: `off track, recovering 3/7`, `achieved, 1.00`, or frozen: `on track as of 3 days ago`."""
    evaluation = standing.evaluation
    if evaluation is None:
        return Cell("not measured" if standing.key_result.not_run else "not read yet", Tone.FAINT)
    if evaluation.status is Status.NOT_STARTED and evaluation.as_of is None:
        return Cell("not read yet", Tone.FAINT)
    text = WORDS[evaluation.status]
    if evaluation.frozen_since is not None and evaluation.as_of is not None:
        return Cell(f"{text} as of {ago(evaluation.at - evaluation.as_of)} ago", Tone.FAINT)
    text += "".join(f", {reason}" for reason in evaluation.reasons if reason.startswith("recovering"))
    if evaluation.over and evaluation.score is not None:
        text += f", {evaluation.score:.2f}"
    return Cell(text, _TONES.get(evaluation.status))


def outcome(left: Sample | Gap, unit: str) -> Cell:
    """Give what a slot left: a number with its unit, or the reason why there is none."""
    if isinstance(left, Gap):
        return Cell(left.reason.value.replace("_", " "), Tone.BAD)
    return Cell(measured(left.value, unit))


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


def last_days(standing: Standing) -> list[float | None]:
    """Give the values of the last days up to the newest closed one, gaps where a day holds no reading."""
    values = {day.day: day.value for day in standing.days if day.value is not None}
    if not values:
        return []
    verdict = standing.evaluation
    begun = verdict is not None and verdict.status is not Status.DRAFT
    newest = max(verdict.day - 1, *values) if verdict is not None and begun else max(values)
    oldest = max(min(values), newest - SHOWN_DAYS + 1)
    return [values.get(day) for day in range(oldest, newest + 1)]


def drawn(standing: Standing, days: int = SHOWN_DAYS) -> str:
    """Draw the last days in one line."""
    return sparkline(last_days(standing)[-days:])


def age(standing: Standing) -> str:
    """Say how old the data is, how it is when that is not fresh, and when a person entered it: `14 s`, `stale, 2 h`,
    `✎ by hand, 19 days`, `waits for the load, 2 days`. Of what is over it says nothing: nothing is expected any more.
    """
    verdict = standing.evaluation
    if verdict is None:
        return f"{BY_HAND} by hand" if _by_hand(standing) else ""
    said = [f"{BY_HAND} by hand"] if _by_hand(standing) else []
    if verdict.over:
        return ", ".join(said)
    if standing.waiting:
        said.append("waits for the load")
    elif verdict.as_of is None or verdict.health is not Health.FRESH:
        said.append(verdict.health.value)
    return ", ".join([*said, ago(verdict.at - verdict.as_of)] if verdict.as_of else said)


def _by_hand(standing: Standing) -> bool:
    binding = standing.key_result.binding
    return binding is not None and binding.by_hand
