"""Computes anew what is stored as computed, and tells where the two differ. Changes nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from collector.domain.alert import Alert
from collector.domain.days import Day, close_day
from collector.domain.explanation import explain
from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import Sample, SampleState
from collector.ports.store import Store, Transaction
from collector.services.account import Account
from collector.services.aggregate import band_of, day_of
from collector.services.ledger import Ledger
from collector.services.record import TICK

TOGETHER = 20
"""Key results that are looked at in one transaction, so that each is seen in one state."""
DAYS = 7
"""Days whose samples are in memory at once."""
PORTION = 1000
"""Transitions that are read at once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stored otherwise than it comes out."""

    what: str
    """`day`, `current`, `alert` or `sentence`."""
    subject: str
    where: str
    stored: Any
    computed: Any


@dataclass(slots=True)
class Verified:
    """How much was looked at, and what differs."""

    days: int = 0
    gone: int = 0
    """Days that have no sample any more, since old ones are pruned: they can only be believed."""
    currents: int = 0
    alerts: int = 0
    sentences: int = 0
    differences: list[Difference] = field(default_factory=list)


def verify(
    store: Store, okrs: Okrs, at: datetime, progress: Callable[[str], None] = lambda _: None
) -> Verified:
    """Check every day against its samples, the newest facts against the newest sample, alerts against their last
    transitions, and the sentence of each latest verdict against the verdict.
    """
    done = Verified()
    for key_results in _several(okrs.key_results.values()):
        progress(f"computing {key_results[0].address} anew")
        with store.read() as tx:
            ledger = Ledger(replace(okrs, key_results={one.key: one for one in key_results}))
            ledger.load(tx)
            for account in ledger.accounts.values():
                _days(tx, account, at, done)
                _current(tx, account, done)
            for account in ledger.judged:
                _sentence(account, done)
    progress("comparing alerts with their transitions")
    _alerts(store, done)
    return done


def _several(key_results: Iterable[KeyResult]) -> Iterator[list[KeyResult]]:
    left = iter(key_results)
    while some := list(islice(left, TOGETHER)):
        yield some


def _days(tx: Transaction, account: Account, at: datetime, done: Verified) -> None:
    stored = {day.day: day for day in account.days}
    first = min((*stored, 0))
    last = max((*stored, min(account.key_result.cycle.day_of(at), account.key_result.days)))
    for start in range(first, last + 1, DAYS):
        stop = min(start + DAYS, last + 1)
        samples = _samples(tx, account, start, stop)
        for number in range(start, stop):
            _day(account, number, stored.get(number), samples.get(number, []), done)


def _samples(tx: Transaction, account: Account, start: int, stop: int) -> dict[int, list[Sample]]:
    """Give the samples of the days from `start` on and before `stop`, by day."""
    cycle, matures = account.key_result.cycle, account.binding.matures
    maturing = cycle.nominal(matures)
    margin = cycle.grid.length if matures else timedelta(0)
    after, until = cycle.grid.starts(start) + maturing - margin, cycle.grid.starts(stop) + maturing + margin
    found: dict[int, list[Sample]] = {}
    for sample in tx.samples([account.series], after, until)[account.series]:
        found.setdefault(day_of(account, sample.slot), []).append(sample)
    return found


def _day(
    account: Account, number: int, stored: Day | None, samples: Sequence[Sample], done: Verified
) -> None:
    if not samples:
        done.gone += stored is not None
        return
    computed = close_day(account.binding, number, samples, band_of(account))
    if stored is None and computed is None:
        return
    done.days += 1
    was, now = _facts(stored), _facts(computed)
    if stored is not None and stored.value is None and computed is not None:
        now["value"] = None  # a day that is not closed yet has none
    different = [name for name in was.keys() | now.keys() if not _same(was.get(name), now.get(name))]
    where = f"{account.role}, {account.key_result.cycle.grid.name(number)}"
    done.differences += [
        Difference("day", account.key_result.key, f"{where}, {name}", was.get(name), now.get(name))
        for name in sorted(different)
    ]


def _facts(day: Day | None) -> dict[str, Any]:
    return asdict(day) if day is not None else {}


def _same(one: Any, other: Any) -> bool:
    """Sums differ in their last digits by the order in which they were made."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def _current(tx: Transaction, account: Account, done: Verified) -> None:
    current = account.current
    if current.slot is None:
        return
    newest = _sample_at(tx, account, current.slot)
    if newest is None:
        return
    done.currents += 1
    if newest.state is not SampleState.USED or newest.value != current.value:
        found = newest.value if newest.state is SampleState.USED else newest.state.value
        where = f"{account.role}, {current.slot.isoformat()}"
        done.differences.append(Difference("current", account.key_result.key, where, current.value, found))


def _sample_at(tx: Transaction, account: Account, slot: datetime) -> Sample | None:
    return next(iter(tx.samples([account.series], slot - TICK, slot)[account.series]), None)


def _sentence(account: Account, done: Verified) -> None:
    verdict = account.evaluation
    if verdict is None:
        return
    done.sentences += 1
    said = explain(account.key_result, verdict)
    if said != verdict.sentence:
        where = f"verdict of {verdict.at.isoformat()}"
        done.differences.append(Difference("sentence", account.key_result.key, where, verdict.sentence, said))


def _alerts(store: Store, done: Verified) -> None:
    last: dict[str, Alert] = {}
    after = 0
    with store.read() as tx:
        standing = dict(tx.alerts())
        while portion := tx.transitions(after, PORTION):
            last |= {item.transition.alert.fingerprint: item.transition.alert for item in portion}
            after = portion[-1].seq
    for fingerprint in dict.fromkeys((*standing, *last)):
        done.alerts += 1
        alert, moved = standing.get(fingerprint), last.get(fingerprint)
        if _told(alert) != _told(moved):
            known = alert or moved
            subject = f"{known.kind.value} of {known.subject}" if known else fingerprint
            done.differences.append(Difference("alert", subject, fingerprint, _told(alert), _told(moved)))


def _told(alert: Alert | None) -> str:
    return f"{alert.state.value}, episode {alert.episode}, step {alert.step}" if alert else "nothing"
