"""Reads what is kept in portions, and gives it row by row with the names of the files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, assert_never

from collector.cli import export_line as line
from collector.cli.audit_sheet import document_of
from collector.cli.export import What
from collector.cli.recorded import Held
from collector.domain.evaluation import Evaluation
from collector.ports.store import Store, Transaction

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
PORTION = 1000
"""Slots, or lines, that are read at once."""
WEEK, LONG_AGO = timedelta(days=7), 500
"""A portion of slots, and the days they go back, where the files no longer tell how often a key result was read."""
TICK = timedelta(milliseconds=1)
"""The grain of the store's times."""

_OF = ("address", "cycle")
_SERIES = (*_OF, "role", "segment", "unit", "by_hand")
_VERDICT = (
    "status", "health", "day", "days", "baseline", "baseline_kind", "provisional", "target", "current", "level",
    "level_days", "progress", "expected", "weeks_ahead", "spent", "exceeded", "score", "first_score", "by_hand", "segment",
    "needed_per_week", "last_reachable", "coverage", "frozen_since", "attempted", "succeeded", "as_of", "trouble", "reasons",
    "budget", "sampling", "guardrails", "held", "forecast", "sentence",
)  # fmt: skip
COLUMNS: Mapping[What, tuple[str, ...]] = {
    What.SAMPLES: (*_SERIES, "slot", "value", "num", "den", "state", "origin", "as_of", "recorded_at", "evidence"),
    What.GAPS: (*_SERIES, "slot", "reason", "detail"),
    What.DAYS: (
        *_SERIES, "day", "starts", "n", "value", "low", "high", "last", "last_slot", "num", "den", "inside",
    ),
    What.VERDICTS: (*_OF, "at", *_VERDICT),
    What.TRANSITIONS: ("seq", "event", "at", "kind", "subject", "was", "state", "episode", "step", "why"),
    What.RESTATEMENTS: (*_SERIES, "slot", "was", "now", "was_recorded_at", "was_origin", "at", "why"),
    What.ANNOTATIONS: (*_OF, "id", "at", "text", "author", "recorded_at"),
    What.AUDIT: ("id", "at", "actor", "action", "subject", "detail"),
}  # fmt: skip

Row = dict[str, Any]
Bounds = Mapping[str, tuple[datetime | None, datetime | None]]


@dataclass(frozen=True, slots=True)
class _Series:
    of: Held
    role: str
    segment: int
    number: int

    @property
    def facts(self) -> Row:
        named = {**self.of.named, "role": self.role, "segment": self.segment}
        return {**named, **self.of.measured(self.role)}


