"""How early and how reliably krd says which key results will miss: its forecasts and drift alerts on made-up key results
with known outcomes, beside what OKR tools do, on the same key results in the same run.

A key result is made from a seed: a course (linear, S-curve, steps, …), a family (gauge, latency, budget, …), noise, weekdays
and defects of its readings. The outcome comes from the clean series; the forecast sees the readings that are left of it,
day by day, and one a day. brier, logloss, ece: P(the whole way) at the 12 weekly syncs of a quarter. precision, recall,
notice_4w (share of the misses with four weeks of uninterrupted alert), lead_median_weeks (of all misses, undetected 0),
false_alarms and flaps (raises again) per key result and quarter: the drift machine, stepped daily. cover50, cover90: how
often the true landing is in the ranges. per_second: from outlooks to forecasts in batches of 2,000, one core.

naive: the status of OKR tools, behind when the last reading is 16.5 points behind a straight line. calibrated: that gap as
P(hit), by a logistic fitted on seed 101, with krd's own machine. aspirational: 70 % of the way. committed: a population of
which two thirds hit, with the prior of committed key results. lengths: cycles of 30, 60, 182 and 365 days. crossing: of the days told on which the target is had, how many come true
(kept), and how far off they are then (off_days, median).
launches_gain: how much true declared launches lower the Brier score of the key results that declare them; wishful_harm: how
much launches raise it that never come. All intervals are of 95 %, tasks drawn again.

With --against DIR the key results come from the generator in DIR, whose forecaster plays them, too: sketch has its
figures, gains by how much ours are better with a paired interval (covers by their distance from 50 and 90 %; of levels,
the only landings it tells), and worse names those that are worse beyond it. Its per_second is of P alone, from matrices:
ours tells P twice, where it lands, when it crosses and from what that was computed, so the two are not compared.

Limits: brier .150, logloss .455, ece .03, precision .81, recall .83, notice_4w .66, lead 6.5 weeks, false alarms .12, flaps
.015, covers 45-55 % and 86-94 %, 15,000 a second, wishful_harm .005.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.command import Options, Own, Report, run, say
from benchmarks.foresight_table import LIMITS, notes, rounded, rows

TRAINING = 101
"""Seed on which constants are chosen, and the naive gap is calibrated."""
AGAINST = Own(
    "against", "DIR", "a folder with another forecaster and its generator (gen.py, core.py, driftcore.py)"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many key results of each kind."""

    ordinary: int = 4000
    training: int = 2000
    committed: int = 1000
    launches: int = 2500
    lengths: Mapping[int, int] = field(default_factory=lambda: {30: 600, 60: 400, 182: 200, 365: 120})
    batch: int = 2000


SMALL = Sizes(150, 300, 40, 60, {30: 20, 60: 20, 182: 15, 365: 8}, 300)


def measure(options: Options) -> Report:
    """Ask everything. Raises `BenchmarkFailed` when `--against` names no such folder."""
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"  # before numpy is loaded: figures are of one core
    from benchmarks import foresight_findings as ask  # noqa: PLC0415  (there once the setup has ended)
    from benchmarks.foresight_crossing import crossing  # noqa: PLC0415  (there once the setup has ended)
    from benchmarks.foresight_sides import compared  # noqa: PLC0415  (there once the setup has ended)

    sizes, seed = SMALL if options.small else Sizes(), options.seed
    against = Path(options.own[AGAINST.name]) if AGAINST.name in options.own else None
    say(f"{sizes.ordinary} key results on every day of a quarter")
    found: dict[str, Any] = compared(seed, sizes.ordinary, (TRAINING, sizes.training), against)
    say("declared launches")
    found |= ask.launches(seed, sizes.launches)
    say("committed key results, cycles of other lengths, speed")
    found["committed"] = ask.committed(seed, sizes.committed)
    found["crossing"] = crossing(seed, sizes.committed)
    found["lengths"] = ask.lengths(seed, sizes.lengths)
    found["per_second"] = ask.per_second(seed, sizes.batch)
    if against is not None:
        found["sketch"]["per_second"] = ask.sketch_per_second(against, seed, sizes.batch)
    found |= {"seed": seed, "training_seed": TRAINING, "n": sizes.ordinary}
    found["beyond_limits"] = [
        name for name, (least, most) in LIMITS.items() if not least <= found[name] <= most
    ]
    return Report(rounded(found), rows(found), notes(found))


if __name__ == "__main__":
    run(__doc__, measure, own=[AGAINST])
