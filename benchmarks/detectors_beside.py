"""Frozen sources, changed units, key results that go backwards or are done early: found, and mistaken, beside plain rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.detectors_noise import BEFORE, noise
from collector.domain.arrays import Floats
from collector.domain.detectors.findings import DAYS
from collector.domain.detectors.flatline import LEAST_ROW, flatline, row_of
from collector.domain.detectors.regression import DEVIATIONS
from collector.domain.detectors.regression import noise as noise_of
from collector.domain.detectors.trailing import trailing_mean
from collector.domain.detectors.unit_change import FACTORS, unit_changes
from collector.services.detected_conditions import EARLY_DAYS, REGRESSED, REGRESSED_FROM

Measured = Mapping[str, tuple[float, float, str]]
"""By the key of the figure: ours, the plain rule's, and what it is in words."""
WITHIN = 7
EVENT = 70
"""Day on which something happens."""
NEAR = 0.12
"""How near the plain rule asks a single day to be to a factor (natural logarithm)."""
DAYS_EARLY = 46
"""The first half of a quarter."""
WAY = 4.0
"""Length of the way from baseline to target, in standard deviations of a day."""
BACK = 0.4
"""Share of the way that is lost by those that go backwards, within thirty days."""


def measured(count: int, seed: int) -> Measured:
    """Measure every rule but that of sudden changes."""
    draw = np.random.default_rng([seed, 100])
    return {**_flat(count, draw), **_units(count, draw), **_regressed(count, draw), **_early(count, draw)}


def _flat(count: int, draw: np.random.Generator) -> Measured:
    found: dict[str, tuple[float, float, str]] = {}
    kinds = (("white", "white noise"), ("counts", "counts of 3 a day"), ("rare", "counts of 0.5 a day"))
    for kind, words in kinds:
        values = noise(kind, count, draw)
        frozen = values.copy()
        frozen[:, EVENT:] = frozen[:, EVENT : EVENT + 1]
        false = _shares(values, range(BEFORE + 1, DAYS + 1))
        seen = _shares(frozen, [EVENT + WITHIN])
        found[f"flat_false_{kind}"] = (*false, f"flat line, key results with a false one, {words}")
        found[f"flat_found_{kind}"] = (*seen, f"  frozen sources found, {words}")
    return found


def _shares(values: Floats, ends: Sequence[int] | range) -> tuple[float, float]:
    """Give the share of rows in which the rule, and the plain one, speak at some of these closes."""
    ours = [any(flatline(row[:end]) is not None for end in ends) for row in values]
    plain = [any(row_of(row[:end]) >= LEAST_ROW for end in ends) for row in values]
    return float(np.mean(ours)), float(np.mean(plain))


def _units(count: int, draw: np.random.Generator) -> Measured:
    values = 100 * np.exp(0.1 * noise("white", count, draw))
    changed, spiked = values.copy(), values.copy()
    factors = draw.choice(FACTORS, count) ** draw.choice([-1.0, 1.0], count)
    changed[:, EVENT:] *= factors[:, None]
    strange = draw.random(values.shape) < 0.02
    sizes = np.exp(draw.uniform(np.log(3), np.log(2000), values.shape)) ** draw.choice(
        [-1.0, 1.0], values.shape
    )
    spiked[strange] *= sizes[strange]
    soon = range(EVENT + 1, EVENT + WITHIN + 1)
    quarter = range(BEFORE + 1, DAYS + 1)
    return {
        "unit_found": (*_told(changed, soon), "change of unit found, 10 % noise"),
        "unit_false": (*_told(values, quarter), "  key results with a false one"),
        "unit_spike": (*_told(spiked, quarter), "  the same where 2 % of the days are spikes of 3 to 2,000 times"),
    }  # fmt: skip


def _told(values: Floats, ends: range) -> tuple[float, float]:
    ours = np.zeros(len(values), dtype=bool)
    plain = np.zeros(len(values), dtype=bool)
    for end in ends:
        ours |= [one is not None for one in unit_changes(values[:, :end])]
        ratio = np.log(values[:, end - 1] / np.median(values[:, end - 15 : end - 1], axis=1))
        plain |= np.min([np.abs(np.abs(ratio) - np.log(factor)) for factor in FACTORS], axis=0) < NEAR
    return float(ours.mean()), float(plain.mean())


def _regressed(count: int, draw: np.random.Generator) -> Measured:
    found: dict[str, tuple[float, float, str]] = {}
    gone = -BACK * WAY * np.clip(np.arange(DAYS) - BEFORE, 0, 30) / 30
    for kind, words in (("white", "white noise"), ("ar5", "AR(1) of 0.5"), ("ar8", "AR(1) of 0.8")):
        values = noise(kind, count, draw)
        found[f"regressed_false_{kind}"] = (*_fell(values), f"regression told of a standstill, {words}")
        found[f"regressed_found_{kind}"] = (*_fell(values + gone), "  told of 40 % of the way backwards")
    return found


def _early(count: int, draw: np.random.Generator) -> Measured:
    """Ways that end, after a time, somewhere around the target, and wander; a third falls back in the second half. P(hit) is
    not asked here.
    """
    days = np.arange(DAYS) - BEFORE
    gain = draw.normal(1.0, 0.5, (count, 1)) * WAY
    way = gain * np.clip(days / draw.uniform(20, 91, (count, 1)), 0, 1)
    falls = np.where(draw.random((count, 1)) < 0.33, np.clip((days - 45) / 45, 0, 1), 0.0)
    wander = np.cumsum(0.1 * draw.standard_normal((count, DAYS)), axis=1)
    level = trailing_mean(way * (1 - falls) + wander + noise("ar5", count, draw), 7)
    there = level[:, BEFORE + 7 : BEFORE + DAYS_EARLY] >= WAY
    row = np.any(sliding_window_view(there, EARLY_DAYS, axis=1).all(-1), axis=1)
    hit = level[:, -1] >= WAY
    ours, plain = float(hit[row].mean()), float(hit[there.any(1)].mean())
    return {
        "early_hit": (ours, plain, "achieved early: share of those told that end at the target"),
        "early_share": (float(row.mean()), float(there.any(1).mean()), "  share of all that are told so"),
    }


def _fell(values: Floats) -> tuple[float, float]:
    """Baseline 0, target `WAY`: give the shares that are told on some day, by the rule and by progress alone."""
    level = trailing_mean(values, 7)
    ours, plain = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
    for day in range(BEFORE + REGRESSED_FROM, DAYS + 1):
        below = level[:, day - 1] / WAY < REGRESSED
        plain |= below
        ours |= below & (-level[:, day - 1] > DEVIATIONS * noise_of(values[:, :day]))
    return float(ours.mean()), float(plain.mean())
