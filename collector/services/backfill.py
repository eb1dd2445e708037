"""Asks a source about past slots because a person wants it: fills what is missing, and restates what is another number now."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from collector.clock import Clock
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Restatement, Sample, SampleState
from collector.ports.sources import OpenSource
from collector.ports.store import Deed, Store, Transaction
from collector.services.account import Account
from collector.services.ask import Due, Found, due_slots
from collector.services.conclude import conclude
from collector.services.heal import PORTION, Stretch, ask_portion, past_of
from collector.services.hold import judge_anew
from collector.services.ledger import Ledger
from collector.services.plan_due import delay_of
from collector.services.recipients import Routes
from collector.services.record import TICK, record_healed
from collector.services.restate import restate
from collector.services.supersede import moves, reason, same, supersede
from collector.services.wait_for_load import Loads
from connectors.api import Failure

WHY = "backfill"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be read again, and by whose wish."""

    after: datetime | None
    """Slots later than this; nothing: from as long before the cycle on as is read at first sight."""
    until: datetime | None
    """Slots not later than this; nothing: up to the newest one whose time has come."""
    restate: bool
    """Whether slots that have a number are asked for, too."""
    actor: str


@dataclass(slots=True)
class Backfilled:
    """What reading the past of one series gave."""

    role: str
    asked: int = 0
    filled: int = 0
    """Slots that had no number, and have one now."""
    restated: list[Restatement] = field(default_factory=list)
    same: int = 0
    """Slots whose number is what it was."""
    put_aside: int = 0
    """Slots whose number is held or discarded: only a person decides on those."""
    implausible: int = 0
    """Slots that keep their number, since the one given instead is implausible beside it; given again by another backfill
    it takes its place, unless it is outside of `plausible`.
    """
    empty: Counter[str] = field(default_factory=Counter)
    """Slots that still have no number, by reason."""
    failure: Failure | None = None
    """Why the source was not asked to the end."""


def stretch_of(account: Account, wish: Wish, at: datetime) -> Stretch:
    """Give the slots that `wish` means, never one whose time has not come."""
    key_result, binding = account.key_result, account.binding
    cycle = key_result.cycle
    cadence = binding.cadence(cycle)
    due = cadence.latest(at - delay_of(account, at))
    newest = min(due, cadence.latest(key_result.ends + key_result.settling))
    after = wish.after if wish.after is not None else cycle.back(cycle.starts, past_of(key_result))
    return Stretch(account, after, min(newest, wish.until) if wish.until is not None else newest)


