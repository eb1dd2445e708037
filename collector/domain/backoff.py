"""How long a refused question is left alone, and how long what could not be delivered waits."""

from __future__ import annotations

from datetime import timedelta

PATIENT_REFUSALS = 3
"""A question refused this often in a row is asked less often."""
LONGEST_FIRST = timedelta(hours=1)
LONGEST = timedelta(hours=6)
FIRST_RETRY = timedelta(seconds=5)
LETTER_LONGEST = timedelta(hours=1)
LETTER_HORIZON = timedelta(hours=75)
"""An undelivered letter is given up after this long (Standard Webhooks' example schedule)."""
PROBE_LONGEST = timedelta(minutes=1)
"""A notifier that fails is tried at least this often: what 500 letters that cannot travel together need at one a second,
and this, is less than ten minutes.
"""


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
    return _full_jitter(attempts, LETTER_LONGEST, share, asked)


def probe_wait(failures: int, share: float, asked: timedelta | None) -> timedelta:
    """Give how long a notifier is left alone after `failures` failures in a row: as `letter_wait`, from 5 s to 1 min."""
    return _full_jitter(failures, PROBE_LONGEST, share, asked)


def _full_jitter(tries: int, longest: timedelta, share: float, asked: timedelta | None) -> timedelta:
    """Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("Full Jitter")."""
    ceiling = min(FIRST_RETRY * (1 << min(max(tries - 1, 0), 20)), longest)
    return max(ceiling * share, asked or timedelta(0))
