"""`forecasts(outlooks)`: the one door to the forecaster, for one key result or for all of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import assert_never

import numpy as np

from collector.domain.forecasting.cohort import Cohort, cohort_of, kin
from collector.domain.forecasting.counts import foresee_at_least, foresee_at_most, foresee_events
from collector.domain.forecasting.forecast import FEWEST_DAYS, Forecast
from collector.domain.forecasting.foreseen import Foreseen
from collector.domain.forecasting.levels import foresee_levels
from collector.domain.forecasting.outlook import Form, Outlook
from collector.domain.forecasting.stays import foresee_stays

TOGETHER = 1000
"""Rows computed together at most: more are no cheaper a row, and take memory."""


def forecast(outlook: Outlook) -> Forecast | None:
    """Forecast one key result; nothing when fewer than `FEWEST_DAYS` days hold a reading. A few milliseconds: many are
    cheaper together.
    """
    return forecasts([outlook])[0]


def forecasts(outlooks: Sequence[Outlook]) -> list[Forecast | None]:
    """Forecast many, in their order; those of a form and a length are computed together, whatever their day. Nothing stands
    for one with fewer than `FEWEST_DAYS` days that hold a reading, or whose numbers leave the floats.

    A pure function: equal outlooks give equal forecasts to within rounding, whatever stands beside them.
    """
    found: list[Forecast | None] = [None] * len(outlooks)
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, outlook in enumerate(outlooks):
        if outlook.readings >= FEWEST_DAYS:
            groups[kin(outlook)].append(number)
    for members in groups.values():
        members.sort(key=lambda number: outlooks[number].today)  # so that few columns of a cohort are unknown
        for start in range(0, len(members), TOGETHER):
            together = members[start : start + TOGETHER]
            cohort = cohort_of([outlooks[number] for number in together])
            for number, one in zip(together, _forecasts(cohort, foresee(cohort)), strict=True):
                found[number] = one if _told(one) else None
    return found


def _told(one: Forecast) -> bool:
    numbers = (one.p_full, one.p_most, one.landing, *one.likely, *one.wide, one.step, one.drift)
    return all(map(math.isfinite, numbers)) and all(map(math.isfinite, one.model.values()))


def foresee(cohort: Cohort) -> Foreseen:
    """Forecast a cohort by the model of its form. Numbers that leave the floats come out as such, without a warning: a row of
    absurd ones is nothing that its neighbours need to hear of.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        match cohort.form:
            case Form.LEVEL:
                return foresee_levels(cohort)
            case Form.AT_MOST:
                return foresee_at_most(cohort)
            case Form.AT_LEAST:
                return foresee_at_least(cohort)
            case Form.EVENTS:
                return foresee_events(cohort)
            case Form.STAY:
                return foresee_stays(cohort)
            case _:
                assert_never(cohort.form)


def _forecasts(cohort: Cohort, foreseen: Foreseen) -> list[Forecast]:
    """Give a row each, as plain numbers."""
    columns = (
        np.where(cohort.aspirational, foreseen.most, foreseen.full),
        foreseen.full,
        foreseen.most,
        foreseen.landing,
        *foreseen.likely,
        *foreseen.wide,
        foreseen.crosses,
        foreseen.step,
        foreseen.drift,
    )
    names = tuple(foreseen.model)
    model = zip(*(values.tolist() for values in foreseen.model.values()), strict=True)
    return [
        Forecast(
            p_hit=hit,
            p_full=full,
            p_most=most,
            landing=landing,
            likely=(low, high),
            wide=(lowest, highest),
            crosses=crosses if crosses >= 0 else None,
            step=step,
            drift=drift,
            model=dict(zip(names, of_row, strict=True)),
        )
        for (hit, full, most, landing, low, high, lowest, highest, crosses, step, drift), of_row in zip(
            zip(*(values.tolist() for values in columns), strict=True), model, strict=True
        )
    ]
