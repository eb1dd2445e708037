"""What people and machines may look at: verdicts judged for the instant of looking, so that old data never looks green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from collector.domain.baseline import Baseline
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import WORDS
from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import GapReason
from collector.ports.store import MAIN, Current, Removed, Store
from collector.services.account import Account
from collector.services.judge import judge_or_keep
from collector.services.ledger import Ledger
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
    number: int | None = None
    """Its number in the store."""
    unexplained: str = ""
    """What was edited without a reason: `measure`, `promise`, or both."""
    parts: Mapping[str, Current] = field(default_factory=dict)
    """The newest facts of all its series, by role."""

    @property
    def waiting(self) -> bool:
        """Whether its newest slot waits until the source has loaded it."""
        current = self.parts.get(MAIN)
        return current is not None and current.failing == GapReason.WAITING.value


@dataclass(frozen=True, slots=True)
class Look:
    """Everything there is to see at one instant."""

    standings: list[Standing]
    """Every key result of the files, in their order."""
    removed: list[Removed]
    """Those that vanished from the files without a reason."""


def look(store: Store, okrs: Okrs, at: datetime) -> Look:
    """Judge every key result of the files at `at` from what is stored. Writes nothing."""
    ledger = Ledger(okrs)
    with store.read() as tx:
        ledger.load(tx)
        load_recent(tx, ledger.judged, at)
        removed = [one for one in tx.removed() if one.key not in okrs.key_results]
    accounts = {account.key_result.key: account for account in ledger.judged}
    found = [_standing(key_result, accounts.get(key), at) for key, key_result in okrs.key_results.items()]
    return Look(found, removed)


def standings(store: Store, okrs: Okrs, at: datetime) -> list[Standing]:
    """Give every key result of the files, in their order, judged at `at` from what is stored. Writes nothing."""
    return look(store, okrs, at).standings


def _standing(key_result: KeyResult, account: Account | None, at: datetime) -> Standing:
    if account is None:
        return Standing(key_result, None)
    return standing_of(account, judge_or_keep(key_result, account.history, at))


def standing_of(account: Account, evaluation: Evaluation | None) -> Standing:
    """Give a judged account as it stands, with a verdict on it."""
    return Standing(
        key_result=account.key_result,
        evaluation=evaluation,
        days=tuple(account.days),
        baseline=account.began,
        series=account.series,
        number=account.enrolment.key_result,
        unexplained=account.enrolment.unexplained,
        parts=_parts(account),
    )


def _parts(account: Account) -> dict[str, Current]:
    found = {account.role: account.current}
    for part in (*account.operands.values(), *account.guardrails):
        found |= _parts(part)
    return found


def verdicts(standings_: Sequence[Standing]) -> Mapping[str, Evaluation]:
    """Give the verdicts by `cycle:address`."""
    return {one.key_result.key: one.evaluation for one in standings_ if one.evaluation is not None}


def status_document(
    key_result: KeyResult, evaluation: Evaluation | None, unexplained: str = ""
) -> dict[str, Any]:
    """Give a key result with its verdict as a JSON document: the one that `krd status -o json` and the API show.

    Every document has the same keys. Without a verdict all of its values are null, but `sentence` tells why, and
    `by_hand` is known.
    """
    if evaluation is None:
        verdict = _no_verdict(key_result.not_run or "not measured yet")
    else:
        verdict = {**evaluation.document(), "guardrails": _guardrails(key_result, evaluation)}
    retired = key_result.retired
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
        "by_hand": key_result.binding.by_hand if key_result.binding is not None else False,
        "changes": [{"on": edit.on.isoformat(), "why": edit.why} for edit in key_result.changes],
        "unexplained": unexplained or None,
        "retired": {"on": retired.on.isoformat(), "why": retired.why} if retired else None,
        "removed": None,
    }


def removed_document(gone: Removed) -> dict[str, Any]:
    """Give a key result that vanished from the files, with the same keys as one that is there.

    It has no status: nobody measures it. What it was last is told apart, under `removed`.
    """
    cycle, _, address = gone.key.partition(":")
    last = gone.evaluation
    return {
        **dict.fromkeys(
            ("address", "cycle", "team", "objective", "title", "owner", "commitment", "unit", "not_run")
        ),
        "address": address,
        "cycle": cycle,
        "team": gone.team,
        "title": gone.title,
        **_no_verdict(told_removed(gone)),
        "by_hand": last.by_hand if last is not None else False,
        "changes": [],
        "unexplained": None,
        "retired": None,
        "removed": {
            "since": gone.since.isoformat(),
            "last_status": last.status.value if last is not None else None,
            "last_score": last.score if last is not None else None,
            "last_sentence": last.sentence if last is not None else None,
        },
    }


def told_removed(gone: Removed) -> str:
    """Say since when it is gone without a reason, and what was last known of it."""
    since = f"removed without a reason since {gone.since.astimezone(UTC):%Y-%m-%d}"
    if gone.evaluation is None:
        return f"{since}; it never had a verdict"
    return f"{since}; the last verdict: {WORDS[gone.evaluation.status]}. {gone.evaluation.sentence}"


def _no_verdict(sentence: str) -> dict[str, Any]:
    return {**dict.fromkeys(field.name for field in fields(Evaluation)), "sentence": sentence}


def _guardrails(key_result: KeyResult, evaluation: Evaluation) -> list[dict[str, Any]]:
    """What each says, with what it may."""
    written = {one.id: one for one in key_result.guardrails}
    return [
        {
            **said.document(),
            "unit": known.binding.unit if (known := written.get(said.id)) else None,
            "at_most": known.at_most if known else None,
            "at_least": known.at_least if known else None,
        }
        for said in evaluation.guardrails
    ]
