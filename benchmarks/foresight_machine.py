"""The drift machine of `collector.domain.status` for many key results at once, and what its alerts come to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.foresight_play import WEEK
from collector.domain.arrays import Floats
from collector.domain.drift_policy import DriftPolicy
from collector.domain.forecasting.cohort import Bools, Ints


@dataclass(frozen=True, slots=True)
class Alerts:
    """What the alerts on each task came to."""

    raises: Ints
    """How often drift was raised."""
    on_at_end: Bools
    """Whether it was still on at the last close."""
    lead: Floats
    """Weeks from the start of that last uninterrupted alert to the deadline; 0 where it is off at the end."""


def off_track(p: Floats, days: Ints, policy: DriftPolicy) -> Bools:
    """Step every row of P (tasks, days) through the days; `days` says how many were known. NaN is neither low nor high."""
    on = np.zeros(p.shape, dtype=bool)
    now = np.zeros(len(p), dtype=bool)
    low, high, since = (np.zeros(len(p), dtype=np.int64) for _ in range(3))
    for column, day in enumerate(days):
        low = np.where(p[:, column] < policy.off_track, low + 1, 0)
        high = np.where(now & (p[:, column] >= policy.on_track), high + 1, 0)
        raised = ~now & (low >= policy.days)
        synced = day // WEEK > since // WEEK
        back = now & (high >= policy.back) & synced
        since = np.where(raised, day, since)
        now = (now | raised) & ~back
        on[:, column] = now
    return on


def alerts(on: Bools, days: Ints, length: int) -> Alerts:
    """Sum up when alerts were on (tasks, days)."""
    before = np.concatenate([np.zeros((len(on), 1), dtype=bool), on[:, :-1]], axis=1)
    last = on.shape[1] - 1
    last_off = np.where(on.all(axis=1), -1, last - np.argmax(~on[:, ::-1], axis=1))
    begins = np.asarray(days)[np.minimum(last_off + 1, last)]
    lead = np.where(on[:, -1], (length - begins) / WEEK, 0.0)
    return Alerts((on & ~before).sum(axis=1), on[:, -1].copy(), lead)
