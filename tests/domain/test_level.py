"""The level is a mean of closed days, never one raw reading."""

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.level import Level, level_of

NUMBERS = st.floats(-1e6, 1e6)


def test_without_a_day_there_is_no_level(make):
    assert level_of(make.binding(), [], 5, 7) is None


def test_it_is_the_mean_of_the_last_days_that_closed(make):
    days = make.days([99, 1, 2, 3, 4, 5, 6, 7])

    assert level_of(make.binding(), days, 8, 7) == Level(4.0, 7)


def test_the_open_day_does_not_enter(make):
    days = [*make.days([1, 1, 1, 1]), make.day(4, None, last=1000.0)]

    assert level_of(make.binding(), days, 4, 7) == Level(1.0, 4)


def test_later_days_do_not_enter(make):
    assert level_of(make.binding(), make.days([1, 1, 1, 1, 1000]), 4, 7) == Level(1.0, 4)


def test_days_before_the_cycle_enter(make):
    assert level_of(make.binding(), make.days([4, 4, 2, 2], first=-2), 2, 7) == Level(3.0, 4)


def test_a_missing_day_is_not_a_zero(make):
    assert level_of(make.binding(), make.days([6, None, 6, None, 6, 6]), 6, 7) == Level(6.0, 4)


def test_with_fewer_than_four_days_the_last_one_speaks_alone(make):
    assert level_of(make.binding(), make.days([1, 2, 30]), 3, 7) == Level(30.0, 1)


def test_when_the_window_is_empty_the_last_day_known_speaks(make):
    assert level_of(make.binding(), make.days([1, 2, 3, 4, 5]), 40, 7) == Level(5.0, 1)


def test_ratios_are_pooled_over_days(make):
    days = [make.day(n, 100.0, num=1.0, den=1.0) for n in range(3)] + [make.day(3, 0.0, num=0.0, den=97.0)]

    assert level_of(make.ratio(), days, 4, 7) == Level(3.0, 4)


def test_a_level_of_zero_is_a_level(make):
    assert level_of(make.binding(), make.days([0, 0, 0, 0]), 4, 7) == Level(0.0, 4)


@given(values=st.lists(NUMBERS, min_size=1, max_size=20), width=st.integers(1, 10))
def test_it_lies_between_the_lowest_and_the_highest_day(make, values, width):
    level = level_of(make.binding(), make.days(values), len(values), width)

    assert min(values) - 1e-6 <= level.value <= max(values) + 1e-6


@given(values=st.lists(NUMBERS, min_size=1, max_size=20), more=st.lists(NUMBERS, max_size=5))
def test_what_comes_later_changes_nothing(make, values, more):
    today = len(values)

    now = level_of(make.binding(), make.days(values), today, 7)

    assert level_of(make.binding(), make.days([*values, *more]), today, 7) == now
