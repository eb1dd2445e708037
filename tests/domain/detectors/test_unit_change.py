"""Values that are in use in another unit are told until they are back; single spikes are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.detectors.unit_change import FACTORS, unit_changes


def steady(seed=1, days=60, noise=0.05):
    return 400 * np.exp(np.random.default_rng(seed).standard_normal(days) * noise)


def changed(factor, seed=1, day=50, noise=0.05):
    values = steady(seed, noise=noise)
    values[day:] *= factor
    return values


def found(values):
    return unit_changes(values[None])[0]


@pytest.mark.parametrize("factor", [*FACTORS, *(1 / factor for factor in FACTORS)])
def test_each_factor_is_found_at_the_second_day_in_the_new_unit(factor):
    values = changed(factor)

    assert found(values[:51]) is None
    told = found(values[:52])
    assert told.day == 50
    assert told.factor == pytest.approx(factor, rel=0.03)  # 1000 and 1024 are nearly one
    assert told.before == pytest.approx(400, rel=0.1)


def test_it_lasts_while_the_values_wander_in_the_new_unit():
    values = np.append(changed(1 / 1000), 0.4 * np.linspace(1, 3, 30))

    assert found(values).day == 50


def test_going_back_ends_it_and_is_no_second_change():
    values = np.append(changed(1000), steady(2, days=20))
    told = [found(values[:end]) for end in range(61, 81)]

    assert told == [None] * 20


def test_a_spike_of_one_day_is_no_unit_and_neither_are_two_unlike_ones():
    values = steady()
    values[50] *= 1000
    values[52] *= 1000
    values[56], values[57] = values[56] * 1000, values[57] * 60

    assert [found(values[:end]) for end in range(1, 61)] == [None] * 60


@pytest.mark.parametrize("factor", [2, 7, 10, 24, -1000])
def test_other_factors_and_other_signs_are_no_unit(factor):
    assert found(changed(factor)) is None


def test_missing_days_and_zeros_are_neither_a_unit_nor_in_the_way():
    values = changed(1000)
    values[51:54] = np.nan
    values[20:25] = 0.0

    assert found(values[:54]) is None
    assert found(values[:55]).day == 50


def test_what_is_too_young_or_absurd_is_not_judged():
    assert found(changed(1000)[47:]) is None
    with np.errstate(all="ignore"):
        assert found(np.array([1e-300] * 20 + [1e300] * 5)) is None
        assert found(np.full(30, np.nan)) is None


@given(seed=st.integers(0, 999), unit=st.sampled_from([-1.0, 2.0**-9, -(2.0**20)]))
@settings(max_examples=40, deadline=None)
def test_another_unit_or_sign_from_the_first_day_on_makes_no_difference(seed, unit):
    own, other = found(changed(60, seed)), found(changed(60, seed) * unit)

    assert (own.day, own.factor) == (other.day, other.factor)


@given(seed=st.integers(0, 999), end=st.integers(52, 60))
@settings(max_examples=40, deadline=None)
def test_the_day_and_the_factor_do_not_depend_on_what_comes_later(seed, end):
    values = changed(3600, seed, noise=0.02)

    assert (found(values[:end]).day, found(values[:end]).factor) == (found(values).day, found(values).factor)
