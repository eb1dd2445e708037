"""The trend of what a count adds a day, against the pace its target asks for: what the plan knows and the rate does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.close import Close, at_close
from collector.domain.forecasting.cohort import Cohort
from collector.domain.forecasting.following import follow_levels
from collector.domain.forecasting.odds import odds_of
from collector.domain.forecasting.outlook import HISTORY, Scale

ENOUGH_HISTORY = 7
"""Days before the cycle from which a rate is compared with the planned one."""
LEAST_WAY = 0.15
"""The way of a rate, in planned rates, at least."""


def paced_odds(cohort: Cohort, targets: Sequence[Floats]) -> list[Floats]:
    """Give P(the sum at the close has it) for each of `targets`, by the trend of the daily rate."""
    covered = np.where(np.isfinite(cohort.den), cohort.den, 1.0)
    rates = replace(
        cohort,
        values=cohort.values / covered,
        den=np.full_like(cohort.den, np.nan),
        scale=np.full(cohort.rows, int(Scale.PLAIN)),
    )
    planned = np.abs(cohort.target) / cohort.length
    past = cohort.values[:, :HISTORY]
    n = np.isfinite(past).sum(axis=1)
    before = np.where(n >= ENOUGH_HISTORY, np.nansum(past, axis=1) / np.maximum(n, 1), planned)
    way = np.maximum(2 * np.abs(planned - before), LEAST_WAY * planned)
    followed = follow_levels(rates, way)
    close = Close(
        first=cohort.known,
        days=cohort.left,
        known_sum=np.nansum(cohort.values[:, HISTORY:], axis=1),
        known_weight=np.zeros(cohort.rows),
        weight=cohort.left.astype(float),
    )
    mixture = at_close(rates, followed, close)
    return [odds_of(rates, followed, close, mixture, target / cohort.left) for target in targets]
