"""Asks again within the same slot, where asking again can help. Connectors never retry by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

TRIES = 3
FIRST_WAIT = 0.25
LONGEST_WAIT = 5.0
"""Seconds of real time; full jitter (DESIGN §7)."""


def ask_until_answered(ask: Callable[[], bool], total: timedelta, sleep: Callable[[float], None]) -> None:
    """Call `ask` up to three times, with full jitter between, until it says that nothing is left to ask.

    No new try begins once `total` of real time would be over. `sleep` waits, and may return early on shutdown.
    """
    retrying = Retrying(
        stop=stop_after_attempt(TRIES) | stop_before_delay(total.total_seconds()),
        wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
        retry=retry_if_result(lambda left: left is True),
        retry_error_callback=_give_up,
        sleep=sleep,
    )
    retrying(ask)


def _give_up(state: RetryCallState) -> bool:
    """What is still unanswered stays a gap; the caller has it already."""
    return state.outcome is not None and bool(state.outcome.result())
