"""Decides when others are told that a notifier does not deliver, and when that it does again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.ports.notifier import Delivered, Verdict
from collector.ports.store import Disabled
from collector.services.announce import Line, Outcome, Sent

PATIENCE = timedelta(minutes=10)
"""So long a notifier may fail before others are told."""

CALM = timedelta(minutes=15)
"""So long nothing may go wrong before others are told that it delivers again: one that refuses every second message is one
trouble, not many.
"""

ToldOf = Callable[[str, datetime | None, str], bool | None]
"""Hears the name of a notifier, since when it fails, and why; or since nothing, once it delivers. Called in the announcer's
thread, possibly more than once with the same news. It gives False when it could not listen: then it is told again.
"""


@dataclass(frozen=True, slots=True)
class _News:
    """What is to be told of a notifier."""

    since: datetime | None
    why: str


class SinkTrouble:
    """What is known of one notifier's troubles. Used by its announcer's thread."""

    def __init__(self, line: Line, clock: Clock, told_of: ToldOf) -> None:
        self._line, self._clock, self._told_of = line, clock, told_of
        self._fails: bool | None = None
        """What was said last; nothing yet since the start, when an earlier run may have said that it fails."""
        self._why = ""
        self._wrong_at: float | None = None
        """When something went wrong last."""
        self._answers = False
        """Whether the newest message arrived."""
        self._unheard: _News | None = None

    def take_over(self, before: SinkTrouble) -> None:
        """Go on with what another one knew of the same notifier; that one is used no more."""
        self._fails, self._why, self._wrong_at = before._fails, before._why, before._wrong_at
        self._answers, self._unheard = before._answers, before._unheard

    def found_disabled(self, disabled: Disabled) -> None:
        """Take note of what an earlier run, or another process, gave up."""
        self._went_wrong(disabled.why)
        self._does_not_deliver(disabled.at, disabled.why)

    def after(self, sent: Sent) -> None:
        """Take note of how a sending went."""
        if isinstance(sent.verdict, Delivered):
            self._arrived()
            return
        self._went_wrong(sent.why)
        if sent.outcome in (Outcome.DEAD, Outcome.GONE):
            self._does_not_deliver(self._since(), sent.why)

    def after_upholding(self, verdict: Verdict) -> None:
        """Take note of how upholding went: it ends a failure that was told, and is no reason to tell of none."""
        if not isinstance(verdict, Delivered):
            self._went_wrong(verdict.reason)
        elif self._fails:
            self._arrived()

    def look(self) -> None:
        """Tell when it has failed for too long, and again what nobody could listen to."""
        since = self._line.pace.failing_since
        if since is not None and self._clock.monotonic() - since >= PATIENCE.total_seconds():
            self._does_not_deliver(self._since(), self._why)
        if self._answers and self._fails is not False and self._calm():
            self._delivers()
        if self._unheard is not None:
            self._tell(self._unheard)

    def _arrived(self) -> None:
        self._answers = True
        if self._calm():
            self._delivers()

    def _went_wrong(self, why: str) -> None:
        self._answers, self._why, self._wrong_at = False, why, self._clock.monotonic()

    def _calm(self) -> bool:
        return self._wrong_at is None or self._clock.monotonic() - self._wrong_at >= CALM.total_seconds()

    def _since(self) -> datetime:
        """Give since when it fails, on the clock that people read."""
        since, at = self._line.pace.failing_since, self._clock.now()
        return at if since is None else at - timedelta(seconds=self._clock.monotonic() - since)

    def _delivers(self) -> None:
        if self._fails is not False:
            self._fails = False
            self._tell(_News(None, ""))

    def _does_not_deliver(self, since: datetime, why: str) -> None:
        if not self._fails:
            self._fails = True
            self._tell(_News(since, why))

    def _tell(self, news: _News) -> None:
        heard = self._told_of(self._line.name, news.since, news.why)
        self._unheard = news if heard is False else None
