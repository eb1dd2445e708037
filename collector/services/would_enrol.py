"""Tries what enrolling would change, verdicts included, and takes it all back: the store alone knows what a change is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.evaluation import Evaluation
from collector.domain.okr import Okrs
from collector.ports.store import Enrolment, Store
from collector.services.enrol import enrol
from collector.services.evaluate import evaluate_accounts
from collector.services.ledger import Ledger


class _TakenBack(Exception):
    """Ends the transaction without a trace."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What enrolling would make of the store, all keyed `cycle:address`."""

    before: Mapping[str, Enrolment]
    after: Mapping[str, Enrolment]
    said: Mapping[str, Evaluation]
    """The latest verdicts as they stand, by the keys of now."""
    would_say: Mapping[str, Evaluation] = field(default_factory=dict)
    """The verdicts that the new definitions would be given on what is stored."""

    @property
    def gone(self) -> list[str]:
        """Those that are enrolled and would be removed."""
        renamed = {one.renamed_from for one in self.after.values()}
        return [key for key in self.before if key not in self.after and key not in renamed]


def rehearse(store: Store, okrs: Okrs, at: datetime) -> Rehearsal:
    """Enrol these definitions, judge them, and roll everything back. Needs the store's writing lock."""
    ledger = Ledger(okrs)
    try:
        with store.write() as tx:
            before = tx.enrolments()
            verdicts = tx.evaluations([one.key_result for one in before.values()])
            enrol(ledger, tx, at)
            after = ledger.enrolments or {}
            evaluate_accounts(tx, ledger.judged, at)
            said = {
                key: verdicts[was.key_result]
                for key, one in after.items()
                if (was := before.get(one.renamed_from or key)) is not None and was.key_result in verdicts
            }
            raise _TakenBack
    except _TakenBack:
        judged = {
            account.key_result.key: account.evaluation for account in ledger.judged if account.evaluation
        }
        return Rehearsal(before, after, said, judged)


def changed_definitions(store: Store, okrs: Okrs, at: datetime) -> list[str]:
    """Give the key results (`cycle:address`) that are new, gone, or not what the store last enrolled. Nothing is judged: it
    holds the store's writing lock, beside a krd that may be running, for as long as comparing takes.
    """
    try:
        with store.write() as tx:
            before = tx.enrolments()
            after = tx.enrol(list(okrs.key_results.values()), at)
            raise _TakenBack
    except _TakenBack:
        changed = [key for key, one in after.items() if one.measure_changed or one.promise_changed]
        return changed + [key for key in (*after, *before) if (key in after) != (key in before)]
