"""The promise of the place where everything is kept: what was read, what was judged, what is to be said.

One store is shared by the daemon, the command line and the web. All writes of one piece of work happen in one
transaction (`Store.write`): either everything in it is kept, or nothing, also when the process is killed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.okr import MAIN, KeyResult
from collector.domain.sample import Gap, Restatement, Sample, SampleState
from collector.ports.kept import (
    Annotation,
    Bundle,
    Current,
    Deed,
    Disabled,
    Early,
    Enrolment,
    Extent,
    Item,
    Letter,
    LetterState,
    Place,
    Posting,
    Pruned,
    Recorded,
    Removed,
    Segment,
    Strand,
    Wanted,
)
from collector.ports.said import EVERYTHING, Said

__all__ = [
    "EVERYTHING",
    "MAIN",
    "Annotation",
    "Bundle",
    "Current",
    "Deed",
    "Disabled",
    "Early",
    "Enrolment",
    "Extent",
    "Item",
    "Letter",
    "LetterState",
    "Place",
    "Posting",
    "Pruned",
    "Recorded",
    "Removed",
    "Segment",
    "Store",
    "Strand",
    "Transaction",
    "Wanted",
]


class Transaction(Said, Protocol):
    """Everything that can be asked and changed inside one transaction. Times are aware, UTC."""

    generation: int | None
    """Another number whenever somebody past this open store has committed: whoever remembers what was stored forgets it
    when this is no longer the number that it was read at. Nothing in a transaction that only reads: what it sees is new.
    """

    # -- definitions
    def first_run(self, cycle: str, at: datetime) -> datetime:
        """Give the stored first start of a cycle that `starts: first run`; store `at` (whole seconds) if there is none."""

    def first_runs(self) -> Mapping[str, datetime]:
        """Give all stored first starts by cycle."""

    def enrol(self, key_results: Sequence[KeyResult], at: datetime) -> Mapping[str, Enrolment]:
        """Make sure that each key result has a row, a definition in its newest revision and a series, keyed
        `cycle:address`. A changed measure begins a new segment. Key results that the files no longer hold are marked
        as removed, not deleted; ones that came back are live again.
        """

    def enrolments(self, key_results: Sequence[KeyResult] = ()) -> Mapping[str, Enrolment]:
        """Give what `enrol` last made, keyed `cycle:address`; writes nothing. Of `key_results` it also tells what became
        of their definitions.
        """

    def removed(self) -> Sequence[Removed]:
        """Give the key results that vanished from the files, oldest first; not those that were retired, or over."""

    def everything(self) -> Sequence[Recorded]:
        """Give every key result there ever was with all of its series, in the order they were first seen."""

    def segments(self, key_result: int) -> Sequence[Segment]:
        """Give the segments of a key result's main series, the first one first."""

    def end_segment(self, series: int, at: datetime, verdict: Evaluation | None) -> None:
        """Freeze a segment with its last verdict."""

    def elsewhere(self, address: str, cycle: str) -> Mapping[str, Evaluation]:
        """Give the latest verdicts of the key results of the same address in other cycles, by cycle."""

    # -- what was read
    def recorded(self, slots: Collection[datetime]) -> set[tuple[datetime, int]]:
        """Give the (slot, series) pairs that already have a sample at these slots."""

    def add_samples(self, samples: Sequence[tuple[int, Sample]]) -> None:
        """Keep samples; a slot that has one keeps the first. A gap at the same slot goes away."""

    def add_gaps(self, gaps: Sequence[tuple[int, Gap]]) -> None:
        """Keep gaps; a slot that has a sample gets none, a slot that has a gap gets the newer reason."""

    def replace_samples(self, restatements: Sequence[tuple[int, Restatement]]) -> None:
        """Put numbers in the place of others, and keep what was replaced with both times."""

    def restatements(
        self, series: Collection[int], after: datetime, until: datetime
    ) -> Mapping[int, list[Restatement]]:
        """Give what was replaced at slots with after < slot <= until, in the order of replacing; every asked series has
        an entry.
        """

    def set_state(self, series: int, slots: Collection[datetime], state: SampleState) -> None:
        """Use, hold or discard samples that are there."""

    def held(self, series: Collection[int]) -> Mapping[int, list[Sample]]:
        """Give the samples that are held, ascending; every asked series has an entry."""

    def prune(
        self, series: Collection[int], limit: int, until: datetime, after: Place | None = None
    ) -> Pruned:
        """Delete at most `limit` samples or gaps of these series with slot <= until, going on from where the last call
        came to. Looks at a bounded number of rows. Days stay for ever.
        """

    def last_read(self) -> Mapping[str, datetime | None]:
        """Give every cycle of the store with the last slot that any of its series has an outcome at."""

    def ended_series(self, cycles: Collection[str]) -> list[int]:
        """Give the series of the key results of all cycles but these."""

    def samples(
        self, series: Collection[int], after: datetime, until: datetime
    ) -> Mapping[int, list[Sample]]:
        """Give samples with after < slot <= until, ascending; every asked series has an entry."""

    def gaps(self, series: Collection[int], after: datetime, until: datetime) -> Mapping[int, list[Gap]]:
        """Give gaps with after < slot <= until, ascending; every asked series has an entry."""

    def currents(self, series: Collection[int]) -> Mapping[int, Current]:
        """Give the newest facts; a series never asked for has an entry with nothing in it."""

    def put_currents(self, currents: Sequence[Current]) -> None:
        """Replace the newest facts."""

    def days(self, series: Collection[int]) -> Mapping[int, list[Day]]:
        """Give the days that hold a reading, ascending; every asked series has an entry."""

    def put_days(self, days: Sequence[tuple[int, Day]]) -> None:
        """Replace days."""

    def drop_days(self, days: Collection[tuple[int, int]]) -> None:
        """Forget (series, day) pairs that hold no used reading any more."""

    # -- what was judged
    def baselines(self, key_results: Collection[int]) -> Mapping[int, Baseline]:
        """Give the baselines known so far."""

    def put_baselines(self, baselines: Sequence[tuple[int, Baseline]], at: datetime) -> None:
        """Replace baselines."""

    def evaluations(self, key_results: Collection[int]) -> Mapping[int, Evaluation]:
        """Give the latest evaluations known."""

    def put_evaluations(self, evaluations: Sequence[tuple[int, Evaluation]]) -> None:
        """Replace the latest evaluations, and keep each as the one of its `day` (the last of a day stays)."""

    def evaluations_at(self, key_results: Collection[int], at: datetime) -> Mapping[int, Evaluation]:
        """Give the last kept evaluation of each that is not later than `at`."""

    # -- what people did
    def annotate(self, annotation: Annotation) -> int:
        """Keep an annotation, and give its number."""

    def annotations(self, key_results: Collection[int], after: datetime, until: datetime) -> list[Annotation]:
        """Give annotations of these key results with after < at <= until, ascending."""

    def note_deed(self, deed: Deed) -> int:
        """Write a line into the audit log, and give its number. Lines are never changed or deleted."""

    def deeds(self, *, before: int | None = None, subject: str | None = None, limit: int = 100) -> list[Deed]:
        """Give lines of the audit log with a number below `before`, the newest first."""


class Store(Protocol):
    """An open store."""

    def read(self) -> AbstractContextManager[Transaction]:
        """Open a transaction that sees one consistent state and changes nothing."""

    def write(self) -> AbstractContextManager[Transaction]:
        """Open the writing transaction; it commits at the end of the block, or rolls back whole when that raises.

        Waits for other writers up to the store's own limit, then raises `StoreError`. A full disk, a read-only file and a
        damaged database raise `StoreError` that says so.
        """

    def close(self) -> None:
        """Give back connections. Safe to call twice."""
