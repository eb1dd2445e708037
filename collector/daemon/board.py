"""What the running daemon shows of itself (see `collector.ports.board`)."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from collector.clock import Clock
from collector.daemon.tally import Tally
from collector.daemon.watch import Watch
from collector.daemon.writer import Writer
from collector.domain.evaluation import Evaluation
from collector.domain.okr import KeyResult, Objective, Okrs
from collector.domain.outage import SourceStanding
from collector.ports.board import Changes, OpenAlert, Vitals
from collector.ports.catalogue import NotifierEntry
from collector.ports.store import Item, LetterState, Removed, Store, Wanted
from collector.services.account import Account
from collector.services.announce import disabled_of
from collector.services.judge import judge_or_keep
from collector.services.open_alerts import OpenAlerts

LONGEST_SILENCE = timedelta(seconds=60)
"""A daemon that kept nothing for this long (real time) is not ready: it lets time pass every second."""


class DaemonBoard:
    """Shows the books as they stood after the last transaction, judged for the instant of looking."""

    def __init__(
        self,
        store: Store,
        okrs: Okrs,
        watch: Watch,
        tally: Tally,
        writer: Writer,
        clock: Clock,
        page: str = "",
        notifiers: Mapping[str, NotifierEntry] = {},
    ) -> None:
        self._store, self._okrs, self._watch, self._tally, self._writer = store, okrs, watch, tally, writer
        self._clock, self._page, self._notifiers = clock, page, notifiers
        self._open = OpenAlerts(store, okrs)
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._removed: Sequence[Removed] | None = None

    def show(self, accounts: Collection[Account]) -> None:
        """Look at accounts as they stand now. Called in the writer's thread, after each transaction."""
        changed = {account.key_result.key: account.snapshot for account in accounts}
        with self._lock:
            self._accounts |= changed

    def ready(self) -> Sequence[str]:
        """Give the reasons why the daemon is not ready; empty when it is."""
        vitals = self.vitals()
        if vitals.store_trouble:
            return [f"the store refuses to write: {vitals.store_trouble}"]
        if vitals.last_kept is None:
            return ["nothing was kept yet"]
        silence = self._clock.now() - vitals.last_kept
        if silence > LONGEST_SILENCE:
            return [f"nothing was kept for {silence.total_seconds():.0f} s"]
        return []

    def working(self) -> bool:
        """Tell whether work is being done, for the heartbeat."""
        return not self.ready()

    def verdicts(self) -> Sequence[tuple[KeyResult, Evaluation | None]]:
        """Give every key result with its verdict at this instant."""
        with self._lock:
            accounts = dict(self._accounts)
        at = self._clock.now()
        return [
            (key_result, judge_or_keep(key_result, accounts[key].history, at) if key in accounts else None)
            for key, key_result in self._okrs.key_results.items()
        ]

    def unexplained(self) -> Mapping[str, str]:
        """Give what was edited without a reason, by `cycle:address`."""
        with self._lock:
            accounts = dict(self._accounts)
        edited = {key: account.enrolment.unexplained for key, account in accounts.items()}
        return {key: what for key, what in edited.items() if what}

    def removed(self) -> Sequence[Removed]:
        """Give the key results that vanished from the files without a reason. They are read once: which they are changes
        with the files, and other files come with another board. Raises `StoreError`.
        """
        if self._removed is None:
            with self._lock:
                enrolled = bool(self._accounts)
            with self._store.read() as tx:
                removed = [one for one in tx.removed() if one.key not in self._okrs.key_results]
            if not enrolled:
                return removed
            self._removed = removed
        return self._removed

    def objectives(self) -> Mapping[str, Objective]:
        """Give the objectives by `cycle:address`."""
        return self._okrs.objectives

    def sources(self) -> Mapping[str, SourceStanding]:
        """Give how each source stands."""
        return self._watch.all()

    def outbox(self) -> Mapping[str, Mapping[LetterState, int]]:
        """Count letters by notifier and state."""
        with self._store.read() as tx:
            return tx.outbox()

    def disabled(self) -> Mapping[str, bool]:
        """Tell of each notifier of the files whether its address is gone, so that nothing is sent. Raises `StoreError`."""
        with self._store.read() as tx:
            return {name: disabled_of(tx, entry) is not None for name, entry in self._notifiers.items()}

    def open_alerts(self) -> Sequence[OpenAlert]:
        """Give what is wrong now, the most severe first and then the oldest. Raises `StoreError`."""
        return self._open.look(self._clock.now())

    def changes_after(self, seq: int, limit: int, wanted: Wanted) -> Changes:
        """Give wanted changes of alerts with a sequence number above `seq`, ascending. Raises `StoreError`."""
        with self._store.read() as tx:
            return Changes(tx.transitions(seq, limit, wanted), tx.extent())

    def newest_changes(self, limit: int, before: int | None, wanted: Wanted) -> Sequence[Item]:
        """Give wanted changes with a sequence number below `before`, the newest first. Raises `StoreError`."""
        with self._store.read() as tx:
            return tx.newest(limit, before, wanted)

    def teams(self) -> Collection[str]:
        """Name the teams, in the order of the files."""
        return tuple(self._okrs.teams)

    def page(self) -> str:
        """Give the public address of the page, without a slash at its end; empty where it has none."""
        return self._page

    def vitals(self) -> Vitals:
        """Give the daemon's own counts."""
        return self._tally.vitals(self._writer.waiting())

    def now(self) -> datetime:
        """Give the instant of looking."""
        return self._clock.now()
