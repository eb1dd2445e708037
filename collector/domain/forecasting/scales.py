"""The scale in which a day's noise is alike: plain, logarithmic for what changes by factors, logit for shares."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Ints
from collector.domain.forecasting.outlook import Scale

LEAST = 1e-12
"""What a logarithm is taken of at least."""
EDGE = 1e-6
"""Shares nearer to nothing or all than this count as this."""


def to_working(values: Floats, scale: Ints) -> Floats:
    """Transform values (N, …), of which each row has its own scale."""
    result = np.array(values, dtype=float)
    logs, logits = scale == Scale.LOG, scale == Scale.LOGIT
    if logs.any():
        result[logs] = np.log(np.maximum(result[logs], LEAST))
    if logits.any():
        share = np.clip(result[logits], EDGE, 1 - EDGE)
        result[logits] = np.log(share / (1 - share))
    return result


def from_working(values: Floats, scale: Ints) -> Floats:
    """Transform back. Medians and quantiles stay what they are; a mean becomes a median."""
    result = np.array(values, dtype=float)
    logs, logits = scale == Scale.LOG, scale == Scale.LOGIT
    if logs.any():
        result[logs] = np.exp(np.minimum(result[logs], 700.0))
    if logits.any():
        result[logits] = 1 / (1 + np.exp(-np.clip(result[logits], -700.0, 700.0)))
    return result


def fitting(scale: Ints, values: Floats) -> Ints:
    """Take the plain scale where a value has no logarithm."""
    without: Bools = (scale == Scale.LOG) & (values <= 0).any(axis=1)
    return np.where(without, int(Scale.PLAIN), scale)
