"""Where a key result will land, from one value a day: a plain closed-form random walk with a shrunk drift.

This is the first model behind a stable interface (`Outlook` in, `Forecast` out). Its parts, with their sources in the
notes on foresight (§2.2, §2.3, §2.7):

* the scale of a day's step comes from clipped differences, so that one jump does not buy its own excuse;
* the drift is a normal posterior: its prior is a share of the planned pace, its data the clipped differences since the
  cycle began;
* success is reduced to the mean that the days still to come must have.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, median
from typing import Any

from collector.domain.shape import Commitment

FEWEST_DAYS = 4
"""Days that must hold a reading before anything is said about the future (DESIGN §5)."""
CLIP = 5.0
"""Differences are clipped at this many median absolute differences (foresight §2.3, step 3)."""
MEAN_ABS_TO_SD = 0.8862
"""sqrt(pi)/2: half the mean absolute difference of two normal draws, as a standard deviation of one."""
PLAN_SPREAD = 1.4
"""Prior standard deviation of the drift, in planned paces (foresight §2.3, step 4: P22 += (1.4 f)^2)."""
PRIOR_DAYS = 4.0
"""Weight, in days, of the prior scale of a quarter of the way (foresight §2.3, step 3)."""
UNDECIDED = (0.01, 0.99)
"""P is kept within these unless the outcome is decided (foresight §2.6)."""
QUARTILE, TWENTIETH = 0.6745, 1.6449
"""Normal quantiles of the 50 % and 90 % ranges."""

TINY = 1e-60
"""Below this, and above its inverse, squares come near the ends of the floats."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a forecast may know: one value a day up to now, and the promise."""

    days: Sequence[tuple[int, float]]
    """(day index, value) of the days that hold a reading, ascending; those before the cycle too."""
    today: int
    """Index of the first day still to come (or still open)."""
    last: int
    """Index of the promise's last day."""
    window: int
    """Days over which the level at the close is taken; 1 for a count."""
    baseline: float
    target: float
    commitment: Commitment
    count: bool = False
    """Whether the value is a running count, whose drift is expected to be the pace of the target."""
    rising: bool = True
    """Whether more is better; an at-most total is met from below."""
    whole: bool = False
    """Whether the count is of whole things, so that the line lies half a thing away from the target."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is likely at the close. Values are in the unit of the key result."""

    p_hit: float
    """P(success for its commitment), 0-1."""
    p_full: float
    """P(the whole way), 0-1."""
    landing: float
    """Median of the level at the close."""
    likely: tuple[float, float]
    """Range that holds it with 50 %."""
    wide: tuple[float, float]
    """Range that holds it with 90 %."""
    step: float
    """Standard deviation of a day's step."""
    drift: float
    """Expected change a day."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "p_hit": self.p_hit,
            "p_full": self.p_full,
            "landing": self.landing,
            "likely": list(self.likely),
            "wide": list(self.wide),
            "step": self.step,
            "drift": self.drift,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Forecast:
        """Make it from what `document` gave."""
        return cls(**{**document, "likely": tuple(document["likely"]), "wide": tuple(document["wide"])})


def forecast(outlook: Outlook) -> Forecast | None:
    """Forecast the level at the close; nothing when fewer than `FEWEST_DAYS` days hold a reading.

    A pure function of the outlook: equal days give equal forecasts, and no day after `today` can enter.
    """
    days = [(day, value) for day, value in outlook.days if day < outlook.today]
    if len(days) < FEWEST_DAYS:
        return None
    size = max(abs(outlook.target), abs(outlook.baseline), *(abs(value) for _, value in days))
    if size and not TINY < size < 1 / TINY:
        return _scaled(forecast(_in_units_of(outlook, size)), size)
    scale, drift, drift_sd = _walk(outlook, days)
    mean, sd = _close(outlook, days, scale, drift, drift_sd)
    return Forecast(
        p_hit=_probability(outlook, mean, sd, _success(outlook)),
        p_full=_probability(outlook, mean, sd, _line(outlook)),
        landing=mean,
        likely=(mean - QUARTILE * sd, mean + QUARTILE * sd),
        wide=(mean - TWENTIETH * sd, mean + TWENTIETH * sd),
        step=scale,
        drift=drift,
    )


def _in_units_of(outlook: Outlook, size: float) -> Outlook:
    """Give the same outlook in another unit, so that no square leaves the floats."""
    return replace(
        outlook,
        days=[(day, value / size) for day, value in outlook.days],
        baseline=outlook.baseline / size,
        target=outlook.target / size,
        whole=False,
    )


def _scaled(ahead: Forecast | None, size: float) -> Forecast | None:
    if ahead is None:
        return None
    (low, high), (lowest, highest) = ahead.likely, ahead.wide
    return replace(
        ahead,
        landing=ahead.landing * size,
        likely=(low * size, high * size),
        wide=(lowest * size, highest * size),
        step=ahead.step * size,
        drift=ahead.drift * size,
    )


def _walk(outlook: Outlook, days: Sequence[tuple[int, float]]) -> tuple[float, float, float]:
    """Estimate a day's step (standard deviation), and the drift with its standard error."""
    steps = [
        ((later - earlier) / math.sqrt(there - here), there - here)
        for (here, earlier), (there, later) in itertools.pairwise(days)
    ]
    limit = CLIP * median(abs(size) for size, _ in steps) or math.inf
    clipped = [(max(-limit, min(limit, size)), distance) for size, distance in steps]
    level_sd = MEAN_ABS_TO_SD * sum(abs(size) for size, _ in clipped) / len(clipped)
    length = max(outlook.last + 1, 1)
    pace = (outlook.target - outlook.baseline) / length
    measured = 2 * level_sd**2
    prior = 2 * (0.25 * min(abs(pace) * length, 4 * level_sd)) ** 2
    variance = (len(clipped) * measured + PRIOR_DAYS * prior) / (len(clipped) + PRIOR_DAYS)
    variance = max(variance, (1e-6 * (abs(pace) * length or 1.0)) ** 2)

    # The plan begins with the cycle: days before it tell the noise, but not whether the effort works (§2.3, step 4).
    begun = [step for step, (here, _) in zip(clipped, days, strict=False) if here >= -1]
    elapsed = sum(distance for _, distance in begun)
    travelled = sum(size * math.sqrt(distance) for size, distance in begun)
    prior_precision = 1 / (PLAN_SPREAD * abs(pace)) ** 2 if pace else math.inf
    expected = pace if outlook.count else _belief(outlook.commitment) * pace
    if math.isinf(prior_precision):
        return math.sqrt(variance), 0.0, 0.0
    precision = elapsed / variance + prior_precision
    drift = (travelled / variance + expected * prior_precision) / precision
    return math.sqrt(variance), drift, math.sqrt(1 / precision)


