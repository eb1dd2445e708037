"""Missing is missing: a day without a reading is no zero, says nothing, and leaves the forecast less sure."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast, forecasts

FEW = settings(max_examples=12, deadline=None)


def width(ahead):
    low, high = ahead.wide
    return high - low


@FEW
@given(data=st.data())
def test_days_before_the_first_reading_are_as_if_they_were_not_asked_for(make, kind, data):
    outlook = data.draw(make.outlook(kind, gaps=False))
    without = data.draw(st.integers(1, len(outlook.values) - 4))

    assert make.same(
        forecast(make.hidden(outlook, slice(0, without))), forecast(make.from_day(outlook, without)), rel=0
    )


@FEW
@given(data=st.data())
def test_what_lies_before_four_weeks_of_history_enters_nowhere(make, kind, data):
    outlook = data.draw(make.outlook(kind))

    assert make.same(forecast(make.preceded(outlook, 1e6, days=9)), forecast(outlook), rel=0)


@FEW
@given(data=st.data())
def test_a_reading_that_is_missing_changes_only_its_own_key_result(make, kind, data):
    batch = [data.draw(make.outlook(kind, length=91, today=40)) for _ in range(3)]
    day = data.draw(st.integers(0, 67))

    before = forecasts(batch)
    after = forecasts([batch[0], make.hidden(batch[1], slice(day, day + 1)), batch[2]])

    assert make.same(after[0], before[0], rel=0)
    assert make.same(after[2], before[2], rel=0)


@FEW
@given(data=st.data())
def test_any_days_may_be_missing_as_long_as_four_are_not(make, kind, data):
    outlook = data.draw(make.outlook(kind, gaps=False))
    known = len(outlook.values)
    seen = data.draw(st.sets(st.integers(0, known - 1), min_size=4, max_size=12))
    gone = np.array([day not in seen for day in range(known)])

    ahead = forecast(make.hidden(outlook, gone))

    assert np.isfinite(list(make.figures(ahead).values())).all()


@pytest.mark.parametrize("kind", ["plain", "log", "limit", "whole", "amount", "stay"])
@FEW
@given(data=st.data())
def test_a_gap_is_not_a_zero(make, kind, data):
    outlook = data.draw(make.outlook(kind, length=91, today=50, gaps=False))
    assume((outlook.values[40:60] != 0).sum() > 10)
    gone = make.hidden(outlook, slice(40, 60))
    nothing = replace(gone, values=np.nan_to_num(gone.values), inside=np.nan_to_num(gone.inside))

    assert not make.same(forecast(gone), forecast(nothing))


@pytest.mark.parametrize("weeks", range(1, 8))
def test_each_week_that_is_missing_at_the_end_widens_the_range_of_a_level(make, weeks):
    """The noise repeats itself every week, so that a week less tells nothing new about how much there is of it."""
    outlook = make.quarter(100 + make.wobble(28 + 56))

    def missing(number):
        return forecast(make.hidden(outlook, slice(84 - 7 * number, 84)))

    assert width(missing(weeks)) > width(missing(weeks - 1))


@pytest.mark.parametrize("weeks", [1, 2, 4])
def test_missing_weeks_move_no_landing_of_a_level_that_stands(make, weeks):
    outlook = make.quarter(100 + make.wobble(28 + 56), belief=0.0)

    ahead = forecast(make.hidden(outlook, slice(84 - 7 * weeks, 84)))

    assert ahead.landing == pytest.approx(forecast(outlook).landing, abs=0.5)


@pytest.mark.parametrize("weeks", [1, 3, 6])
def test_missing_weeks_leave_a_rate_what_it_was(make, weeks):
    """Days that are not known are not days on which nothing came."""
    outlook = make.counted(np.array([3.0, 1, 2, 4, 2, 0, 2] * 12))

    ahead = forecast(make.hidden(outlook, slice(28, 28 + 7 * weeks)))

    assert ahead.drift == pytest.approx(forecast(outlook).drift, rel=0.05)


def test_a_level_read_once_a_week_is_foreseen_much_as_one_read_daily(make):
    daily = np.concatenate([np.full(28, 100.0), np.linspace(100, 48, 70)])
    weekly = np.where(np.arange(98) % 7 == 6, daily, np.nan)

    one, other = forecast(make.quarter(daily)), forecast(make.quarter(weekly))

    assert other.landing == pytest.approx(one.landing, abs=3)
    assert width(other) > width(one)


def test_one_reading_in_the_last_days_is_not_a_level_that_stands_still(make):
    """Equality is met by what stands still; one reading alone stands beside nothing."""
    values = 1e6 + 100 + make.wobble(28 + 60)
    values[-7:-1] = np.nan

    sparse = forecast(make.quarter(values, baseline=1e6 + 100, target=1e6 + 99.6))

    assert sparse.p_full < 0.9
