"""How fast one notifier is spoken to, and when it is left alone: a token bucket and a breaker.

Nothing here knows of letters: each has its own wait (`backoff.letter_wait`), so that one that nobody takes holds back no
other. Times are seconds of a clock that never jumps; only differences mean something.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from collector.domain.backoff import probe_wait

FAILURES = 3
"""So many failures in a row, and only one letter at a time is tried, until one arrives."""
BURST = 5.0
"""After a silence so many seconds' worth of messages may go at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a notifier stands. Each method gives how it stands afterwards."""

    rate: float
    """Messages a second on average, above 0."""
    spent: float = 0.0
    """Messages beyond what the rate allowed until `spent_at`: the bucket upside down."""
    spent_at: float = 0.0
    failures: int = 0
    """In a row."""
    failing_since: float | None = None
    """When the first of them was."""
    rests_until: float | None = None
    """Nothing is sent before this: the receiver asked for it, or the breaker is open."""

    @property
    def open(self) -> bool:
        """Whether the breaker is open: then the letter that is due next is sent before it is due, to see who answers."""
        return self.failures >= FAILURES

    def rest(self, now: float) -> float:
        """Give for how many seconds the notifier is to be left alone."""
        return 0.0 if self.rests_until is None else max(self.rests_until - now, 0.0)

    def wait(self, now: float) -> float:
        """Give after how many seconds the next message may go: 0 is at once."""
        burst = max(1.0, self.rate * BURST)
        return max(self.rest(now), (self._owed(now) + 1 - burst) / self.rate, 0.0)

    def idle(self, now: float) -> timedelta:
        """Give how long ago the last message was sent: what it was answered is as old."""
        return timedelta(seconds=max(now - self.spent_at, 0.0))

    def sent(self, now: float) -> Pace:
        """Count one message, whatever becomes of it."""
        return replace(self, spent=self._owed(now) + 1, spent_at=now)

    def answered(self) -> Pace:
        """Close the breaker: the other side took a message, or at least read it."""
        return replace(self, failures=0, failing_since=None, rests_until=None)

    def failed(self, now: float, share: float, asked: timedelta | None) -> Pace:
        """Count a message that was not taken. The other side is left alone for as long as it `asked` for, and longer once
        the breaker is open; `share` (0-1) is the draw of the jitter.
        """
        failures = self.failures + 1
        wait = probe_wait(failures - FAILURES + 1, share, asked) if failures >= FAILURES else asked
        since = now if self.failing_since is None else self.failing_since
        until = now + wait.total_seconds() if wait is not None else None
        return replace(self, failures=failures, failing_since=since, rests_until=until)

    def undecided(self, now: float, share: float) -> Pace:
        """Take note of a try that says nothing of the other side: it counts for nothing, but an open breaker stays open."""
        return self.failed(now, share, None) if self.open else self

    def _owed(self, now: float) -> float:
        return max(self.spent - max(now - self.spent_at, 0.0) * self.rate, 0.0)
