"""How probable it is that a budget does for what is still to come."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from collector.domain.forecasting.distributions import gamma
from collector.domain.forecasting.foreseen import LEAST


def lasting(model: Mapping[str, float], room: float) -> float:
    """Give P(no more than `room` still comes), at least `LEAST`. `model` is that of a forecast of a budget: what is expected
    to come, and its spread, in the unit of `room`.
    """
    mean, spread = model["expected"], model["spread"]
    if mean <= 0 or spread <= 0:
        return 1.0 if room >= 0 else LEAST
    p = gamma(np.array([max(room, 0.0)]), np.array([mean]), np.array([spread**2]))
    return max(float(p[0]), LEAST)
