"""What people and machines may look at: verdicts judged for the instant of looking, so that old data never looks green."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.judgement import evaluate
from collector.domain.okr import KeyResult, Okrs
from collector.ports.store import Store
from collector.services.ledger import Account, Ledger
from collector.services.recent import load_recent


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
        load_recent(tx, ledger.judged, at)
    accounts = {account.key_result.key: account for account in ledger.judged}
    return [_standing(key_result, accounts.get(key), at) for key, key_result in okrs.key_results.items()]


def _standing(key_result: KeyResult, account: Account | None, at: datetime) -> Standing:
    if account is None:
        return Standing(key_result, None)
    return Standing(
        key_result=key_result,
        evaluation=evaluate(key_result, account.history, at),
        days=tuple(account.days),
        baseline=account.baseline,
        series=account.series,
    )


def verdicts(standings_: list[Standing]) -> Mapping[str, Evaluation]:
    """Give the verdicts by `cycle:address`."""
    return {one.key_result.key: one.evaluation for one in standings_ if one.evaluation is not None}


def status_document(key_result: KeyResult, evaluation: Evaluation | None) -> dict[str, Any]:
    """Give a key result with its verdict as a JSON document: the one that `krd status -o json` and the API show.

    Every document has the same keys. Without a verdict all of its values are null, but `sentence` tells why.
    """
    if evaluation is None:
        unknown = dict.fromkeys(field.name for field in fields(Evaluation))
        verdict = unknown | {"sentence": key_result.not_run or "not measured yet"}
    else:
        verdict = evaluation.document()
    return {
        "address": key_result.address,
        "cycle": key_result.cycle.id,
        "team": key_result.team,
        "objective": key_result.objective,
        "title": key_result.title,
        "owner": key_result.owner,
        "commitment": key_result.commitment.value,
        "unit": key_result.unit,
        "not_run": key_result.not_run,
        **verdict,
    }
