"""What the guardrails of a key result say: what must not get worse on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.domain.closes import patience_of
from collector.domain.health import Health, judge_health
from collector.domain.history import Guard
from collector.domain.observed import Guarded
from collector.domain.okr import Guardrail, KeyResult


def guarded_of(key_result: KeyResult, guards: Sequence[Guard], at: datetime) -> tuple[Guarded, ...]:
    """Judge each guardrail by its last good reading and the age of its own data, in the order of the file. One whose
    series is not known was never read.
    """
    if not key_result.guardrails:
        return ()
    known = {guard.role: guard for guard in guards}
    return tuple(
        _guarded(key_result, guardrail, known.get(guardrail.role), at) for guardrail in key_result.guardrails
    )


def _guarded(key_result: KeyResult, guardrail: Guardrail, guard: Guard | None, at: datetime) -> Guarded:
    value = guard.current if guard else None
    health = Health.NEVER
    if guard is not None:
        health = judge_health(guard.pulse, patience_of(key_result, guardrail.binding, at), at)
    broken = value is not None and not guardrail.holds(value)
    return Guarded(guardrail.id, guardrail.title, value, health, broken)
