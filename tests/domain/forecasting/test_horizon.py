"""What a state says of days to come is what the linear recursion gives, step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.horizon import damped_sum, weights_of

CALM = settings(deadline=None)
DAMPING = st.sampled_from([0.5, 0.9, 0.975, 0.999])


@st.composite
def spans(draw):
    first = draw(st.integers(1, 60))
    return first, draw(st.integers(first, 90))


def levels_after(damping, days, *, slope=0.0, level_steps=(), slope_steps=()):
    """Run level += slope; slope *= damping; each day's steps come after it has moved: the level of each day, from 1."""
    level, found = 0.0, []
    for day in range(days):
        level += slope
        slope *= damping
        level += level_steps[day] if len(level_steps) else 0.0
        slope += slope_steps[day] if len(slope_steps) else 0.0
        found.append(level)
    return np.array(found)


def mean_over(span, levels):
    first, last = span
    return levels[first - 1 : last].mean()


@CALM
@given(damping=DAMPING, span=spans())
def test_a_slope_carries_as_far_as_the_recursion_takes_it(damping, span):
    carried = mean_over(span, levels_after(damping, span[1], slope=1.0))

    assert weights_of(damping, *span).slope == pytest.approx(carried)


@CALM
@given(damping=DAMPING, span=spans())
def test_each_step_of_the_level_weighs_as_in_the_recursion(damping, span):
    """The variance of a sum of independent steps is the sum of the squares of what one of each brings."""
    days = span[1]
    brought = [mean_over(span, levels_after(damping, days, level_steps=step)) for step in np.eye(days)]

    assert weights_of(damping, *span).walk == pytest.approx(sum(one**2 for one in brought))


@CALM
@given(damping=DAMPING, span=spans())
def test_each_step_of_the_slope_weighs_as_in_the_recursion(damping, span):
    days = span[1]
    brought = [mean_over(span, levels_after(damping, days, slope_steps=step)) for step in np.eye(days)]

    assert weights_of(damping, *span).drift == pytest.approx(sum(one**2 for one in brought))


def test_many_ways_into_the_future_vary_as_the_weights_say():
    """Drawn ways, with noise on level and slope, against the variance by the weights."""
    rng = np.random.default_rng(11)
    first, last, walk, drift = 15, 21, 0.4, 0.01
    means = [
        mean_over(
            (first, last),
            levels_after(
                0.975,
                last,
                slope=0.3,
                level_steps=rng.normal(0, np.sqrt(walk), last),
                slope_steps=rng.normal(0, np.sqrt(drift), last),
            ),
        )
        for _ in range(8000)
    ]
    on = weights_of(0.975, first, last)

    assert np.mean(means) == pytest.approx(0.3 * on.slope, abs=4 * np.std(means) / 8000**0.5)
    assert np.var(means) == pytest.approx(walk * on.walk + drift * on.drift, rel=0.06)


def test_tomorrow_is_one_slope_and_one_step_away():
    on = weights_of(0.975, 1, 1)

    assert (on.slope, on.walk, on.drift) == (1.0, 1.0, 0.0)


@CALM
@given(damping=DAMPING, days=st.integers(0, 400))
def test_a_damped_slope_adds_up_term_by_term(damping, days):
    assert damped_sum(damping, np.array(float(days))) == pytest.approx(sum(damping**n for n in range(days)))
