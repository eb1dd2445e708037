"""A cohort of levels in its working scale: weekdays taken out, the bank run over every hypothesis of its launches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Cohort, Ints
from collector.domain.forecasting.launches import Hypotheses, hypotheses_of
from collector.domain.forecasting.outlook import HISTORY
from collector.domain.forecasting.robust import spread_of, step_variance, weekday_profile
from collector.domain.forecasting.scales import fitting, to_working
from collector.domain.forecasting.trend import LEVELS, Bank, Plan, Shares, follow

LEAST_STEP = 1e-5
"""Standard deviation of a day's step, in ways, at least."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A cohort in its working scale, with what the bank says of each hypothesis."""

    scale: Ints
    series: Floats
    profile: Floats
    """(N, 7): weekdays."""
    noise: Floats
    """(N,): standard deviation of a day."""
    way: Floats
    pushed: Floats
    """(R, columns + 1)."""
    doubt: Floats
    """(R, columns)."""
    supposed: Hypotheses
    bank: Bank


def follow_levels(cohort: Cohort, way: Floats, shares: Shares = LEVELS, *, planned: bool = True) -> Followed:
    """Bring the values of a cohort to their working scale, take the weekdays out, and run the bank. `way` is in that
    scale; where nothing is `planned`, neither pace nor launches push the level, though its slope may change as of any other.
    """
    scale = fitting(cohort.scale, cohort.values)
    series = to_working(cohort.values, scale)
    spread = spread_of(series)
    way = np.maximum(way, 1e-3 * spread + 1e-12)
    profile = weekday_profile(series, cohort.known)
    series = series - profile[:, np.arange(cohort.columns) % 7]
    variance, distance = step_variance(series, np.minimum(way, 4 * spread))
    # against a way so much greater than its noise, the filters' variances would be lost in rounding
    variance = np.maximum(variance, (LEAST_STEP * way) ** 2 + 1e-18)
    supposed = hypotheses_of(cohort)
    row = supposed.row
    begun = cohort.planned & planned
    toward = (way * cohort.sign * begun)[row, None]
    pushed = toward * (cohort.belief[row, None] * cohort.course[row] + supposed.lifts)
    doubt = toward**2 * supposed.doubt
    plan = Plan(
        known=cohort.known[row],
        pace=(way / np.maximum(cohort.length - cohort.start, 1))[row],
        begins=np.where(cohort.planned, HISTORY + cohort.start, cohort.end)[row],
        pushed=pushed[:, : cohort.columns + 1],
        doubt=doubt[:, : cohort.columns],
        way=way[row],
    )
    bank = follow(series[row], variance[row], distance[row], plan, shares)
    return Followed(scale, series, profile, np.sqrt(0.5 * variance), way, pushed, doubt, supposed, bank)
