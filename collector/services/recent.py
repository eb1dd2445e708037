"""Remembers what the newest slots used of a budget, so that burn rates cost no question to the store."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from collector.domain.judgement import Slot
from collector.domain.okr import MAIN
from collector.domain.sample import Sample, SampleState
from collector.domain.shape import Keep, Slo
from collector.ports.store import Transaction
from collector.services.account import Account

LOOKED_BACK = timedelta(days=3)
"""The longest window of a burn rate, real time; a cycle that sets its own `day` scales it."""
FOLDED = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def load_recent(tx: Transaction, accounts: Sequence[Account], at: datetime) -> None:
    """Read the newest slots of the judged accounts that have a budget and do not know them."""
    for account in accounts:
        if account.recent is None and _has_budget(account):
            kept = tx.samples([account.series], at - _looked_back(account, at), at)[account.series]
            account.recent = []
            for one in kept:
                if one.state is SampleState.USED:
                    _add(account.recent, _slot(account, one), account)


def note_recent(account: Account, sample: Sample) -> None:
    """Add a reading that was just recorded, and forget what is too old to be looked at."""
    if account.recent is None or not _has_budget(account) or sample.state is not SampleState.USED:
        return
    _add(account.recent, _slot(account, sample), account)
    oldest = account.recent[-1].slot - _looked_back(account, sample.slot)
    del account.recent[: bisect_left(account.recent, oldest, key=attrgetter("slot"))]


def _add(recent: list[Slot], new: Slot, account: Account) -> None:
    """Add a slot; those of one minute (or its share of a short day) are summed, so that cost does not grow with the
    sampling rate.
    """
    minute = account.key_result.cycle.wait(FOLDED)
    last = recent[-1] if recent else None
    if (
        last is not None
        and last.slot < new.slot
        and (last.slot - _EPOCH) // minute == (new.slot - _EPOCH) // minute
    ):
        recent[-1] = Slot(new.slot, last.used + new.used, last.total + new.total)
    else:
        insort(recent, new, key=attrgetter("slot"))


def _has_budget(account: Account) -> bool:
    return account.role == MAIN and isinstance(account.key_result.shape, Keep | Slo)


def _looked_back(account: Account, at: datetime) -> timedelta:
    cycle = account.key_result.cycle
    return max(cycle.wait(LOOKED_BACK), 2 * account.binding.cadence(cycle).nominal(at))


def _slot(account: Account, sample: Sample) -> Slot:
    shape = account.key_result.shape
    if isinstance(shape, Keep):
        return Slot(sample.slot, 0.0 if shape.holds(sample.value) else 1.0, 1.0)
    total = sample.den or 0.0
    return Slot(sample.slot, total - (sample.num or 0.0), total)
