"""How often a sudden change is told in noise, and how soon one that is there, with and without the correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.detectors_noise import BEFORE, WORDS, noise
from collector.domain.arrays import Floats
from collector.domain.detectors.findings import DAYS
from collector.domain.detectors.standardised import standardised
from collector.domain.detectors.sudden_change import alarms, sudden_changes

SIZES = (1, 3, 5)
"""Shifts, in standard deviations of the kind."""
WITHIN = 7
"""Days in which a shift is to be found."""
SPIKE = 15.0
"""Standard deviations of the single strange day."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What was found in one kind of noise; `naive` is the same without the correction."""

    false: float
    naive_false: float
    """Alarms of a key result and quarter."""
    found: Mapping[int, float]
    naive_found: Mapping[int, float]
    """Shares of the shifts, by their size."""
    spikes: float
    """Share of single days of 15 standard deviations that are taken for a change."""
    day_error: float
    """Median distance between the day that is named and the day of the shift by 5."""


def measured(count: int, seed: int) -> Mapping[str, Shift]:
    """Measure every kind of noise."""
    kinds = enumerate(WORDS)
    return {kind: _of(kind, count, np.random.default_rng([seed, number])) for number, kind in kinds}


def _of(kind: str, count: int, draw: np.random.Generator) -> Shift:
    values = noise(kind, count, draw)
    day = draw.integers(BEFORE + 17, DAYS - WITHIN - 12, count)
    unit = float(values.std()) if kind not in ("weekdays", "trend") else 1.0
    after = np.arange(DAYS) >= day[:, None]
    shifted = {size: values + size * unit * after for size in SIZES}
    spiked = values.copy()
    spiked[np.arange(count), day] += SPIKE * unit
    return Shift(
        false=_alarms(values, corrected=True),
        naive_false=_alarms(values, corrected=False),
        found={size: _found(one, day, corrected=True) for size, one in shifted.items()},
        naive_found={size: _found(one, day, corrected=False) for size, one in shifted.items()},
        spikes=_found(spiked, day, corrected=True),
        day_error=_day_error(shifted[max(SIZES)], day),
    )


def _alarms(values: Floats, *, corrected: bool) -> float:
    alarm, _ = alarms(standardised(values, corrected=corrected))
    return float((alarm[:, BEFORE:] != 0).sum() / len(values))


def _found(values: Floats, day: np.ndarray, *, corrected: bool) -> float:
    alarm, _ = alarms(standardised(values, corrected=corrected))
    days = np.arange(DAYS)
    near = (days >= day[:, None]) & (days < day[:, None] + WITHIN)
    return float(((alarm > 0) & near).any(1).mean())


def _day_error(values: Floats, day: np.ndarray) -> float:
    told = [
        sudden_changes(values[row : row + 1, : day[row] + WITHIN])[0] for row in range(min(len(values), 200))
    ]
    found = [abs(one.day - at) for one, at in zip(told, day, strict=False) if one is not None]
    return float(np.median(found)) if found else float("inf")
