"""Concludes what a person did: judged, told, and noted in the audit log, in the transaction that did it (law 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.ports.store import Deed, Transaction
from collector.services.account import Account
from collector.services.evaluate import evaluate_accounts, judged_of
from collector.services.ledger import Ledger
from collector.services.raise_alerts import raise_alerts
from collector.services.recipients import Routes
from collector.services.speak import speak


def conclude(
    ledger: Ledger,
    tx: Transaction,
    accounts: Iterable[Account],
    routes: Routes,
    at: datetime,
    deeds: Sequence[Deed] = (),
) -> None:
    """Judge the key results that these accounts are parts of, raise their alerts, and write the lines of the audit log.

    What is to be said of sources is left to the krd that asks them.
    """
    touched = list(accounts)
    judged = judged_of(touched)
    unique = {account.series: account for account in [*touched, *judged]}
    evaluate_accounts(tx, list(unique.values()), at)
    moved = raise_alerts(ledger, tx, judged, {}, at)
    speak(ledger, tx, routes, moved, at, moved_only=True)
    for deed in deeds:
        tx.note_deed(deed)
