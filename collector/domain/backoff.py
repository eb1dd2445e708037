"""How long a refused question is left alone, and how long an undelivered letter waits."""

from __future__ import annotations

from datetime import timedelta

PATIENT_REFUSALS = 3
"""A question refused this often in a row is asked less often."""
LONGEST_FIRST = timedelta(hours=1)
LONGEST = timedelta(hours=6)
LETTER_FIRST = timedelta(seconds=5)
LETTER_LONGEST = timedelta(hours=1)
LETTER_HORIZON = timedelta(hours=75)
"""An undelivered letter is given up after this long (Standard Webhooks' example schedule)."""


def refusal_wait(every: timedelta, refusals: int) -> timedelta:
    """Give how long to wait after `refusals` refusals in a row: its interval, then doubling to 1 h, then 6 h (DESIGN §7)."""
    if refusals < PATIENT_REFUSALS:
        return timedelta(0)
    doubled = every * (1 << min(refusals - PATIENT_REFUSALS + 1, 20))
    ceiling = LONGEST_FIRST if refusals < PATIENT_REFUSALS + 12 else LONGEST
    return max(min(doubled, ceiling), every)


def letter_wait(attempts: int, share: float, asked: timedelta | None) -> timedelta:
    """Give how long a letter waits after its `attempts`-th failed try: full jitter under an exponential from 5 s to 1 h,
    never less than the receiver asked for. `share` (0-1) is the draw of the jitter.
    """
    ceiling = min(LETTER_FIRST * (1 << min(max(attempts - 1, 0), 20)), LETTER_LONGEST)
    return max(ceiling * share, asked or timedelta(0))
