"""How progress of an effort comes: twelve courses of a quarter, in ways from baseline to target, and the launches in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from collector.domain.arrays import Floats
from collector.domain.forecasting.outlook import Launch

NOTHING_CAME = 0.10
"""Share of the efforts that bring nothing at all."""
LEAST_GAIN, MOST_GAIN = -0.6, 2.4
TRENDING = 0.15
"""Share of the metrics that moved before the cycle began and go on."""
LEAST_SHARE = 0.1
"""Launches that bring less of the way than this are not declared."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much an effort brings, in ways."""

    gain: float = 1.05
    spread: float = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the mean is, in ways, on each day of history and cycle."""

    shape: str
    path: Floats
    steps: tuple[Launch, ...] = ()
    """What came by launches, each by the day on which half of its effect is there, whatever it brought."""

    def launches(self, length: int) -> tuple[Launch, ...]:
        """Give those that a team would declare: they come within the cycle and bring a part of the way."""
        return tuple(
            Launch(step.day, min(step.share, 1.0))
            for step in self.steps
            if 0 <= step.day < length and step.share >= LEAST_SHARE
        )


def progress(effort: Effort, clock: Floats, length: int, draw: Generator) -> Progress:
    """Draw a course. `clock` is the share of the cycle at each day, 0 or less before it."""
    shape = str(draw.choice(list(SHAPES), p=[weight for weight, _ in SHAPES.values()]))
    nothing = draw.random() < NOTHING_CAME
    gain = 0.0 if nothing else float(np.clip(draw.normal(effort.gain, effort.spread), LEAST_GAIN, MOST_GAIN))
    path, jumps = SHAPES[shape][1](gain, np.clip(clock, 0.0, 1.0), draw)
    path = np.where(clock <= 0, 0.0, path)
    if draw.random() < TRENDING:
        path = path + draw.normal(0.0, 0.25) * clock
    steps = tuple(Launch(int(at * length), share) for at, share in jumps)
    return Progress(shape, path, steps)


_Jumps = list[tuple[float, float]]
"""(share of the cycle, share of the way)."""
_Drawn = tuple[Floats, _Jumps]


def _linear(gain: float, clock: Floats, _draw: Generator) -> _Drawn:
    return gain * clock, []


def _s_curve(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    centre, width = draw.uniform(0.35, 0.85), draw.uniform(0.03, 0.12)
    begins, ends = _logistic(-centre / width), _logistic((1 - centre) / width)
    return gain * (_logistic((clock - centre) / width) - begins) / (ends - begins), [(centre, gain)]


def _step(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    """Past 1 it never comes."""
    at, ramp = draw.uniform(0.1, 1.15), draw.uniform(0.01, 0.08)
    return gain * np.clip((clock - at) / ramp, 0.0, 1.0), [(at + ramp / 2, gain)]


def _plateau(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    decay = draw.uniform(0.06, 0.35)
    return gain * (1 - np.exp(-clock / decay)) / (1 - np.exp(-1 / decay)), []


def _regress_and_recover(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    worst, width, depth = draw.uniform(0.15, 0.6), draw.uniform(0.06, 0.18), draw.uniform(0.2, 1.0)
    return gain * clock - depth * np.exp(-0.5 * ((clock - worst) / width) ** 2), []


def _several_steps(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    count = int(draw.integers(2, 7))
    at, shares = draw.uniform(0.03, 1.0, count), draw.dirichlet(np.ones(count)) * gain
    path = sum(
        (share * np.clip((clock - when) / 0.02, 0.0, 1.0) for when, share in zip(at, shares, strict=True)),
        start=np.zeros(len(clock)),
    )
    return path, [(float(when) + 0.01, float(share)) for when, share in zip(at, shares, strict=True)]


def _decay_back(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    peak, decay, kept = draw.uniform(0.25, 0.8), draw.uniform(0.1, 0.5), draw.uniform(0.0, 0.7)
    rise = np.minimum(gain * clock / peak, gain)
    return np.where(clock < peak, rise, gain * (kept + (1 - kept) * np.exp(-(clock - peak) / decay))), []


def _flat(_gain: float, clock: Floats, draw: Generator) -> _Drawn:
    return draw.normal(0.0, 0.05) * clock, []


def _shock(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    at, size = draw.uniform(0.1, 0.95), draw.normal(-0.3, 0.5)
    return gain * clock + size * (clock > at), []


def _bent(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    power = draw.uniform(1.5, 3.5) if draw.random() < 0.6 else draw.uniform(0.35, 0.7)
    return gain * clock**power, []


def _hockey_stick(gain: float, clock: Floats, draw: Generator) -> _Drawn:
    bend, before = draw.uniform(0.7, 0.85), draw.uniform(0.2, 0.7)
    late = gain * (before + (1 - before) * (clock - bend) / (1 - bend))
    return np.where(clock < bend, gain * before * clock / bend, late), [((1 + bend) / 2, gain * (1 - before))]


def _drifting(_gain: float, clock: Floats, draw: Generator) -> _Drawn:
    return draw.normal(0.0, 0.3) * clock, []


def _logistic(value: Floats | float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.asarray(value))))


SHAPES: Mapping[str, tuple[float, Callable[[float, Floats, Generator], _Drawn]]] = {
    "linear": (0.16, _linear),
    "S-curve": (0.11, _s_curve),
    "step": (0.11, _step),
    "plateau": (0.11, _plateau),
    "regress and recover": (0.08, _regress_and_recover),
    "several steps": (0.09, _several_steps),
    "decay back": (0.07, _decay_back),
    "flat": (0.06, _flat),
    "shock": (0.07, _shock),
    "bent": (0.06, _bent),
    "hockey stick": (0.05, _hockey_stick),
    "drifting": (0.03, _drifting),
}
"""Each with its weight."""
