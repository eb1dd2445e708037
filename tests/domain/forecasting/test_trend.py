"""The bank of trends is a plain Kalman filter each, weighed by how well each foretold the series."""

import itertools
import math
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.trend import LEVELS, STAYS, Bank, Plan, Shares, follow

ONE = Shares(noise=(1.0,), walk=(0.12,), tempering=1.0)


def plan_of(columns, *, rows=1, pace=0.5, way=10.0, begins=0, pushes=None, doubt=None):
    """A plan in which every row has the same numbers; `pushes` says what is added before each column."""
    pushed = np.zeros(columns + 1) if pushes is None else np.concatenate([[0.0], np.cumsum(pushes)])
    return Plan(
        known=np.full(rows, columns),
        pace=np.full(rows, pace),
        begins=np.full(rows, begins),
        pushed=np.tile(pushed, (rows, 1)),
        doubt=np.tile(np.zeros(columns) if doubt is None else doubt, (rows, 1)),
        way=np.full(rows, way),
    )


def filtered(series, variance, distance, plan, row, shares, which):
    """Follow one series by one filter, in matrices (Durbin and Koopman 2012, §4.3) with the reading's noise widened by
    Student's t of 8 degrees of freedom: state, covariance and log likelihood.
    """
    damping, freedom = 0.975, 8.0
    noise_share, walk_share = shares.noise[which], shares.walk[which]
    step = variance / (2 * noise_share + walk_share * distance)
    noise, walk = noise_share * step, walk_share * step
    pace = shares.slope * plan.pace[row]
    known = [value for value in series if math.isfinite(value)]
    state = np.array([median(known[:5]), 0.0])
    covariance = np.diag([2 * variance + (0.3 * plan.way[row]) ** 2, (0.05 * pace) ** 2])
    moves = np.array([[1.0, 1.0], [0.0, damping]])
    evidence = 0.0
    for day, reading in enumerate(series):
        begun = day >= plan.begins[row]
        if day == plan.begins[row]:
            covariance[1, 1] += (1.4 * pace) ** 2
        state = moves @ state + [plan.pushed[row, day + 1] - plan.pushed[row, day], 0.0]
        wander = np.diag([walk + plan.doubt[row, day], (0.8 * pace) ** 2 / 7 if begun else 0.0])
        covariance = moves @ covariance @ moves.T + wander
        if not math.isfinite(reading):
            continue
        error = reading - state[0]
        surprise = error**2 / (covariance[0, 0] + noise)
        evidence -= 0.5 * math.log(covariance[0, 0] + noise) + 0.5 * (freedom + 1) * math.log1p(
            surprise / freedom
        )
        widened = noise * max((freedom + surprise) / (freedom + 1), 1.0)
        gain = covariance[:, 0] / (covariance[0, 0] + widened)
        state = state + gain * error
        covariance = covariance - np.outer(gain, covariance[0])
    return state, covariance, evidence


