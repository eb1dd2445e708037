"""What a key result amounts to after so many days: the figures a status, a score and a sentence are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from collector.domain.budget import Budget
from collector.domain.evaluation import Evaluation
from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.outlook import Outlook
from collector.domain.observed import Sampling


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a key result amounts to after `closed` days. Nothing stands where nothing is known."""

    closed: int
    baseline: float | None = None
    target: float | None = None
    level: float | None = None
    level_days: int = 0
    progress: float | None = None
    expected: float | None = None
    weeks_ahead: float | None = None
    spent: float | None = None
    opened: float = 0.0
    """What the days that are not closed yet added: to the count of a total, to what is spent of a budget."""
    exceeded: bool = False
    budget: Budget | None = None
    """What is used and allowed, without burn rates: those are of the instant, not of the day."""
    sampling: Sampling | None = None
    forecast: Forecast | None = None
    outlook: Outlook | None = field(default=None, compare=False)
    """What a forecast may know; made apart from these numbers, many together (`collector.domain.landing.foretold`)."""
    needed_per_week: float | None = None
    last_reachable: str | None = None

    @property
    def p_hit(self) -> float | None:
        """P(success for its commitment)."""
        return self.forecast.p_hit if self.forecast else None

    @property
    def judgeable(self) -> bool:
        """Whether there is a way gone or a budget used that a day can be judged by."""
        return self.progress is not None or self.spent is not None or self.exceeded

    @property
    def ahead(self) -> bool:
        """Whether it is at or above its pace; for a budget, whether no more is used than time has passed."""
        if self.exceeded:
            return False
        if self.spent is not None:
            return self.expected is not None and self.spent <= self.expected
        return self.progress is not None and self.expected is not None and self.progress >= self.expected


def numbers_again(evaluation: Evaluation) -> Numbers:
    """Give the numbers that an evaluation was made of."""
    return Numbers(
        closed=evaluation.day,
        baseline=evaluation.baseline,
        target=evaluation.target,
        level=evaluation.level,
        level_days=evaluation.level_days,
        progress=evaluation.progress,
        expected=evaluation.expected,
        weeks_ahead=evaluation.weeks_ahead,
        spent=evaluation.spent,
        exceeded=evaluation.exceeded,
        budget=evaluation.budget,
        sampling=evaluation.sampling,
        forecast=evaluation.forecast,
        needed_per_week=evaluation.needed_per_week,
        last_reachable=evaluation.last_reachable,
    )
