"""Decides when others are told that a notifier does not deliver, and when that it does again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.ports.notifier import Delivered, Verdict
from collector.ports.store import Disabled
from collector.services.announce import Line, Outcome, Sent

PATIENCE = timedelta(minutes=10)
"""So long a notifier may fail before others are told."""

ToldOf = Callable[[str, datetime | None, str], None]
"""Hears the name of a notifier, since when it fails, and why; or since nothing, once it delivers. Called in the announcer's
thread, possibly more than once with the same news.
"""


class SinkTrouble:
    """What is known of one notifier's troubles. Used by its announcer's thread."""

    def __init__(self, line: Line, clock: Clock, told_of: ToldOf) -> None:
        self._line, self._clock, self._told_of = line, clock, told_of
        self._told: bool | None = None
        """What was said last; nothing yet since the start, when an earlier run may have said that it fails."""
        self._why = ""

    def found_disabled(self, disabled: Disabled) -> None:
        """Take note of what an earlier run, or another process, gave up."""
        self._tell(disabled.at, disabled.why)

    def after(self, sent: Sent) -> None:
        """Take note of how a sending went."""
        if isinstance(sent.verdict, Delivered):
            self._delivers()
            return
        self._why = sent.why
        if sent.outcome in (Outcome.DEAD, Outcome.GONE):
            self._tell(self._since(), sent.why)

    def after_upholding(self, verdict: Verdict) -> None:
        """Take note of how upholding went: it ends a failure that was told, and is no reason to tell of none."""
        if not isinstance(verdict, Delivered):
            self._why = verdict.reason
        elif self._told is True:
            self._delivers()

    def look(self) -> None:
        """Tell when it has failed for too long."""
        since = self._line.pace.failing_since
        if since is not None and self._clock.monotonic() - since >= PATIENCE.total_seconds():
            self._tell(self._since(), self._why)

    def _since(self) -> datetime:
        """Give since when it fails, on the clock that people read."""
        since, at = self._line.pace.failing_since, self._clock.now()
        return at if since is None else at - timedelta(seconds=self._clock.monotonic() - since)

    def _delivers(self) -> None:
        if self._told is not False:
            self._told_of(self._line.name, None, "")
        self._told = False

    def _tell(self, since: datetime, why: str) -> None:
        if self._told is not True:
            self._told_of(self._line.name, since, why)
        self._told = True
