"""Counts, error budgets and stays of the synthetic population."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_metric import Metric, Setting
from benchmarks.foresight_noise import Kind, Observation, weekdays
from collector.domain.arrays import Floats
from collector.domain.forecasting.outlook import Form

INCIDENT = 1.38
"""Mean of how much worse than a usual incident an incident is, with the spread they have."""


def budget(given: Setting, draw: Generator) -> Metric:
    """No more than so many incidents or tickets: 1-80 allowed; a third change their rate, a quarter have storms."""
    allowed = int(np.round(np.clip(draw.lognormal(np.log(6), 0.9), 1, 80)))
    expected = allowed * draw.lognormal(-0.1, 0.5)
    factor, changed = np.ones(given.days), draw.random() < 0.35
    if changed:
        factor = np.where(
            given.clock > draw.uniform(0.05, 0.9), draw.choice([0.3, 0.5, 0.6, 1.7, 2.2, 3.0]), 1.0
        )
    storms = float(draw.uniform(0.005, 0.03)) if draw.random() < 0.25 else 0.0
    storm = float(draw.uniform(5, 20))
    clustered = float(draw.uniform(0.5, 3)) if draw.random() < 0.35 else 0.0
    return Metric(
        family="budget",
        shape="changed rate" if changed else "one rate",
        form=Form.AT_MOST,
        rising=False,
        target=float(allowed),
        mean=np.log(expected / given.length * factor / (1 + storms * (storm - 1))),
        weekday=weekdays(draw.uniform(0.2, 0.8), draw),
        how=Observation(Kind.COUNT, clustered=clustered, storms=storms, storm=storm),
        window=given.length,
        previous=float(draw.poisson(expected * draw.lognormal(0.2, 0.3))),
        whole=True,
    )


def quota(given: Setting, draw: Generator) -> Metric:
    """At least so many sign-ups, or so much money: what a quarter brings as it is, and up to half more."""
    began = float(np.clip(draw.lognormal(np.log(20), 1.5), 0.3, 3000.0))
    more = draw.uniform(0.0, 0.5)
    whole = draw.random() < 0.6
    if whole:
        how = Observation(Kind.COUNT, clustered=float(draw.uniform(3, 20)) if draw.random() < 0.5 else 0.0)
    else:
        how = Observation(Kind.LOG, spread=float(draw.uniform(0.1, 0.7)))
    weekday = weekdays(draw.uniform(0.2, 1.0), draw)
    a_day = began * np.exp(weekday).mean() * np.exp(how.spread**2 / 2)
    target = given.length * a_day * (1 + more * draw.uniform(0.6, 1.1))
    return Metric(
        family="quota",
        shape=given.progress.shape,
        form=Form.AT_LEAST,
        rising=True,
        target=_rounded(float(target)),
        mean=np.log(began * np.clip(1 + 1.6 * more * given.progress.path, 0.1, None)),
        weekday=weekday,
        how=how,
        window=given.length,
        memory=given.memory,
        shock=float(draw.uniform(0.02, 0.2)) * given.lost,
        whole=whole,
    )


def slo(given: Setting, draw: Generator) -> Metric:
    """An error budget of 0.02-2 % of the requests, with incident days; two fifths change for better or worse."""
    allowed = 10 ** draw.uniform(-3.7, -1.7)
    incidents, worse = float(draw.uniform(0.02, 0.1)), float(draw.uniform(3, 15))
    used = draw.lognormal(-0.35, 0.45)
    usual = np.log(allowed * used / (1 + incidents * (worse * INCIDENT - 1)))
    changed = draw.random() < 0.4
    change: Floats = np.zeros(given.days)
    if changed:
        change = np.where(given.clock > draw.uniform(0.05, 0.9), draw.normal(0.0, 0.7), 0.0)
    weekly = np.exp(weekdays(draw.uniform(0.1, 0.5), draw))
    events = 10 ** draw.uniform(3.5, 5.7) * weekly[given.weekday]
    return Metric(
        family="slo",
        shape="changed rate" if changed else "one rate",
        form=Form.EVENTS,
        rising=False,
        target=allowed,
        mean=usual + change,
        weekday=np.zeros(7),
        how=Observation(Kind.BAD, storms=incidents, storm=worse, events=events),
        window=given.window(28) if draw.random() < 0.5 else given.length,
        memory=given.memory,
        shock=0.25 * given.lost,
        baseline=allowed * used,
    )


def band(given: Setting, draw: Generator) -> Metric:
    """A value that is to stay in a band, or on one side of a line, on 80-95 % of the days."""
    centre = draw.uniform(10, 1000)
    half = centre * draw.uniform(0.03, 0.3)
    spread = half * draw.uniform(0.35, 0.95)
    memory = float(draw.uniform(0.3, 0.97))
    off = draw.normal(0.0, 0.25) + draw.normal(0.0, 0.35) * np.clip(given.clock, 0.0, 1.0)
    if draw.random() < 0.35:
        off = off + draw.normal(0.0, 0.7) * (given.clock > draw.random())
    sides = draw.random()
    return Metric(
        family="band",
        shape="around the middle",
        form=Form.STAY,
        rising=True,
        target=float(draw.choice([0.8, 0.9, 0.95])),
        mean=centre + half * off,
        weekday=weekdays(spread * 0.5, draw),
        how=Observation(Kind.GAUSS, spread=spread * 0.5),
        window=given.length,
        memory=memory,
        shock=float(spread * 0.86 * np.sqrt(1 - memory**2)),
        baseline=centre,
        low=centre - half if sides < 0.7 else -np.inf,
        high=centre + half if sides < 0.5 or sides >= 0.7 else np.inf,
    )


def _rounded(target: float) -> float:
    """A target as people set it: two digits, or a whole number."""
    if target <= 30:
        return float(np.ceil(target))
    return float(np.round(target, -int(np.log10(target)) + 1))
