"""Takes the baseline of a key result from what its source said about the time before the cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.baseline import Baseline, BaselineKind, FirstReading, take_baseline, word_of
from collector.domain.evaluation import Evaluation
from collector.domain.shape import LastCycle, Measured, Reach, Typed
from collector.domain.status import Status
from collector.ports.store import Transaction
from collector.services.account import Account

LOOK_AGAIN = timedelta(minutes=10)
"""How often it is looked up what the last cycle closed with, real time, until that is final."""
MEASURED = (BaselineKind.MEASURED, BaselineKind.FIRST_READING)


LastCloses = Callable[[], Mapping[str, Evaluation]]
"""Looks up the latest verdicts of the same address in other cycles, by cycle."""


def last_closes(tx: Transaction, account: Account, at: datetime) -> Mapping[str, Evaluation]:
    """Give the latest verdicts of the same address in other cycles, by cycle; looked up again after a while."""
    key_result = account.key_result
    if account.closes is None or at >= account.closes[0] + key_result.cycle.wait(LOOK_AGAIN):
        account.closes = (at, tx.elsewhere(key_result.address, key_result.cycle.id))
    return account.closes[1]


def baseline_of(account: Account, at: datetime, closes: LastCloses = dict) -> Baseline | None:
    """Decide the baseline at `at`, or keep the one that is frozen; nothing when it cannot be known yet.

    The past is known once nothing is left to heal. A measured baseline stays provisional until late data no longer
    comes (`settle` and `matures` after the start), then it is frozen with its evidence. Where cohorts of the days before
    the start are still maturing, the first reading does not stand in for them.
    """
    shape, known = account.key_result.shape, fitting(account, account.baseline)
    match getattr(shape, "start", None):
        case Typed():
            return known or word_of(shape)
        case LastCycle():
            return _of_last_cycle(account, known, closes)
    if not isinstance(shape, Reach):
        return None
    if known is not None and not known.provisional:
        return known
    current = account.current
    cycle, binding = account.key_result.cycle, account.binding
    last = cycle.starts + cycle.nominal(binding.settle) + cycle.nominal(binding.matures)
    settled = (
        at >= last and current.covered is not None and current.covered >= binding.cadence(cycle).latest(last)
    )
    first = None
    if (
        current.first_slot is not None
        and current.first_value is not None
        and (settled or not binding.answers_the_past)
    ):
        first = FirstReading(current.first_value, current.first_slot)
    decided = take_baseline(
        shape.start,
        account.days,
        first,
        past_known=account.pending is None and at >= cycle.starts,
        settled=settled,
    )
    if decided is not None and decided.kind in MEASURED:
        decided = replace(decided, evidence={**decided.evidence, **_terms(account, shape)})
    return decided or known


def fitting(account: Account, stored: Baseline | None) -> Baseline | None:
    """Give a stored baseline where it is what the promise asks for now; nothing else may be judged by.

    That is the author's present word, what a cycle before closed with, or what was measured of the present measure over
    the days that are asked for. Any other is evidence of what was asked for once.
    """
    if stored is None:
        return None
    shape = account.key_result.shape
    match getattr(shape, "start", None):
        case Typed(value=value):
            fits = stored.kind is BaselineKind.TYPED and stored.value == value
        case LastCycle():
            fits = stored.kind is BaselineKind.LAST_CYCLE
        case Measured() if isinstance(shape, Reach):
            fits = stored.kind in MEASURED and _terms(account, shape).items() <= stored.evidence.items()
        case _:
            fits = False
    return stored if fits else None


def _of_last_cycle(account: Account, known: Baseline | None, closes: LastCloses) -> Baseline | None:
    """Take what the last cycle that was over before this one began closed with, provisional until that is final."""
    if known is not None and not known.provisional:
        return known
    starts, days = account.key_result.cycle.starts, account.key_result.days
    over = {
        cycle: verdict
        for cycle, verdict in closes().items()
        if verdict.level is not None and verdict.ends is not None and verdict.ends <= starts
    }
    if not over:
        return known
    # the one that ended last; of a quarter and a year that end together, the one that is more alike
    cycle, verdict = max(over.items(), key=lambda one: (one[1].ends, -abs(one[1].days - days)))
    evidence = {"cycle": cycle, "at": verdict.at.isoformat(), "status": verdict.status.value}
    final = verdict.status in (Status.ACHIEVED, Status.MISSED)
    return Baseline(BaselineKind.LAST_CYCLE, verdict.level or 0.0, provisional=not final, evidence=evidence)


def _terms(account: Account, shape: Reach) -> dict[str, object]:
    """What a measured baseline was asked for, as far as it can change: which measure, over which days."""
    over = str(shape.start.over) if isinstance(shape.start, Measured) else ""
    return {"segment": account.enrolment.segment, "over": over}
