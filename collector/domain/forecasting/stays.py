"""Forecasts of staying in a band: how many days will lie out of it until the close.

Two models that know different things are averaged in logits: the trend of the values against the edges of the band, and
the share of days in the band, whatever the values were.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Cohort, Ints
from collector.domain.forecasting.distributions import normal
from collector.domain.forecasting.following import Followed, follow_levels
from collector.domain.forecasting.foreseen import NEVER, Foreseen, middle, undecided
from collector.domain.forecasting.outlook import HISTORY, Scale
from collector.domain.forecasting.ranges import STAY_WIDTHS, widths
from collector.domain.forecasting.robust import spread_of
from collector.domain.forecasting.scales import fitting, to_working
from collector.domain.forecasting.trend import STAYS

EDGY = 0.1
"""Share of the days on an edge of the band from which a trend is not asked."""
STEEPNESS = 1.5
"""Of what both models agree on, above even odds; fitted on training seeds, where it takes their Brier score from .072 to .069."""
NODES = 15
"""Equally probable errors that all days to come share."""
HORIZONS = 6
"""Days ahead at which the level is computed; between them it is interpolated."""
CLUSTERED = 1.5
"""Days out of the band come together: how much more their number varies than that of independent ones."""
LEAST_VARIANCE = 0.15
KEPT = 0.97
"""Share of what is known of past days that the model of shares keeps over a day."""
CLUSTER = 2.0
"""Days that count for one in it, where a day is wholly in or out."""
LEAST_CLUSTER = 0.2
PRIOR_DAYS, PRIOR_SHARE = 2.0, 0.75
"""What it believes before the first day."""
CHANGE = 0.05
"""Variance by which the share may change over 91 days."""
CYCLE = 91.0

_quantiles = np.array([NormalDist().inv_cdf((node + 0.5) / NODES) for node in range(NODES)])
ERRORS = _quantiles / np.sqrt((_quantiles**2).mean())


@dataclass(frozen=True, slots=True)
class _Stay:
    """How many of the days to come are expected in the band, and how that varies: (N,) or (N, NODES)."""

    mean: Floats
    variance: Floats


def foresee_stays(cohort: Cohort) -> Foreseen:
    """Forecast every row of a cohort of stays."""
    outside = 1 - cohort.inside[:, HISTORY:]
    used = np.nansum(outside, axis=1)
    need = cohort.left - (cohort.target - used)
    rough = _roughness(cohort)
    by_share = _by_share(cohort, rough)
    edgy = _on_edge(cohort)
    by_trend = _instead(edgy, by_share, _by_trend(cohort, rough))
    half_a_day = np.where(cohort.within > 0, 0.0, 0.5)
    odds_by_trend = normal(_distance(by_trend, (need - half_a_day)[:, None])).mean(axis=1)
    odds_by_share = normal(_distance(by_share, need - half_a_day))
    p = undecided(
        middle(odds_by_trend, odds_by_share, STEEPNESS), never=need > cohort.left + 1e-9, always=need <= 0
    )
    inside = 0.5 * (by_trend.mean.mean(axis=1) + by_share.mean)
    spread = np.sqrt(0.5 * (_variance(by_trend) + by_share.variance))
    near, far = (width * spread for width in widths(STAY_WIDTHS, cohort.left / cohort.length))
    most = used + cohort.left

    def told(days_inside: Floats) -> Floats:
        outside = np.clip(most - days_inside, used, most)
        return np.asarray(np.where(cohort.within > 0, outside, np.round(outside)))

    a_day = (cohort.left - inside) / cohort.left
    days = np.ceil(np.maximum(cohort.target - used, 0.0) / np.maximum(a_day, 1e-12))
    return Foreseen(
        full=p,
        most=p,
        landing=told(inside),
        likely=(told(inside + near), told(inside - near)),
        wide=(told(inside + far), told(inside - far)),
        crosses=np.where(days <= cohort.left, cohort.today + np.maximum(days, 1) - 1, NEVER).astype(int),
        step=np.sqrt(np.maximum(a_day * (1 - a_day) * rough, 0.0)),
        drift=a_day,
        model={
            "by_trend": 1 - by_trend.mean.mean(axis=1) / cohort.left,
            "by_share": 1 - by_share.mean / cohort.left,
            "odds_by_trend": odds_by_trend,
            "odds_by_share": odds_by_share,
            "edgy": edgy.astype(float),
            "out": used,
            "need": cohort.target - used,
            "allowed": cohort.target,
            "expected": cohort.left - inside,
            "spread": spread,
        },
    )


def _on_edge(cohort: Cohort) -> Bools:
    """Tell whose values lie on an edge of the band on some days: they cannot cross it, so a trend with noise around it does
    not know them.
    """
    edge = (cohort.values == cohort.low[:, None]) | (cohort.values == cohort.high[:, None])
    return np.asarray(edge.sum(axis=1) >= EDGY * np.isfinite(cohort.values).sum(axis=1))


def _instead(where: Bools, one: _Stay, other: _Stay) -> _Stay:
    """Take one model for the other in some rows."""
    return _Stay(
        np.where(where[:, None], one.mean[:, None], other.mean),
        np.where(where[:, None], one.variance[:, None], other.variance),
    )


def _distance(stay: _Stay, need: Floats) -> Floats:
    """How far the expected number lies above the needed one."""
    return (stay.mean - need) / np.sqrt(stay.variance)


def _variance(stay: _Stay) -> Floats:
    return np.asarray(stay.variance.mean(axis=1) + stay.mean.var(axis=1))


def _roughness(cohort: Cohort) -> Floats:
    """Give the variance of a day's share in the band against that of a day which is wholly in or out: 1 where a day has one
    reading, less where it has many.
    """
    share = cohort.inside
    n = np.maximum(np.isfinite(share).sum(axis=1), 1)
    mean = np.nansum(share, axis=1) / n
    variance = np.nansum((share - mean[:, None]) ** 2, axis=1) / n
    whole = mean * (1 - mean)
    return np.where(
        (cohort.within > 0) & (whole > 0), np.clip(variance / np.where(whole > 0, whole, 1.0), 0.02, 1.0), 1.0
    )


def _by_trend(cohort: Cohort, rough: Floats) -> _Stay:
    """The values follow a level; each day lies in the band as far as its noise lets it, and all share the level's error."""
    cohort = _in_units(cohort)
    scale = fitting(cohort.scale, cohort.values)
    low, high = _edge(cohort.low, scale), _edge(cohort.high, scale)
    half = 0.5 * (high - low)
    spread = spread_of(to_working(cohort.values, scale))
    way = 0.5 * np.where(np.isfinite(half), half, 2 * spread)
    followed = follow_levels(replace(cohort, launches=((),) * cohort.rows), way, STAYS, planned=False)
    level, error = _ahead(cohort, followed)
    noise = np.sqrt(_mixed(followed, followed.bank.noise) + cohort.within**2)[:, None] + 1e-12
    to_come = np.arange(level.shape[1])[None, :] < cohort.left[:, None]
    means, variances = [], []
    for shared in ERRORS:
        centre = level + shared * error
        inside = normal((high[:, None] - centre) / noise) - normal((low[:, None] - centre) / noise)
        inside = np.where(to_come, inside, 0.0)
        means.append(inside.sum(axis=1))
        variances.append((inside * (1 - inside)).sum(axis=1) * CLUSTERED * rough + LEAST_VARIANCE * rough)
    return _Stay(np.stack(means, axis=1), np.stack(variances, axis=1))


