"""Brings the books in line with the files: what is new, what was edited, renamed, or is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from collector.domain.days import Day
from collector.domain.okr import MAIN
from collector.domain.sample import Origin
from collector.domain.shape import Keep
from collector.ports.store import Enrolment, Transaction
from collector.services.account import Account
from collector.services.aggregate import recompute_days
from collector.services.ask import Found, due_slots
from collector.services.derive import derive
from collector.services.heal import PORTION, begin
from collector.services.ledger import Ledger
from collector.services.record import TICK, record, record_derived
from collector.services.record_written import record_written_values


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What enrolling did."""

    missed: list[Found]
    """Slots that passed unread and cannot be asked for any more."""
    new: bool
    """Whether nothing of these files was ever read before."""
    renamed: Mapping[str, str]
    """New keys (`cycle:address`) by the old ones."""


def enrol(ledger: Ledger, tx: Transaction, at: datetime) -> Enrolled:
    """Enrol the key results of the files inside `tx`, and load the ledger with them.

    A changed measure ends its segment, whose last verdict is frozen; a changed formula is computed of all that its
    operands hold; a changed promise has the days of the cycle judged anew. Values that stand in the files are recorded.
    """
    before = tx.enrolments()
    enrolments = tx.enrol(list(ledger.okrs.key_results.values()), at)
    _end_segments(tx, before, enrolments, at)
    ledger.forget()
    ledger.load(tx, enrolments)
    new = all(account.current.covered is None for account in ledger.accounts.values())
    missed: list[Found] = []
    for account in ledger.accounts.values():
        account.current, gaps = begin(account, at)
        missed += gaps
    tx.put_currents([account.current for account in ledger.accounts.values()])
    _compute_anew(ledger, tx, at)
    record(ledger, tx, missed)
    record_written_values(ledger, tx, at)
    _judge_anew(ledger, tx)
    renamed = {one.renamed_from: key for key, one in enrolments.items() if one.renamed_from}
    return Enrolled(missed, new, renamed)


def _end_segments(
    tx: Transaction, before: Mapping[str, Enrolment], after: Mapping[str, Enrolment], at: datetime
) -> None:
    """End every series that has a successor: that of the key result itself with its last verdict."""
    changed = [one.key_result for one in after.values() if one.measure_changed]
    verdicts = tx.evaluations(changed)
    for key, one in after.items():
        was = before.get(one.renamed_from or key)
        for role, series in was.roles.items() if was is not None else ():
            if one.roles.get(role, series) == series:
                continue
            verdict = verdicts.get(one.key_result) if role == MAIN else None
            tx.end_segment(series, at, verdict if verdict and verdict.series == series else None)


def _compute_anew(ledger: Ledger, tx: Transaction, at: datetime) -> None:
    """Compute what is new of operands that were read before, as a changed formula: their past is its past."""
    for account in ledger.accounts.values():
        for slots in _known_slots(account):
            record_derived(tx, account, derive(tx, account, slots, at, Origin.HEALED), at)


def _known_slots(account: Account) -> Iterator[Sequence[datetime]]:
    """Give the slots, in portions, at which a series that has nothing yet can be computed of its operands."""
    began = [one.current.first_slot for one in account.operands.values()]
    newest = [one.current.covered for one in account.operands.values() if one.current.covered is not None]
    first = [slot for slot in began if slot is not None]
    if account.current.covered is not None or not newest or len(first) < len(began):
        return
    dues = due_slots(account.key_result, account.binding, account.series, max(first) - TICK, max(newest))
    while portion := [due.slot for due in islice(dues, PORTION)]:
        yield portion


def _judge_anew(ledger: Ledger, tx: Transaction) -> None:
    """Have the days judged anew of those whose promise is another one; the band of a keep is counted anew, on the day that
    is still open too.
    """
    days: list[tuple[int, Day]] = []
    for account in ledger.judged:
        if account.enrolment.measure_changed:
            account.edited = "the measure was changed"
        if not account.enrolment.promise_changed:
            continue
        account.restep = account.changed = True
        account.edited = account.edited or "the promise was changed"
        if isinstance(account.key_result.shape, Keep):
            days += _counted_anew(tx, account)
    tx.put_days(days)


def _counted_anew(tx: Transaction, account: Account) -> list[tuple[int, Day]]:
    """Make all days anew; those that have not closed stay without a value."""
    unclosed = {day.day for day in account.days if day.value is None}
    made = recompute_days(tx, [(account, [day.day for day in account.days])])
    made = [(series, replace(day, value=None) if day.day in unclosed else day) for series, day in made]
    for _, day in made:
        account.put_day(day)
    return made
