"""Levels of the synthetic population: gauges, latencies, rates, ratios, and walks that no effort moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_metric import Metric, Setting
from benchmarks.foresight_noise import Kind, Observation, weekdays
from collector.domain.arrays import Floats
from collector.domain.forecasting.outlook import Form, Scale

WEEK, MONTH = 7, 28


def gauge(given: Setting, draw: Generator) -> Metric:
    """Anything that is read off: up or down by 5-60 %, half of them with a mean that wanders."""
    metric, way = _gauge(given, given.progress.path, draw)
    wandered = way * np.cumsum(draw.normal(0.0, given.wandering, given.days)) if given.wandering else 0.0
    metric = replace(metric, mean=metric.mean + wandered)
    return _with_gauge_noise(metric, given, way * given.noise, draw)


def walk(given: Setting, draw: Generator) -> Metric:
    """A random walk, whoever works on it."""
    path = draw.normal(0.0, 0.35) * np.clip(given.clock, 0.0, 1.0)
    metric, way = _gauge(given, path, draw)
    a_day = 1 / np.sqrt(given.length) / draw.uniform(0.25, 1.6)
    walked = way * np.cumsum(draw.normal(0.0, a_day, given.days))
    from_start = walked - walked[given.days - given.length - 1]
    metric = replace(metric, family="walk", shape="walk", mean=metric.mean + from_start, launches=())
    return replace(_with_gauge_noise(metric, given, way * 0.2 * given.noise, draw), memory=0.0, shock=0.0)


def latency(given: Setting, draw: Generator) -> Metric:
    """Milliseconds, down by 8-50 %; a fifth of them are asked to stay below a line on so many days."""
    began, cut = draw.uniform(80, 3000), draw.uniform(0.08, 0.5)
    way = -np.log(1 - cut)
    spread = min(way * given.noise * np.sqrt(1 - given.correlated) * 0.75, 0.35)
    metric = Metric(
        family="latency",
        shape=given.progress.shape,
        form=Form.LEVEL,
        rising=False,
        target=began * (1 - cut),
        mean=np.log(began) - way * given.progress.path,
        weekday=weekdays(min(way * given.noise, 0.3) * draw.uniform(0.4, 1.5), draw),
        how=Observation(Kind.HEAVY_LOG, spread=spread),
        scale=Scale.LOG,
        memory=given.memory,
        shock=given.shock(min(way * given.noise, 0.4)),
        baseline=began,
        launches=given.progress.launches(given.length),
    )
    kind = draw.random()
    if kind < 0.55:
        return replace(metric, window=given.window(WEEK))
    if kind < 0.80:
        return replace(metric, window=given.window(MONTH))
    line = began * (1 - cut * draw.uniform(-0.6, 0.6))
    share = float(draw.choice([0.5, 0.7, 0.9]))
    return replace(metric, form=Form.STAY, rising=True, target=share, high=line, launches=())


def rate(given: Setting, draw: Generator) -> Metric:
    """Few events a day (0.4-60), down by 15-60 %."""
    began, cut = float(np.clip(draw.lognormal(np.log(3), 1.0), 0.4, 60.0)), draw.uniform(0.15, 0.6)
    clustered = float(draw.uniform(2, 10)) if draw.random() < 0.4 else 0.0
    return Metric(
        family="rate",
        shape=given.progress.shape,
        form=Form.LEVEL,
        rising=False,
        target=began * (1 - cut),
        mean=np.log(began * np.clip(1 - cut * given.progress.path, 0.03, None)),
        weekday=weekdays(draw.uniform(0.3, 1.2), draw),
        how=Observation(Kind.COUNT, clustered=clustered),
        window=given.window(int(draw.choice([WEEK, 2 * WEEK, MONTH]))),
        scale=Scale.LOG,
        memory=given.memory,
        shock=given.shock(0.15, share=1.0) if draw.random() < 0.4 else 0.0,
        baseline=began,
        launches=given.progress.launches(given.length),
    )


def ratio(given: Setting, draw: Generator) -> Metric:
    """Shares of 50-20,000 events a day, up or down by 6-40 %; pooled over the window."""
    up = draw.random() < 0.6
    began = draw.uniform(0.01, 0.3) if draw.random() < 0.7 else draw.uniform(0.3, 0.9)
    moved = draw.uniform(0.06, 0.4)
    target = min(began * (1 + moved if up else 1 - moved), 0.5 * (1 + began))
    way = _logit(target) - _logit(began)
    weekly = np.exp(weekdays(draw.uniform(0.2, 0.8), draw))
    events = 10 ** draw.uniform(1.7, 4.3) * weekly[given.weekday]
    noisy = draw.random() < 0.7
    return Metric(
        family="ratio",
        shape=given.progress.shape,
        form=Form.LEVEL,
        rising=up,
        target=target,
        mean=_logit(began) + way * given.progress.path,
        weekday=weekdays(abs(way) * draw.uniform(0.1, 0.8), draw),
        how=Observation(Kind.SHARE, events=events),
        window=given.window(WEEK if draw.random() < 0.6 else MONTH),
        scale=Scale.LOGIT,
        memory=given.memory,
        shock=given.shock(abs(way) * min(given.noise, 0.5), share=1.0) if noisy else 0.0,
        baseline=began,
        launches=given.progress.launches(given.length),
    )


def _gauge(given: Setting, path: Floats, draw: Generator) -> tuple[Metric, float]:
    """Give it without its noise, and the size of its way."""
    up = draw.random() < 0.55
    began = 10 ** draw.uniform(0.0, 4.0)
    way = began * draw.uniform(0.05, 0.6)
    ends = draw.random() < 0.8
    metric = Metric(
        family="gauge",
        shape=given.progress.shape,
        form=Form.LEVEL,
        rising=up,
        target=began + way if up else began - way,
        mean=began + (way if up else -way) * path,
        weekday=np.zeros(7),
        how=Observation(Kind.GAUSS),
        window=given.window(int(draw.choice([1, WEEK], p=[0.35, 0.65])) if ends else MONTH),
        baseline=began,
        launches=given.progress.launches(given.length),
    )
    return metric, way


def _with_gauge_noise(metric: Metric, given: Setting, noise: float, draw: Generator) -> Metric:
    return replace(
        metric,
        weekday=weekdays(noise * draw.uniform(0.5, 2.5), draw),
        how=Observation(Kind.GAUSS, spread=float(noise * np.sqrt(1 - given.correlated))),
        memory=given.memory,
        shock=given.shock(noise),
    )


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
