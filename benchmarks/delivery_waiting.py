"""Waits for what has to come, and no longer than it may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.command import BenchmarkFailed

T = TypeVar("T")

LOOK_SECONDS = 0.05


def within(seconds: float, found: Callable[[], T | None]) -> T | None:
    """Give what is found, or nothing after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return answer


def until(found: Callable[[], T | None], seconds: float, otherwise: str) -> T:
    """Give what is found. Raises `BenchmarkFailed` with `otherwise` after so many seconds."""
    answer = within(seconds, found)
    if not answer:
        raise BenchmarkFailed(f"{otherwise} within {seconds:.0f} s")
    return answer
