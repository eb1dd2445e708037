"""Gathers what a pass over the past reads, so that many key results are judged together: in batches a verdict costs a tenth."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from collector.services.ask import Found

LONGEST = 1.0
"""Seconds that something read waits for more at most, while its source answers."""
MOST = 20_000
"""Readings that wait at most."""


class Readings(Protocol):
    """What one question about the past gave."""

    @property
    def findings(self) -> Sequence[Found]:
        """Its readings and gaps."""


Part = TypeVar("Part", bound=Readings)


class Batch(Generic[Part]):
    """What one pass read and has not handed on yet: at its end, however it ends, the rest is. Belongs to one thread."""

    def __init__(self, keep: Callable[[list[Part]], None]) -> None:
        """`keep` is given the parts in their order, once a second or so; it returns when they are kept."""
        self._keep = keep
        self._parts: list[Part] = []
        self._readings = 0
        self._kept = time.monotonic()

    def __enter__(self) -> Batch[Part]:
        return self

    def __exit__(self, *_how: object) -> None:
        self.flush()

    def add(self, part: Part) -> None:
        """Take a part, and hand everything on when it has waited long enough."""
        self._parts.append(part)
        self._readings += len(part.findings)
        if self._readings >= MOST or time.monotonic() - self._kept >= LONGEST:
            self.flush()

    def flush(self) -> None:
        """Hand on what waits."""
        if self._parts:
            self._keep(self._parts)
        self._parts, self._readings = [], 0
        self._kept = time.monotonic()