class Backfill:
    """Works through the past of the series of one key result. Harmless beside a running daemon, and when done twice."""

    def __init__(self, store: Store, ledger: Ledger, routes: Routes, wish: Wish, clock: Clock) -> None:
        """Take a ledger that holds the key result, and more only if it need not be small."""
        self.store, self.ledger, self.routes, self.wish, self.clock = store, ledger, routes, wish, clock
        self._loads = Loads()

    def run(
        self, source: OpenSource, series: int, progress: Callable[[datetime], None] = lambda _: None
    ) -> Backfilled:
        """Ask for the slots of one series, oldest first, and record each portion at once; a failure of the source ends it.

        `progress` hears the first slot of every portion. Raises `StoreError`; what was recorded before stays.
        """
        account = self.ledger.accounts[series]
        done = Backfilled(account.role)
        at = self.clock.now()
        loaded = self._loads.trim(source, stretch_of(account, self.wish, at), at, time.sleep)
        if loaded is None or isinstance(loaded, Failure):
            done.failure = loaded
            return done
        slots = due_slots(account.key_result, account.binding, series, loaded.since, loaded.until)
        while done.failure is None and (portion := list(islice(slots, PORTION))):
            progress(portion[0].slot)
            self._portion(source, self._wanted(portion), done)
        return done

    def _wanted(self, portion: Sequence[Due]) -> list[Due]:
        """Leave out what is known, unless it is to be restated."""
        if self.wish.restate:
            return list(portion)
        with self.store.read() as tx:
            known = _known(tx, portion)
        return [due for due in portion if due.slot not in known]

    def _portion(self, source: OpenSource, wanted: list[Due], done: Backfilled) -> None:
        """Ask until all is answered; a source that manages a part in its time is asked for the rest."""
        while wanted:
            findings, failure = ask_portion(source, wanted, self.clock)
            if findings:
                self._keep(findings, done)
            done.asked += len(findings)
            wanted = wanted[len(findings) :]
            if failure is not None and not findings:
                done.failure = failure
                return

    def _keep(self, findings: Sequence[Found], done: Backfilled) -> None:
        at = self.clock.now()
        with self.store.write() as tx:
            self.ledger.load(tx)
            account = self.ledger.accounts[findings[0].due.series]
            known = _known(tx, [found.due for found in findings])
            missing = [found for found in findings if found.due.slot not in known]
            superseding, strange = _restated(account, known, findings if self.wish.restate else (), at)
            changed = [one for one in superseding if moves(one.was, one.now)]
            filled = sum(isinstance(found.left, Sample) for found in missing)
            touched = restate(tx, account, superseding, at, WHY)
            if missing:
                # what is still to be healed stays so: it may lie elsewhere
                since = account.current.heal_since or at
                touched += record_healed(self.ledger, tx, account.series, missing, since, at)
            if filled or changed:
                for each in touched:
                    judge_anew(each)
                deed = self._deed(account, findings, filled, len(changed), at)
                conclude(self.ledger, tx, touched, self.routes, at, [deed])
        done.filled += filled
        done.empty.update(found.left.reason.value for found in missing if isinstance(found.left, Gap))
        done.restated += changed
        if self.wish.restate:
            put_aside = sum(sample.state is not SampleState.USED for sample in known.values())
            done.put_aside += put_aside
            done.implausible += strange
            done.same += len(known) - put_aside - len(changed) - strange

    def _deed(
        self,
        account: Account,
        findings: Sequence[Found],
        filled: int,
        restated: int,
        at: datetime,
    ) -> Deed:
        detail = {
            "series": account.role,
            "from": findings[0].due.slot.isoformat(),
            "to": findings[-1].due.slot.isoformat(),
            "filled": filled,
            "restated": restated,
        }
        return Deed(at, self.wish.actor, "backfill", account.key_result.key, detail)


def refused(key_result: KeyResult) -> str | None:
    """Say why the past of a key result cannot be read at all; nothing when it can."""
    asked = [binding for binding in key_result.bindings.values() if binding.asked]
    if not asked:
        return f"a person enters it; `krd record {key_result.address} VALUE --as-of DATE` enters a past one"
    if not any(binding.answers_the_past for binding in asked):
        return (
            "its query is not asked at a time, so it cannot answer for a past day: use until or as_of in it,"
            " or a source that is asked at a time"
        )
    return None


def _known(tx: Transaction, dues: Sequence[Due]) -> dict[datetime, Sample]:
    series = dues[0].series
    slots = {due.slot for due in dues}
    kept = tx.samples([series], dues[0].slot - TICK, dues[-1].slot)[series]
    return {sample.slot: sample for sample in kept if sample.slot in slots}


def _restated(
    account: Account, known: dict[datetime, Sample], findings: Sequence[Found], at: datetime
) -> tuple[list[Restatement], int]:
    """Give what takes the place of used samples, and how many numbers are too strange to do so."""
    restated: list[Restatement] = []
    strange = 0
    for found in findings:
        was, read = known.get(found.due.slot), found.left
        if was is None or was.state is not SampleState.USED or not isinstance(read, Sample):
            continue
        now = supersede(account, was, read, at)
        restated += [Restatement(was, now, at, reason(was, now, WHY))] if now is not None else []
        strange += not same(was, read) and (now is None or not moves(was, now))
    return restated, strange


def parts_of(ledger: Ledger, key_result: KeyResult) -> Iterator[Account]:
    """Give the series of a key result that can be asked about the past."""
    for account in ledger.accounts.values():
        binding = account.binding
        if account.key_result.key == key_result.key and binding.asked and binding.answers_the_past:
            yield account
