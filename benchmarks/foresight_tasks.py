"""Key results of one cycle with a known outcome: what was promised, what krd can read, and what truly came.

A task is a pure function of a seed, a number and a population. The outcome comes from the clean series, the outlook from
what is left of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.random import Generator

from benchmarks.foresight_budgets import band, budget, quota, slo
from benchmarks.foresight_defects import Source, spoiled
from benchmarks.foresight_levels import gauge, latency, rate, ratio, walk
from benchmarks.foresight_metric import QUARTER, Metric, Setting, setting
from benchmarks.foresight_noise import Readings, autocorrelated, observed
from benchmarks.foresight_shapes import Effort
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools
from collector.domain.forecasting.outlook import HISTORY, NOTHING, Form, Launch, Outlook, Scale

FAMILIES: Mapping[str, tuple[float, Callable[[Setting, Generator], Metric]]] = {
    "gauge": (0.26, gauge),
    "latency": (0.14, latency),
    "rate": (0.10, rate),
    "budget": (0.12, budget),
    "quota": (0.10, quota),
    "ratio": (0.12, ratio),
    "slo": (0.06, slo),
    "band": (0.06, band),
    "walk": (0.04, walk),
}
"""Each with its weight."""
PARTLY = 0.7
"""Share of the way with which an aspirational promise succeeds."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Population:
    """Whose key results they are."""

    length: int = QUARTER
    """Days of the cycle."""
    effort: Effort = field(default_factory=Effort)
    belief: float = 0.3
    """What the forecast believes of effort; the population does not depend on it."""


@dataclass(frozen=True)
class Task:
    """One key result over one cycle. Series have a number a day of history and cycle, NaN where krd has no reading."""

    family: str
    shape: str
    form: Form
    scale: Scale
    length: int
    window: int
    rising: bool
    target: float
    """As `Outlook.target`, but STAY: the share of days that are to be in the band."""
    baseline: float
    """As the team recorded it."""
    read: Readings
    true: Readings
    low: float = -np.inf
    high: float = np.inf
    previous: float = np.nan
    whole: bool = False
    launches: tuple[Launch, ...] = ()
    """Those that truly came, and brought a part of the way."""

    def outlook(self, today: int, *, belief: float = 0.3, launches: Sequence[Launch] = ()) -> Outlook:
        """Give what is known when the day `today` of the cycle has not begun."""
        known = HISTORY + today
        values, num, den = (series[:known] for series in (self.read.values, self.read.num, self.read.den))
        inside = self._inside(values) if self.form is Form.STAY else NOTHING
        return Outlook(
            form=self.form,
            values=num if self.form is Form.EVENTS else values,
            today=today,
            length=self.length,
            target=self._days_allowed(today) if self.form is Form.STAY else self.target,
            rising=self.rising,
            baseline=self.baseline,
            window=self.window,
            scale=self.scale,
            num=num if self.form is Form.LEVEL else NOTHING,
            den=den,
            inside=inside,
            low=self.low,
            high=self.high,
            previous=self.previous,
            belief=belief,
            partly=PARTLY,
            launches=launches,
            whole=self.whole,
        )

    @cached_property
    def landed(self) -> float:
        """What it truly came to: a mean, a sum, a share of bad events, or a share of days in the band."""
        match self.form:
            case Form.LEVEL | Form.EVENTS:
                return self._level
            case Form.AT_MOST | Form.AT_LEAST:
                return float(self.true.values[HISTORY:].sum())
            case Form.STAY:
                return float(self._inside(self.true.values[HISTORY:]).mean())

    @property
    def _level(self) -> float:
        num, den = self.true.num[-self.window :], self.true.den[-self.window :]
        return float(num.sum() / den.sum() if len(den) else self.true.values[-self.window :].mean())

    @cached_property
    def hit(self) -> bool:
        """Whether the whole promise was kept."""
        return self._keeps(self.target)

    @cached_property
    def hit_partly(self) -> bool:
        """Whether the share of it was kept with which an aspirational promise succeeds; of a budget, the whole."""
        match self.form:
            case Form.LEVEL:
                return self._keeps(self.baseline + PARTLY * (self.target - self.baseline))
            case Form.AT_LEAST:
                return self._keeps(PARTLY * self.target)
            case _:
                return self.hit

    def landed_since(self, today: int) -> float:
        """Give the landing in the unit of a forecast made on that day: of a stay, days out of the band among those that
        were read and those still to come.
        """
        if self.form is not Form.STAY:
            return self.landed
        read = self.read.values[HISTORY : HISTORY + today]
        past = (1 - self._inside(read))[np.isfinite(read)].sum()
        return float(past + (1 - self._inside(self.true.values[HISTORY + today :])).sum())

    def _keeps(self, target: float) -> bool:
        return self.landed >= target - ROUNDING if self.rising else self.landed <= target + ROUNDING

    def _inside(self, values: Floats) -> Floats:
        """1 in the band, 0 out of it, NaN where there is no reading."""
        inside: Bools = (values >= self.low) & (values <= self.high)
        return np.where(np.isfinite(values), inside.astype(float), np.nan)

    def _days_allowed(self, today: int) -> float:
        counted = np.isfinite(self.read.values[HISTORY : HISTORY + today]).sum() + self.length - today
        return float(counted - np.ceil(self.target * counted - 1e-9))


def tasks(seed: int, count: int, population: Population) -> list[Task]:
    """Make the tasks 0 to `count` of a seed."""
    return [task(seed, number, population) for number in range(count)]


def task(seed: int, number: int, population: Population) -> Task:
    """Make one task; equal arguments make equal tasks."""
    draw = np.random.default_rng([seed, number])
    family = str(draw.choice(list(FAMILIES), p=[weight for weight, _ in FAMILIES.values()]))
    given = setting(population.effort, population.length, draw)
    metric = FAMILIES[family][1](given, draw)
    noise = autocorrelated(given.days, metric.memory, metric.shock, draw)
    clean = observed(metric.mean + metric.weekday[given.weekday] + noise, metric.how, draw)
    counts = metric.form in (Form.AT_MOST, Form.AT_LEAST)
    source = Source(given.weekday, counts, both_ways=metric.scale is Scale.PLAIN)
    return Task(
        family=metric.family,
        shape=metric.shape,
        form=metric.form,
        scale=metric.scale,
        length=given.length,
        window=metric.window,
        rising=metric.rising,
        target=metric.target,
        baseline=_recorded(metric, clean, draw) if metric.form is Form.LEVEL else metric.baseline,
        read=spoiled(clean, source, np.random.default_rng([seed, number, 1])),
        true=clean,
        low=metric.low,
        high=metric.high,
        previous=metric.previous,
        whole=metric.whole,
        launches=metric.launches,
    )


def _recorded(metric: Metric, clean: Readings, draw: Generator) -> float:
    """Give the baseline as a team takes it: the mean of a week, or one reading; of few events, the mean of all there is.
    One that leaves hardly a way to the target is planned anew.
    """
    days = 1 if draw.random() >= 0.65 else 7
    if metric.family == "rate":
        days = HISTORY
    past = slice(HISTORY - days, HISTORY)
    if len(clean.den):
        baseline = float(clean.num[past].sum() / clean.den[past].sum())
    else:
        baseline = float(clean.values[past].mean())
    sign = 1 if metric.rising else -1
    too_near = sign * (metric.target - baseline) <= 0.15 * abs(metric.target - metric.baseline)
    return metric.baseline if too_near else baseline
