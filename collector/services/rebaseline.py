"""Takes a measured baseline anew, or freezes it, because a person says so; the days of the cycle are judged anew by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from collector.domain.baseline import Baseline
from collector.domain.okr import KeyResult, Okrs
from collector.domain.shape import LastCycle, Measured, Reach
from collector.errors import UsageError
from collector.ports.store import Deed, Store, Transaction
from collector.services.account import Account
from collector.services.conclude import conclude
from collector.services.ledger import Ledger
from collector.services.recipients import Routes
from collector.services.take_baseline import baseline_of, last_closes


@dataclass(frozen=True, slots=True)
class Rebaselined:
    """A baseline before and after."""

    was: Baseline | None
    now: Baseline


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, why, and when."""

    actor: str
    why: str
    at: datetime


def rebaseline(
    store: Store, okrs: Okrs, routes: Routes, key_result: KeyResult, by: By, *, freeze: bool = False
) -> Rebaselined:
    """Take the baseline anew from what is stored, judge by it and raise alerts. Raises `UsageError` where it is no measured one, or nothing is stored."""
    with store.write() as tx:
        ledger, account = _account(tx, okrs, key_result)
        was, account.baseline = account.baseline, None
        taken = baseline_of(account, by.at, partial(last_closes, tx, account))
        if taken is None:
            raise UsageError(
                f"{key_result.key}: nothing is stored that a baseline can be taken from;"
                f" read the days before the cycle with `krd backfill {key_result.address}` first"
            )
        if freeze:
            taken = replace(taken, provisional=False)
        _keep(ledger, tx, account, taken, routes, _deed(account, was, taken, by, "again"))
        return Rebaselined(was, taken)


def freeze_baseline(store: Store, okrs: Okrs, routes: Routes, key_result: KeyResult, by: By) -> Rebaselined:
    """Let no late data move the baseline as it is any more. Raises `UsageError` where there is none to freeze."""
    with store.write() as tx:
        ledger, account = _account(tx, okrs, key_result)
        was = account.baseline
        if was is None:
            raise UsageError(f"{key_result.key}: there is no baseline yet that could be frozen")
        if not was.provisional:
            return Rebaselined(was, was)
        frozen = replace(was, provisional=False)
        _keep(ledger, tx, account, frozen, routes, _deed(account, was, frozen, by, "freeze"))
        return Rebaselined(was, frozen)


def _account(tx: Transaction, okrs: Okrs, key_result: KeyResult) -> tuple[Ledger, Account]:
    shape = key_result.shape
    if not isinstance(shape, Reach) or not isinstance(shape.start, Measured | LastCycle):
        raise UsageError(
            f"{key_result.key}: its baseline is not taken from data; `from:` in the file ({key_result.place}) says it"
        )
    ledger = Ledger(replace(okrs, key_results={key_result.key: key_result}))
    ledger.load(tx)
    found = next(iter(ledger.judged), None)
    if found is None:
        raise UsageError(f"{key_result.key}: krd has not run with it yet; run `krd once` first")
    return ledger, found


def _keep(
    ledger: Ledger, tx: Transaction, account: Account, taken: Baseline, routes: Routes, deed: Deed
) -> None:
    account.baseline = taken
    account.changed = account.restep = True
    tx.put_baselines([(account.enrolment.key_result, taken)], deed.at)
    conclude(ledger, tx, [account], routes, deed.at, [deed])


def _deed(account: Account, was: Baseline | None, taken: Baseline, by: By, how: str) -> Deed:
    detail = {"how": how, "was": _facts(was), "now": _facts(taken), "why": by.why}
    return Deed(by.at, by.actor, "baseline", account.key_result.key, detail)


def _facts(baseline: Baseline | None) -> Mapping[str, object] | None:
    if baseline is None:
        return None
    return {"kind": baseline.kind.value, "value": baseline.value, "provisional": baseline.provisional}
