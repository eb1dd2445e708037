"""A source that answers from the text of a scenario: the connector that a rehearsal puts in the place of every other one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.domain.measure import Binding
from collector.errors import SourceUnavailable
from collector.ports.sources import OpenSource
from collector.scenario.series_text import Answer, Said, Word
from connectors.api import (
    Capabilities,
    ErrorKind,
    Failure,
    Health,
    Moment,
    NoData,
    Outcome,
    Question,
    Reading,
    number,
)

LIVE = timedelta(seconds=10)
"""A slot that is asked for again later than this after the first time is asked for later."""
_FAILURES: Mapping[Word, Failure] = {
    Word.DOWN: Failure(ErrorKind.TRANSIENT, "connection refused; start the source"),
    Word.AUTH: Failure(ErrorKind.AUTH, "credentials refused; renew them"),
    Word.ERROR: Failure(ErrorKind.TRANSIENT, "the source failed with 503; it is asked again"),
    Word.TIMEOUT: Failure(ErrorKind.TIMEOUT, "no answer in time; it is asked again"),
    Word.LIMITED: Failure(ErrorKind.RATE_LIMITED, "the source asks for peace; it is left alone for a while"),
    Word.BAD_QUERY: Failure(ErrorKind.BAD_QUERY, "the source refuses the query; correct it"),
    Word.PARTIAL: Failure(ErrorKind.PARTIAL, "the source calls its answer incomplete; look at its warnings"),
    Word.CONFIG: Failure(ErrorKind.CONFIG, "a driver is missing; install it"),
    Word.TEXT: Failure(ErrorKind.BAD_VALUE, "expected a number, got the text 'n/a'; correct the query"),
    Word.NAN: Failure(ErrorKind.BAD_VALUE, "the source answered NaN; guard the division"),
    Word.INFINITE: Failure(ErrorKind.BAD_VALUE, "the source answered an infinity; guard the division"),
}


@dataclass(slots=True)
class Played:
    """What is answered to one measure: its slots, ascending, with what is said about each."""

    binding: Binding
    slots: Mapping[datetime, Said]
    asked: dict[datetime, datetime] = field(default_factory=dict)
    """When each slot was asked for first."""
    order: Sequence[datetime] = field(init=False)

    def __post_init__(self) -> None:
        self.order = tuple(self.slots)

    def now(self, at: datetime) -> Said | None:
        """Give what is said about the newest slot."""
        place = bisect_right(self.order, at)
        return self.slots[self.order[place - 1]] if place else None

    def last_number(self, before: datetime) -> tuple[datetime, Answer] | None:
        """Give the last slot before `before` with a number, and the number."""
        for slot in reversed(self.order[: bisect_left(self.order, before)]):
            answer = self.slots[slot].live
            if not isinstance(answer, Word):
                return slot, answer
        return None


class PlayedSource:
    """A connector (see `connectors.api`) that answers from what is `Played`."""

    def __init__(self, measures: Sequence[Played], clock: Clock) -> None:
        self.capabilities = Capabilities(ranges=True, batches=True)
        self._measures, self._clock = measures, clock

    def check(self, deadline: timedelta) -> Health:  # noqa: ARG002 - the contract's; a text answers at once
        """Tell whether the scenario says that it is down just now."""
        shut = self._shut()
        if shut is None:
            return Health(ok=True, message="the scenario answers")
        return Health(ok=False, message=_FAILURES[shut].message, kind=_FAILURES[shut].kind)

    def fetch(self, questions: Sequence[Question], deadline: timedelta) -> Iterator[tuple[str, Outcome]]:  # noqa: ARG002 - as above
        """Answer each question."""
        for question in questions:
            yield question.key, self._outcome(question, question.moment)

    def fetch_range(
        self,
        question: Question,
        moments: Sequence[Moment],
        deadline: timedelta,  # noqa: ARG002 - as above
    ) -> Iterator[tuple[datetime, Outcome]]:
        """Answer a question about the past."""
        for moment in moments:
            yield moment.as_of, self._outcome(question, moment)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _shut(self) -> Word | None:
        at = self._clock.now()
        said = (measure.now(at) for measure in self._measures)
        return next((one.live for one in said if one and isinstance(one.live, Word) and one.live.shuts), None)

    def _outcome(self, question: Question, moment: Moment) -> Outcome:
        shut = self._shut()
        if shut is not None:
            return _FAILURES[shut]
        for measure in self._measures:
            if question.text in measure.binding.texts and question.pick == measure.binding.pick:
                part = measure.binding.texts.index(question.text)
                return self._of(measure, part, moment.as_of, historical=question.historical)
        return Failure(ErrorKind.BAD_QUERY, "the scenario does not know this question")

    def _of(self, measure: Played, part: int, slot: datetime, *, historical: bool) -> Outcome:
        at = self._clock.now()
        first = measure.asked.setdefault(slot, at)
        said = measure.slots.get(slot)
        if said is None:
            return NoData("the scenario says nothing about this slot")
        answer = said.later if historical or at - first > LIVE else said.live
        stamp = slot
        if answer is Word.STALE:
            known = measure.last_number(slot)
            if known is None:
                return NoData("there is no earlier number")
            stamp, answer = known
        return _outcome(answer, part, stamp)


def _outcome(answer: Answer, part: int, stamp: datetime) -> Outcome:
    if answer is Word.EMPTY:
        return NoData("the source had nothing")
    if isinstance(answer, Word):
        return _FAILURES[answer]
    value = number(answer[part])
    return Reading(value, stamp) if isinstance(value, float) else value


class PlayedSources:
    """All sources of a rehearsal by name (see `collector.ports.sources`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._measures: dict[str, list[Played]] = {}

    def put(self, measures: Mapping[str, list[Played]]) -> None:
        """Answer from these from now on, by the name of their source."""
        self._measures = dict(measures)

    def open(self, name: str) -> OpenSource:
        """Give a source. Raises `SourceUnavailable` for one that no measure names."""
        if name not in self._measures:
            raise SourceUnavailable(f"no measure of the scenario reads the source {name}")
        return OpenSource(name, PlayedSource(self._measures[name], self._clock), timedelta(seconds=30))

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""
