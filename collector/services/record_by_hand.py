"""Writes down values that a person gives: marked as such for ever, and in the same transaction judged and told."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime

from collector.domain.by_hand import WrongDay, day_of_value, slot_of_day
from collector.domain.measure import ByHand
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.sample import Origin, Restatement, Sample, SampleState
from collector.errors import UsageError
from collector.ports.store import Deed, Store, Transaction
from collector.services.account import Account
from collector.services.ask import Due, Found
from collector.services.conclude import conclude
from collector.services.hold import judge_anew
from collector.services.ledger import Ledger
from collector.services.recipients import Routes
from collector.services.record import TICK, record_healed
from collector.services.restate import restate
from connectors.api import LARGEST

CLI, FILE = "cli", "file"
"""Where a value came from, as its evidence says."""
WHY = "entered again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as a person gives it."""

    value: float
    as_of: date | datetime
    """The day it stands for; in a cycle that sets its own `day`, an instant of it."""
    person: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a value."""

    day: int
    """Of the cycle, from 0."""
    sample: Sample
    """As it is recorded now."""
    was: Sample | None
    """What it took the place of; itself when nothing changed."""

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.was != self.sample


def record_by_hand(
    store: Store,
    okrs: Okrs,
    routes: Routes,
    key_result: KeyResult,
    entry: Entry,
    at: datetime,
    *,
    role: str = MAIN,
) -> Entered:
    """Record a value, judge the key result and raise its alerts, in one transaction beside a krd that may be running.

    A second value for the same day restates the first. Raises `UsageError` for a value that cannot be, a day that is not
    in the cycle or lies ahead, and a measure that a source is asked for; `StoreError`.
    """
    ledger = Ledger(replace(okrs, key_results={key_result.key: key_result}))
    with store.write() as tx:
        ledger.load(tx)
        account = _account(ledger, key_result, role)
        try:
            day = day_of_value(key_result.cycle, entry.as_of, at)
        except WrongDay as error:
            raise UsageError(f"{key_result.address}: {error}") from None
        _check(account, entry.value)
        entered = enter(ledger, tx, account, day, _sample(account, day, entry, CLI, at), at)
        if entered.changed:
            conclude(ledger, tx, [account], routes, at)  # `enter` has noted it
        return entered


def enter(
    ledger: Ledger, tx: Transaction, account: Account, day: int, sample: Sample, at: datetime
) -> Entered:
    """Put a value in its slot inside `tx`, with a line in the audit log; one that says the same again changes nothing."""
    slot = sample.slot
    was = next(iter(tx.samples([account.series], slot - TICK, slot)[account.series]), None)
    if was is not None and was.state is SampleState.USED and _says(was) == _says(sample):
        return Entered(day, was, was)
    current = account.current
    covered = slot if current.covered is None else max(slot, current.covered)
    account.current = replace(current, attempted=at, succeeded=at, covered=covered, failing=None, detail="")
    if was is None:
        due = Due(account.key_result, account.binding, account.series, slot)
        record_healed(ledger, tx, account.series, [Found(due, sample, at)], slot, at)
    else:
        restate(tx, account, [Restatement(was, sample, at, WHY)], at, WHY)
    judge_anew(account)
    tx.note_deed(_deed(account, sample, was, at))
    return Entered(day, sample, was)


def sample_of(account: Account, day: int, entry: Entry, at: datetime) -> Sample:
    """Make the sample of a value that stands in the file."""
    return _sample(account, day, entry, FILE, at)


def _sample(account: Account, day: int, entry: Entry, said_in: str, at: datetime) -> Sample:
    slot = slot_of_day(account.key_result.cycle, day)
    return Sample(
        slot=slot,
        value=float(entry.value),
        as_of=min(slot, at),
        recorded_at=at,
        origin=Origin.BY_HAND,
        evidence={"by": entry.person, "note": entry.note, "from": said_in},
    )


def _account(ledger: Ledger, key_result: KeyResult, role: str) -> Account:
    found = next((one for one in ledger.accounts.values() if one.role == role), None)
    if found is None:
        raise UsageError(f"{key_result.key}: krd has not run with it yet; run `krd once` first")
    if not isinstance(found.binding.form, ByHand):
        raise UsageError(
            f"{key_result.key}: its measure is read by krd; only one that says `by_hand:` takes values"
            f" ({key_result.place})"
        )
    return found


def _check(account: Account, value: float) -> None:
    address, bounds = account.key_result.address, account.binding.plausible
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise UsageError(f"{address}: {value:g} is no number that measures anything")
    if bounds is not None and not bounds[0] <= value <= bounds[1]:
        raise UsageError(
            f"{address}: {value:g} is outside of plausible: [{bounds[0]:g}, {bounds[1]:g}];"
            " correct the value, or `plausible` in the file"
        )


def _says(sample: Sample) -> tuple[float, object, object]:
    return sample.value, sample.evidence.get("by"), sample.evidence.get("note")


def _deed(account: Account, sample: Sample, was: Sample | None, at: datetime) -> Deed:
    detail = {
        "value": sample.value,
        "was": was.value if was is not None else None,
        "slot": sample.slot.isoformat(),
        "note": sample.evidence["note"],
        "from": sample.evidence["from"],
        "series": account.role,
    }
    return Deed(at, str(sample.evidence["by"]), "record", account.key_result.key, detail)
