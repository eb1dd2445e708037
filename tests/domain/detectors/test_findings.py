"""All findings of a day close at once: each series as if it were alone, days by the cycle's numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.detectors.findings import DAYS, Watched, findings
from collector.domain.detectors.regression import noise


def watched(seed, today=60, shift=0.0, level=True):
    values = 50 + np.random.default_rng(seed).standard_normal(DAYS)
    values[-5:] += shift
    return Watched(values, today, level=level)


def test_days_are_numbered_as_in_the_cycle():
    (found,) = findings([watched(1, shift=9)])

    assert (found.today, found.change.day) == (60, 55)
    assert 55 < found.change.told < 60


def test_what_changed_before_the_cycle_is_no_news():
    assert findings([watched(1, today=0, shift=9)])[0].change is None


def test_a_count_has_neither_a_sudden_change_nor_a_unit():
    counted = watched(1, shift=50_000, level=False)

    assert (findings([counted])[0].change, findings([counted])[0].unit) == (None, None)


def test_a_last_day_without_a_reading_is_not_known():
    one = watched(2)
    one.values[-1] = np.nan

    assert [found.known for found in findings([one, watched(2)])] == [False, True]


def test_a_series_without_any_reading_has_no_finding():
    (found,) = findings([Watched(np.full(DAYS, np.nan), 1)])

    assert (found.known, found.change, found.flat, found.unit, found.noise) == (False, None, None, None, None)


def test_absurd_numbers_keep_nobody_else_from_being_looked_at():
    absurd = Watched(np.resize([1e308, -1e308, 1e-308], DAYS), 60)

    assert findings([absurd, watched(1, shift=9)])[1] == findings([watched(1, shift=9)])[0]


@given(seeds=st.lists(st.integers(0, 99), min_size=2, max_size=6))
@settings(max_examples=25, deadline=None)
def test_what_is_looked_at_beside_a_series_changes_nothing(seeds):
    series = [watched(seed, shift=seed % 7) for seed in seeds]

    assert findings(series) == [findings([one])[0] for one in series]


@pytest.mark.parametrize(("memory", "least", "most"), [(0.0, 0.8, 1.8), (0.8, 1.8, 4.0)])
def test_the_noise_of_a_series_that_remembers_is_that_of_its_means(memory, least, most):
    rng, values = np.random.default_rng(3), np.zeros((200, DAYS))
    for day in range(1, DAYS):
        draw = rng.standard_normal(200) * np.sqrt(1 - memory**2)
        values[:, day] = memory * values[:, day - 1] + draw

    assert least < np.median(noise(values)) < most


def test_noise_of_too_few_readings_is_not_known():
    values = np.full((1, DAYS), np.nan)
    values[0, -4:] = [1, 2, 3, 4]

    assert np.isnan(noise(values)).all()
