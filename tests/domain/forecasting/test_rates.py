"""The bank of rates does what one filter does after the other, counted by hand; hypotheses share one belief."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.launches import Hypotheses
from collector.domain.forecasting.rates import KEPT, PREFERENCE, Counts, count_ahead

FEW = settings(max_examples=30, deadline=None)
PRIOR = 4.0


def counts(count, *, exposure=None, rate=1.0, left=20, whole=True, change=0.15):
    count = np.atleast_2d(np.asarray(count, dtype=float))
    rows = len(count)
    return Counts(
        count=count,
        exposure=np.ones_like(count) if exposure is None else np.atleast_2d(exposure),
        ahead=np.concatenate([np.zeros_like(count), np.ones((rows, left))], axis=1),
        horizon=np.full(rows, float(left)),
        rate=np.full(rows, rate),
        change=change,
        whole=whole,
        least=np.ones(rows),
    )


def weekdays(count, exposure, rate):
    """Factors by weekday, each shrunk towards 1 by six events."""
    overall = (sum(count) + PRIOR) / (sum(exposure) + PRIOR / rate)
    return [(sum(count[day::7]) + 6) / (overall * sum(exposure[day::7]) + 6) for day in range(7)]


def by_hand(count, rate, left, change):
    """One filter after the other, one day after the other; NaN is a day that is not known."""
    known = [not math.isnan(one) for one in count]
    count = [one if seen else 0.0 for one, seen in zip(count, known, strict=True)]
    factor = weekdays(count, [float(seen) for seen in known], rate)
    exposure = [factor[day % 7] * seen for day, seen in enumerate(known)]
    to_come = sum(factor[(len(count) + day) % 7] for day in range(left))

    above, below, surprise = PRIOR, PRIOR / rate, 0.0
    for one, exposed, seen in zip(count, exposure, known, strict=True):
        if seen:
            expected = above / below * exposed
            surprise += min((one - expected) ** 2 / max(expected, 0.05), 60.0)
            above, below = 0.98 * above + one, 0.98 * below + exposed
    dispersion = max((6 + surprise) / (6 + sum(known)), 1.0)

    found = []
    for kept, preference in zip(KEPT, PREFERENCE, strict=True):
        shape, per_day, evidence = PRIOR, PRIOR / rate, preference
        for one, exposed, seen in zip(count, exposure, known, strict=True):
            if not seen:
                continue
            shape, per_day = kept * shape, kept * per_day
            n, e = one / dispersion, exposed / dispersion
            evidence += math.lgamma(shape + n) - math.lgamma(shape) - math.lgamma(n + 1)
            evidence += shape * math.log(per_day / (per_day + e)) + n * math.log(
                max(e, 1e-12) / (per_day + e)
            )
            shape, per_day = shape + n, per_day + e
        mean = max(to_come * shape / per_day, 1e-6)
        forgotten = (1 / kept - 1) / shape * left / 3
        variance = dispersion * mean + mean**2 * (1 / shape + forgotten + change * left / 91)
        found.append((mean, variance, evidence))
    best = max(evidence for _, _, evidence in found)
    weight = [math.exp(evidence - best) for _, _, evidence in found]
    total = sum(weight)
    return (
        [mean for mean, _, _ in found],
        [v for _, v, _ in found],
        [one / total for one in weight],
        dispersion,
    )


SERIES = st.lists(st.one_of(st.integers(0, 40).map(float), st.just(math.nan)), min_size=1, max_size=50)


@FEW
@given(count=SERIES, rate=st.sampled_from([0.01, 1.0, 30.0]), left=st.integers(1, 90))
def test_the_bank_is_a_loop_over_filters_and_days(count, rate, left):
    ahead = count_ahead(counts(count, rate=rate, left=left))

    mean, variance, weight, dispersion = by_hand(count, rate, left, 0.15)
    assert ahead.mean[0] == pytest.approx(mean)
    assert ahead.variance[0] == pytest.approx(variance)
    assert ahead.weight[0] == pytest.approx(weight, rel=1e-6, abs=1e-12)
    assert ahead.dispersion[0] == pytest.approx(dispersion)


@FEW
@given(data=st.data(), days=st.integers(1, 60), rows=st.integers(2, 6))
def test_a_row_of_rates_does_not_depend_on_those_beside_it(data, days, rows):
    one = st.one_of(st.integers(0, 40).map(float), st.just(math.nan))
    table = np.array([data.draw(st.lists(one, min_size=days, max_size=days)) for _ in range(rows)])

    together = count_ahead(counts(table))

    for row in range(rows):
        alone = count_ahead(counts(table[row]))
        assert together.mean[row] == pytest.approx(alone.mean[0])
        assert together.variance[row] == pytest.approx(alone.variance[0])
        assert together.weight[row] == pytest.approx(alone.weight[0])


@FEW
@given(count=SERIES)
def test_filters_share_one_belief_between_them(count):
    assert count_ahead(counts(count)).weight.sum() == pytest.approx(1.0)


@FEW
@given(count=SERIES, whole=st.booleans())
def test_more_room_is_never_less_likely_to_be_enough(count, whole):
    ahead = count_ahead(counts(count, whole=whole))

    chances = [float(ahead.at_most(np.array([room]))[0]) for room in (-1.0, 0.0, 1.0, 5.0, 30.0, 300.0, 1e5)]

    assert chances[0] == 0.0
    assert all(one <= other + 1e-9 for one, other in itertools.pairwise(chances))
    assert chances[-1] == pytest.approx(1.0, abs=1e-3)


def test_a_day_that_covers_several_is_a_rate_and_not_a_burst():
    daily = count_ahead(counts(np.full(28, 2.0)))
    weekly, exposure = np.full(28, np.nan), np.full(28, np.nan)
    weekly[6::7], exposure[6::7] = 14.0, 7.0

    ahead = count_ahead(counts(weekly, exposure=exposure))

    assert ahead.rate[0] == pytest.approx(daily.rate[0], rel=0.1)


def test_counts_that_come_in_bursts_are_less_sure():
    steady, bursts = np.full(56, 2.0), np.tile([14.0, 0, 0, 0, 0, 0, 0, 0], 7)

    spread = [float(count_ahead(counts(one)).moments()[1][0]) for one in (steady, bursts)]

    assert spread[1] > 2 * spread[0]


@FEW
@given(data=st.data(), rows=st.integers(1, 5))
def test_hypotheses_of_a_row_weigh_one_together(data, rows):
    """However far apart their log likelihoods lie, and whatever those of other rows are."""
    size = [data.draw(st.sampled_from([1, 3])) for _ in range(rows)]
    row = np.repeat(np.arange(rows), size)
    prior = np.concatenate([[1.0] if one == 1 else [0.33, 0.12, 0.55] for one in size])
    evidence = np.array([data.draw(st.floats(-1e4, 1e4)) for _ in row])
    nothing = np.zeros((len(row), 1))

    weights = Hypotheses(row, prior, nothing, nothing, np.zeros(len(row))).weights(evidence)

    assert np.bincount(row, weights) == pytest.approx(np.ones(rows))
    assert (weights >= 0).all()


def test_equal_likelihoods_leave_the_prior_as_it_was():
    prior = np.array([0.33, 0.12, 0.55])
    nothing = np.zeros((3, 1))
    supposed = Hypotheses(np.zeros(3, dtype=int), prior, nothing, nothing, np.zeros(3))

    assert supposed.weights(np.full(3, -17.0)) == pytest.approx(prior)
