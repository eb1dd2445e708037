"""A source that froze repeats itself against its habit; what often stands still may."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.detectors.flatline import LEAST_ROW, Flatline, flatline, row_of


def varied(seed=1, days=40):
    return 100 + np.random.default_rng(seed).standard_normal(days)


def frozen(days, seed=1):
    return np.concatenate([varied(seed), np.full(days, 123.0)])


def test_a_source_that_froze_is_told_from_the_fourth_equal_day_on():
    assert flatline(frozen(LEAST_ROW - 1)) is None
    assert flatline(frozen(LEAST_ROW)) == Flatline(day=40, readings=4, value=123.0)


def test_another_value_ends_the_row():
    assert flatline(np.append(frozen(9), 123.1)) is None


def test_days_without_a_reading_neither_count_nor_break_the_row():
    with_gaps = np.concatenate([varied(), [5, np.nan, 5, np.nan, np.nan, 5, 5]])

    assert flatline(with_gaps) == Flatline(day=40, readings=4, value=5.0)
    assert row_of(with_gaps) == 4


def test_a_row_of_missing_days_is_no_row_of_equal_ones():
    assert flatline(np.concatenate([varied(), np.full(9, np.nan)])) is None


def test_what_often_repeats_itself_may_stand_still_for_longer():
    habit = np.repeat(np.arange(15.0), 3)

    assert flatline(np.concatenate([habit, np.full(6, 99.0)])) is None
    assert flatline(np.concatenate([habit, np.full(40, 99.0)])).readings == 40


def test_what_often_stays_where_it_is_now_may_do_so_again():
    quiet = np.tile([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 1, 4, 2, 5, 3, 1, 2], 4).astype(float)

    assert flatline(np.append(quiet, np.zeros(10))) is None


def test_a_series_that_is_too_young_is_not_judged():
    assert flatline(np.array([1.0, 2.0, 3.0, 4.0, 4.0, 4.0, 4.0, 4.0])) is None
    assert flatline(np.full(50, 4.0)) is None
    assert (flatline(np.empty(0)), row_of(np.full(3, np.nan))) == (None, 0)


@given(seed=st.integers(0, 999), unit=st.sampled_from([-1.0, 2.0**-9, -(2.0**20)]), row=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_another_unit_or_sign_makes_no_difference(seed, unit, row):
    own, other = flatline(frozen(row, seed)), flatline(frozen(row, seed) * unit)

    assert (own is None) == (other is None) == (row < LEAST_ROW)
    assert own is None or (own.day, own.readings, own.value * unit) == (
        other.day,
        other.readings,
        other.value,
    )


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_never_flat(seed):
    values = varied(seed, 119)

    assert [flatline(values[:end]) for end in range(119)] == [None] * 119
