"""The verdict at the close: achieved or missed, given only when the cycle is closed."""

from __future__ import annotations

from collector.domain.figures import Numbers
from collector.domain.okr import KeyResult
from collector.domain.shape import Keep, Reach, Slo, Total
from collector.domain.status import Status


def closed_status(
    key_result: KeyResult,
    numbers: Numbers,
    *,
    stale: bool,
    broken: tuple[str, ...] = (),
    thin: tuple[str, ...] = (),
) -> tuple[Status, tuple[str, ...]]:
    """Tell whether the promise was kept, with the reason. What was not measured was not achieved (law 2): never, or not
    up to the close (`stale`), or hardly (`thin`: how much), unless a count had reached its limit before. Nor was what broke
    a guardrail on the way (`broken`: which).
    """
    if numbers.level is None:
        events = isinstance(key_result.shape, Slo)
        return Status.MISSED, ("no event was ever counted" if events else "nothing was ever read",)
    if stale and not _reached(key_result, numbers.level):
        return Status.MISSED, ("the data was stale at the close",)
    if isinstance(key_result.shape, Reach) and numbers.progress is None:
        return Status.MISSED, ("there was never a baseline",)
    if broken or thin:
        return Status.MISSED, (*broken, *thin)
    return (Status.ACHIEVED if _kept(key_result, numbers) else Status.MISSED), ()


def _kept(key_result: KeyResult, numbers: Numbers) -> bool:
    """Budgets are kept while no more is used than is allowed; an at-least total is a reach from 0 (DESIGN §5)."""
    match key_result.shape:
        case Keep() | Slo() | Total(at_least=None):
            return not numbers.exceeded
        case Reach() | Total():
            return numbers.progress is not None and numbers.progress >= key_result.commitment.success


def _reached(key_result: KeyResult, count: float) -> bool:
    shape = key_result.shape
    if not isinstance(shape, Total) or shape.at_least is None:
        return False
    return count >= shape.at_least * key_result.commitment.success
