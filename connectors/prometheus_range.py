"""Answers one question at many instants of the past with as few Prometheus range queries as is exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors import promql
from connectors.api import ErrorKind, Failure, Moment, NoData, Outcome, Question, Reading, number
from connectors.in_flight import Step
from connectors.prometheus_batch import partial
from connectors.prometheus_series import Series, matches
from connectors.prometheus_session import Envelope, PrometheusApi

POINTS = 11_000
"""Points that Prometheus gives in one range query at most, for each series."""
POINTS_OF_SEVERAL = 1_000
"""The same where `pick` expects many series, so that the body stays within its limit."""
WORTHWHILE = 3
"""Instants from which a range query is worth it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Instants at equal distances at which the same text is asked."""

    text: str
    moments: Sequence[Moment]
    step: int


def split(question: Question, moments: Sequence[Moment]) -> tuple[list[Run], list[Moment]]:
    """Sort instants into runs that a range query answers exactly as instant queries would, and the rest.

    The text must be the same at each instant (no `$until`, say), the distance a whole number of seconds, and the text must
    not use `@`: `@ end()` means another instant in a range.
    """
    single: list[Moment] = []
    runs: list[Run] = []
    limit = POINTS_OF_SEVERAL if question.pick else POINTS
    rendered = [(promql.render(question.text, moment), moment) for moment in moments]
    position = 0
    while position < len(rendered):
        text = rendered[position][0]
        length = _length(rendered[position : position + limit]) if _rangeable(text) else 1
        taken = [moment for _, moment in rendered[position : position + length]]
        if length >= WORTHWHILE:
            runs.append(Run(text, taken, int((taken[1].until - taken[0].until).total_seconds())))
        else:
            single += taken
        position += length
    return runs, single


def _rangeable(text: str) -> bool:
    kind = promql.understand(text).kind
    return "@" not in text and kind in (promql.Kind.SCALAR, promql.Kind.VECTOR)


def _length(ahead: Sequence[tuple[str, Moment]]) -> int:
    """How many of the instants ahead form one run."""
    if len(ahead) < WORTHWHILE:
        return 1
    (text, first), (_, second) = ahead[0], ahead[1]
    step = second.until - first.until
    whole = step % timedelta(seconds=1) == timedelta(0) and first.until.microsecond == 0
    if step <= timedelta(0) or not whole:
        return 1
    length = 1
    while length < len(ahead):
        other, moment = ahead[length]
        if other != text or moment.until != first.until + step * length:
            break
        length += 1
    return length


@dataclass(frozen=True, slots=True)
class RangeJob:
    """Asks for one run in one request."""

    api: PrometheusApi
    question: Question
    planned: Run

    @property
    def keys(self) -> list[datetime]:
        return [moment.as_of for moment in self.planned.moments]

    def run(self, seconds: float) -> Step[datetime]:
        moments = self.planned.moments
        envelope = self.api.range(
            self.planned.text, moments[0].until, moments[-1].until, self.planned.step, seconds
        )
        if isinstance(envelope, Envelope) and envelope.warnings and not self.question.allow_partial:
            envelope = partial(envelope.warnings)
        if isinstance(envelope, Envelope) and envelope.result_type != "matrix":
            envelope = Failure(ErrorKind.BAD_VALUE, f"a {envelope.result_type} where a range is due")
        if isinstance(envelope, Failure):
            halts = envelope.kind in (ErrorKind.AUTH, ErrorKind.RATE_LIMITED)
            return Step([(key, envelope) for key in self.keys], halt=envelope if halts else None)
        return Step(list(self._outcomes(envelope)))

    def _outcomes(self, envelope: Envelope) -> Iterator[tuple[datetime, Outcome]]:
        try:
            at_instant = _by_instant(envelope.result, self.question.pick)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            strange = Failure(ErrorKind.BAD_VALUE, "the answer is not shaped as Prometheus shapes it")
            yield from ((key, strange) for key in self.keys)
            return
        for moment in self.planned.moments:
            found = at_instant.get(round(moment.until.timestamp()), ())
            yield moment.as_of, self._outcome(found, moment, envelope.warnings)

    def _outcome(self, found: Sequence[Any], moment: Moment, warnings: tuple[str, ...]) -> Outcome:
        one = Series(found).choose(self.question.pick)
        if isinstance(one, (NoData, Failure)):
            return one
        value = number(one["value"])
        if not isinstance(value, float):
            return value
        return Reading(value, moment.as_of, {"query": self.planned.text}, warnings)


def _by_instant(result: Sequence[Any], pick: Mapping[str, str]) -> dict[int, list[dict[str, Any]]]:
    """Samples by the second they belong to. Series that `pick` leaves out are dropped early: there may be many."""
    found: dict[int, list[dict[str, Any]]] = {}
    for series in result:
        labels = series["metric"]
        if not matches(labels, pick):
            continue
        for stamp, value in series.get("values", ()):
            found.setdefault(round(float(stamp)), []).append({"metric": labels, "value": value})
        for stamp, _ in series.get("histograms", ()):
            found.setdefault(round(float(stamp)), []).append({"metric": labels, "value": {}})
    return found
