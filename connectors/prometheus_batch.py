"""Turns questions into as few Prometheus requests as is safe, and the answers back into one outcome for each question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors import promql
from connectors.api import Answer, ErrorKind, Failure, NoData, Outcome, Question, Reading
from connectors.in_flight import Step
from connectors.prometheus_series import Series, labels_of, value_of
from connectors.prometheus_session import Envelope, PrometheusApi

FUSED_CHARACTERS = {"POST": 1_000_000, "GET": 4_000}
"""Length of a fused text: Prometheus drops a body over 10 MiB unread, and proxies refuse addresses over 8 kB."""
FUSED_SHARE = 0.6
"""Share of the time left that a fused request may evaluate, so that one slow text leaves time for its neighbours."""
_NONE = Series()
_SHAPE = (KeyError, TypeError, ValueError, IndexError, AttributeError)


@dataclass(slots=True)
class Ask:
    """One text at one instant, and everyone who wants to know."""

    text: str
    instant: str
    expression: promql.Expression
    questions: list[Question] = field(default_factory=list)

    @property
    def partial_allowed(self) -> bool:
        return all(question.allow_partial for question in self.questions)


def group(questions: Iterable[Question]) -> tuple[list[Ask], list[Answer]]:
    """Group questions that ask the same at the same instant; refuse offline what cannot be a number."""
    asks: dict[tuple[str, datetime], Ask] = {}
    refused: list[Answer] = []
    for question in questions:
        text = promql.render(question.text, question.moment)
        # The window ends at `until`, so that is the instant to ask at; it is `as_of` unless the binding matures.
        key = (text, question.moment.until)
        if key not in asks:
            asks[key] = Ask(text, promql.seconds(key[1]), promql.understand(text))
        if why := promql.refusal(asks[key].expression):
            refused.append((question.key, Failure(ErrorKind.BAD_QUERY, why)))
        else:
            asks[key].questions.append(question)
    return [ask for ask in asks.values() if ask.questions], refused


def batches(asks: Sequence[Ask], size: int, characters: int) -> Iterator[list[Ask]]:
    """Split asks into requests: one instant each, at most `size` texts, and alone what could not be parsed."""
    by_instant: dict[str, list[Ask]] = {}
    for ask in asks:
        if ask.expression.alone:
            yield [ask]
        else:
            by_instant.setdefault(ask.instant, []).append(ask)
    for group in by_instant.values():
        # Even shares: 51 texts are 26 and 25, not 50 and a straggler.
        share = -(-len(group) // -(-len(group) // size))
        batch: list[Ask] = []
        length = 0
        for ask in group:
            if batch and (len(batch) >= share or length + len(ask.text) > characters):
                yield batch
                batch, length = [], 0
            batch.append(ask)
            length += len(ask.text)
        yield batch


@dataclass(frozen=True, slots=True)
class InstantJob:
    """Evaluates the texts of `asks`, which share an instant, in one request."""

    api: PrometheusApi
    asks: Sequence[Ask]

    @property
    def keys(self) -> list[str]:
        return [question.key for ask in self.asks for question in ask.questions]

    @property
    def _marked(self) -> bool:
        return len(self.asks) > 1 or self.asks[0].expression.plain_selector

    def run(self, seconds: float) -> Step[str]:
        several = len(self.asks) > 1
        patience = seconds * FUSED_SHARE if several else seconds
        envelope = self.api.instant(self._text(), self.asks[0].instant, seconds, patience)
        if isinstance(envelope, Failure):
            if several and _one_may_be_to_blame(envelope):
                return self._singly()
            halts = envelope.kind in (ErrorKind.AUTH, ErrorKind.RATE_LIMITED)
            return Step([(key, envelope) for key in self.keys], halt=envelope if halts else None)
        if envelope.warnings and several and not all(ask.partial_allowed for ask in self.asks):
            return self._singly()
        return Step(list(_outcomes(self.asks, envelope, marked=self._marked)))

    def _singly(self) -> Step[str]:
        """Ask each text alone: cheaper than bisection, and it tells whose fault it is."""
        return Step(follow=[replace(self, asks=[ask]) for ask in self.asks])

    def _text(self) -> str:
        if not self._marked:
            return self.asks[0].text
        branches: list[tuple[str, str]] = []
        for index, ask in enumerate(self.asks):
            branches.append((str(index), promql.as_vector(ask.text, ask.expression)))
            if ask.expression.plain_selector:
                branches.append((f"t{index}", promql.stamp_of(ask.text)))
        return promql.fuse(branches)


def partial(warnings: Sequence[str]) -> Failure:
    """The refusal of an answer that its source calls incomplete."""
    return Failure(
        ErrorKind.PARTIAL, f"the source says that its answer may be incomplete: {'; '.join(warnings)[:300]}"
    )


def _one_may_be_to_blame(failure: Failure) -> bool:
    """Whether asking singly can help: the evaluation failed, not the way to it."""
    match failure.kind:
        case ErrorKind.BAD_QUERY:
            return failure.status in (None, 400, 413, 414, 422)
        case ErrorKind.TIMEOUT:
            return failure.status == 503
        case _:
            return False


def _outcomes(asks: Sequence[Ask], envelope: Envelope, *, marked: bool) -> Iterator[Answer]:
    try:
        by_mark = _by_mark(envelope, marked=marked)
    except _SHAPE:
        by_mark = Failure(ErrorKind.BAD_VALUE, "the answer is not shaped as Prometheus shapes it")
    for index, ask in enumerate(asks):
        for question in ask.questions:
            yield question.key, _outcome(by_mark, index, ask, question, envelope.warnings)


def _by_mark(envelope: Envelope, *, marked: bool) -> Mapping[str, Series] | Failure:
    """Series by their mark, which is taken off them. What a text asked alone gives counts as the first's."""
    match envelope.result_type:
        case "vector" if marked:
            found: dict[str, list[Any]] = {}
            for one in envelope.result:
                found.setdefault(one["metric"].pop(promql.MARK), []).append(one)
            return {mark: Series(every) for mark, every in found.items()}
        case "vector":
            return {"0": Series(list(envelope.result))}
        case "scalar":
            return {"0": Series([{"metric": {}, "value": envelope.result}])}
        case other:
            return Failure(ErrorKind.BAD_QUERY, f"the text gives a {other} where one number is due")


def _outcome(
    by_mark: Mapping[str, Series] | Failure,
    index: int,
    ask: Ask,
    question: Question,
    warnings: tuple[str, ...],
) -> Outcome:
    if isinstance(by_mark, Failure):
        return by_mark
    if warnings and not question.allow_partial:
        return partial(warnings)
    try:
        one = by_mark.get(str(index), _NONE).choose(question.pick)
        if isinstance(one, (NoData, Failure)):
            return one
        value = value_of(one)
        if not isinstance(value, float):
            return value
        labels = one["metric"]
        at = question.moment.as_of
        if ask.expression.plain_selector:
            at = by_mark.get(f"t{index}", _NONE).stamp_for(labels) or at
    except _SHAPE:
        return Failure(ErrorKind.BAD_VALUE, "the answer is not shaped as Prometheus shapes it")
    evidence: dict[str, str | int | float] = {"query": ask.text, "time": ask.instant}
    if labels:
        evidence["labels"] = labels_of(labels)
    return Reading(value, at, evidence, warnings)
