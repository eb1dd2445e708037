"""Counts what the daemon does, from all its threads."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime

from collector.domain.alert import Transition
from collector.domain.sample import Gap, Origin, Sample
from collector.ports.board import Vitals
from collector.services.ask import Found


class Tally:
    """Thread-safe counters, given out as `Vitals`."""

    def __init__(self, started: datetime) -> None:
        self._lock = threading.Lock()
        self._started = started
        self._readings = self._healed = self._missed = self._transactions = 0
        self._gaps: Counter[str] = Counter()
        self._rounds: Counter[str] = Counter()
        self._collect_seconds: Counter[str] = Counter()
        self._transitions: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._write_seconds = 0.0
        self._last_kept: datetime | None = None
        self._trouble = ""
        self._files_accepted, self._files_since = True, started
        self._clock_jumps = self._pruned = 0

    def found(self, findings: list[Found]) -> None:
        """Count samples and gaps that were kept."""
        with self._lock:
            for found in findings:
                match found.left:
                    case Sample(origin=Origin.HEALED):
                        self._healed += 1
                    case Sample():
                        self._readings += 1
                    case Gap(reason=reason):
                        self._gaps[reason.value] += 1

    def missed(self, slots: int) -> None:
        """Count slots that were passed over."""
        with self._lock:
            self._missed += slots

    def collected(self, source: str, seconds: float) -> None:
        """Count one collection of a source."""
        with self._lock:
            self._rounds[source] += 1
            self._collect_seconds[source] += int(seconds * 1e6)

    def kept(self, at: datetime, seconds: float, transitions: list[Transition]) -> None:
        """Count one successful transaction."""
        with self._lock:
            self._transactions += 1
            self._write_seconds += seconds
            self._last_kept, self._trouble = at, ""
            for one in transitions:
                self._transitions[f"{one.alert.kind.value}:{one.alert.state.value}"] += 1

    def files_read(self, at: datetime, *, accepted: bool) -> None:
        """Note whether the files as they are now run."""
        with self._lock:
            self._files_accepted = accepted
            self._files_since = at if accepted else self._files_since

    def jumped(self) -> None:
        """Count one jump of the wall clock."""
        with self._lock:
            self._clock_jumps += 1

    def pruned(self, rows: int) -> None:
        """Count rows that were deleted because their cycle is long over."""
        with self._lock:
            self._pruned += rows

    def refused(self, trouble: str) -> bool:
        """Note that writing failed; tells whether that is news."""
        with self._lock:
            news = not self._trouble
            self._trouble = trouble
            return news

    def sent(self, notifier: str, result: str) -> None:
        """Count one sending."""
        with self._lock:
            self._sent[f"{notifier}:{result}"] += 1

    def vitals(self, waiting: int) -> Vitals:
        """Give the counts as they are now."""
        with self._lock:
            return Vitals(
                started=self._started,
                readings=self._readings,
                healed=self._healed,
                gaps=dict(self._gaps),
                missed=self._missed,
                rounds=dict(self._rounds),
                collect_seconds={name: micros / 1e6 for name, micros in self._collect_seconds.items()},
                transactions=self._transactions,
                write_seconds=self._write_seconds,
                last_kept=self._last_kept,
                store_trouble=self._trouble,
                waiting=waiting,
                transitions=dict(self._transitions),
                sent=dict(self._sent),
                files_accepted=self._files_accepted,
                files_since=self._files_since,
                clock_jumps=self._clock_jumps,
                pruned=self._pruned,
            )
