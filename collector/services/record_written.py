"""Brings the books in line with the values that stand in the files: new ones recorded, others restated, gone ones discarded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.domain.by_hand import WrongDay, day_of_value, slot_of_day
from collector.domain.measure import ByHand, HandValue
from collector.domain.sample import Restatement, Sample, SampleState
from collector.logs import get_logger
from collector.ports.store import Deed, Transaction
from collector.services.account import Account
from collector.services.aggregate import day_of, recompute_days
from collector.services.hold import facts_left, judge_anew
from collector.services.ledger import Ledger
from collector.services.record_by_hand import FILE, Entry, enter, sample_of

log = get_logger(__name__)


def record_written_values(ledger: Ledger, tx: Transaction, at: datetime) -> list[Account]:
    """Record what the files say inside `tx`, and give the accounts touched. A value that was entered on the command line
    since is not overruled by what the file has said all along.
    """
    return [
        account
        for account in list(ledger.accounts.values())
        if isinstance(account.binding.form, ByHand)
        and _in_line(ledger, tx, account, account.binding.form, at)
    ]


def _in_line(ledger: Ledger, tx: Transaction, account: Account, form: ByHand, at: datetime) -> bool:
    written = _by_slot(account, form.values, at)
    if account.current.slot is None and not written:
        return False  # most: nothing was ever entered
    cycle = account.key_result.cycle
    first, last = cycle.grid.starts(-cycle.days), cycle.grid.starts(2 * cycle.days)
    kept = {one.slot: one for one in tx.samples([account.series], first, last)[account.series]}
    replaced = tx.restatements([account.series], first, last)[account.series]
    touched = False
    for slot, (day, value) in written.items():
        if not _says_so_already(kept.get(slot), replaced, value):
            entry = Entry(value.value, value.as_of, form.person, value.note)
            touched |= enter(ledger, tx, account, day, sample_of(account, day, entry, at), at).changed
    gone = [one for one in kept.values() if _from_file(one) and _counts(one) and one.slot not in written]
    if gone:
        _discard(tx, account, gone, at)
    return touched or bool(gone)


def _by_slot(
    account: Account, values: Sequence[HandValue], at: datetime
) -> dict[datetime, tuple[int, HandValue]]:
    found = {}
    cycle = account.key_result.cycle
    for value in values:
        try:
            day = day_of_value(cycle, value.as_of, at)
        except WrongDay as error:
            log.warning("written_value_left_out", key_result=account.key_result.key, reason=str(error))
            continue
        found[slot_of_day(cycle, day)] = (day, value)
    return found


def _says_so_already(now: Sample | None, replaced: Iterable[Restatement], value: HandValue) -> bool:
    """Tell whether the newest thing that the file said for a slot is what it says now, whoever has spoken since."""
    if now is None or (now.state is SampleState.DISCARDED and _from_file(now)):
        return False
    said = [now, *(one.was for one in replaced if one.was.slot == now.slot)]
    newest = max((one for one in said if _from_file(one)), key=lambda one: one.recorded_at, default=None)
    return newest is not None and (newest.value, newest.evidence.get("note")) == (value.value, value.note)


def _from_file(sample: Sample) -> bool:
    return sample.evidence.get("from") == FILE


def _counts(sample: Sample) -> bool:
    return sample.state is SampleState.USED


def _discard(tx: Transaction, account: Account, gone: Sequence[Sample], at: datetime) -> None:
    """Take values back that no longer stand in the file: kept, and not counted."""
    slots = [one.slot for one in gone]
    tx.set_state(account.series, slots, SampleState.DISCARDED)
    tx.put_days(recompute_days(tx, [(account, sorted({day_of(account, slot) for slot in slots}))]))
    account.current = facts_left(tx, account)
    tx.put_currents([account.current])
    judge_anew(account)
    for one in gone:
        detail = {"value": one.value, "slot": one.slot.isoformat(), "from": FILE, "series": account.role}
        why = {"why": "it no longer stands in the file"}
        tx.note_deed(
            Deed(at, str(one.evidence.get("by", "")), "discard", account.key_result.key, detail | why)
        )
