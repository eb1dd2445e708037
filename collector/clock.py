"""The one place where krd reads the wall clock. Everything else takes `at` as an argument (DESIGN §1, law 3)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Give the current instant, aware, UTC."""

    def monotonic(self) -> float:
        """Give seconds of a clock that never jumps; only differences mean something."""


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the current instant, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds of a clock that never jumps."""
        return time.monotonic()


class SetClock:
    """A clock that stands still until a test or a replay moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Give the instant last set."""
        return self._at

    def monotonic(self) -> float:
        """Give seconds that move with the set instant."""
        return self._at.timestamp()

    def set(self, at: datetime) -> None:
        """Move to `at`, forwards or backwards."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Move forwards by `by`."""
        self._at += by
