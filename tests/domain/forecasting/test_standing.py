"""Equality is met: what stands exactly at its target has it, in any scale, of any size, whichever way is better."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import Scale


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("rising", [True, False])
@settings(max_examples=20, deadline=None)
@given(
    share=st.floats(0.001, 0.999),
    today=st.integers(4, 90),
    baseline=st.floats(0.001, 0.999),
    window=st.sampled_from([1, 7, 28]),
)
def test_a_series_that_stands_exactly_at_its_target_has_it(
    make, scale, rising, share, today, baseline, window
):
    """Equality is met."""
    values = np.full(make.history + today, share)
    standing = make.quarter(
        values, baseline=baseline, target=share, rising=rising, scale=scale, window=window, belief=0.0
    )

    assert forecast(standing).p_full == 0.99


@settings(max_examples=60, deadline=None)
@given(target=st.floats(1e-9, 1e9), today=st.integers(4, 90), scale=st.sampled_from([Scale.PLAIN, Scale.LOG]))
def test_a_target_of_any_size_is_met_by_standing_at_it(make, target, today, scale):
    values = np.full(make.history + today, target)
    standing = make.quarter(values, baseline=2 * target, target=target, scale=scale, belief=0.0)

    assert forecast(standing).p_full == 0.99


@pytest.mark.parametrize("rising", [True, False])
def test_a_target_of_zero_is_met_by_standing_at_zero(make, rising):
    standing = make.quarter(np.zeros(make.history + 40), baseline=5.0, target=0.0, rising=rising, belief=0.0)

    assert forecast(standing).p_full == 0.99


def test_a_series_that_only_came_to_its_target_today_does_not_stand_there(make):
    values = np.full(make.history + 40, 100.0)
    values[-1] = 40.0

    assert forecast(make.quarter(values)).p_full < 0.5
