"""One piece of work, one transaction: record, judge, alert, and what is to be said (law 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.alert import Transition
from collector.domain.outage import SourceStanding
from collector.ports.store import Store
from collector.services.ask import Found
from collector.services.evaluate import due_for_review, evaluate_accounts
from collector.services.ledger import Account, Ledger
from collector.services.raise_alerts import Routes, raise_alerts
from collector.services.record import record, record_healed


@dataclass(frozen=True, slots=True)
class Healed:
    """What asking one series about its past gave, up to `through`."""

    series: int
    findings: Sequence[Found]
    through: datetime


@dataclass(slots=True)
class Books:
    """Writes everything down. Used by one thread at a time."""

    store: Store
    ledger: Ledger
    routes: Routes
    touched: list[Account] = field(default_factory=list)
    """The accounts that the last transaction judged, or all of them when it read everything anew."""

    def keep(
        self,
        at: datetime,
        *,
        found: Sequence[Found] = (),
        healed: Sequence[Healed] = (),
        standings: Mapping[str, SourceStanding],
    ) -> list[Transition]:
        """Keep findings, and every verdict, alert and letter that follows from them and from the time. All of it is
        kept or, when this raises `StoreError`, nothing; what was remembered is then forgotten and read anew.
        """
        try:
            with self.store.write() as tx:
                anew = self.ledger.load(tx)
                accounts = record(self.ledger, tx, found)
                for one in healed:
                    accounts += record_healed(self.ledger, tx, one.series, one.findings, one.through, at)
                accounts += due_for_review(list(self.ledger.accounts.values()), at)
                accounts = _unique(accounts)
                evaluate_accounts(tx, accounts, at)
                moved = raise_alerts(self.ledger, tx, accounts, standings, self.routes, at)
            self.touched = list(self.ledger.accounts.values()) if anew else accounts
        except BaseException:
            self.ledger.forget()
            raise
        return moved


def _unique(accounts: Sequence[Account]) -> list[Account]:
    return list({account.series: account for account in accounts}.values())
