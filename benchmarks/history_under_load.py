"""Gives key results a past in the store: readings and day aggregates, as the daemon itself would have left them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from benchmarks.prometheus_under_load import Service
from collector.domain.days import Day
from collector.domain.okr import KeyResult
from collector.domain.sample import Sample
from collector.ports.store import Current, Store

NOISE = 0.05
"""Standard deviation of a reading, as a share of it."""
SLOTS = 96
"""Readings of a day that is only remembered as an aggregate."""
CLIMB = range(-28, 92)
"""Days over which a level comes down by a fifth."""


@dataclass(frozen=True, slots=True)
class Past:
    """What one series was like."""

    series: int
    key_result: KeyResult
    service: Service
    seed: int

    def readings(self, day: int, count: int) -> list[float]:
        """Give the readings of a day."""
        chance = random.Random(f"{self.seed}/{self.series}/{day}")
        way = min(max((day - CLIMB.start) / len(CLIMB), 0.0), 1.0)
        level = self.service.p95 * (1.2 - 0.2 * way)
        return [level * (1 + chance.gauss(0, NOISE)) for _ in range(count)]


def enrol(
    store: Store, key_results: Mapping[str, KeyResult], services: Sequence[Service], at: datetime, seed: int
) -> list[Past]:
    """Make the key results, one a service, known to the store."""
    with store.write() as tx:
        enrolments = tx.enrol(list(key_results.values()), at)
    return [
        Past(enrolments[key].series, key_result, service, seed)
        for (key, key_result), service in zip(key_results.items(), services, strict=True)
    ]


def add_days(store: Store, pasts: Sequence[Past], days: range) -> None:
    """Give each series closed days whose samples are past their retention."""
    with store.write() as tx:
        for past in pasts:
            closes = past.key_result.cycle.grid.starts
            tx.put_days(
                [
                    (past.series, _day(day, past.readings(day, SLOTS), closes(day + 1), closed=True))
                    for day in days
                ]
            )
        opens = [past.key_result.cycle.grid.starts(days.start) for past in pasts]
        tx.put_currents(
            [
                Current(past.series, first_slot=at, first_value=past.service.p95)
                for past, at in zip(pasts, opens, strict=True)
            ]
        )


def add_slots(store: Store, pasts: Sequence[Past], slots: Sequence[datetime], *, closed: bool) -> None:
    """Give each series a sample at each of `slots`, which ascend and lie in one day, and the day's aggregate, `closed`
    or open. The series stands at the last of them then.
    """
    day = pasts[0].key_result.cycle.day_of_until(slots[0])
    with store.write() as tx:
        tx.add_samples(list(_samples(pasts, day, slots)))
        read = {past.series: past.readings(day, len(slots)) for past in pasts}
        tx.put_days(
            [(series, _day(day, values, slots[-1], closed=closed)) for series, values in read.items()]
        )
        known = tx.currents(list(read))
        tx.put_currents([_at(known[series], slots[-1], values[-1]) for series, values in read.items()])


def _samples(pasts: Sequence[Past], day: int, slots: Sequence[datetime]) -> Iterator[tuple[int, Sample]]:
    read = [past.readings(day, len(slots)) for past in pasts]
    for number, slot in enumerate(slots):
        for past, values in zip(pasts, read, strict=True):
            evidence = {"query": past.service.query, "time": str(int(slot.timestamp()))}
            yield past.series, Sample(slot, values[number], slot, slot, evidence=evidence)


def _day(day: int, values: Sequence[float], last: datetime, *, closed: bool) -> Day:
    middle = median(values) if closed else None
    return Day(day, len(values), middle, min(values), max(values), values[-1], last)


def _at(known: Current, slot: datetime, value: float) -> Current:
    return replace(known, attempted=slot, succeeded=slot, covered=slot, slot=slot, as_of=slot, value=value)
