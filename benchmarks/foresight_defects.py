"""What befalls readings on their way: outliers, days that are missing, sources that die, a past that nobody kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_noise import Readings
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Ints
from collector.domain.forecasting.outlook import HISTORY


@dataclass(frozen=True, slots=True)
class Source:
    """How the readings come about."""

    weekday: Ints
    counts: bool
    """Whether it counts up: a day that was not read is in the next reading, so none is missing."""
    both_ways: bool
    """Whether outliers go down as well as up."""


def spoiled(clean: Readings, source: Source, draw: Generator) -> Readings:
    """Give what is left of the clean readings: NaN where a day has none."""
    values, days = clean.values, len(clean.values)
    if not source.counts and draw.random() < 0.25:
        values = _with_outliers(clean, source, draw)
    missing = _missing(source, days, draw) if not source.counts else np.zeros(days, dtype=bool)
    missing[: HISTORY - int(draw.choice([28, 14, 0], p=[0.7, 0.1, 0.2]))] = True
    return Readings(_without(values, missing), _without(clean.num, missing), _without(clean.den, missing))


def _with_outliers(clean: Readings, source: Source, draw: Generator) -> Floats:
    """Throw 1-4 % of the days off by 5-15 standard deviations; a quotient of sums has none."""
    off = draw.random(len(clean.values)) < draw.uniform(0.01, 0.04)
    if len(clean.den):
        return clean.values
    spread = 1.4826 * np.median(np.abs(np.diff(clean.values))) / np.sqrt(2) + 1e-9
    sign = draw.choice([-1.0, 1.0], len(off)) if source.both_ways else 1.0
    return np.asarray(clean.values + off * sign * spread * draw.uniform(5, 15, len(off)))


def _missing(source: Source, days: int, draw: Generator) -> Bools:
    """Days that were never read: single ones, a gap of 3-14, all weekends, all from some day on."""
    missing = np.zeros(days, dtype=bool)
    if draw.random() < 0.25:
        missing |= draw.random(days) < draw.uniform(0.05, 0.25)
    if draw.random() < 0.18:
        begins = int(draw.integers(HISTORY, days - 3))
        missing[begins : begins + int(draw.integers(3, 15))] = True
    if draw.random() < 0.06:
        missing |= source.weekday >= 5
    if draw.random() < 0.04:
        missing[int(draw.integers(HISTORY + round(0.22 * (days - HISTORY)), days - 7)) :] = True
    return missing


def _without(series: Floats, missing: Bools) -> Floats:
    return np.where(missing, np.nan, series) if len(series) else series
