"""One piece of work, one transaction: record, judge, alert, and what is to be said (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.alert import Transition
from collector.domain.outage import SourceStanding
from collector.ports.store import Store, Transaction
from collector.services.account import Account
from collector.services.ask import Found, Healed
from collector.services.definitions_news import tell_of_definitions
from collector.services.enrol import Enrolled, enrol
from collector.services.evaluate import due_for_review, evaluate_accounts, judged_of
from collector.services.ledger import Ledger
from collector.services.raise_alerts import raise_alerts
from collector.services.recipients import Routes
from collector.services.record import record, record_healed
from collector.services.restate import Reread, record_reread
from collector.services.speak import speak


@dataclass(frozen=True, slots=True)
class Errand:
    """Something else that writes (a brief), once the books are judged."""

    act: Callable[[Ledger, Transaction, Routes, datetime], Sequence[Transition]]
    """Writes inside the transaction, and gives the alerts that it moved."""
    concerns: Callable[[Account], bool] = lambda _: False
    """Picks those, of the accounts that are judged, whose verdicts it speaks of: they are to be of its instant."""


@dataclass(slots=True)
class Books:
    """Writes everything down. Used by one thread at a time."""

    store: Store
    ledger: Ledger
    routes: Routes
    spoke: bool = False
    """Whether the last transaction put letters about alerts into the outbox."""
    touched: list[Account] = field(default_factory=list)
    """The accounts that the last transaction judged, or all of them when it read everything anew."""

    def keep(
        self,
        at: datetime,
        *,
        found: Sequence[Found] = (),
        healed: Sequence[Healed] = (),
        reread: Sequence[Reread] = (),
        errand: Errand | None = None,
        standings: Mapping[str, SourceStanding],
    ) -> list[Transition]:
        """Keep findings, and every verdict, alert and letter that follows from them and from the time; then run the errand.
        All of it is kept or, when this raises, nothing; what was remembered is then forgotten and read anew. Raises
        `StoreError`, and what the errand raises.
        """
        try:
            with self.store.write() as tx:
                anew = self.ledger.load(tx)
                accounts = record(self.ledger, tx, found)
                for one in healed:
                    accounts += record_healed(self.ledger, tx, one.series, one.findings, one.through, at)
                for again in reread:
                    accounts += record_reread(self.ledger, tx, again, at)
                accounts += due_for_review(self.ledger.judged, at)
                if errand is not None:
                    accounts += filter(errand.concerns, self.ledger.judged)
                moved = self._judge(tx, accounts, standings, at)
                if errand is not None:
                    moved += self._run(tx, errand, at)
                self.spoke = speak(self.ledger, tx, self.routes, moved, at)
            if anew:
                self.touched = self.ledger.judged
        except BaseException:
            self.ledger.forget()
            raise
        return moved

    def enrol(self, at: datetime, standings: Mapping[str, SourceStanding]) -> Enrolled:
        """Bring everything in line with the files, and judge it anew. Raises `StoreError`, and keeps nothing then."""
        try:
            with self.store.write() as tx:
                enrolled = enrol(self.ledger, tx, at)
                moved = tell_of_definitions(self.ledger, tx, enrolled.renamed, at)
                moved += self._judge(tx, self.ledger.judged, standings, at)
                self.spoke = speak(self.ledger, tx, self.routes, moved, at)
        except BaseException:
            self.ledger.forget()
            raise
        return enrolled

    def _run(self, tx: Transaction, errand: Errand, at: datetime) -> Sequence[Transition]:
        moved = errand.act(self.ledger, tx, self.routes, at)
        self.ledger.put_alerts([one.alert for one in moved])
        return moved

    def _judge(
        self,
        tx: Transaction,
        accounts: Sequence[Account],
        standings: Mapping[str, SourceStanding],
        at: datetime,
    ) -> list[Transition]:
        unique = list({account.series: account for account in accounts}.values())
        judged = evaluate_accounts(tx, unique, at)
        self.touched = judged_of(unique)
        return raise_alerts(self.ledger, tx, judged, standings, at)
