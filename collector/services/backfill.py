"""Asks a source about past slots because a person wants it: fills what is missing, and restates what is another number now."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from collector.clock import Clock
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, Origin, Restatement, Sample, SampleState
from collector.ports.sources import OpenSource
from collector.ports.store import Deed, Store, Transaction
from collector.services.ask import Due, Found, due_slots, left_by, moment_of, questions_of
from collector.services.collect import UNANSWERED
from collector.services.evaluate import evaluate_accounts
from collector.services.heal import PAST, PORTION, Stretch
from collector.services.hold import judge_anew
from collector.services.ledger import Account, Ledger
from collector.services.plan_due import delay_of
from collector.services.record import TICK, record_healed
from collector.services.restate import SAME, restate
from collector.services.wait_for_load import Loads
from connectors.api import Failure, Outcome

WHY = "backfill"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be read again, and by whose wish."""

    after: datetime | None
    """Slots later than this; nothing: from 28 days before the cycle on."""
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
    after = wish.after if wish.after is not None else cycle.back(cycle.starts, PAST)
    return Stretch(account, after, min(newest, wish.until) if wish.until is not None else newest)


class Backfill:
    """Works through the past of the series of one key result. Harmless beside a running daemon, and when done twice."""

    def __init__(self, store: Store, ledger: Ledger, wish: Wish, clock: Clock) -> None:
        """Take a ledger that holds the key result, and more only if it need not be small."""
        self.store, self.ledger, self.wish, self.clock = store, ledger, wish, clock
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
            findings, failure = ask_past(source, wanted, self.clock)
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
            changed = [one for found in findings if (one := _restated(account, known, found, at)) is not None]
            changed = changed if self.wish.restate else []
            filled = sum(isinstance(found.left, Sample) for found in missing)
            touched = restate(tx, account, changed, at, WHY)
            if missing:
                # what is still to be healed stays so: it may lie elsewhere
                since = account.current.heal_since or at
                touched += record_healed(self.ledger, tx, account.series, missing, since, at)
            if filled or changed:
                for each in touched:
                    judge_anew(each)
                evaluate_accounts(tx, touched, at)
                tx.note_deed(self._deed(account, findings, filled, len(changed), at))
        done.filled += filled
        done.empty.update(found.left.reason.value for found in missing if isinstance(found.left, Gap))
        done.restated += changed
        if self.wish.restate:
            put_aside = sum(sample.state is not SampleState.USED for sample in known.values())
            done.put_aside += put_aside
            done.same += len(known) - put_aside - len(changed)

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


def ask_past(source: OpenSource, portion: Sequence[Due], clock: Clock) -> tuple[list[Found], Failure | None]:
    """Read past slots of one series (ascending); what comes before the first failure of the source is given with it."""
    moments = [moment_of(due) for due in portion]
    parts: list[dict[datetime, Outcome]] = [
        dict(source.connector.fetch_range(question, moments, source.timeout))
        for question in questions_of(portion[0], 0, historical=True)
    ]
    findings: list[Found] = []
    for due in portion:
        outcomes = [part.get(due.slot, UNANSWERED) for part in parts]
        ill = next((o for o in outcomes if isinstance(o, Failure) and o.kind.concerns_source), None)
        if ill is not None:
            return findings, ill
        at = clock.now()
        findings.append(Found(due, left_by(due, outcomes, at, Origin.HEALED), at))
    return findings, None


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
    account: Account, known: dict[datetime, Sample], found: Found, at: datetime
) -> Restatement | None:
    """Give what takes the place of a used sample, if it is another number, and one that its author calls plausible."""
    was, now = known.get(found.due.slot), found.left
    if was is None or was.state is not SampleState.USED or not isinstance(now, Sample) or _same(was, now):
        return None
    bounds = account.binding.plausible
    if bounds is not None and not bounds[0] <= now.value <= bounds[1]:
        return None
    return Restatement(was, replace(now, origin=Origin.RESTATED, recorded_at=at), at, WHY)


def _same(was: Sample, now: Sample) -> bool:
    """Tell whether two readings are the same number; databases add in any order."""
    pairs = ((was.value, now.value), (was.num, now.num), (was.den, now.den))
    return all(
        one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=SAME))
        for one, other in pairs
    )


def parts_of(ledger: Ledger, key_result: KeyResult) -> Iterator[Account]:
    """Give the series of a key result that can be asked about the past."""
    for account in ledger.accounts.values():
        binding = account.binding
        if account.key_result.key == key_result.key and binding.asked and binding.answers_the_past:
            yield account
