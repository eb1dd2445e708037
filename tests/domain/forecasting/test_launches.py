"""What is believed of a declared launch: as much as was declared until its day, then what the days show, and gaps nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.launches import LATE, PRIOR
from collector.domain.forecasting.outlook import Launch

DAY = 50
DECLARED = (Launch(DAY, 0.9),)
WAY = -60.0
SEEDS = st.integers(0, 10**6)
FEW = settings(max_examples=25, deadline=None)


def seen(make, today, *, came=None, seed=7, launches=DECLARED, **changes):
    """A quarter that stays at 100 with noise of 1, until 90 % of the way come on the day `came`, if they do."""
    noise = np.random.default_rng(seed).normal(0, 1, make.history + 91)[: make.history + today]
    days = np.arange(len(noise)) - make.history
    step = 0.0 if came is None else np.where(days >= came, 0.9 * WAY, 0.0)
    return make.quarter(100 + noise + step, launches=launches, **changes)


def without(outlook):
    return replace(outlook, launches=())


def believed(ahead):
    return ahead.model["as_declared"], ahead.model["late"]


@FEW
@given(today=st.integers(0, DAY), share=st.floats(0.5, 1.0), day=st.integers(DAY, 80), seed=SEEDS)
def test_a_declared_launch_raises_the_odds_before_its_day(make, today, share, day, seed):
    outlook = seen(make, today, seed=seed, launches=(Launch(day, share),))
    declared, silent = forecast(outlook), forecast(without(outlook))

    assert declared.p_most > silent.p_most
    assert declared.landing < silent.landing


@FEW
@given(today=st.integers(0, DAY), seed=SEEDS)
def test_nothing_seen_before_the_day_speaks_for_or_against_it(make, today, seed):
    ahead = forecast(seen(make, today, seed=seed))

    assert believed(ahead) == pytest.approx((PRIOR["as declared"], PRIOR["late"]))


@FEW
@given(today=st.integers(DAY + LATE + 7, 90), seed=SEEDS)
def test_a_launch_that_never_came_is_forgotten_for_good(make, today, seed):
    outlook = seen(make, today, seed=seed)
    declared, silent = forecast(outlook), forecast(without(outlook))

    assert declared.model["launch"] < 0.1
    assert declared.p_full <= silent.p_full + 0.01
    assert declared.landing == pytest.approx(silent.landing, abs=1.5)


@FEW
@given(gap=st.integers(1, 30), seed=SEEDS)
def test_days_without_a_reading_say_nothing_of_a_launch(make, gap, seed):
    """That nothing was read is no sign that nothing came."""
    outlook = seen(make, DAY + gap, seed=seed)
    outlook.values[make.history + DAY :] = np.nan
    ahead = forecast(outlook)

    assert believed(ahead) == pytest.approx((PRIOR["as declared"], PRIOR["late"]))


def test_the_first_readings_after_a_gap_settle_it(make):
    outlook = seen(make, DAY + 9, came=DAY)
    outlook.values[make.history + DAY : make.history + DAY + 6] = np.nan

    assert believed(forecast(outlook))[0] > 0.9


def test_two_launches_bring_more_than_one(make):
    one, other = Launch(30, 0.45), Launch(60, 0.45)
    first, second, both = (
        forecast(seen(make, 20, launches=some)) for some in ((one,), (other,), (one, other))
    )

    assert both.landing < min(first.landing, second.landing)
    assert both.p_full > max(first.p_full, second.p_full)


def test_who_declares_launches_keeps_none_back(make):
    """A launch that nobody declared is reckoned with only where none is declared."""
    outlook = seen(make, 20)

    assert forecast(outlook).model["surprise"] == 0.0
    assert forecast(without(outlook)).model["surprise"] > 0.05


@FEW
@given(today=st.integers(14, DAY), seed=SEEDS)
def test_a_wish_does_not_lift_the_odds_to_on_track(make, today, seed):
    """Nine tenths of the way in one launch, and no movement: it is hoped for, not counted upon."""
    assert forecast(seen(make, today, seed=seed)).p_full < 0.5


@FEW
@given(data=st.data())
def test_what_is_believed_of_launches_adds_up(make, level, data):
    outlook = data.draw(make.outlook(level))
    ahead = forecast(outlook)
    assume(ahead is not None)

    assert ahead.model["launch"] == pytest.approx(ahead.model["as_declared"] + ahead.model["late"])
    assert 0.0 <= ahead.model["launch"] <= 1.0 + 1e-12
    assert outlook.launches or ahead.model["launch"] == 0.0
