"""Notices that the wall clock moved by itself, by a clock that never jumps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.clock import Clock

JUMP = timedelta(seconds=30)
"""A wall clock that differs by this much from what went by has jumped; less is a correction that harms nobody."""
STEADY = timedelta(hours=1)
"""Real time after the last jump until the clock counts as steady again."""
_APART = 1.0
"""Seconds between the two readings of one look past which it says nothing: the process was stopped in between."""


@dataclass(frozen=True, slots=True)
class _Look:
    wall: datetime
    passed: float


class JumpWatch:
    """Compares the two clocks at every look. A machine that slept looks the same as a clock that was set: what was missed
    is missed in both cases. Used by one thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = self._look()
        self._jumped: float | None = None

    def jumped(self) -> timedelta | None:
        """Give by how much the wall clock jumped since the last look, negative when backwards; nothing when it did not."""
        now = self._look()
        if now is None:
            return None
        last, self._last = self._last, now
        if last is None:
            return None
        by = (now.wall - last.wall) - timedelta(seconds=now.passed - last.passed)
        if abs(by) < JUMP:
            return None
        self._jumped = now.passed
        return by

    def steadied(self) -> bool:
        """Tell, once, that the clock has been steady for `STEADY` since its last jump."""
        if self._jumped is None or self._clock.monotonic() - self._jumped < STEADY.total_seconds():
            return False
        self._jumped = None
        return True

    def unsteady(self) -> None:
        """Take it that the clock jumped just now: an earlier run said so, and nobody has said since that it is steady."""
        self._jumped = self._clock.monotonic()

    def _look(self) -> _Look | None:
        before = self._clock.monotonic()
        wall = self._clock.now()
        after = self._clock.monotonic()
        return _Look(wall, after) if after - before < _APART else None
