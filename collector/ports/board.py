"""What the running daemon shows of itself: to probes, to Prometheus, and to whoever opens the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from collector.domain.alert import Alert
from collector.domain.announcement import Announcement
from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult, Objective
from collector.domain.outage import SourceStanding
from collector.domain.silence import Ack, Silence
from collector.ports.kept import Extent, Item, Wanted
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


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """Something that is wrong now, and what lies over it."""

    alert: Alert
    said: Announcement
    """The words of its newest change."""
    ack: Ack | None = None
    """Nothing when it was acknowledged at a lower severity, or in an earlier episode."""
    silence: Silence | None = None
    """The one whose end ends the silence; what concerns several teams is silenced when each of them has one."""
    inhibitor: Alert | None = None
    """The alert that speaks for it."""


@dataclass(frozen=True, slots=True)
class Changes:
    """A stretch of the changes of alerts, and what was kept when it was read."""

    items: Sequence[Item]
    extent: Extent | None
    """Nothing when no change is kept."""


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

    def disabled(self) -> Mapping[str, bool]:
        """Tell of each notifier of the files whether its address is gone, so that nothing is sent. Raises `StoreError`."""

    def open_alerts(self) -> Sequence[OpenAlert]:
        """Give what is wrong now, the most severe first and then the oldest. Raises `StoreError`."""

    def changes_after(self, seq: int, limit: int, wanted: Wanted) -> Changes:
        """Give wanted changes of alerts with a sequence number above `seq`, ascending. Raises `StoreError`."""

    def newest_changes(self, limit: int, before: int | None, wanted: Wanted) -> Sequence[Item]:
        """Give wanted changes with a sequence number below `before`, the newest first. Raises `StoreError`."""

    def teams(self) -> Collection[str]:
        """Name the teams, in the order of the files."""

    def page(self) -> str:
        """Give the public address of the page, without a slash at its end; empty where it has none."""

    def vitals(self) -> Vitals:
        """Give the daemon's own counts."""

    def now(self) -> datetime:
        """Give the instant of looking."""
