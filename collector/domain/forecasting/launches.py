"""Declared launches: steps that no history knows, used until the day shows otherwise.

Three hypotheses are held side by side for each key result that declares some: they come as declared, they come late, they
do nothing. Each is followed by a bank of its own, and the readings after a declared day weigh them against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Cohort, Ints
from collector.domain.forecasting.outlook import HISTORY

LATE = 14
"""Days by which a late launch is taken to be late."""
PRIOR = {"as declared": 0.27, "late": 0.10, "nothing": 0.63}
"""What is believed of a declared launch before anything is seen (tuned on training seeds alone; benchmarks.foresight)."""
SIZE_SPREAD = 0.4
"""Standard deviation of what a launch brings, as a share of what was declared."""
TEMPERING = 1.0
"""Power of the likelihood by which hypotheses are weighed."""


@dataclass(frozen=True, slots=True)
class Hypotheses:
    """Rows of a cohort, some of them several times, each with what it supposes."""

    row: Ints
    """(R,): of the cohort."""
    prior: Floats
    """(R,): what is believed of it beforehand; 1 for a row that declares nothing."""
    lifts: Floats
    """(R, columns + 1): what launches add before each column, in ways, summed up."""
    doubt: Floats
    """(R, columns): variance of what a launch adds in its column, in squared ways."""
    lifting: Floats
    """(R,): 1 where something is supposed to come, on time or late."""

    def weights(self, evidence: Floats) -> Floats:
        """Weigh the hypotheses of each row by their log likelihoods; they add up to 1 in each."""
        best = np.full(int(self.row.max()) + 1, -np.inf)
        np.maximum.at(best, self.row, evidence)
        weight = self.prior * np.exp(TEMPERING * (evidence - best[self.row]))
        return np.asarray(weight / self.summed(weight)[self.row])

    def summed(self, values: Floats) -> Floats:
        """Add up over the hypotheses of each row."""
        return np.asarray(np.bincount(self.row, weights=values), dtype=float)


def hypotheses_of(cohort: Cohort) -> Hypotheses:
    """Suppose nothing where nothing is declared, and three things where something is."""
    columns = HISTORY + int(cohort.length.max())
    if not any(cohort.launches):
        return _nothing(cohort.rows, columns)
    supposed = [one for row in range(cohort.rows) for one in _supposed(cohort, row)]
    lifts = np.zeros((len(supposed), columns + 1))
    doubt = np.zeros((len(supposed), columns))
    for number, (row, _, delay) in enumerate(supposed):
        for launch in cohort.launches[row] if delay is not None else ():
            column = HISTORY + launch.day + (delay or 0)
            if HISTORY <= column < columns:
                lifts[number, column + 1 :] += launch.share
                doubt[number, column] += (SIZE_SPREAD * launch.share) ** 2
    return Hypotheses(
        row=np.array([row for row, _, _ in supposed]),
        prior=np.array([prior for _, prior, _ in supposed]),
        lifts=lifts,
        doubt=doubt,
        lifting=np.array([0.0 if delay is None else 1.0 for _, _, delay in supposed]),
    )


def _nothing(rows: int, columns: int) -> Hypotheses:
    """Suppose nothing of any row."""
    return Hypotheses(
        row=np.arange(rows),
        prior=np.ones(rows),
        lifts=np.zeros((rows, columns + 1)),
        doubt=np.zeros((rows, columns)),
        lifting=np.zeros(rows),
    )


def _supposed(cohort: Cohort, row: int) -> Iterator[tuple[int, float, int | None]]:
    """Give (row, prior, days of delay or nothing) of each hypothesis."""
    if not cohort.launches[row]:
        yield row, 1.0, None
        return
    yield row, PRIOR["as declared"], 0
    yield row, PRIOR["late"], LATE
    yield row, PRIOR["nothing"], None
