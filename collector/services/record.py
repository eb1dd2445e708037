"""Writes down what was found: samples, gaps, the newest facts, and the day each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.days import Day, close_day
from collector.domain.okr import MAIN
from collector.domain.sample import Gap, Origin, Sample
from collector.domain.shape import Keep
from collector.domain.span import Span
from collector.ports.store import Current, Transaction
from collector.services.ask import Found
from collector.services.derive import computed_of, derive
from collector.services.ledger import Account, Ledger
from collector.services.recent import note_recent

TICK = timedelta(microseconds=1)
TOGETHER = 100
"""Series read at once when days close: few questions to the store, and few samples in memory."""


def record(ledger: Ledger, tx: Transaction, findings: Sequence[Found]) -> list[Account]:
    """Record live findings inside `tx`, and what is computed of them; whoever records a slot twice records it once. Gives
    the accounts touched.
    """
    touched = _record(ledger, tx, findings)
    for whole, slots in computed_of(_slots_touched(ledger, findings)):
        at = max(found.at for found in findings)
        touched += record(ledger, tx, derive(tx, whole, slots, at, Origin.LIVE))
    return touched


def _slots_touched(ledger: Ledger, findings: Sequence[Found]) -> Iterator[tuple[Account, datetime]]:
    for found in findings:
        if (account := ledger.accounts.get(found.due.series)) is not None:
            yield account, found.due.slot


def _record(ledger: Ledger, tx: Transaction, findings: Sequence[Found]) -> list[Account]:
    known = [found for found in findings if found.due.series in ledger.accounts]
    taken = tx.recorded({found.due.slot for found in known if isinstance(found.left, Sample)})
    samples: list[tuple[int, Sample]] = []
    gaps: list[tuple[int, Gap]] = []
    days: dict[tuple[int, int], Day] = {}
    numbers = _Numbers()
    for found in known:
        account = ledger.accounts[found.due.series]
        series = found.due.series
        if isinstance(found.left, Gap):
            gaps.append((series, found.left))
            account.current = _with_gap(account, found.left, found.at, asked=found.asked)
            continue
        if (found.due.slot, series) not in taken:
            samples.append((series, found.left))
            taken.add((found.due.slot, series))
            day = _with_sample(account, found.left, numbers.of(account, found.left.slot))
            days[series, day.day] = day
            note_recent(account, found.left)
        account.current = _with_reading(account.current, found.left, found.at)
    touched = ledger.of(found.due.series for found in known)
    tx.add_samples(samples)
    tx.add_gaps(gaps)
    tx.put_days([(series, day) for (series, _), day in days.items()])
    tx.put_currents([account.current for account in touched])
    return touched


def record_healed(
    ledger: Ledger, tx: Transaction, series: int, findings: Sequence[Found], through: datetime, at: datetime
) -> list[Account]:
    """Record findings of the past inside `tx`; slots up to `through` need not be asked for again. Each day touched is
    computed anew from its samples.
    """
    account = ledger.accounts.get(series)
    if account is None:
        return []
    samples = [found.left for found in findings if isinstance(found.left, Sample)]
    gaps = [found.left for found in findings if isinstance(found.left, Gap)]
    for sample in samples:
        account.current = _with_past_reading(account.current, sample, at)
    tx.add_samples([(series, sample) for sample in samples])
    # what lies before the first reading ever, or before the cycle, was not missed: the source had not begun
    began = max(account.key_result.cycle.starts, account.current.first_slot or through)
    tx.add_gaps([(series, gap) for gap in gaps if gap.slot > began])
    account.current = _healed_through(account.current, through)
    touched = sorted({day_of(account, sample.slot) for sample in samples})
    tx.put_days(recompute_days(tx, [(account, touched)]))
    tx.put_currents([account.current])
    account.changed = account.changed or bool(touched)
    account.recent = None
    derived = [
        _record_derived(tx, whole, derive(tx, whole, slots, at, Origin.HEALED), at)
        for whole, slots in computed_of((account, found.due.slot) for found in findings)
    ]
    return [account, *derived]


def _record_derived(tx: Transaction, account: Account, findings: Sequence[Found], at: datetime) -> Account:
    """Record what is computed of healed operands; what waits for another operand is healed with that one."""
    samples = [found.left for found in findings if isinstance(found.left, Sample)]
    for sample in samples:
        account.current = _with_past_reading(account.current, sample, at)
    for found in findings:
        account.current = replace(account.current, covered=_later(account.current.covered, found.due.slot))
    began = max(account.key_result.cycle.starts, account.current.first_slot or at)
    tx.add_samples([(account.series, sample) for sample in samples])
    gaps = [found.left for found in findings if isinstance(found.left, Gap)]
    tx.add_gaps([(account.series, gap) for gap in gaps if gap.slot > began])
    days = sorted({day_of(account, sample.slot) for sample in samples})
    tx.put_days(recompute_days(tx, [(account, days)]))
    tx.put_currents([account.current])
    account.changed, account.recent = True, None
    return account


def day_of(account: Account, slot: datetime) -> int:
    """Number the day to which the reading of a slot belongs: the one that holds the instant just before its `until`."""
    cycle = account.key_result.cycle
    return cycle.day_of_until(account.binding.until(cycle, slot))


def recompute_days(tx: Transaction, wanted: Sequence[tuple[Account, Sequence[int]]]) -> list[tuple[int, Day]]:
    """Aggregate whole days (ascending) of accounts from their samples, remember them, and give them by series. Also gives
    a day its value when it closes. Accounts that want the same stretch are read together.
    """
    stretches: dict[tuple[datetime, datetime], list[tuple[Account, Sequence[int]]]] = {}
    for account, days in wanted:
        if days:
            stretches.setdefault(_slots_of(account, days), []).append((account, days))
    made: list[tuple[int, Day]] = []
    numbers = _Numbers()
    for (after, until), group in stretches.items():
        for start in range(0, len(group), TOGETHER):
            together = group[start : start + TOGETHER]
            samples = tx.samples([account.series for account, _ in together], after, until)
            for account, days in together:
                series = account.series
                made += [(series, day) for day in _aggregated(account, days, samples[series], numbers)]
    return made


def _slots_of(account: Account, days: Sequence[int]) -> tuple[datetime, datetime]:
    """Give the stretch that holds all slots whose readings belong to these days, and a little more."""
    cycle = account.key_result.cycle
    maturing = cycle.nominal(account.binding.matures)
    margin = cycle.grid.length if account.binding.matures else timedelta(0)
    return cycle.grid.starts(days[0]) + maturing - margin, cycle.grid.starts(days[-1] + 1) + maturing + margin


def _aggregated(
    account: Account, days: Sequence[int], samples: Sequence[Sample], numbers: _Numbers
) -> list[Day]:
    by_day: dict[int, list[Sample]] = {day: [] for day in days}
    for sample in samples:
        number = numbers.of(account, sample.slot)
        if number in by_day:
            by_day[number].append(sample)
    made = [
        day
        for number, members in by_day.items()
        if (day := close_day(account.binding, number, members, band_of(account))) is not None
    ]
    for day in made:
        account.put_day(day)
    return made


class _Numbers:
    """The days of slots, once for all accounts that share a cycle."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, Span, datetime], int] = {}

    def of(self, account: Account, slot: datetime) -> int:
        """Number the day to which the reading of a slot belongs."""
        key = (id(account.key_result.cycle), account.binding.matures, slot)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = day_of(account, slot)
        return number


