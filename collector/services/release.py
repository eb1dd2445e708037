"""Decides on readings held as implausible, because a person says so: they count from now on, or never."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import Sample, SampleState
from collector.errors import UsageError
from collector.ports.store import Deed, Store, Transaction
from collector.services.account import Account
from collector.services.ask import Due, Found
from collector.services.conclude import conclude
from collector.services.hold import count_row, judge_anew, use
from collector.services.ledger import Ledger
from collector.services.recipients import Routes
from collector.services.record import record_healed


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides."""

    use: bool
    """Whether the readings count from now on; else they are discarded for good."""
    actor: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """Readings that were held, by the role of their series."""

    role: str
    samples: tuple[Sample, ...]


def held_of(store: Store, okrs: Okrs, key_result: KeyResult) -> list[Decided]:
    """Give what is held of a key result, with its guardrails and operands."""
    with store.read() as tx:
        return [
            Decided(one.role, tuple(one.holding)) for one in _accounts(tx, okrs, key_result)[1] if one.holding
        ]


def decide(
    store: Store,
    okrs: Okrs,
    routes: Routes,
    key_result: KeyResult,
    slots: Collection[datetime],
    decision: Decision,
) -> list[Decided]:
    """Release or discard held readings at `slots`, or all of a key result when none is named, and give them.

    Days that hold released readings are made anew, all closed days judged anew, alerts raised, and a line is written to the
    audit log, in one transaction beside a krd that may be running. Raises `UsageError` when nothing is held there.
    """
    with store.write() as tx:
        ledger, accounts = _accounts(tx, okrs, key_result)
        decided = [one for account in accounts if (one := _decide(ledger, tx, account, slots, decision))]
        missing = set(slots) - {sample.slot for one in decided for sample in one.samples}
        if missing or not decided:
            where = f" at {min(missing).isoformat()}" if missing else ""
            raise UsageError(f"{key_result.key}: no reading is held{where}; `krd explain` shows what is")
        deeds = [_deed(key_result, one, decision) for one in decided]
        conclude(ledger, tx, accounts, routes, decision.at, deeds)
        return decided


def _accounts(tx: Transaction, okrs: Okrs, key_result: KeyResult) -> tuple[Ledger, list[Account]]:
    ledger = Ledger(replace(okrs, key_results={key_result.key: key_result}))
    ledger.load(tx)
    return ledger, list(ledger.accounts.values())


def _decide(
    ledger: Ledger, tx: Transaction, account: Account, slots: Collection[datetime], decision: Decision
) -> Decided | None:
    chosen = tuple(one for one in account.holding if not slots or one.slot in slots)
    if not chosen:
        return None
    at = [one.slot for one in chosen]
    if decision.use:
        use(tx, account, at)
        _compute(ledger, tx, account, chosen, decision.at)
    else:
        tx.set_state(account.series, at, SampleState.DISCARDED)
        account.holding = [one for one in account.holding if one.slot not in at]
        count_row(account)
        tx.put_currents([account.current])
        judge_anew(account)
    return Decided(account.role, chosen)


def _compute(
    ledger: Ledger, tx: Transaction, account: Account, freed: Sequence[Sample], at: datetime
) -> None:
    """Compute what had no value while these readings of an operand were held."""
    if account.above is not None and account.above.operands:
        found = [
            Found(Due(account.key_result, account.binding, account.series, one.slot), one, at)
            for one in freed
        ]
        record_healed(ledger, tx, account.series, found, account.current.heal_since or at, at)


def _deed(key_result: KeyResult, decided: Decided, decision: Decision) -> Deed:
    detail = {
        "slots": [one.slot.isoformat() for one in decided.samples],
        "values": [one.value for one in decided.samples],
        "why": decision.why,
        "series": decided.role,
    }
    action = "release" if decision.use else "discard"
    return Deed(decision.at, decision.actor, action, key_result.key, detail)
