"""What the detectors' findings and the closed days say now about a key result, beside its drift."""

from __future__ import annotations

from collector.domain.alert import Condition
from collector.domain.detectors.findings import Findings
from collector.domain.detectors.regression import DEVIATIONS
from collector.domain.evaluation import Evaluation
from collector.domain.level import level_of
from collector.domain.shape import Reach
from collector.domain.status import Status
from collector.services.account import Account
from collector.services.detect import detectable, is_level

JUDGED = (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK)
REGRESSED_FROM = 14
"""Days of the cycle before nothing is called a regression (foresight notes)."""
REGRESSED = -0.10
"""Progress below which it stands worse than where it began."""
EARLY_DAYS = 7
"""Closed days on which the level has to be at its target or beyond, in a row."""
EARLY_UNTIL = 0.5
"""Share of the cycle after which nothing is early."""
EARLY_P = 0.75
"""P(hit) below which it is not believed to last: without it a third of what is called early is no hit."""
EARLY_MARGIN = 0.05
"""So much of the way it has to lose again before it is no longer achieved early."""


def sudden_change_condition(account: Account, evaluation: Evaluation) -> Condition:
    """Tell whether a level changed suddenly in the last week."""
    if not is_level(account):
        return Condition.OVER
    found = _fit(account, evaluation)
    if isinstance(found, Condition):
        return found
    return Condition.FIRING if found.change is not None else Condition.CLEAR


def unit_change_condition(account: Account, evaluation: Evaluation) -> Condition:
    """Tell whether the values in use are those of another unit."""
    if not is_level(account):
        return Condition.OVER
    found = _fit(account, evaluation)
    if isinstance(found, Condition):
        return found
    return Condition.FIRING if found.unit is not None else Condition.CLEAR


def flatline_condition(account: Account, evaluation: Evaluation) -> Condition:
    """Tell whether a series that used to vary stands still; only another value clears."""
    found = _fit(account, evaluation)
    if isinstance(found, Condition):
        return found
    if found.flat is not None:
        return Condition.FIRING
    return Condition.UNKNOWN if found.still else Condition.CLEAR


def regressed_condition(account: Account, evaluation: Evaluation) -> Condition:
    """Tell whether a reach stands worse than its baseline, by more of the way and by more than its noise explains; between
    that and the baseline nothing is said.
    """
    if evaluation.over or not isinstance(account.key_result.shape, Reach):
        return Condition.OVER
    if evaluation.health.freezes or evaluation.status not in JUDGED or evaluation.progress is None:
        return Condition.UNKNOWN
    if evaluation.progress >= 0:
        return Condition.CLEAR
    below = evaluation.progress < REGRESSED and evaluation.day >= REGRESSED_FROM
    return Condition.FIRING if below and _beyond_noise(account.found, evaluation) else Condition.UNKNOWN


def early_condition(account: Account, evaluation: Evaluation) -> Condition:
    """Tell whether a reach has all of its way behind it in the first half of the cycle, for a week, and is likely to keep
    it; it ends when part of the way is lost again.
    """
    if evaluation.over or not isinstance(account.key_result.shape, Reach):
        return Condition.OVER
    if evaluation.health.freezes or evaluation.status not in JUDGED or evaluation.progress is None:
        return Condition.UNKNOWN
    if evaluation.progress < 1 - EARLY_MARGIN:
        return Condition.CLEAR
    likely = evaluation.forecast is not None and evaluation.forecast.p_hit > EARLY_P
    early = evaluation.progress >= 1 and evaluation.day <= EARLY_UNTIL * evaluation.days
    return Condition.FIRING if early and likely and held_for(account, evaluation) else Condition.UNKNOWN


def held_for(account: Account, evaluation: Evaluation) -> bool:
    """Tell whether the level was at its target or beyond at the close of each of the last `EARLY_DAYS` days of the cycle
    that hold a reading; a day without one neither counts nor breaks the row.
    """
    baseline, target = evaluation.baseline, evaluation.target
    if baseline is None or target is None:
        return False
    closed = [one.day for one in account.days if 0 <= one.day < evaluation.day and one.value is not None]
    width = account.key_result.level_days
    levels = [level_of(account.binding, account.days, day + 1, width) for day in closed[-EARLY_DAYS:]]
    if len(levels) < EARLY_DAYS:
        return False
    sign = 1 if target >= baseline else -1
    return all(level is not None and sign * (level.value - target) >= 0 for level in levels)


def _beyond_noise(found: Findings | None, evaluation: Evaluation) -> bool:
    """What is not looked at by detectors, or hardly read, has no known noise: its progress speaks alone."""
    if found is None or found.noise is None or evaluation.level is None or evaluation.baseline is None:
        return True
    return abs(evaluation.level - evaluation.baseline) > DEVIATIONS * found.noise


def _fit(account: Account, evaluation: Evaluation) -> Findings | Condition:
    """Give the findings where data and days are fit to say anything: bad data raises nothing and clears nothing."""
    if evaluation.over or not detectable(account):
        return Condition.OVER
    if evaluation.health.freezes or evaluation.status is Status.DRAFT or account.pending is not None:
        return Condition.UNKNOWN
    found = account.found
    return found if found is not None and found.known else Condition.UNKNOWN
