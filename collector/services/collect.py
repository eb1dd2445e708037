"""Reads the slots of one source that are due together, and hands on what it finds as it comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.domain.outage import Round
from collector.domain.sample import Gap, GapReason, Origin
from collector.logs import get_logger
from collector.ports.sources import OpenSource
from collector.services.ask import Due, Found, Moments, left_by, questions_of
from collector.services.retry import ask_until_answered
from connectors.api import Answer, ErrorKind, Failure, Outcome, Question

log = get_logger(__name__)

HANDFUL = 1_000
"""So many findings are handed on together: of more, reading the rest and recording these overlap; of fewer, one transaction is
cheaper than several."""


def collect(
    source: OpenSource,
    dues: Sequence[Due],
    clock: Clock,
    deliver: Callable[[list[Found]], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Round:
    """Ask `source` for all `dues` at once; every one of them is delivered exactly once, as a sample or a gap.

    Failures that asking again may cure are asked again within the source's timeout; what is then still open is
    delivered as a gap. Gives how the round went for the source.
    """
    work = _Collection(source, list(dues), clock, deliver)
    ask_until_answered(work.ask, source.timeout, sleep)
    return work.finish()


UNANSWERED = Failure(ErrorKind.TRANSIENT, "the connector gave no answer to the question; see the log")


@dataclass(slots=True)
class _Collection:
    source: OpenSource
    left: list[Due]
    clock: Clock
    deliver: Callable[[list[Found]], None]
    failures: dict[int, Failure] = field(default_factory=dict)
    """The last failure of each due that is still open, by its place in `left`."""
    asked: int = 0
    ill: list[Failure] = field(default_factory=list)
    misconfigured: list[Failure] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.asked = len(self.left)

    def ask(self) -> bool:
        """Ask for what is left once; tell whether something retryable stays open."""
        questions: list[Question] = []
        parts: list[list[Outcome | None]] = []
        moments = Moments()
        for number, due in enumerate(self.left):
            made = questions_of(due, number, moment=moments.of(due))
            questions += made
            parts.append([None] * len(made))
        handful: list[Found] = []
        open_dues: list[Due] = []
        failures: dict[int, Failure] = {}
        for key, outcome in self._answers(questions):
            number, part = map(int, key.split(":"))
            parts[number][part] = outcome
            whole = [known for known in parts[number] if known is not None]
            if len(whole) < len(parts[number]):
                continue
            due = self.left[number]
            if retryable := [one for one in whole if isinstance(one, Failure) and _worth_asking_again(one)]:
                failures[len(open_dues)] = retryable[0]
                open_dues.append(due)
                continue
            handful.append(self._found(due, whole))
            if len(handful) >= HANDFUL:
                self.deliver(handful)
                handful = []
        for number, known in enumerate(parts):
            if None in known:  # a connector that broke its promise; what is known of the slot is not enough
                failures[len(open_dues)] = UNANSWERED
                open_dues.append(self.left[number])
        if handful:
            self.deliver(handful)
        self.left, self.failures = open_dues, failures
        return bool(open_dues)

    def _answers(self, questions: list[Question]) -> Iterator[Answer]:
        """Ask the connector; one that raises, against its promise, has answered as far as it came."""
        try:
            yield from self.source.connector.fetch(questions, self._remaining())
        except (
            Exception
        ) as error:  # a stranger's connector may raise anything; the other slots must not be lost
            log.exception("connector_failed", source=self.source.name, error=type(error).__name__)

    def finish(self) -> Round:
        """Deliver what stayed open as gaps, and sum the round up."""
        gaps = [self._found(due, [self.failures[place]]) for place, due in enumerate(self.left)]
        if gaps:
            self.deliver(gaps)
        wish = next((ill for ill in self.ill if ill.kind is ErrorKind.RATE_LIMITED), None)
        ill = self.ill or self._all_misconfigured()
        worst = wish or (ill[0] if ill else None)
        return Round(
            asked=self.asked,
            failed=self.asked if wish else len(ill),
            reason=GapReason(worst.kind.value) if worst else None,
            detail=worst.message if worst else "",
            retry_after=max((ill.retry_after for ill in self.ill if ill.retry_after), default=None),
        )

    def _found(self, due: Due, outcomes: Sequence[Outcome]) -> Found:
        at = self.clock.now()
        for outcome in outcomes:
            if isinstance(outcome, Failure) and outcome.kind.concerns_source:
                self.ill.append(outcome)
                break
            if isinstance(outcome, Failure) and outcome.kind is ErrorKind.CONFIG:
                self.misconfigured.append(outcome)
                break
        return Found(due, left_by(due, outcomes, at, Origin.LIVE), at)

    def _all_misconfigured(self) -> list[Failure]:
        """What several questions fail for alike, and all of them, is wrong with the source: its file or secret is gone."""
        alike = len({failure.message for failure in self.misconfigured}) == 1
        return self.misconfigured if alike and len(self.misconfigured) == self.asked > 1 else []

    def _remaining(self) -> timedelta:
        spent = timedelta(seconds=time.monotonic() - self.started)
        return max(self.source.timeout - spent, timedelta(milliseconds=100))


def _worth_asking_again(failure: Failure) -> bool:
    """Tell whether asking once more in the same slot can help; a source that names a time is not pressed before it."""
    return failure.kind.retryable and failure.retry_after is None


def unasked(dues: Sequence[Due], reason: GapReason, detail: str, at: datetime) -> list[Found]:
    """Make the gaps of slots that are not asked for, because the source or the binding is known not to answer."""
    return [Found(due, Gap(due.slot, reason, detail), at, asked=False) for due in dues]