@st.composite
def problems(draw):
    """Some rows of one table, each with its own plan, gaps and jumps."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(5, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    series = rng.normal(0, 1, (rows, columns)) + np.cumsum(rng.normal(0, 0.3, (rows, columns)), axis=1)
    series[rng.uniform(size=series.shape) < 0.03] += 25.0
    series[rng.uniform(size=series.shape) < draw(st.sampled_from([0.0, 0.2, 0.7]))] = np.nan
    series[:, 2] = 1.0
    known = rng.integers(3, columns + 1, rows)
    series[np.arange(columns) >= known[:, None]] = np.nan
    doubt = np.where(rng.uniform(size=series.shape) < 0.05, 4.0, 0.0)
    plan = Plan(
        known=known,
        pace=rng.uniform(0, 1, rows),
        begins=rng.integers(0, columns + 10, rows),
        pushed=np.cumsum(rng.normal(0, 0.2, (rows, columns + 1)), axis=1),
        doubt=doubt,
        way=rng.uniform(0.1, 30, rows),
    )
    return series, rng.uniform(0.3, 4, rows), rng.uniform(1, 3, rows), plan


@settings(max_examples=60, deadline=None)
@given(problem=problems(), shares=st.sampled_from([LEVELS, STAYS, ONE]))
def test_each_filter_of_the_bank_is_a_plain_kalman_filter(problem, shares):
    series, variance, distance, plan = problem
    bank = follow(series, variance, distance, plan, shares)

    for row in range(len(series)):
        evidence = []
        for which in range(len(shares.noise)):
            state, covariance, likelihood = filtered(
                series[row, : plan.known[row]], variance[row], distance[row], plan, row, shares, which
            )
            evidence.append(likelihood)
            assert (bank.level[row, which], bank.slope[row, which]) == pytest.approx(tuple(state))
            assert bank.level_variance[row, which] == pytest.approx(covariance[0, 0])
            assert bank.covariance[row, which] == pytest.approx(covariance[0, 1])
            assert bank.slope_variance[row, which] == pytest.approx(covariance[1, 1])
        weight = np.exp(shares.tempering * (np.array(evidence) - max(evidence)))
        weight /= weight.sum()
        assert bank.weight[row] == pytest.approx(weight)
        assert bank.evidence[row] == pytest.approx(weight @ evidence)


@settings(max_examples=40, deadline=None)
@given(problem=problems(), data=st.data())
def test_a_row_of_the_bank_does_not_depend_on_those_beside_it(problem, data):
    series, variance, distance, plan = problem
    row = data.draw(st.integers(0, len(series) - 1))
    only = slice(row, row + 1)
    alone = Plan(
        plan.known[only],
        plan.pace[only],
        plan.begins[only],
        plan.pushed[only],
        plan.doubt[only],
        plan.way[only],
    )

    together = follow(series, variance, distance, plan, LEVELS)
    single = follow(series[only], variance[only], distance[only], alone, LEVELS)

    for name in Bank.__slots__:
        assert getattr(together, name)[row] == pytest.approx(getattr(single, name)[0], rel=1e-12), name


def run(series, *, shares=LEVELS, variance=2.0, **changes):
    series = np.atleast_2d(np.asarray(series, dtype=float))
    rows, columns = series.shape
    plan = plan_of(columns, rows=rows, **changes)
    return follow(series, np.full(rows, variance), np.ones(rows), plan, shares)


def test_a_missing_day_moves_nothing_but_the_uncertainty():
    series = [5.0, 5.5, 4.5, 5.0, 5.2, 4.8]
    before, after = run(series), run([*series, np.nan])

    assert after.level == pytest.approx(before.level + before.slope)
    assert after.slope == pytest.approx(0.975 * before.slope)
    assert (after.level_variance > before.level_variance).all()
    assert after.weight == pytest.approx(before.weight)


def test_a_level_does_not_begin_with_a_strange_first_day():
    """It begins with the median of the first five readings."""
    usual, strange = run([7.2, 7.0, 6.0, 8.0, 7.5]), run([900.0, 7.0, 6.0, 8.0, 7.5])

    assert strange.level == pytest.approx(usual.level, abs=0.5)


def test_a_series_without_a_reading_says_that_it_knows_nothing():
    bank = run([np.nan] * 10)

    assert bank.level == pytest.approx(0.0)
    assert (bank.level_variance > 4.0).all()
    assert bank.weight.sum() == pytest.approx(1.0)


def test_what_is_pushed_is_no_trend():
    """A series that does just what its plan expects has no slope beside the plan."""
    pushes = np.full(60, -0.4)
    bank = run(100 + np.cumsum(pushes), pushes=pushes)

    assert bank.slope == pytest.approx(0.0, abs=0.02)
    assert bank.level == pytest.approx(76.0, abs=0.2)


def test_what_moves_beside_its_plan_has_a_slope():
    bank = run(100 - 0.4 * np.arange(60), variance=0.02)

    assert (bank.weight * bank.slope).sum() == pytest.approx(-0.4, abs=0.1)


def test_one_strange_day_hardly_moves_the_level():
    still = np.random.default_rng(5).normal(10, 1, 60)
    strange = still.copy()
    strange[-3] += 40.0
    usual, moved = run(still), run(strange)

    assert (moved.weight * moved.level).sum() == pytest.approx((usual.weight * usual.level).sum(), abs=2.0)


def test_a_doubt_lets_the_level_jump():
    """A launch that is doubted may bring what it likes on its day."""
    series = np.concatenate([np.zeros(30), np.full(3, 12.0)])
    doubt = np.where(np.arange(33) == 30, 200.0, 0.0)
    calm = Shares(noise=(1.0,), walk=(0.0,), tempering=1.0)
    doubted, sure = run(series, shares=calm, doubt=doubt), run(series, shares=calm)

    assert doubted.level[0, 0] > 11.0
    assert sure.level[0, 0] < 9.0


def test_noise_is_told_from_a_wandering_level():
    rng = np.random.default_rng(3)
    noisy, wandering = rng.normal(0, 1, 90), np.cumsum(rng.normal(0, 2**0.5, 90))
    strict = replace(LEVELS, tempering=1.0)
    bank = run([noisy, wandering], shares=strict)

    assert bank.weight[0, 0] + bank.weight[0, 1] > 0.9
    assert bank.weight[1, 2] > 0.9


def test_a_mean_of_days_ahead_is_less_sure_the_farther_it_lies():
    bank = run(np.random.default_rng(1).normal(0, 1, 50))
    spread = [bank.ahead(np.array([first]), np.array([first + 6]))[1] for first in (1, 15, 40, 80)]

    assert all((near < far).all() for near, far in itertools.pairwise(spread))
