"""A day is one aggregate of its used readings."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.days import close_day
from collector.domain.sample import SampleState


def readings(make, values, **changes):
    return [
        make.sample(make.lab_start + timedelta(minutes=n), value, **changes) for n, value in enumerate(values)
    ]


def test_a_day_without_readings_is_nothing_not_zero(make):
    assert close_day(make.binding(), 3, []) is None


@pytest.mark.parametrize("state", [SampleState.HELD, SampleState.DISCARDED])
def test_readings_that_are_not_used_do_not_count(make, state):
    assert close_day(make.binding(), 3, readings(make, [1.0], state=state)) is None


def test_the_value_of_a_level_is_the_median_of_its_readings(make):
    day = close_day(make.binding(), 3, readings(make, [10.0, 1000.0, 12.0]))

    assert (day.value, day.n, day.low, day.high, day.last) == (12.0, 3, 10.0, 1000.0, 12.0)


def test_zero_is_a_legal_value(make):
    assert close_day(make.binding(), 0, readings(make, [0.0])).value == 0.0


def test_a_ratio_is_pooled_not_averaged(make):
    few = make.sample(make.lab_start, 100.0, num=1.0, den=1.0)
    many = make.sample(make.lab_start + timedelta(hours=1), 10.0, num=99.0, den=990.0)

    day = close_day(make.ratio(), 0, [few, many])

    assert day.value == pytest.approx(100 * 100 / 991)
    assert (day.num, day.den) == (100.0, 991.0)


def test_a_ratio_without_percent_stays_a_share(make):
    day = close_day(make.ratio(unit=""), 0, [make.sample(make.lab_start, 0.5, num=1.0, den=2.0)])

    assert day.value == 0.5


def test_the_value_of_a_total_is_its_count_at_the_close(make):
    binding = make.total().binding

    assert close_day(binding, 0, readings(make, [1.0, 5.0, 4.0])).value == 4.0


@given(order=st.permutations([3.0, 1.0, 4.0, 1.5, 9.0]))
def test_the_order_of_arrival_does_not_matter(make, order):
    samples = readings(make, [3.0, 1.0, 4.0, 1.5, 9.0])
    shuffled = [next(one for one in samples if one.value == value) for value in order]

    assert close_day(make.binding(), 0, shuffled) == close_day(make.binding(), 0, samples)


def test_a_day_remembers_the_slot_of_its_last_reading(make):
    assert close_day(make.binding(), 0, readings(make, [1.0, 2.0])).last_slot == make.lab_start + timedelta(
        minutes=1
    )
