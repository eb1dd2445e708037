"""Keeps slots from being read before the source has loaded their rows: half a day's rows are a wrong number, not an early one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from collector.domain.outage import Round
from collector.domain.sample import Gap, GapReason
from collector.logs import get_logger
from collector.ports.sources import OpenSource
from collector.services.ask import Due, Found, due_slots
from collector.services.collect import unasked
from collector.services.heal import Stretch
from collector.services.retry import ask_until_answered
from connectors.api import ErrorKind, Failure, LoadingConnector

log = get_logger(__name__)

ASK_AGAIN = timedelta(minutes=1)
"""Real time between two questions how far a source is loaded, while slots wait for it."""
NOTHING = datetime.min.replace(tzinfo=UTC)
"""How far a source is loaded that has nothing."""

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Sorted:
    """Dues of a source, by whether their rows are there."""

    ready: list[Due]
    left: list[Found] = field(default_factory=list)
    """The gaps of the others."""
    round_: Round | None = None
    """How asking went for the source, when it failed."""


@dataclass(frozen=True, slots=True)
class _Said:
    until: datetime
    at: datetime
    waiting: bool
    """Whether something waits for more."""


class Loads:
    """How far each source says that it is loaded. Thread-safe; a source is asked by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._said: dict[str, _Said] = {}

    def sort_out(self, source: OpenSource, dues: Sequence[Due], at: datetime, sleep: Sleep) -> Sorted:
        """Tell which dues can be read now. The others are gaps: they wait, or, when the source could not say how far it is
        loaded, fail as that question did.
        """
        if not source.connector.capabilities.loads:
            return Sorted(list(dues))
        until = self._loaded_until(source, at, sleep, known=self._waited_for(source.name, at))
        if isinstance(until, Failure):
            return _failed(dues, until, at)
        ready = [due for due in dues if _until(due) <= until]
        waiting = [due for due in dues if _until(due) > until]
        self._note(source.name, until, waiting=bool(waiting))
        detail = f"its rows are not loaded yet; the source {_shown(until)}"
        return Sorted(ready, unasked(waiting, GapReason.WAITING, detail, at))

    def trim(
        self, source: OpenSource, stretch: Stretch, at: datetime, sleep: Sleep
    ) -> Stretch | Failure | None:
        """Cut a stretch of the past to the slots that are loaded; nothing when none is."""
        if not source.connector.capabilities.loads:
            return stretch
        until = self._loaded_until(source, at, sleep, known=self._fresh(source.name, at))
        if isinstance(until, Failure):
            return until
        last = None
        for due in _dues(stretch):
            if _until(due) > until:
                self._note(source.name, until, waiting=True)
                return Stretch(stretch.account, stretch.since, last) if last is not None else None
            last = due.slot
        return stretch

    def holds_back(self, stretch: Stretch, at: datetime) -> bool:
        """Tell, without asking, whether a stretch is known to wait and the source need not be asked again yet."""
        said = self._waited_for(stretch.account.binding.source, at)
        if said is None:
            return False
        first = next(_dues(stretch), None)
        return first is not None and _until(first) > said.until

    def _loaded_until(
        self, source: OpenSource, at: datetime, sleep: Sleep, *, known: _Said | None
    ) -> datetime | Failure:
        if known is not None:
            return known.until
        with self._lock:
            asking = self._asking.setdefault(source.name, threading.Lock())
        with asking:
            answer = _ask(source, sleep)
        if isinstance(answer, Failure):
            return answer
        until = answer or NOTHING
        with self._lock:
            self._said[source.name] = _Said(until, at, waiting=False)
        return until

    def _fresh(self, source: str, at: datetime) -> _Said | None:
        """Give what a source said a moment ago: enough for the past."""
        with self._lock:
            said = self._said.get(source)
        return said if said is not None and timedelta(0) <= at - said.at < ASK_AGAIN else None

    def _waited_for(self, source: str, at: datetime) -> _Said | None:
        """Give what a source said a moment ago while something waits for more; else it is asked with every round."""
        said = self._fresh(source, at)
        return said if said is not None and said.waiting else None

    def _note(self, source: str, until: datetime, *, waiting: bool) -> None:
        with self._lock:
            said = self._said.get(source)
            if said is not None and said.until == until and (waiting or not said.waiting):
                self._said[source] = _Said(until, said.at, waiting)


def _ask(source: OpenSource, sleep: Sleep) -> datetime | Failure | None:
    """Ask a source how far it is loaded, and again where asking again can help."""
    answers: list[datetime | Failure | None] = []

    def once() -> bool:
        answer = _answer(source)
        answers[:] = [answer]
        return isinstance(answer, Failure) and answer.kind.retryable and answer.retry_after is None

    ask_until_answered(once, source.timeout, sleep)
    return answers[0]


def _answer(source: OpenSource) -> datetime | Failure | None:
    try:
        return cast(LoadingConnector, source.connector).loaded_until(source.timeout)
    except Exception as error:  # a stranger's connector may raise anything
        log.exception("connector_failed", source=source.name, error=type(error).__name__)
        return Failure(
            ErrorKind.TRANSIENT, "the connector could not tell how far the source is loaded; see the log"
        )


def _failed(dues: Sequence[Due], failure: Failure, at: datetime) -> Sorted:
    reason = GapReason(failure.kind.value)
    ill = len(dues) if failure.kind.concerns_source else 0
    round_ = Round(len(dues), ill, reason, failure.message, failure.retry_after)
    return Sorted([], [Found(due, Gap(due.slot, reason, failure.message), at) for due in dues], round_)


def _dues(stretch: Stretch) -> Iterator[Due]:
    account = stretch.account
    return due_slots(account.key_result, account.binding, account.series, stretch.since, stretch.until)


def _until(due: Due) -> datetime:
    return due.binding.until(due.key_result.cycle, due.slot)


def _shown(until: datetime) -> str:
    return (
        "has loaded nothing" if until == NOTHING else f"is loaded until {until.isoformat(timespec='seconds')}"
    )
