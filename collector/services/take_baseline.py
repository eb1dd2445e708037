"""Takes the baseline of a key result from what its source said about the time before the cycle."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from collector.domain.baseline import Baseline, BaselineKind, FirstReading, take_baseline
from collector.domain.shape import Measured, Reach, Typed
from collector.services.ledger import Account

MEASURED = (BaselineKind.MEASURED, BaselineKind.FIRST_READING)


def baseline_of(account: Account, at: datetime) -> Baseline | None:
    """Decide the baseline at `at`, or keep the one that is frozen; nothing when it cannot be known yet.

    The past is known once nothing is left to heal. A measured baseline stays provisional until late data no longer
    comes (`settle` and `matures` after the start), then it is frozen with its evidence. Where cohorts of the days before
    the start are still maturing, the first reading does not stand in for them.
    """
    shape = account.key_result.shape
    if not isinstance(shape, Reach):
        return None
    if isinstance(shape.start, Typed):
        said = account.baseline
        same = said is not None and said.kind is BaselineKind.TYPED and said.value == shape.start.value
        return said if same else Baseline(BaselineKind.TYPED, shape.start.value)
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
        past_known=current.heal_since is None and at >= cycle.starts,
        settled=settled,
    )
    if decided is not None and decided.kind in MEASURED:
        decided = replace(decided, evidence={**decided.evidence, **_terms(account, shape)})
    return decided or known


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
