"""What a forecast of a whole cohort comes to, and the ranges it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Ints

LEAST, MOST = 0.01, 0.99
"""P is kept within these unless the outcome is decided: past them nothing measured tells it from certainty (foresight
§2.6: log loss .4401 with .002, .4399 with .01, and better on real series)."""
NEVER = -1
"""Stands for a day that does not come before the close."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One entry a row. Landings are in the unit of the target."""

    full: Floats
    """P(the whole way)."""
    most: Floats
    """P(the share of it at which an aspirational promise succeeds)."""
    landing: Floats
    likely: tuple[Floats, Floats]
    wide: tuple[Floats, Floats]
    crosses: Ints
    """Index of the first day on which the expected path has the target; `NEVER` when it has not before the close."""
    step: Floats
    """Standard deviation of a day."""
    drift: Floats
    """Expected change a day."""
    model: Mapping[str, Floats] = field(default_factory=dict)
    """What it was computed from, for those who ask."""


def undecided(p: Floats, never: Bools, always: Bools) -> Floats:
    """Keep a probability off certainty, except where the outcome is decided."""
    kept = np.clip(p, LEAST, MOST)
    return np.where(always, 1.0, np.where(never, 0.0, kept))


def in_logits(p: Floats) -> Floats:
    """Give ln(p/(1-p)) of probabilities kept within .002 and .998."""
    kept = np.clip(p, 0.002, 0.998)
    return np.log(kept / (1 - kept))


def middle(one: Floats, other: Floats, steepness: float) -> Floats:
    """Give the probability half-way between two, in logits: what two models that know different things agree on. Where it is
    more likely than not, they were too timid together, as pooled forecasts are (Satopää et al. 2014): `steepness` makes of
    their mean logit what came true. Below even odds they are right as they are.
    """
    mean = 0.5 * (in_logits(one) + in_logits(other))
    return np.asarray(1 / (1 + np.exp(-np.where(mean > 0, steepness * mean, mean))))
