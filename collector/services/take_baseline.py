"""Takes the baseline of a key result from what its source said about the time before the cycle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from collector.domain.baseline import Baseline, BaselineKind, FirstReading, take_baseline
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
    shape = account.key_result.shape
    match getattr(shape, "start", None):
        case Typed(value=value):
            said = account.baseline
            same = said is not None and said.kind is BaselineKind.TYPED and said.value == value
            return said if same else Baseline(BaselineKind.TYPED, value)
        case LastCycle():
            return _of_last_cycle(account, closes)
    if not isinstance(shape, Reach):
        return None
    known = account.baseline if _fits(account, shape) else None
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


def _of_last_cycle(account: Account, closes: LastCloses) -> Baseline | None:
    """Take what the last cycle that was over before this one began closed with, provisional until that is final."""
    known = account.baseline
    if known is not None and known.kind is BaselineKind.LAST_CYCLE and not known.provisional:
        return known
    starts, days = account.key_result.cycle.starts, account.key_result.days
    over = {
        cycle: verdict
        for cycle, verdict in closes().items()
        if verdict.level is not None and verdict.ends is not None and verdict.ends <= starts
    }
    if not over:
        return known if known is not None and known.kind is BaselineKind.LAST_CYCLE else None
    # the one that ended last; of a quarter and a year that end together, the one that is more alike
    cycle, verdict = max(over.items(), key=lambda one: (one[1].ends, -abs(one[1].days - days)))
    evidence = {"cycle": cycle, "at": verdict.at.isoformat(), "status": verdict.status.value}
    final = verdict.status in (Status.ACHIEVED, Status.MISSED)
    return Baseline(BaselineKind.LAST_CYCLE, verdict.level or 0.0, provisional=not final, evidence=evidence)


def _fits(account: Account, shape: Reach) -> bool:
    """Tell whether the baseline known is of the kind the file asks for, and was taken from the present measure."""
    known = account.baseline
    if known is None:
        return False
    return known.kind in MEASURED and _terms(account, shape).items() <= known.evidence.items()


def _terms(account: Account, shape: Reach) -> dict[str, object]:
    """What a measured baseline was asked for, as far as it can change: which measure, over which days."""
    over = str(shape.start.over) if isinstance(shape.start, Measured) else ""
    return {"segment": account.enrolment.segment, "over": over}
