"""What people and machines may look at: verdicts judged for the instant of looking, so that old data never looks green."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.judgement import evaluate
from collector.domain.okr import KeyResult, Okrs
from collector.ports.store import Store
from collector.services.ledger import Account, Ledger


@dataclass(frozen=True, slots=True)
class Standing:
    """A key result as it stands at the instant of looking."""

    key_result: KeyResult
    evaluation: Evaluation | None
    """Nothing when it is not measured by this version, or was never enrolled."""
    days: tuple[Day, ...] = ()
    baseline: Baseline | None = None
    series: int | None = None


def standings(store: Store, okrs: Okrs, at: datetime) -> list[Standing]:
    """Give every key result of the files, in their order, judged at `at` from what is stored. Writes nothing."""
    ledger = Ledger(okrs)
    with store.read() as tx:
        ledger.load(tx)
    accounts = {account.key_result.key: account for account in ledger.accounts.values()}
    return [_standing(key_result, accounts.get(key), at) for key, key_result in okrs.key_results.items()]


def _standing(key_result: KeyResult, account: Account | None, at: datetime) -> Standing:
    if account is None:
        return Standing(key_result, None)
    return Standing(
        key_result=key_result,
        evaluation=evaluate(key_result, account.history, at),
        days=tuple(account.days),
        baseline=account.baseline,
        series=account.enrolment.series,
    )


def verdicts(standings_: list[Standing]) -> Mapping[str, Evaluation]:
    """Give the verdicts by `cycle:address`."""
    return {one.key_result.key: one.evaluation for one in standings_ if one.evaluation is not None}
