"""Takes the baseline of a key result from what its source said about the time before the cycle."""

from __future__ import annotations

from datetime import datetime

from collector.domain.baseline import Baseline, FirstReading, take_baseline
from collector.domain.shape import Reach
from collector.services.ledger import Account


def baseline_of(account: Account, at: datetime) -> Baseline | None:
    """Decide the baseline at `at`, or keep the one that is frozen; nothing when it cannot be known yet.

    The past is known once nothing is left to heal. A measured baseline stays provisional until late data no longer
    comes (`settle` and `matures` after the start), then it is frozen with its evidence.
    """
    shape = account.key_result.shape
    if not isinstance(shape, Reach):
        return None
    known = account.baseline
    if known is not None and not known.provisional:
        return known
    current = account.current
    first = None
    if current.first_slot is not None and current.first_value is not None:
        first = FirstReading(current.first_value, current.first_slot)
    cycle, binding = account.key_result.cycle, account.binding
    settled = at >= cycle.starts + cycle.nominal(binding.settle) + cycle.nominal(binding.matures)
    decided = take_baseline(
        shape.start,
        account.days,
        first,
        past_known=current.heal_since is None and at >= cycle.starts,
        settled=settled,
    )
    return decided or known
