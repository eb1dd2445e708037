"""A level that changes suddenly is found within days, in both directions; noise, habits and gaps are no change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.detectors.standardised import standardised
from collector.domain.detectors.sudden_change import RECENT, alarms, sudden_changes

DAYS = 119


def noise(seed, rows=1):
    return np.random.default_rng(seed).standard_normal((rows, DAYS))


def shifted(seed, by, day=70):
    values = 100 + noise(seed)
    values[:, day:] += by
    return values


@pytest.mark.parametrize("sign", [1, -1])
def test_a_shift_of_five_deviations_is_found_within_a_week_with_its_day_and_size(sign):
    (found,) = sudden_changes(shifted(1, 5 * sign)[:, :76])

    assert found.told - 70 < RECENT
    assert abs(found.day - 70) <= 1
    assert found.after - found.before == pytest.approx(5 * sign, abs=1.5)


def test_it_is_news_for_a_week_after_it_was_last_certain():
    values = shifted(1, 5)
    told = [sudden_changes(values[:, :end])[0] is not None for end in range(70, DAYS)]

    assert told.index(True) <= RECENT
    assert told[30:] == [False] * len(told[30:])


def test_white_noise_is_hardly_ever_a_change():
    found, _ = alarms(standardised(noise(2, rows=400)))

    assert (found != 0).any(1).mean() < 0.03


def test_a_weekend_every_week_is_a_habit_and_no_change():
    habit = np.tile([0, 0, 0, 0, 0, -6, -8], 17)
    found, _ = alarms(standardised(noise(3, rows=200) + habit))

    assert (found[:, 42:] != 0).any(1).mean() < 0.05


def test_one_day_however_strange_is_no_change():
    values = noise(4)
    values[0, 80] = 1e6

    assert sudden_changes(values[:, :87]) == [None]


def test_a_series_that_never_moves_has_no_change_and_no_scale():
    assert np.isnan(standardised(np.full((1, DAYS), 7.0))).all()
    assert sudden_changes(np.full((1, DAYS), 7.0)) == [None]


def test_of_a_series_that_is_read_once_a_week_nothing_is_said():
    values = np.full((1, DAYS), np.nan)
    values[0, ::7] = np.arange(17) * 100.0

    assert sudden_changes(values) == [None]


def test_missing_days_add_nothing_and_take_nothing_away():
    z = np.array([[3.0, 3.0, 3.0, np.nan, np.nan, np.nan, 3.0]])
    found, since = alarms(z)

    assert found.tolist() == [[0, 0, 0, 0, 0, 0, 1]]
    assert since[0, -1] == 0


def test_missing_days_are_not_zeros():
    values = 100 + noise(5)
    values[0, 70:76] = np.nan

    assert sudden_changes(values[:, :77]) == [None]
    assert sudden_changes(np.nan_to_num(values[:, :77]))[0].after == pytest.approx(0, abs=1)


@given(seed=st.integers(0, 999), end=st.integers(30, DAYS - 1))
@settings(max_examples=40, deadline=None)
def test_no_day_knows_what_comes_after_it(seed, end):
    values = shifted(seed, 4, day=60)

    np.testing.assert_array_equal(standardised(values)[:, :end], standardised(values[:, :end]))


@given(seed=st.integers(0, 999), unit=st.sampled_from([2.0**-20, 2.0**-3, 2.0**10, 2.0**30]))
@settings(max_examples=40, deadline=None)
def test_another_unit_finds_the_same_days(seed, unit):
    values = shifted(seed, 4)
    own, other = alarms(standardised(values)), alarms(standardised(values * unit))

    np.testing.assert_array_equal(own[0], other[0])
    np.testing.assert_array_equal(own[1], other[1])


@given(seed=st.integers(0, 999))
@settings(max_examples=40, deadline=None)
def test_what_is_turned_over_is_found_downwards_on_the_same_days(seed):
    values = shifted(seed, 4)

    np.testing.assert_array_equal(alarms(standardised(values))[0], -alarms(standardised(-values))[0])


def test_a_series_that_remembers_is_given_more_room():
    rng, slow = np.random.default_rng(6), np.zeros((300, DAYS))
    for day in range(1, DAYS):
        slow[:, day] = 0.8 * slow[:, day - 1] + rng.standard_normal(300)

    corrected = (alarms(standardised(slow))[0] != 0).sum()
    plain = (alarms(standardised(slow, corrected=False))[0] != 0).sum()

    assert corrected < plain / 4
