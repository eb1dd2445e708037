"""Tells that a series which used to vary gives the same value again and again: a source that froze, not a calm one.

Frozen sources found within seven days, and key results with a false alarm in a quarter: of values that hardly ever repeat
all and none; of counts of 3 a day 64 and 1.5 % (four equal days in a row: 34 % false); of counts of half an event a day
next to none and 1.8 % (100 % false), for there a row of zeros says little (`benchmarks.detectors`, seed 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats

FEWEST_BEFORE = 10
"""Pairs of successive readings before the row without which its habit of repeating itself is not known."""
LEAST_ROW = 4
"""Readings in a row that are the same, at least."""
CHANCE = 1e-4
"""As improbable, by its own habit, as the row has to be."""


@dataclass(frozen=True, slots=True)
class Flatline:
    """A row of the same value up to the last day."""

    day: int
    """Column of the first day of the row."""
    readings: int
    """Days with a reading in it."""
    value: float


def row_of(values: Floats) -> int:
    """Count the readings at the end of a series that are all the same; days without one neither count nor break the row."""
    known = values[np.isfinite(values)]
    other = np.flatnonzero(known != known[-1]) if known.size else np.empty(0)
    return int(known.size - 1 - other[-1]) if other.size else int(known.size)


def flatline(values: Floats) -> Flatline | None:
    """Find the row of equal values at the end of a series that by the habit before it would not happen.

    q^(row - 1) < 1e-4, where q = (repeats + 0.5) / (pairs + 1) of the successive readings before the row, or the same of
    those that began with its value where that is more: a series that often repeats itself, or often stays where it now
    is, may stand still for longer (foresight notes, "Other detectors"; they ask the first alone).
    """
    row = row_of(values)
    if row < LEAST_ROW:
        return None
    known = np.flatnonzero(np.isfinite(values))
    before = values[known[:-row]]
    pairs = before.size - 1
    if pairs < FEWEST_BEFORE:
        return None
    repeated = before[1:] == before[:-1]
    habit = (int(repeated.sum()) + 0.5) / (pairs + 1)
    here = before[:-1] == values[known[-1]]
    stays = (int((repeated & here).sum()) + habit) / (int(here.sum()) + 1)
    if max(habit, stays) ** (row - 1) >= CHANCE:
        return None
    return Flatline(int(known[-row]), row, float(values[known[-1]]))