def _belief(commitment: Commitment) -> float:
    """How much of the planned pace effort is believed to bring (foresight §2.7: .3, committed 1.2)."""
    return 1.2 if commitment is Commitment.COMMITTED else 0.3


def _close(
    outlook: Outlook, days: Sequence[tuple[int, float]], scale: float, drift: float, drift_sd: float
) -> tuple[float, float]:
    """Mean and standard deviation of the level at the close: the mean of the last `window` days.

    Known days of the window are certain. Of the n days to come that it holds, the first lies `ahead` days after the
    last reading; the mean of a random walk over them has the variance ahead + (n-1)(2n-1)/(6n) steps.
    """
    first = outlook.last - outlook.window + 1
    known = [value for day, value in days if day >= first]
    last_day, last_value = days[-1]
    to_come = range(max(outlook.today, first), outlook.last + 1)
    if not to_come:
        return (sum(known) / len(known) if known else last_value), 0.0
    n = len(to_come)
    ahead = to_come[0] - last_day
    centre = ahead + (n - 1) / 2
    future = last_value + drift * centre
    sd = math.sqrt(scale**2 * (ahead + (n - 1) * (2 * n - 1) / (6 * n)) + (drift_sd * centre) ** 2)
    share = n / (n + len(known))
    return (sum(known) + n * future) / (n + len(known)), sd * share


def _line(outlook: Outlook) -> float:
    """The value at which the whole promise is just kept."""
    if not outlook.whole:
        return outlook.target
    return outlook.target - 0.5 if outlook.rising else outlook.target + 0.5


def _success(outlook: Outlook) -> float:
    """The value at which it counts as kept for its commitment; a budget knows no 70 %."""
    if outlook.count and not outlook.rising:
        return _line(outlook)
    if outlook.count and outlook.whole:
        return math.ceil(outlook.commitment.success * outlook.target - 1e-9) - 0.5
    return outlook.baseline + outlook.commitment.success * (outlook.target - outlook.baseline)


def _probability(outlook: Outlook, mean: float, sd: float, needed: float) -> float:
    distance = mean - needed if outlook.rising else needed - mean
    if sd == 0:
        return 1.0 if distance >= 0 else 0.0
    low, high = UNDECIDED
    if abs(distance) <= 1e-6 * max(abs(mean), abs(needed)) and _still(outlook):
        return high  # equality is met, and it has not moved a bit
    return min(max(_NORMAL.cdf(distance / sd), low), high)


def _still(outlook: Outlook) -> bool:
    """Tell whether the last days, as many as the level is taken over, had the same value."""
    return len({value for _, value in outlook.days[-max(outlook.window, FEWEST_DAYS) :]}) == 1
