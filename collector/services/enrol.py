"""Brings the books in line with the files: what is new, what was edited, renamed, or is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.domain.shape import Keep
from collector.ports.store import Enrolment, Transaction
from collector.services.aggregate import recompute_days
from collector.services.ask import Found
from collector.services.heal import begin
from collector.services.ledger import Account, Ledger
from collector.services.record import record
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

    A changed measure ends its segment, whose last verdict is frozen; a changed promise has the days of the cycle judged
    anew. Values that stand in the files are recorded.
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
    record(ledger, tx, missed)
    record_written_values(ledger, tx, at)
    _judge_anew(ledger, tx)
    renamed = {one.renamed_from: key for key, one in enrolments.items() if one.renamed_from}
    return Enrolled(missed, new, renamed)


def _end_segments(
    tx: Transaction, before: Mapping[str, Enrolment], after: Mapping[str, Enrolment], at: datetime
) -> None:
    changed = [(key, one) for key, one in after.items() if one.measure_changed]
    verdicts = tx.evaluations([one.key_result for _, one in changed])
    for key, one in changed:
        was = before.get(one.renamed_from or key)
        if was is not None:
            verdict = verdicts.get(one.key_result)
            tx.end_segment(was.series, at, verdict if verdict and verdict.series == was.series else None)


def _judge_anew(ledger: Ledger, tx: Transaction) -> None:
    """Have the days judged anew of those whose promise is another one; the band of a keep is counted anew, too."""
    counted: list[tuple[Account, list[int]]] = []
    for account in ledger.judged:
        if not account.enrolment.promise_changed:
            continue
        account.restep = account.changed = True
        if isinstance(account.key_result.shape, Keep):
            counted.append((account, [day.day for day in account.days if day.value is not None]))
    tx.put_days(recompute_days(tx, counted))
