"""Makes days of samples: each touched day anew and whole, so that late, healed and restated numbers need no arithmetic of
their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from collector.domain.days import Day, close_day
from collector.domain.okr import MAIN
from collector.domain.sample import Sample
from collector.domain.shape import Keep
from collector.domain.span import Span
from collector.ports.store import Transaction
from collector.services.account import Account

TOGETHER = 100
"""Series read at once when days close: few questions to the store, and few samples in memory."""


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
    numbers = Numbers()
    for (after, until), group in stretches.items():
        for start in range(0, len(group), TOGETHER):
            together = group[start : start + TOGETHER]
            samples = tx.samples([account.series for account, _ in together], after, until)
            for account, days in together:
                series = account.series
                aggregated = _aggregated(account, days, samples[series], numbers)
                made += [(series, day) for day in aggregated]
                _drop_empty(tx, account, days, aggregated)
    return made


def _drop_empty(tx: Transaction, account: Account, days: Sequence[int], aggregated: Sequence[Day]) -> None:
    """Forget days that held a reading once, and hold none that counts any more."""
    full = {day.day for day in aggregated}
    empty = [number for number in days if number not in full and account.day(number) is not None]
    if empty:
        account.days[:] = [day for day in account.days if day.day not in empty]
        account.found = None
        tx.drop_days([(account.series, number) for number in empty])


def _slots_of(account: Account, days: Sequence[int]) -> tuple[datetime, datetime]:
    """Give the stretch that holds all slots whose readings belong to these days, and a little more."""
    cycle = account.key_result.cycle
    maturing = cycle.nominal(account.binding.matures)
    margin = cycle.grid.length if account.binding.matures else timedelta(0)
    return cycle.grid.starts(days[0]) + maturing - margin, cycle.grid.starts(days[-1] + 1) + maturing + margin


def _aggregated(
    account: Account, days: Sequence[int], samples: Sequence[Sample], numbers: Numbers
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


class Numbers:
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


def band_of(account: Account) -> Keep | None:
    """Give the band in which the readings of a series are counted: that of a keep, for its own series."""
    shape = account.key_result.shape
    return shape if isinstance(shape, Keep) and account.role == MAIN else None
