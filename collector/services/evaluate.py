"""Closes days, takes baselines and judges key results, inside the transaction that recorded their data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from collector.domain.cycle import CycleState
from collector.domain.evaluation import Evaluation
from collector.domain.health import Health, Patience, next_change
from collector.domain.judgement import closed_days, foreseen, judged, patience_of
from collector.domain.okr import MAIN, KeyResult
from collector.domain.shape import Reach
from collector.domain.sight import Sight, sight_of
from collector.domain.steps import Foretold
from collector.logs import get_logger
from collector.ports.store import Transaction
from collector.services.account import Account
from collector.services.aggregate import recompute_days
from collector.services.judge import ABSURD
from collector.services.recent import load_recent
from collector.services.take_baseline import baseline_of, last_closes

log = get_logger(__name__)

_SOON = timedelta(milliseconds=1)


def evaluate_accounts(tx: Transaction, accounts: Sequence[Account], at: datetime) -> list[Account]:
    """Judge each key result that one of `accounts` is a part of, and store what changed: day values, baselines,
    evaluations. Gives those judged: a verdict that one more reading cannot move stands as it is.
    """
    accounts = [account for account in accounts if account.role != MAIN or not _still_stands(account, at)]
    tx.put_days(recompute_days(tx, [(account, days_to_close(account, at)) for account in accounts]))
    accounts = judged_of(accounts)
    load_recent(tx, accounts, at)
    _take_baselines(tx, accounts, at)
    patiences = _Patiences()
    evaluations: list[tuple[int, Evaluation]] = []
    for account, verdict in _verdicts(accounts, at):
        before, account.evaluation = account.evaluation, verdict
        account.changed = account.restep = False
        _look_again(account, patiences.of(account, at), at)
        if before is None or not _says_the_same(before, verdict):
            evaluations.append((account.enrolment.key_result, verdict))
    tx.put_evaluations(evaluations)
    return accounts


def _take_baselines(tx: Transaction, accounts: Sequence[Account], at: datetime) -> None:
    """Take and store the baselines that are known now. One that fits the promise no more is not judged by, and stays stored
    as evidence until another one is known.
    """
    baselines = []
    for account in accounts:
        baseline = baseline_of(account, at, partial(last_closes, tx, account, at))
        if baseline == account.baseline:
            continue
        if account.baseline is None and account.evaluation is not None and not account.evaluation.over:
            account.restep = True  # days that closed while nobody knew where it began could not be judged
        account.baseline, account.changed = baseline, True
        if baseline is not None:
            baselines.append((account.enrolment.key_result, baseline))
    tx.put_baselines(baselines, at)


def _verdicts(accounts: Sequence[Account], at: datetime) -> Iterator[tuple[Account, Evaluation]]:
    """Look at all accounts, foresee for all of them together, and judge each. One series of absurd numbers must not keep
    all others from being judged: its old verdict stands.
    """
    seen: list[tuple[Account, Sight]] = []
    for account in accounts:
        account.review, account.quiet_until = at + account.key_result.cycle.grid.length, None
        with _tolerated(account):
            seen.append((account, sight_of(account.key_result, account.history, at)))
    for account, sight, ahead in _foreseen(seen):
        with _tolerated(account):
            yield account, judged(sight, ahead)


def _foreseen(seen: Sequence[tuple[Account, Sight]]) -> Iterator[tuple[Account, Sight, Foretold]]:
    """Foresee for all together; when one of them breaks that, for each alone, and for that one not at all."""
    try:
        together = foreseen([sight for _, sight in seen])
    except ABSURD:
        for account, sight in seen:
            with _tolerated(account):
                yield account, sight, foreseen([sight])[0]
        return
    for (account, sight), ahead in zip(seen, together, strict=True):
        yield account, sight, ahead


@contextmanager
def _tolerated(account: Account) -> Iterator[None]:
    """Log what absurd numbers break, and go on."""
    try:
        yield
    except ABSURD as error:
        log.exception("verdict_failed", key_result=account.key_result.key, error=repr(error))


def _still_stands(account: Account, at: datetime) -> bool:
    """Tell whether the verdict of a reach is what it was: between closes, and while its data is fresh, a new reading moves
    nothing that it is judged by. It is looked at again when that reading would be late.
    """
    verdict, current = account.evaluation, account.current
    if (
        verdict is None
        or account.quiet_until is None
        or at >= account.quiet_until
        or account.changed
        or current.failing is not None
        or verdict.trouble
        or current.as_of is None
        or verdict.health is not Health.FRESH
        or verdict.held is not None
        or account.holding
        or account.patience is None
        or at - current.as_of > account.patience.late
    ):
        return False
    account.review = min(account.quiet_until, current.as_of + account.patience.late + _SOON)
    return True


_PASSING = frozenset({"at", "current", "attempted", "succeeded", "as_of"})
"""What every reading moves, and the newest facts of the series tell by themselves."""
_LASTING = tuple(name for name in Evaluation.__slots__ if name not in _PASSING)
_lasting = attrgetter(*_LASTING)


def _says_the_same(before: Evaluation, now: Evaluation) -> bool:
    """Tell whether a verdict says what the one before it said, so that it need not be written down again."""
    return bool(_lasting(before) == _lasting(now))


def judged_of(accounts: Iterable[Account]) -> list[Account]:
    """Give the accounts that are judged by these, each once."""
    return list({account.main.series: account.main for account in accounts}.values())


def days_to_close(account: Account, at: datetime) -> list[int]:
    """Give the days that have closed and have no value yet; days before the cycle are closed by their end."""
    key_result = account.key_result
    today = key_result.cycle.day_of(at)
    waiting = [day.day for day in account.days if day.value is None and day.day < today]
    if not waiting:
        return []
    if at < key_result.cycle.starts:
        closed = min(today, 0)
    else:
        closed = closed_days(
            key_result,
            account.binding,
            account.history,
            at,
            patience_of(key_result, account.binding, at),
        )
    due = [day for day in waiting if day < closed]
    account.changed = account.changed or bool(due)
    return due


def due_for_review(accounts: Sequence[Account], at: datetime) -> list[Account]:
    """Give those whose verdict may have changed by the passing of time alone."""
    return [account for account in accounts if account.review is None or account.review <= at]


class _Patiences:
    """How long data may age, once for all accounts that are read as often in the same cycle."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, object], Patience] = {}

    def of(self, account: Account, at: datetime) -> Patience:
        """Give it for an account."""
        key = (id(account.key_result.cycle), account.binding.every)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = patience_of(account.key_result, account.binding, at)
        return found


