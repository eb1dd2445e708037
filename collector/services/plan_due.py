"""Tells what is to be read and when: bindings of one source with the same slots travel together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.cadence import Cadence, offset
from collector.domain.measure import WholeCycle
from collector.domain.span import Span
from collector.services.account import Account
from collector.services.ask import Due


@dataclass(frozen=True, slots=True)
class Group:
    """Series of one source that are due at the same slots, and are read `delay` after them."""

    source: str
    cadence: Cadence
    delay: timedelta
    """`lag` plus the offset hashed from source and interval; `as_of` never moves by it."""
    series: tuple[int, ...]

    def next_after(self, slot: datetime) -> datetime:
        """Give the slot that follows `slot`."""
        return self.cadence.following(slot)

    def newest(self, at: datetime) -> datetime:
        """Give the newest slot whose time to be read has come at `at`."""
        return self.cadence.latest(at - self.delay)

    def due(self, slot: datetime) -> datetime:
        """Give the instant at which `slot` is read."""
        return slot + self.delay


def groups_of(accounts: Iterable[Account], at: datetime) -> list[Group]:
    """Gather accounts into groups; those of a retired promise, and those that no source is asked for, are in none."""
    gathered: dict[tuple[str, object, timedelta], list[int]] = {}
    cadences: dict[tuple[str, object, timedelta], Cadence] = {}
    for account in accounts:
        key_result, binding = account.key_result, account.binding
        if key_result.retired is not None or not binding.asked:
            continue
        cadence = binding.cadence(key_result.cycle)
        delay = delay_of(account, at)
        # below a day the grid is that of UTC, the same in all cycles and zones
        grid = binding.every if isinstance(binding.every, Span) and not binding.every.days else cadence
        key = (binding.source, grid, delay)
        cadences.setdefault(key, cadence)
        gathered.setdefault(key, []).append(account.series)
    return [Group(key[0], cadences[key], key[2], tuple(series)) for key, series in gathered.items()]


def delay_of(account: Account, at: datetime) -> timedelta:
    """Tell how long after its slot a series is read: its `lag`, and the offset of its source and interval."""
    binding, cycle = account.binding, account.key_result.cycle
    nominal = binding.cadence(cycle).nominal(at)
    return cycle.nominal(binding.lag) + offset(binding.source, binding.every, nominal)


def dues_of(accounts: Iterable[Account], slot: datetime) -> list[Due]:
    """Give what of these accounts is to be read at `slot`: not after the close, totals not before the start."""
    dues = []
    for account in accounts:
        key_result, binding = account.key_result, account.binding
        cycle = key_result.cycle
        over = key_result.retired is not None or slot > key_result.ends + key_result.settling
        if over or not binding.asked or (isinstance(binding.window, WholeCycle) and slot <= cycle.starts):
            continue
        dues.append(Due(key_result, binding, account.series, slot))
    return dues


def slot_before(cadence: Cadence, slot: datetime) -> datetime:
    """Give the slot before `slot`."""
    return cadence.latest(slot - timedelta(microseconds=1))
