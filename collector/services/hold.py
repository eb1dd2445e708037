"""Keeps implausible readings out of every verdict until they are confirmed or a person decides: stored, not used."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate
from operator import attrgetter

from collector.domain.alert import Condition
from collector.domain.days import Day
from collector.domain.plausibility import FURTHER, Confirmed, HeldBack, Known, Used, doubted, judge
from collector.domain.sample import Sample, SampleState
from collector.ports.store import Current, Transaction
from collector.services.account import WHY_HELD, Account
from collector.services.aggregate import day_of, recompute_days

Range = tuple[float, float]
ROW = 2
"""So many readings held in a row are worth a message; of a series that is read once a day or less, one is."""
TICK = timedelta(microseconds=1)
CLOCK_CHANGE = timedelta(hours=1)
"""By so much the day may be shorter on which the clock changes."""


def sift(account: Account, sample: Sample) -> tuple[Sample, tuple[datetime, ...]]:
    """Give a reading that was just made as used or held, and the slots of held ones that it confirms.

    What is computed of others is held against its author's bounds only: a jump was judged where it came in.
    """
    if not doubted(account.binding):
        return sample, ()
    current = account.current
    known = Known(
        account.binding.plausible,
        current.value if account.binding.asked else None,
        partial(seen, account.days),
        partial(_row, account, current.slot, sample.slot),
    )
    match judge(sample.value, known):
        case Used():
            return sample, ()
        case HeldBack(why=why):
            return _held(sample, why), ()
        case Confirmed(slots=slots):
            return sample, slots


def sift_past(account: Account, samples: Sequence[Sample]) -> tuple[list[Sample], list[datetime]]:
    """Give readings of the past, ascending, as used or held, and the slots of earlier held ones that they confirm.

    What a series did again later or had done before is not strange in it: so each is held against all days known and all
    readings but its neighbours.
    """
    if not samples or not doubted(account.binding):
        return list(samples), []
    compared = account.binding.asked
    slot, last = _used_before(account, samples[0].slot)
    row = [(one.slot, one.value) for one in _between(account, slot, samples[0].slot)]
    past = _Past(seen(account.days), [sample.value for sample in samples])
    sifted: list[Sample] = []
    earlier: list[datetime] = []
    for place, sample in enumerate(samples):
        before = last if compared else None
        known = Known(account.binding.plausible, before, partial(past.seen, place), partial(tuple, row))
        found = judge(sample.value, known)
        if isinstance(found, HeldBack):
            sifted.append(_held(sample, found.why))
            row.append((sample.slot, sample.value))
            continue
        agreeing = found.slots if isinstance(found, Confirmed) else ()
        sifted = [_used(one) if one.slot in agreeing else one for one in sifted] if agreeing else sifted
        earlier += [one for one in agreeing if one < samples[0].slot]
        sifted.append(sample)
        last, row = sample.value, []
    return sifted, earlier


def hold(account: Account, sample: Sample) -> None:
    """Remember a held reading; one that is newer than the last used one lengthens the row."""
    insort(account.holding, sample, key=attrgetter("slot"))
    count_row(account)


def count_row(account: Account) -> None:
    """Count how many held readings are newer than the last used one."""
    last = account.current.slot
    held = len([one for one in account.holding if last is None or one.slot > last])
    if held != account.current.held:
        account.current = replace(account.current, held=held)


def use(tx: Transaction, account: Account, slots: Sequence[datetime]) -> list[int]:
    """Use held readings after all, inside `tx`: their days are made anew, and all days judged anew; gives the days."""
    freed = [one for one in account.holding if one.slot in slots]
    if not freed:
        return []
    tx.set_state(account.series, [one.slot for one in freed], SampleState.USED)
    account.holding = [one for one in account.holding if one.slot not in slots]
    for one in freed:
        account.current = with_used(account.current, one)
    count_row(account)
    tx.put_currents([account.current])
    days = sorted({day_of(account, one.slot) for one in freed})
    tx.put_days(recompute_days(tx, [(account, days)]))
    judge_anew(account)
    return days


def with_used(current: Current, sample: Sample) -> Current:
    """Give the newest facts with a used reading: it may be the newest or the oldest one known."""
    if current.slot is None or sample.slot >= current.slot:
        current = replace(
            current,
            slot=sample.slot,
            as_of=sample.as_of,
            value=sample.value,
            num=sample.num,
            den=sample.den,
        )
    if current.first_slot is None or sample.slot <= current.first_slot:
        current = replace(current, first_slot=sample.slot, first_value=sample.value)
    return current


def facts_left(tx: Transaction, account: Account) -> Current:
    """Give the newest facts of a series after readings of it were taken out of use, and its days made anew."""
    current = replace(
        account.current,
        slot=None,
        as_of=None,
        value=None,
        num=None,
        den=None,
        first_slot=None,
        first_value=None,
    )
    if not account.days:
        return current
    first, last = account.days[0], account.days[-1]
    since = min(account.current.first_slot or first.last_slot, first.last_slot)
    for after, until in ((since - TICK, first.last_slot), (last.last_slot - TICK, last.last_slot)):
        kept = tx.samples([account.series], after, until)[account.series]
        for sample in (one for one in kept if one.state is SampleState.USED):
            current = with_used(current, sample)
    return current


def judge_anew(account: Account) -> None:
    """Have the key result judged anew that a series is a part of: its past is another one. Its closed days are stepped
    anew unless the series is one of a guardrail, whose past they do not rest on.
    """
    account.changed, account.recent = True, None
    main = account.main
    main.changed = True
    if account is main or any(account is operand for operand in main.operands.values()):
        main.restep = True


def implausible_condition(account: Account) -> Condition:
    """Tell whether held readings are the newest thing that some series of a judged account has. A series that is read
    once a day or less speaks at once, any other when a second reading is held too.
    """
    if account.evaluation is not None and account.evaluation.over:
        return Condition.CLEAR
    parts = [account, *account.guardrails]
    parts += [operand for part in parts for operand in part.operands.values()]
    rows = [(part.current.held, _slow(part)) for part in parts if part.current.held]
    if not rows:
        return Condition.CLEAR
    said = any(slow or held >= ROW for held, slow in rows)
    return Condition.FIRING if said else Condition.PENDING


def _slow(account: Account) -> bool:
    cycle = account.key_result.cycle
    return account.binding.cadence(cycle).nominal(cycle.starts) >= cycle.grid.length - cycle.wait(
        CLOCK_CHANGE
    )


def _held(sample: Sample, why: str) -> Sample:
    return replace(sample, state=SampleState.HELD, evidence={**sample.evidence, WHY_HELD: why})


def _used(sample: Sample) -> Sample:
    return replace(sample, state=SampleState.USED)


def seen(days: Sequence[Day]) -> Range | None:
    """Give the lowest and highest reading of all days known."""
    if not days:
        return None
    return min(day.low for day in days), max(day.high for day in days)


def _between(account: Account, after: datetime | None, before: datetime) -> list[Sample]:
    return [one for one in account.holding if (after is None or one.slot > after) and one.slot < before]


def _row(account: Account, after: datetime | None, before: datetime) -> list[tuple[datetime, float]]:
    return [(one.slot, one.value) for one in _between(account, after, before)]


def _used_before(account: Account, slot: datetime) -> tuple[datetime | None, float | None]:
    """Give the last used reading before `slot`, to the precision of a day."""
    current = account.current
    if current.slot is not None and current.slot < slot:
        return current.slot, current.value
    day = max((day for day in account.days if day.last_slot < slot), key=lambda day: day.day, default=None)
    return (day.last_slot, day.last) if day is not None else (None, None)


class _Past:
    """What was seen around each reading of a stretch, computed when first asked for."""

    def __init__(self, days: Range | None, values: Sequence[float]) -> None:
        self._days, self._values = days, values
        self._before: list[Range] = []
        self._after: list[Range] = []

    def seen(self, place: int) -> Range | None:
        """Give the lowest and highest value known, apart from the readings that may share what is wrong with this one."""
        if not self._before:
            ranges = [(value, value) for value in self._values]
            self._before = list(accumulate(ranges, _wider))
            self._after = list(accumulate(reversed(ranges), _wider))[::-1]
        found = [self._days] if self._days is not None else []
        if place - FURTHER > 0:
            found.append(self._before[place - FURTHER - 1])
        if place + FURTHER + 1 < len(self._after):
            found.append(self._after[place + FURTHER + 1])
        if not found:
            return None
        return min(low for low, _ in found), max(high for _, high in found)


def _wider(one: Range, other: Range) -> Range:
    return min(one[0], other[0]), max(one[1], other[1])
