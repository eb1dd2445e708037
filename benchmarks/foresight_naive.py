"""What OKR tools do: compare the last value with a straight line. As it is, and with its gap calibrated.

Expected progress is the share of the cycle that has passed, actual progress the last reading's share of the way; 16.5
points behind is behind (Engagedly). Of a budget what was used is compared with the line, ahead of it is behind; what is to
stay in a band or above a share is behind when its last reading is out of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.foresight_tasks import Task
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Ints
from collector.domain.forecasting.outlook import HISTORY, Form

TOLERANCE = 0.165
"""Share of the way that one may be behind the line."""
BEHIND, NOT_BEHIND = 0.2, 0.8
"""P(hit) that the two statuses stand for."""
FARTHEST = 3.0
"""Gaps, in ways, are kept within this before they are calibrated."""
RIDGE = 1e-3
"""Penalty on the calibration's squared parameters, for each of its observations."""
STEPS = 30
"""Newton steps at most."""


def gaps(tasks: Sequence[Task], days: Ints) -> Floats:
    """Give how far each task is behind the line at each day, in ways; 1 or 0 where it only is or is not. Days to come do
    not enter.
    """
    return np.stack([_gap(task, days) for task in tasks])


def _gap(task: Task, days: Ints) -> Floats:
    expected = days / task.length
    match task.form:
        case Form.LEVEL:
            way = task.target - task.baseline
            last = _last(task.read.values, days, task.baseline)
            return np.asarray(expected - (last - task.baseline) / (way if abs(way) > 1e-12 else 1e-12))
        case Form.AT_MOST | Form.AT_LEAST:
            came = np.cumsum(np.nan_to_num(task.read.values[HISTORY:]))[days - 1] / task.target
            return np.asarray(expected - came if task.form is Form.AT_LEAST else came - expected)
        case Form.EVENTS:
            return (_last(task.read.num / task.read.den, days, 0.0) > task.target).astype(float)
        case Form.STAY:
            last = _last(task.read.values, days, np.nan)
            return ((last < task.low) | (last > task.high)).astype(float)


def _last(series: Floats, days: Ints, otherwise: float) -> Floats:
    """Give the last reading before each day."""
    read = np.isfinite(series)
    at = np.maximum.accumulate(np.where(read, np.arange(len(series)), -1))[HISTORY + days - 1]
    return np.where(at >= 0, series[at], otherwise)


def behind(gap: Floats) -> Bools:
    """Tell which are behind."""
    return gap > TOLERANCE


def as_probability(gap: Floats) -> Floats:
    """Give the two statuses as P(hit)."""
    return np.where(behind(gap), BEHIND, NOT_BEHIND)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a gap into P(hit): a logistic of four parameters for each form."""

    parameters: Mapping[Form, Floats]

    def p(self, tasks: Sequence[Task], gap: Floats, days: Ints) -> Floats:
        """Give P(hit) of gaps (tasks, days)."""
        left = np.array([[1 - day / task.length for day in days] for task in tasks])
        told = np.empty(gap.shape)
        for row, task in enumerate(tasks):
            told[row] = _logistic(_features(gap[row], left[row]) @ self.parameters[task.form])
        return told


def calibrated(tasks: Sequence[Task], days: Ints) -> Calibration:
    """Fit it to tasks of which the outcome may be known."""
    gap = gaps(tasks, days)
    parameters = {}
    for form in Form:
        rows = [row for row, task in enumerate(tasks) if task.form is form]
        if rows:
            left = np.array([1 - days / tasks[row].length for row in rows])
            hit = np.repeat([tasks[row].hit for row in rows], len(days))
            parameters[form] = _fitted(_features(gap[rows].ravel(), left.ravel()), hit.astype(float))
    return Calibration(parameters)


def _features(gap: Floats, left: Floats) -> Floats:
    kept = np.clip(gap, -FARTHEST, FARTHEST)
    return np.stack([np.ones(len(kept)), kept, left, kept * left], axis=1)


def _fitted(features: Floats, hit: Floats) -> Floats:
    """Maximise the penalised likelihood by Newton's method (iteratively reweighted least squares)."""
    parameters = np.zeros(features.shape[1])
    penalty = RIDGE * len(hit) * np.eye(len(parameters))
    for _ in range(STEPS):
        p = _logistic(features @ parameters)
        slope = features.T @ (hit - p) - penalty @ parameters
        curvature = (features * (p * (1 - p))[:, None]).T @ features + penalty
        step = np.linalg.solve(curvature, slope)
        parameters = parameters + step
        if np.abs(step).max() < 1e-8:
            break
    return parameters


def _logistic(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -30, 30))))
