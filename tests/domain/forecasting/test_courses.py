"""Who keeps up with a pace that is not a straight line is believed to go on as it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast

FEW = settings(max_examples=25, deadline=None)
LENGTH = 91
SEEDS = st.integers(0, 10**6)
DAYS = np.arange(LENGTH)
LATE = np.clip((DAYS + 1 - 60) / 31, 0.0, 1.0)
EARLY = np.clip((DAYS + 1) / 20, 0.0, 1.0)


def along(make, course, today, *, seed=7, **changes):
    """A quarter that does what its course says."""
    noise = np.random.default_rng(seed).normal(0, 1, make.history + LENGTH)
    way = np.concatenate([np.zeros(make.history), course])
    return make.quarter((100 - 60 * way + noise)[: make.history + today], course=course, **changes)


@FEW
@given(seed=SEEDS, today=st.integers(45, 84), belief=st.sampled_from([0.3, 1.2]))
def test_who_did_what_an_early_pace_asks_has_arrived(make, seed, today, belief):
    """The way was made in the first 20 days; some weeks later no trend is thought to go on past it."""
    ahead = forecast(along(make, EARLY, today, seed=seed, belief=belief))

    assert ahead.landing == pytest.approx(40, abs=8)
    assert ahead.p_most > 0.6


@FEW
@given(seed=SEEDS, today=st.integers(66, 84))
def test_who_keeps_up_with_a_late_pace_is_likely_to_get_most_of_the_way(make, seed, today):
    ahead = forecast(along(make, LATE, today, seed=seed, belief=1.2))

    assert ahead.p_most > 0.7


def test_a_source_without_a_past_begins_with_its_first_reading(make):
    """Its pace begins later, so the same days ask for a steeper way."""
    values = np.full(make.history + 40, np.nan)
    values[make.history + 30 :] = 100 + make.wobble(10)
    begun = forecast(make.quarter(values, start=30, belief=1.2))
    asked = forecast(make.quarter(values, belief=1.2))

    assert begun.p_most > asked.p_most
