"""Whether a source as a whole is up: one verdict a source, however many key results stand behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from collector.domain.alert import Condition
from collector.domain.sample import GapReason

ROUNDS_TO_DOWN = 3
"""Failing rounds in a row after which a source is down (reliability notes §1.1)."""
ROUNDS_TO_UP = 2
"""Good rounds in a row after which it is up again."""
FIRST_PROBE = timedelta(seconds=2)
LONGEST_PROBE = timedelta(seconds=60)
ILL_PROBE = timedelta(seconds=20)
"""How often a source that failed is asked whether it is there, however rarely its key results are read."""
AUTH_PROBE = timedelta(minutes=10)
LONGEST_REST = timedelta(days=1)
"""However long a source asks for peace, it is asked again after this."""
REST = timedelta(seconds=60)
"""How long a source that asks for peace without saying how long is left alone."""


@dataclass(frozen=True, slots=True)
class Round:
    """How one collection of a source went."""

    asked: int
    failed: int
    """Questions whose failure speaks of the source, not of themselves."""
    reason: GapReason | None = None
    """Of the first such failure."""
    detail: str = ""
    retry_after: timedelta | None = None

    @property
    def good(self) -> bool:
        """A round is good while fewer than half of its questions fail for the source's sake."""
        return self.failed * 2 < self.asked or self.failed == 0


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """What the last rounds say about a source."""

    failures: int = 0
    """Failing rounds in a row."""
    successes: int = 0
    """Good rounds in a row."""
    down: bool = False
    since: datetime | None = None
    """First failing round of the present row."""
    shut_until: datetime | None = None
    """Not to be asked before this instant."""
    reason: GapReason | None = None
    detail: str = ""

    @property
    def condition(self) -> Condition:
        """Say it in the alert's words."""
        if self.down:
            return Condition.RECOVERING if self.successes else Condition.FIRING
        if self.failures:
            return Condition.PENDING
        return Condition.CLEAR if self.successes >= ROUNDS_TO_UP else Condition.UNKNOWN

    @property
    def ill(self) -> bool:
        """Whether its last round failed, or it is not known to be up again."""
        return self.down or self.failures > 0

    def admits(self, at: datetime) -> bool:
        """Tell whether it may be asked at `at`."""
        return self.shut_until is None or at >= self.shut_until


def after_round(standing: SourceStanding, round_: Round, at: datetime) -> SourceStanding:
    """Step the standing by one round.

    Down after three failing rounds, or at once when credentials are refused; then it is probed after 2 s, 4 s … 60 s
    (credentials: every 10 minutes). Up after two good rounds. A source that asks for peace sleeps as long as it says
    and counts as neither. All waits are real time.
    """
    if round_.good:
        return _good(standing)
    if round_.reason is GapReason.RATE_LIMITED:
        wait = min(round_.retry_after or REST, LONGEST_REST)
        return replace(standing, shut_until=at + wait, reason=round_.reason, detail=round_.detail)
    failures = standing.failures + 1
    auth = round_.reason is GapReason.AUTH
    down = standing.down or auth or failures >= ROUNDS_TO_DOWN
    return SourceStanding(
        failures=failures,
        down=down,
        since=standing.since or at,
        shut_until=_shut_until(at, _probe_wait(failures, auth=auth) if down else None, round_.retry_after),
        reason=round_.reason,
        detail=round_.detail,
    )


def _good(standing: SourceStanding) -> SourceStanding:
    successes = standing.successes + 1
    if standing.down and successes < ROUNDS_TO_UP:
        return replace(standing, successes=successes, failures=0, shut_until=None)
    return SourceStanding(successes=min(successes, ROUNDS_TO_UP))


def _shut_until(at: datetime, probe: timedelta | None, asked: timedelta | None) -> datetime | None:
    """The later of our own patience and what the source asked for; nothing when neither says to wait."""
    waits = [min(wait, LONGEST_REST) for wait in (probe, asked) if wait is not None]
    return at + max(waits) if waits else None


def _probe_wait(failures: int, *, auth: bool) -> timedelta:
    if auth:
        return AUTH_PROBE
    return min(FIRST_PROBE * (1 << max(min(failures, 12) - ROUNDS_TO_DOWN, 0)), LONGEST_PROBE)
