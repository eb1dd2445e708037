"""Medians, steps and weekdays of a series, none of which one strange day moves."""

import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.arrays import median
from collector.domain.forecasting.robust import spread_of, step_variance, weekday_profile

CALM = settings(deadline=None)
WEEK = np.array([4.0, 1.0, 0.0, 0.0, -1.0, -3.0, -1.0])
GAPPY = st.lists(st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)), min_size=1, max_size=40)


def row(values):
    return np.array([values], dtype=float)


def profile_of(series):
    """The weekdays of series that are known to their ends."""
    return weekday_profile(series, np.full(len(series), series.shape[1]))


def draws(seed, days, spread=1.0):
    return np.random.default_rng(seed).normal(0, spread, days)


def weekdays(days, week=WEEK):
    return week[np.arange(days) % 7]


@CALM
@given(values=GAPPY)
def test_a_median_passes_over_missing_days(values):
    known = [value for value in values if np.isfinite(value)]

    expected = statistics.median(known) if known else np.nan
    assert median(row(values))[0] == pytest.approx(expected, nan_ok=True)


def test_a_median_is_taken_along_any_axis():
    table = np.array([[1.0, 5.0, np.nan], [3.0, 7.0, np.nan], [8.0, np.nan, np.nan]])

    assert median(table, 0).tolist() == pytest.approx([3.0, 6.0, np.nan], nan_ok=True)


@CALM
@given(values=GAPPY)
def test_a_spread_is_that_of_what_is_known(values):
    known = [value for value in values if np.isfinite(value)]
    found = spread_of(row(values))[0]

    if len(set(known)) > 1:
        assert found == pytest.approx(statistics.pstdev(known), rel=1e-6, abs=1e-6)
    assert found > 0


def test_the_variance_of_a_step_is_that_of_what_was_drawn():
    """Independent noise of 1 a day: the difference of two days has a variance of 2."""
    variance, distance = step_variance(row(draws(2, 4000)), np.array([4.0]))

    assert variance[0] == pytest.approx(2.0, rel=0.06)
    assert distance[0] == 1.0


@CALM
@given(size=st.sampled_from([10.0, 1e3, 1e6]), day=st.integers(5, 80))
def test_one_jump_does_not_buy_its_own_excuse(size, day):
    calm = draws(4, 91)
    jumped = calm + size * (np.arange(91) >= day)

    usual, found = (step_variance(row(values), np.array([4.0]))[0][0] for values in (calm, jumped))

    assert found == pytest.approx(usual, rel=0.15)


@CALM
@given(size=st.sampled_from([10.0, 1e3, 1e6]), day=st.integers(5, 80))
def test_one_strange_day_does_not_make_a_series_noisy(size, day):
    calm = draws(4, 91)
    strange = calm + size * (np.arange(91) == day)

    usual, found = (step_variance(row(values), np.array([4.0]))[0][0] for values in (calm, strange))

    assert found == pytest.approx(usual, rel=0.25)


def test_gaps_are_told_as_the_distance_of_readings_and_not_as_steps_to_zero():
    values = np.full(60, np.nan)
    values[::3] = 1000.0 + draws(6, 20)
    variance, distance = step_variance(row(values), np.array([4.0]))

    assert distance[0] == 3.0
    assert variance[0] < 5.0


def test_with_few_readings_the_way_says_how_noisy_a_day_is():
    """A day's noise is taken for a quarter of the way: the variance of a step is twice its square."""
    none, one = row([np.nan] * 9), row([np.nan] * 8 + [5.0])

    for values in (none, one):
        variance, distance = step_variance(values, np.array([8.0]))
        assert (variance[0], distance[0]) == (8.0, 1.0)


def test_a_series_that_never_moves_shrinks_from_what_the_way_says():
    short, long = (step_variance(row(np.full(days, 5.0)), np.array([8.0]))[0][0] for days in (5, 91))

    assert 0 < long < short < 8.0


@pytest.mark.parametrize("days", [28, 60, 91])
def test_weekdays_are_found(days):
    profile = profile_of(row(50 + weekdays(days) + draws(8, days, 0.2)))[0]

    assert profile == pytest.approx(WEEK - WEEK.mean(), abs=0.35)


def test_weekdays_are_found_on_a_slope_too():
    profile = profile_of(row(50 - 0.5 * np.arange(91) + weekdays(91)))[0]

    assert profile == pytest.approx(WEEK - WEEK.mean(), abs=0.25)


def test_weekdays_are_found_in_spite_of_one_strange_day():
    values = 50 + weekdays(91) + draws(8, 91, 0.2)
    values[40] += 500.0

    assert profile_of(row(values))[0] == pytest.approx(WEEK - WEEK.mean(), abs=0.5)


def test_what_weekdays_take_out_leaves_only_noise():
    noise = draws(9, 91, 0.3)
    values = 50 + weekdays(91) + noise
    left = values - profile_of(row(values))[0][np.arange(91) % 7]

    assert left.std() < 1.2 * noise.std()


@pytest.mark.parametrize("seed", range(8))
def test_noise_has_no_weekdays_to_speak_of(seed):
    """What chance shows is shrunk: seven means of thirteen days of noise of 1 differ by .28."""
    profile = profile_of(row(draws(seed, 91)))[0]

    assert np.sqrt((profile**2).mean()) < 0.25


@pytest.mark.parametrize("days", [1, 7, 13])
def test_less_than_two_weeks_have_no_weekdays(days):
    assert profile_of(row(50 + weekdays(days)))[0].tolist() == [0.0] * 7


def test_a_weekday_that_was_seen_once_is_not_believed():
    values = 50 + weekdays(28)
    values[[5, 12, 19]] = np.nan

    assert profile_of(row(values))[0].tolist() == [0.0] * 7


def test_working_days_alone_have_no_profile():
    """A source that never reports on weekends says nothing of them, and its other days are left as they are."""
    values = 50 + weekdays(91)
    values[np.isin(np.arange(91) % 7, [5, 6])] = np.nan

    assert profile_of(row(values))[0].tolist() == [0.0] * 7


@CALM
@given(days=st.integers(14, 91), seed=st.integers(0, 1000))
def test_weekdays_add_nothing_to_the_level(days, seed):
    """Over all days the profile sums up to nothing."""
    profile = profile_of(row(50 + weekdays(days) + draws(seed, days)))[0]

    assert weekdays(days, profile).sum() == pytest.approx(0.0, abs=1e-9)


@CALM
@given(days=st.integers(14, 91), seed=st.integers(0, 1000), missing=st.sampled_from([0.3, 0.9, 1.0]))
def test_missing_days_make_no_weekdays(days, seed, missing):
    """What is missing is not a day at zero: of a series without weekdays, far from zero, none are found."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.uniform(size=days) < missing, np.nan, 1e6)

    assert profile_of(row(values))[0] == pytest.approx([0.0] * 7, abs=1e-6)


@CALM
@given(factor=st.sampled_from([1e-9, 0.3, 1e9]), seed=st.integers(0, 1000))
def test_a_unit_scales_everything_alike(factor, seed):
    values = row(50 + weekdays(70) + draws(seed, 70))
    way = np.array([8.0])

    assert profile_of(values * factor) == pytest.approx(profile_of(values) * factor)
    assert step_variance(values * factor, way * factor)[0] == pytest.approx(
        step_variance(values, way)[0] * factor**2
    )
    assert spread_of(values * factor) == pytest.approx(spread_of(values) * factor)