def _look_again(account: Account, patience: Patience, at: datetime) -> None:
    """Note when to look again though nothing is read: the data ages, a day closes, the cycle changes its state."""
    key_result, binding = account.key_result, account.binding
    cycle = key_result.cycle
    moments = [at + cycle.grid.length, *_changes_of_state(key_result, patience, at)]
    first_close = at
    if account.evaluation is not None:
        first_close = binding.matured(cycle, cycle.grid.starts(account.evaluation.day + 1))
        moments.append(first_close + cycle.nominal(binding.lag) + patience.stale)
    settled = account.baseline is not None and not account.baseline.provisional
    judged_daily = isinstance(key_result.shape, Reach) and not account.guardrails
    # of a draft each night closes a day that its past is told by, whatever the days of its cycle
    draft = key_result.state(at) is CycleState.DRAFT
    quiet = settled and judged_daily and first_close > at and not draft
    account.quiet_until = min([first_close, *moments]) if quiet else None
    account.patience = patience
    if (change := next_change(account.pulse, patience, at)) is not None:
        moments.append(change + _SOON)
    account.review = min((moment for moment in moments if moment > at), default=at + cycle.grid.length)


def _changes_of_state(key_result: KeyResult, patience: Patience, at: datetime) -> list[datetime]:
    """Give the next moments at which its cycle, or its own deadline, changes what may be said."""
    match key_result.state(at):
        case CycleState.DRAFT:
            return [key_result.cycle.starts]
        case CycleState.ACTIVE:
            return [key_result.ends]
        case CycleState.CLOSING:
            return [key_result.ends + key_result.settling]
        case CycleState.CLOSED:
            return [key_result.ends + key_result.settling + patience.stale]