def _with_sample(account: Account, sample: Sample, number: int) -> Day:
    """Add a sample to its day. A day that was closed is left for `recompute_days`, since its value may move."""
    day = account.day(number)
    newest = day is None or sample.slot > day.last_slot
    band = band_of(account)
    inside = None if band is None else band.holds(sample.value) + (day.inside or 0 if day else 0)
    added = Day(
        day=number,
        n=1 + (day.n if day else 0),
        value=None,
        low=min(sample.value, day.low) if day else sample.value,
        high=max(sample.value, day.high) if day else sample.value,
        last=sample.value if day is None or newest else day.last,
        last_slot=sample.slot if day is None or newest else day.last_slot,
        num=_sum(sample.num, day.num if day else None),
        den=_sum(sample.den, day.den if day else None),
        inside=inside,
    )
    account.put_day(added)
    if day is not None and day.value is not None:
        account.changed = True
    return added


def band_of(account: Account) -> Keep | None:
    """Give the band in which the readings of a series are counted: that of a keep, for its own series."""
    shape = account.key_result.shape
    return shape if isinstance(shape, Keep) and account.role == MAIN else None


def _sum(new: float | None, old: float | None) -> float | None:
    return None if new is None else new + (old or 0.0)


def _with_reading(current: Current, sample: Sample, at: datetime) -> Current:
    newest: Sample | Current = current
    if current.slot is None or sample.slot >= current.slot:
        newest = sample
    oldest = current.first_slot is None or sample.slot < current.first_slot
    return Current(
        series=current.series,
        attempted=at,
        succeeded=at,
        covered=_later(current.covered, sample.slot),
        slot=newest.slot,
        as_of=newest.as_of,
        value=newest.value,
        num=newest.num,
        den=newest.den,
        first_slot=sample.slot if oldest else current.first_slot,
        first_value=sample.value if oldest else current.first_value,
        heal_since=current.heal_since,
        heal_until=current.heal_until,
    )


def _with_past_reading(current: Current, sample: Sample, at: datetime) -> Current:
    """A healed reading may be the newest or oldest one known; of the newest slot it ends a failure."""
    if current.covered is not None and sample.slot >= current.covered:
        current = replace(current, attempted=at, succeeded=at, failing=None, detail="")
    if current.slot is None or sample.slot > current.slot:
        current = replace(
            current, slot=sample.slot, as_of=sample.as_of, value=sample.value, num=sample.num, den=sample.den
        )
    if current.first_slot is None or sample.slot < current.first_slot:
        current = replace(current, first_slot=sample.slot, first_value=sample.value)
    return current


def _with_gap(account: Account, gap: Gap, at: datetime, *, asked: bool) -> Current:
    current = account.current
    moved = replace(
        current,
        attempted=at if asked else current.attempted,
        covered=_later(current.covered, gap.slot),
        failing=gap.reason.value if asked or current.failing is None else current.failing,
        detail=gap.detail if asked or current.failing is None else current.detail,
    )
    if not (gap.reason.healable and account.binding.answers_the_past):
        return moved
    return replace(
        moved,
        heal_since=min(moved.heal_since or gap.slot - TICK, gap.slot - TICK),
        heal_until=_later(moved.heal_until, gap.slot),
    )


def _healed_through(current: Current, through: datetime) -> Current:
    if current.heal_until is None or through >= current.heal_until:
        return replace(current, heal_since=None, heal_until=None)
    return replace(current, heal_since=through)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None or other > one else one