class Rows:
    """The rows of some key results, each from its own start to its own end; of `everything`, also what concerns none."""

    def __init__(
        self, store: Store, chosen: Sequence[Held], bounds: Bounds, at: datetime, *, everything: bool
    ) -> None:
        """Name what is to be read; nothing is read yet."""
        self.store, self.chosen, self.bounds, self.at, self.everything = store, chosen, bounds, at, everything

    def of(self, what: What) -> Iterator[Row]:
        """Give the rows of one kind, ascending, but the audit log newest first."""
        match what:
            case What.SAMPLES:
                return self._slots(
                    lambda tx, one, after, until: map(line.sample, tx.samples([one], after, until)[one])
                )
            case What.GAPS:
                return self._slots(
                    lambda tx, one, after, until: map(line.gap, tx.gaps([one], after, until)[one])
                )
            case What.RESTATEMENTS:
                return self._restatements()
            case What.DAYS:
                return self._days()
            case What.VERDICTS:
                return self._verdicts()
            case What.ANNOTATIONS:
                return self._annotations()
            case What.TRANSITIONS:
                return self._transitions()
            case What.AUDIT:
                return self._audit()
            case never:
                assert_never(never)

    def _slots(self, read: Any) -> Iterator[Row]:
        for one in self._series():
            for after, until in self._portions(one):
                with self.store.read() as tx:
                    rows = list(read(tx, one.number, after, until))
                for row in rows:
                    yield {**one.facts, **row}

    def _restatements(self) -> Iterator[Row]:
        for one in self._series():
            after, until = self._bounds(one.of)
            with self.store.read() as tx:
                found = tx.restatements([one.number], after, until)[one.number]
            yield from ({**one.facts, **line.restatement(restated)} for restated in found)

    def _days(self) -> Iterator[Row]:
        for one in self._series():
            after, until = self._bounds(one.of)
            with self.store.read() as tx:
                days = tx.days([one.number])[one.number]
            for day in days:
                starts = one.of.cycle.grid.starts(day.day) if one.of.cycle is not None else None
                # the day that begins where the stretch ends is not in it
                if after < (starts + TICK if starts is not None else day.last_slot) <= until:
                    yield {**one.facts, **line.day(day, starts)}

    def _verdicts(self) -> Iterator[Row]:
        for one in self.chosen:
            with self.store.read() as tx:
                found = list(_last_first(tx, one.recorded.key_result, *self._bounds(one)))
            for verdict in reversed(found):
                yield {**one.named, **verdict.document()}

    def _annotations(self) -> Iterator[Row]:
        for one in self.chosen:
            with self.store.read() as tx:
                found = tx.annotations([one.recorded.key_result], *self._bounds(one))
            yield from ({**one.named, **line.annotation(said)} for said in found)

    def _transitions(self) -> Iterator[Row]:
        last = 0
        while True:
            with self.store.read() as tx:
                portion = tx.transitions(last, PORTION)
            for item in portion:
                if self._concerns(item.transition.alert.subject, item.transition.at):
                    yield line.transition(item.seq, item.transition)
            if not portion:
                return
            last = portion[-1].seq

    def _audit(self) -> Iterator[Row]:
        before: int | None = None
        while True:
            with self.store.read() as tx:
                portion = tx.deeds(before=before, limit=PORTION)
            yield from (document_of(deed) for deed in portion if self._concerns(deed.subject, deed.at))
            if not portion:
                return
            before = portion[-1].id

    def _concerns(self, subject: str, at: datetime) -> bool:
        """Tell whether a line about `subject` belongs to what was asked for; the bounds of other subjects are the first's."""
        bounds = self.bounds.get(subject)
        if bounds is None:
            if not self.everything:
                return False
            bounds = next(iter(self.bounds.values()), (None, None))
        after, until = bounds
        return (after is None or at > after) and (until is None or at <= until)

    def _series(self) -> Iterator[_Series]:
        """Give the series of every role, and those of what each measured before."""
        return (
            _Series(one, strand.role, strand.segment, strand.series)
            for one in self.chosen
            for strand in one.recorded.strands
        )

    def _bounds(self, one: Held) -> tuple[datetime, datetime]:
        """Give the stretch in the store's way: after < slot <= until."""
        after, until = self.bounds[one.key]
        return after or EARLIEST, until or LATEST

    def _portions(self, one: _Series) -> Iterator[tuple[datetime, datetime]]:
        """Cut a stretch into portions of so many slots; before the first slot and after the last there is nothing to cut."""
        after, last = self._bounds(one.of)
        first, end, length = self._slots_of(one)
        cuts = [after]
        begin = max(after, first)
        while begin < min(last, end):
            cuts.append(begin)
            begin += length
        cuts.append(last)
        return ((start, stop) for start, stop in pairwise(cuts) if start < stop)

    def _slots_of(self, one: _Series) -> tuple[datetime, datetime, timedelta]:
        """Give between which instants slots may be expected, and how long a portion of them is."""
        cycle, key_result = one.of.cycle, one.of.key_result
        if cycle is None:
            removed = one.of.recorded.removed or self.at
            return removed - timedelta(days=LONG_AGO), removed, WEEK
        binding = key_result.bindings.get(one.role) if key_result is not None else None
        portion = binding.cadence(cycle).nominal(cycle.starts) * PORTION if binding else WEEK
        length = cycle.grid.length
        return cycle.starts - 100 * length, max(self.at, cycle.ends) + length, portion


def _last_first(tx: Transaction, key_result: int, after: datetime, until: datetime) -> Iterator[Evaluation]:
    while (found := tx.evaluations_at([key_result], until).get(key_result)) is not None and found.at > after:
        yield found
        until = found.at.replace(microsecond=found.at.microsecond // 1000 * 1000) - TICK
