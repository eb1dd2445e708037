"""What the running daemon shows of itself: to probes, to Prometheus, and to whoever opens the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult, Objective
from collector.domain.outage import SourceStanding
from collector.ports.store import LetterState, Removed


@dataclass(frozen=True, slots=True)
class Vitals:
    """Counts since the daemon started, and its present state. Times are aware, UTC; durations are seconds."""

    started: datetime
    readings: int = 0
    healed: int = 0
    gaps: Mapping[str, int] = field(default_factory=dict)
    """By `GapReason`."""
    missed: int = 0
    """Slots that were due and not asked for, because an older one was still being read."""
    rounds: Mapping[str, int] = field(default_factory=dict)
    """Collections by source."""
    collect_seconds: Mapping[str, float] = field(default_factory=dict)
    """Time spent collecting, by source."""
    transactions: int = 0
    write_seconds: float = 0.0
    last_kept: datetime | None = None
    """When a transaction last succeeded."""
    store_trouble: str = ""
    """Why writing fails at present; nothing when it works."""
    waiting: int = 0
    """Pieces of work the writer has not taken yet."""
    transitions: Mapping[str, int] = field(default_factory=dict)
    """Alert changes by `kind:state`."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """Sendings by `notifier:result`."""
    files_accepted: bool = True
    """Whether what runs is what the files said when they were last read."""
    files_since: datetime | None = None
    """When the files that run were read."""
    clock_jumps: int = 0
    """How often the wall clock moved by itself."""
    pruned: int = 0
    """Samples and gaps of cycles long over that were deleted."""


class Board(Protocol):
    """The daemon as seen from outside. Thread-safe, never blocks on a source."""

    def ready(self) -> Sequence[str]:
        """Give the reasons why the daemon is not ready; empty when it is."""

    def verdicts(self) -> Sequence[tuple[KeyResult, Evaluation | None]]:
        """Give every key result with its verdict at this instant."""

    def unexplained(self) -> Mapping[str, str]:
        """Give what was edited without a reason (`measure`, `promise`, or both), by `cycle:address`."""

    def removed(self) -> Sequence[Removed]:
        """Give the key results that vanished from the files without a reason. Raises `StoreError`."""

    def objectives(self) -> Mapping[str, Objective]:
        """Give the objectives by `cycle:address`."""

    def sources(self) -> Mapping[str, SourceStanding]:
        """Give how each source stands."""

    def outbox(self) -> Mapping[str, Mapping[LetterState, int]]:
        """Count letters by notifier and state."""

    def vitals(self) -> Vitals:
        """Give the daemon's own counts."""

    def now(self) -> datetime:
        """Give the instant of looking."""
