"""One transaction, made of the modules that each keep one noun: all of it is kept, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from collector.crash_points import Point, reached
from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Restatement, Sample, SampleState
from collector.ports.store import (
    Annotation,
    Current,
    Deed,
    Enrolment,
    Place,
    Pruned,
    Recorded,
    Removed,
    Segment,
)
from collector.ports.store import Transaction as Promise
from collector.store import annotations as annotation_rows
from collector.store import audit as audit_rows
from collector.store import baselines as baseline_rows
from collector.store import currents as current_rows
from collector.store import days as day_rows
from collector.store import definitions as definition_rows
from collector.store import evaluations as evaluation_rows
from collector.store import old_rows
from collector.store import restatements as restatement_rows
from collector.store import samples as sample_rows
from collector.store import segments as segment_rows
from collector.store.said import SqlSaid


class SqlTransaction(SqlSaid, Promise):
    """What `collector.ports.store.Transaction` promises, over one connection with an open transaction."""

    def __init__(self, connection: Connection, *, generation: int | None) -> None:
        self._connection = connection
        self.generation = generation

    # -- definitions
    def first_run(self, cycle: str, at: datetime) -> datetime:
        return definition_rows.first_run(self._connection, cycle, at)

    def first_runs(self) -> Mapping[str, datetime]:
        return definition_rows.first_runs(self._connection)

    def enrol(self, key_results: Sequence[KeyResult], at: datetime) -> Mapping[str, Enrolment]:
        enrolled = definition_rows.enrol(self._connection, key_results, at)
        reached(Point.ENROLLED)
        return enrolled

    def enrolments(self, key_results: Sequence[KeyResult] = ()) -> Mapping[str, Enrolment]:
        return definition_rows.enrolments(self._connection, key_results)

    def removed(self) -> Sequence[Removed]:
        return definition_rows.removed(self._connection)

    def everything(self) -> Sequence[Recorded]:
        return definition_rows.everything(self._connection)

    def segments(self, key_result: int) -> Sequence[Segment]:
        return segment_rows.of(self._connection, key_result)

    def end_segment(self, series: int, at: datetime, verdict: Evaluation | None) -> None:
        segment_rows.end(self._connection, series, at, verdict)

    def elsewhere(self, address: str, cycle: str) -> Mapping[str, Evaluation]:
        return definition_rows.elsewhere(self._connection, address, cycle)

    # -- what was read
    def recorded(self, slots: Collection[datetime]) -> set[tuple[datetime, int]]:
        return sample_rows.recorded(self._connection, slots)

    def add_samples(self, samples: Sequence[tuple[int, Sample]]) -> None:
        sample_rows.add(self._connection, samples)
        reached(Point.SAMPLES_ADDED)

    def add_gaps(self, gaps: Sequence[tuple[int, Gap]]) -> None:
        sample_rows.add_gaps(self._connection, gaps)
        reached(Point.GAPS_ADDED)

    def replace_samples(self, restatements: Sequence[tuple[int, Restatement]]) -> None:
        sample_rows.replace_all(self._connection, [(series, one.now) for series, one in restatements])
        restatement_rows.add(self._connection, restatements)

    def restatements(
        self, series: Collection[int], after: datetime, until: datetime
    ) -> Mapping[int, list[Restatement]]:
        return restatement_rows.between(self._connection, series, after, until)

    def set_state(self, series: int, slots: Collection[datetime], state: SampleState) -> None:
        sample_rows.set_state(self._connection, series, slots, state)

    def held(self, series: Collection[int]) -> Mapping[int, list[Sample]]:
        return sample_rows.held(self._connection, series)

    def prune(
        self, series: Collection[int], limit: int, until: datetime, after: Place | None = None
    ) -> Pruned:
        return old_rows.prune(self._connection, series, limit, until, after)

    def last_read(self) -> Mapping[str, datetime | None]:
        return old_rows.last_read(self._connection)

    def ended_series(self, cycles: Collection[str]) -> list[int]:
        return segment_rows.of_other_cycles(self._connection, cycles)

    def samples(
        self, series: Collection[int], after: datetime, until: datetime
    ) -> Mapping[int, list[Sample]]:
        return sample_rows.between(self._connection, series, after, until)

    def gaps(self, series: Collection[int], after: datetime, until: datetime) -> Mapping[int, list[Gap]]:
        return sample_rows.gaps_between(self._connection, series, after, until)

    def currents(self, series: Collection[int]) -> Mapping[int, Current]:
        return current_rows.of(self._connection, series)

    def put_currents(self, currents: Sequence[Current]) -> None:
        current_rows.put(self._connection, currents)
        reached(Point.CURRENTS_PUT)

    def days(self, series: Collection[int]) -> Mapping[int, list[Day]]:
        return day_rows.of(self._connection, series)

    def put_days(self, days: Sequence[tuple[int, Day]]) -> None:
        day_rows.put(self._connection, days)
        reached(Point.DAYS_PUT)

    def drop_days(self, days: Collection[tuple[int, int]]) -> None:
        day_rows.drop(self._connection, days)

    # -- what was judged
    def baselines(self, key_results: Collection[int]) -> Mapping[int, Baseline]:
        return baseline_rows.of(self._connection, key_results)

    def put_baselines(self, baselines: Sequence[tuple[int, Baseline]], at: datetime) -> None:
        baseline_rows.put(self._connection, baselines, at)

    def evaluations(self, key_results: Collection[int]) -> Mapping[int, Evaluation]:
        return evaluation_rows.latest(self._connection, key_results)

    def put_evaluations(self, evaluations: Sequence[tuple[int, Evaluation]]) -> None:
        evaluation_rows.put(self._connection, evaluations)
        reached(Point.EVALUATIONS_PUT)

    def evaluations_at(self, key_results: Collection[int], at: datetime) -> Mapping[int, Evaluation]:
        return evaluation_rows.last_until(self._connection, key_results, at)

    # -- what people did
    def annotate(self, annotation: Annotation) -> int:
        return annotation_rows.add(self._connection, annotation)

    def annotations(self, key_results: Collection[int], after: datetime, until: datetime) -> list[Annotation]:
        return annotation_rows.between(self._connection, key_results, after, until)

    def note_deed(self, deed: Deed) -> int:
        number = audit_rows.add(self._connection, deed)
        reached(Point.DEED_NOTED)
        return number

    def deeds(self, *, before: int | None = None, subject: str | None = None, limit: int = 100) -> list[Deed]:
        return audit_rows.newest(self._connection, before, subject, limit)
