"""Replays what is kept of key results: when drift would have been told of. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from collector.domain.drift_policy import DriftPolicy
from collector.domain.evaluation import Evaluation
from collector.domain.hindsight import Hindsight
from collector.domain.okr import KeyResult, Okrs
from collector.domain.replay import Past, Replay, replays
from collector.domain.status import Status
from collector.logs import get_logger
from collector.ports.store import Store
from collector.services.account import Account
from collector.services.judge import ABSURD, judge_or_keep
from collector.services.ledger import Ledger

log = get_logger(__name__)

TOGETHER = 100
"""Key results whose days are foreseen in one batch: each day of a quarter is a series of its own in memory."""
_KEPT = {Status.ACHIEVED: True, Status.MISSED: False}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A key result with its days as they were, and the verdict on it as it stands."""

    replay: Replay
    verdict: Evaluation

    @property
    def key_result(self) -> KeyResult:
        """Whose days these are."""
        return self.replay.past.key_result

    def by(self, policy: DriftPolicy) -> Hindsight:
        """Tell what a drift policy would have said."""
        return Hindsight(self.replay, policy, _KEPT.get(self.verdict.status))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A key result that cannot be replayed, and why."""

    key_result: KeyResult
    why: str
    waits: bool = False
    """Whether there is nothing to do about it but wait."""


def backtest(
    store: Store, okrs: Okrs, key_results: Sequence[KeyResult], at: datetime
) -> Iterator[Replayed | LeftOut]:
    """Replay the stored days of each, in the order given, up to the last that is closed at `at`.

    Days that were healed or restated are as they are now, and so are baselines and definitions. What is read at once is one
    state of the store.
    """
    for some in _several(key_results):
        accounts = _accounts(store, okrs, some)
        seen = [_seen(one, accounts.get(one.key), at) for one in some]
        played = iter(_replayed([one for one in seen if isinstance(one, _Seen)]))
        for one in seen:
            yield one if isinstance(one, LeftOut) else next(played)


@dataclass(frozen=True, slots=True)
class _Seen:
    past: Past
    verdict: Evaluation


def _several(key_results: Iterable[KeyResult]) -> Iterator[list[KeyResult]]:
    left = iter(key_results)
    while some := list(islice(left, TOGETHER)):
        yield some


def _accounts(store: Store, okrs: Okrs, some: Sequence[KeyResult]) -> dict[str, Account]:
    ledger = Ledger(replace(okrs, key_results={one.key: one for one in some}))
    with store.read() as tx:
        ledger.load(tx)
    return {account.key_result.key: account for account in ledger.judged}


def _seen(key_result: KeyResult, account: Account | None, at: datetime) -> _Seen | LeftOut:
    if at < key_result.cycle.starts:
        return LeftOut(key_result, "its cycle has not begun", waits=True)
    if key_result.not_run or account is None or not account.days:
        return LeftOut(key_result, key_result.not_run or _unread(key_result))
    verdict = judge_or_keep(key_result, account.history, at)
    if verdict is None:
        return LeftOut(key_result, "its numbers are past all arithmetic")
    if not verdict.day:
        return LeftOut(key_result, "no day of its cycle is closed yet", waits=True)
    days = tuple(account.days)
    past = Past(key_result, account.binding, days, account.began, account.current.first_slot, verdict.day)
    return _Seen(past, verdict)


def _unread(key_result: KeyResult) -> str:
    return f"no day of it is kept: `krd once` reads it, `krd backfill {key_result.address}` its past"


def _replayed(seen: Sequence[_Seen]) -> list[Replayed | LeftOut]:
    """Replay all together; where the numbers of one are past all arithmetic, the others are replayed without it."""
    try:
        played = replays([one.past for one in seen])
    except ABSURD as error:
        if len(seen) > 1:
            return [found for one in seen for found in _replayed([one])]
        key_result = seen[0].past.key_result
        log.exception("replay_failed", key_result=key_result.key, error=repr(error))
        return [LeftOut(key_result, "its numbers are past all arithmetic")]
    return [Replayed(replay, one.verdict) for replay, one in zip(played, seen, strict=True)]