def _in_units(cohort: Cohort) -> Cohort:
    """Measure values in a power of two near the largest number of each row, so that their unit does not matter."""
    largest = np.abs(np.nan_to_num(cohort.values)).max(axis=1)
    for edge in (cohort.low, cohort.high):
        largest = np.maximum(largest, np.where(np.isfinite(edge), np.abs(edge), 0.0))
    plain = (cohort.scale == Scale.PLAIN) & (largest > 0)
    unit = np.where(plain, np.exp2(np.floor(np.log2(np.where(plain, largest, 1.0)))), 1.0)
    return replace(
        cohort,
        values=cohort.values / unit[:, None],
        low=cohort.low / unit,
        high=cohort.high / unit,
        within=cohort.within / unit,
    )


def _edge(bound: Floats, scale: Ints) -> Floats:
    """An edge in the working scale; a band that is open stays open."""
    return np.where(np.isfinite(bound), to_working(np.where(np.isfinite(bound), bound, 1.0), scale), bound)


def _mixed(followed: Followed, values: Floats) -> Floats:
    return np.asarray((followed.bank.weight * values).sum(axis=1))


def _ahead(cohort: Cohort, followed: Followed) -> tuple[Floats, Floats]:
    """Give the level of each day to come, with its weekday, and its standard deviation: (N, days) each."""
    most = int(cohort.left.max())
    nodes = np.unique(np.linspace(1, most, min(most, HORIZONS)).astype(int)).astype(float)
    means, deviations = [], []
    for node in nodes:
        day = np.full(cohort.rows, int(node))
        mean, variance = followed.bank.ahead(day, day)
        centre = _mixed(followed, mean)
        means.append(centre)
        deviations.append(np.sqrt(np.maximum(_mixed(followed, variance + mean**2) - centre**2, 0.0)))
    days = np.arange(1.0, most + 1)
    level = _between(days, nodes, np.stack(means, axis=1))
    weekday = followed.profile[:, np.arange(cohort.columns, cohort.columns + most) % 7]
    return level + weekday, _between(days, nodes, np.stack(deviations, axis=1))


def _between(days: Floats, nodes: Floats, values: Floats) -> Floats:
    """Interpolate (N, nodes) values linearly at days."""
    right = np.clip(np.searchsorted(nodes, days), 1 if len(nodes) > 1 else 0, len(nodes) - 1)
    left = np.maximum(right - 1, 0)
    share = (days - nodes[left]) / np.maximum(nodes[right] - nodes[left], 1)
    return np.asarray(values[:, left] + share * (values[:, right] - values[:, left]))


def _by_share(cohort: Cohort, rough: Floats) -> _Stay:
    """The share of days in the band is a beta, of which older days count less."""
    known = np.isfinite(cohort.inside)
    kept = KEPT ** np.arange(cohort.columns - 1, -1, -1)
    cluster = np.maximum(CLUSTER * rough, LEAST_CLUSTER)
    inside = (np.where(known, cohort.inside, 0.0) * kept).sum(axis=1) / cluster + PRIOR_DAYS * PRIOR_SHARE
    outside = (np.where(known, 1 - cohort.inside, 0.0) * kept).sum(axis=1) / cluster + PRIOR_DAYS * (
        1 - PRIOR_SHARE
    )
    share, left = inside / (inside + outside), cohort.left
    unsure = 1 / (inside + outside + 1) + CHANGE * left / CYCLE
    variance = share * (1 - share) * (left * cluster + left**2 * unsure)
    return _Stay(left * share, variance + 0.05 * rough)
