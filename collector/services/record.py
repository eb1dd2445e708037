"""Writes down what was found: samples, gaps, the newest facts, and the day each belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.days import Day
from collector.domain.sample import Gap, Origin, Sample, SampleState
from collector.ports.store import Current, Transaction
from collector.services.account import Account
from collector.services.aggregate import Numbers, band_of, day_of, recompute_days
from collector.services.ask import Found
from collector.services.derive import computed_of, derive
from collector.services.hold import count_row, hold, sift, sift_past, use, with_used
from collector.services.ledger import Ledger
from collector.services.recent import note_recent

TICK = timedelta(microseconds=1)


def record(ledger: Ledger, tx: Transaction, findings: Sequence[Found]) -> list[Account]:
    """Record live findings inside `tx`, and what is computed of them; whoever records a slot twice records it once. Gives
    the accounts touched.
    """
    touched, confirmed = _record(ledger, tx, findings)
    for whole, slots in computed_of([*_slots_touched(ledger, findings), *confirmed]):
        at = max(found.at for found in findings)
        touched += record(ledger, tx, derive(tx, whole, slots, at, Origin.LIVE))
    return touched


def _slots_touched(ledger: Ledger, findings: Sequence[Found]) -> Iterator[tuple[Account, datetime]]:
    for found in findings:
        if (account := ledger.accounts.get(found.due.series)) is not None:
            yield account, found.due.slot


def _record(
    ledger: Ledger, tx: Transaction, findings: Sequence[Found]
) -> tuple[list[Account], list[tuple[Account, datetime]]]:
    """Record findings; give the accounts touched, and the slots of held readings that are used from now on."""
    known = [found for found in findings if found.due.series in ledger.accounts]
    taken = tx.recorded({found.due.slot for found in known if isinstance(found.left, Sample)})
    samples: list[tuple[int, Sample]] = []
    gaps: list[tuple[int, Gap]] = []
    days: dict[tuple[int, int], Day] = {}
    confirmed: list[tuple[Account, datetime]] = []
    numbers = Numbers()
    for found in known:
        account = ledger.accounts[found.due.series]
        series = found.due.series
        if isinstance(found.left, Gap):
            gaps.append((series, found.left))
            account.current = _with_gap(account, found.left, found.at, asked=found.asked)
            continue
        if (found.due.slot, series) in taken:
            account.current = _answered(account.current, found.due.slot, found.at)
            continue
        sample, agreeing = sift(account, found.left)
        samples.append((series, sample))
        taken.add((sample.slot, series))
        if sample.state is not SampleState.USED:
            hold(account, sample)
            account.current = _answered(account.current, sample.slot, found.at)
            continue
        day = _with_sample(account, sample, numbers.of(account, sample.slot))
        days[series, day.day] = day
        note_recent(account, sample)
        account.current = _with_reading(account.current, sample, found.at)
        count_row(account)
        confirmed += [(account, slot) for slot in agreeing]
    touched = ledger.of(found.due.series for found in known)
    tx.add_samples(samples)
    tx.add_gaps(gaps)
    tx.put_days([(series, day) for (series, _), day in days.items()])
    for account in ledger.of(account.series for account, _ in confirmed):
        use(tx, account, [slot for one, slot in confirmed if one is account])
    tx.put_currents([account.current for account in touched])
    return touched, confirmed


def record_healed(
    ledger: Ledger, tx: Transaction, series: int, findings: Sequence[Found], through: datetime, at: datetime
) -> list[Account]:
    """Record findings of the past inside `tx`; slots up to `through` need not be asked for again. Each day touched is
    computed anew from its samples.
    """
    account = ledger.accounts.get(series)
    if account is None:
        return []
    gaps = [found.left for found in findings if isinstance(found.left, Gap)]
    readings = any(isinstance(found.left, Sample) for found in findings)
    confirmed = _add_past(tx, account, findings, at)
    # what lies before the first reading ever, or before the cycle, was not missed: the source had not begun
    began = max(account.key_result.cycle.starts, account.current.first_slot or through)
    tx.add_gaps([(series, gap) for gap in gaps if gap.slot > began])
    account.current = _healed_through(account.current, through)
    tx.put_currents([account.current])
    account.changed = account.changed or readings
    known = [*confirmed, *(found.due.slot for found in findings)]
    derived = [
        record_derived(tx, whole, derive(tx, whole, slots, at, Origin.HEALED), at)
        for whole, slots in computed_of((account, slot) for slot in known)
    ]
    return [account, *derived]


def _add_past(
    tx: Transaction, account: Account, findings: Sequence[Found], at: datetime
) -> Sequence[datetime]:
    """Add readings of the past, and make their days anew; gives the slots of earlier held ones that they confirm."""
    found = [one.left for one in findings if isinstance(one.left, Sample)]
    taken = _taken(tx, account, found)
    samples, confirmed = sift_past(account, [one for one in found if one.slot not in taken])
    for sample in samples:
        if sample.state is SampleState.USED:
            account.current = _with_past_reading(account.current, sample, at)
        else:
            hold(account, sample)
            account.current = _with_past_answer(account.current, sample.slot, at)
    count_row(account)
    tx.add_samples([(account.series, sample) for sample in samples])
    tx.put_days(recompute_days(tx, [(account, sorted({day_of(account, one.slot) for one in samples}))]))
    use(tx, account, confirmed)
    account.recent = None
    return confirmed


def _taken(tx: Transaction, account: Account, found: Sequence[Sample]) -> set[datetime]:
    """Give the slots that are recorded already. Asked by series: at these slots there may be those of all others."""
    oldest = account.current.first_slot
    if not found or (not account.holding and (oldest is None or found[-1].slot < oldest)):
        return set()
    kept = tx.samples([account.series], found[0].slot - TICK, found[-1].slot)[account.series]
    return {sample.slot for sample in kept}


def record_derived(tx: Transaction, account: Account, findings: Sequence[Found], at: datetime) -> Account:
    """Record what is computed of operands of the past; what waits for another operand is computed with that one."""
    _add_past(tx, account, findings, at)
    for found in findings:
        account.current = replace(account.current, covered=_later(account.current.covered, found.due.slot))
    began = max(account.key_result.cycle.starts, account.current.first_slot or at)
    gaps = [found.left for found in findings if isinstance(found.left, Gap)]
    tx.add_gaps([(account.series, gap) for gap in gaps if gap.slot > began])
    tx.put_currents([account.current])
    account.changed = True
    return account


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


def _sum(new: float | None, old: float | None) -> float | None:
    return None if new is None else new + (old or 0.0)


def _answered(current: Current, slot: datetime, at: datetime) -> Current:
    """The source gave a number for a slot, be it one that is not used."""
    return replace(
        current, attempted=at, succeeded=at, covered=_later(current.covered, slot), failing=None, detail=""
    )


def _with_reading(current: Current, sample: Sample, at: datetime) -> Current:
    """Give the newest facts with a live reading. The usual case, a newest slot, is built whole: it is that of every
    reading, and `replace` costs more than all else that is done for it.
    """
    if current.slot is None or current.first_slot is None or sample.slot < current.slot:
        return with_used(_answered(current, sample.slot, at), sample)
    return Current(
        series=current.series,
        attempted=at,
        succeeded=at,
        covered=_later(current.covered, sample.slot),
        slot=sample.slot,
        as_of=sample.as_of,
        value=sample.value,
        num=sample.num,
        den=sample.den,
        first_slot=current.first_slot,
        first_value=current.first_value,
        heal_since=current.heal_since,
        heal_until=current.heal_until,
        restated=current.restated,
        settled=current.settled,
        held=current.held,
    )


def _with_past_answer(current: Current, slot: datetime, at: datetime) -> Current:
    """A number of the newest slot ends a failure."""
    newest = current.covered is not None and slot >= current.covered
    return _answered(current, slot, at) if newest else current


def _with_past_reading(current: Current, sample: Sample, at: datetime) -> Current:
    return with_used(_with_past_answer(current, sample.slot, at), sample)


def _with_gap(account: Account, gap: Gap, at: datetime, *, asked: bool) -> Current:
    current = account.current
    moved = replace(
        current,
        attempted=at if asked else current.attempted,
        covered=_later(current.covered, gap.slot),
        failing=gap.reason.value if asked or current.failing is None else current.failing,
        detail=gap.detail if asked or current.failing is None else current.detail,
    )
    binding = account.binding
    if not (binding.asked and gap.reason.healable and binding.answers_the_past):
        return moved  # what is computed of others is healed with them
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
