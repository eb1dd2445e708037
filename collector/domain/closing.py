"""The verdict at the close: achieved or missed, given only when the cycle is closed."""

from __future__ import annotations

from collector.domain.numbers import Numbers
from collector.domain.okr import KeyResult
from collector.domain.shape import Total
from collector.domain.status import Status


def closed_status(key_result: KeyResult, numbers: Numbers, *, stale: bool) -> tuple[Status, tuple[str, ...]]:
    """Tell whether the promise was kept, with the reason. What was not measured was not achieved (law 2): never, or not
    up to the close (`stale`), unless a count had reached its limit before.
    """
    if numbers.level is None:
        return Status.MISSED, ("nothing was ever read",)
    if stale and not _reached(key_result, numbers.level):
        return Status.MISSED, ("the data was stale at the close",)
    if isinstance(key_result.shape, Total) and key_result.shape.at_most is not None:
        kept = not numbers.exceeded
        return (Status.ACHIEVED if kept else Status.MISSED), ()
    if numbers.progress is None:
        return Status.MISSED, ("there was never a baseline",)
    needed = 1.0 if isinstance(key_result.shape, Total) else key_result.commitment.success
    return (Status.ACHIEVED if numbers.progress >= needed else Status.MISSED), ()


def _reached(key_result: KeyResult, count: float) -> bool:
    shape = key_result.shape
    return isinstance(shape, Total) and shape.at_least is not None and count >= shape.at_least
