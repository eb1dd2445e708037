"""The distribution functions agree with exact sums, series and the standard library."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.distributions import (
    gamma,
    gamma_quantile,
    log_gamma,
    negative_binomial,
    normal,
)

CALM = settings(deadline=None)
EXACT = NormalDist()
LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


def array(*values):
    return np.array(values, dtype=float)


def lower_gamma(shape, x):
    """P(X <= x) of a gamma distribution of scale 1, by its power series (Abramowitz and Stegun 6.5.29)."""
    term = total = 1 / shape
    number = 0
    while term > total * 1e-17:
        number += 1
        term *= x / (shape + number)
        total += term
    return total * math.exp(shape * math.log(x) - x - math.lgamma(shape))


def poisson_of_gamma(count, mean, variance):
    """P(N <= count) of a negative binomial, each term from the standard library's gamma function."""
    size = mean * mean / (variance - mean)
    stays = math.log(size / (size + mean))
    comes = math.log(mean / (size + mean))
    return math.fsum(
        math.exp(math.lgamma(size + n) - math.lgamma(size) - math.lgamma(n + 1) + size * stays + n * comes)
        for n in range(count + 1)
    )


def test_the_normal_is_that_of_the_standard_library():
    z = np.linspace(-9, 9, 721)

    assert normal(z) == pytest.approx([EXACT.cdf(one) for one in z], abs=1.2e-7)


@CALM
@given(z=st.floats(-40, 40))
def test_both_tails_of_the_normal_make_one(z):
    below, above = normal(array(z, -z))

    assert below + above == pytest.approx(1.0, abs=1e-7)
    assert 0.0 <= below <= 1.0


@pytest.mark.parametrize(("z", "p"), [(-np.inf, 0.0), (np.inf, 1.0), (-1e9, 0.0), (1e9, 1.0), (0.0, 0.5)])
def test_the_normal_is_certain_far_out_and_even_in_the_middle(z, p):
    assert normal(array(z))[0] == pytest.approx(p, abs=1.2e-7)


def test_the_logarithm_of_gamma_is_that_of_the_standard_library():
    x = np.geomspace(1e-8, 1e6, 400)

    assert log_gamma(x) == pytest.approx([math.lgamma(one) for one in x], rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3, 10, 20])
def test_the_logarithm_of_gamma_knows_the_factorials(n):
    assert log_gamma(array(n + 1))[0] == pytest.approx(math.log(math.factorial(n)), abs=1e-10)


@pytest.mark.parametrize(
    ("shape", "error"), [(2.0, 4e-3), (4.0, 2e-3), (20.0, 4e-4), (100.0, 1e-4), (400.0, 2e-5)]
)
@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_a_gamma_is_near_its_series(shape, error, scale):
    x = np.linspace(0.05, 3.0, 60) * shape
    mean, variance = np.full_like(x, shape * scale), np.full_like(x, shape * scale**2)

    assert gamma(x * scale, mean, variance) == pytest.approx(
        [lower_gamma(shape, one) for one in x], abs=error
    )


def test_a_gamma_of_one_event_is_near_the_exponential():
    x = np.linspace(0.05, 5.0, 60)

    assert gamma(x, np.ones_like(x), np.ones_like(x)) == pytest.approx(1 - np.exp(-x), abs=0.013)


def test_a_gamma_is_never_below_zero():
    assert gamma(array(-1.0, -1e-9, 0.0), array(5, 5, 5), array(5, 5, 5)) == pytest.approx(
        [0, 0, 0], abs=1e-6
    )


@CALM
@given(
    mean=st.floats(0.5, 1e6),
    ratio=st.floats(0.01, 0.6),
    z=st.sampled_from([EXACT.inv_cdf(p) for p in LEVELS]),
)
def test_a_quantile_of_a_gamma_has_its_probability(mean, ratio, z):
    """`ratio` is the standard deviation over the mean: past it the lower quantiles are at zero."""
    variance = array((ratio * mean) ** 2)
    value = gamma_quantile(array(z), array(mean), variance)

    assert gamma(value, array(mean), variance)[0] == pytest.approx(EXACT.cdf(z), abs=1e-6)


def test_a_quantile_of_a_wide_gamma_ends_at_zero():
    assert gamma_quantile(array(-3.0), array(1.0), array(9.0))[0] == 0.0


@pytest.mark.parametrize(
    ("mean", "ratio"), [(0.02, 1.01), (0.5, 1.2), (3, 1.5), (3, 10), (40, 2), (40, 60), (300, 1.1)]
)
def test_a_short_negative_binomial_is_its_exact_sum(mean, ratio):
    counts = [0, 1, 2, 5, 17, 60, 250, 400]
    mean_of, variance_of = np.full(len(counts), float(mean)), np.full(len(counts), float(mean * ratio))

    found = negative_binomial(array(*counts), mean_of, variance_of)

    assert found == pytest.approx([poisson_of_gamma(one, mean, mean * ratio) for one in counts], abs=1e-9)


@pytest.mark.parametrize(
    ("mean", "ratio"), [(40, 60), (300, 30), (500, 1.5), (900, 3), (2000, 50), (20_000, 4)]
)
def test_a_long_negative_binomial_is_near_its_exact_sum(mean, ratio):
    counts = [401, 450, 700, 1100, 2000, 20_100]
    mean_of, variance_of = np.full(len(counts), float(mean)), np.full(len(counts), float(mean * ratio))

    found = negative_binomial(array(*counts), mean_of, variance_of)

    assert found == pytest.approx([poisson_of_gamma(one, mean, mean * ratio) for one in counts], abs=4e-3)


@CALM
@given(
    count=st.integers(0, 390), part=st.floats(0, 0.999), mean=st.floats(0.01, 300), ratio=st.floats(1.01, 40)
)
def test_only_whole_counts_come(count, part, mean, ratio):
    means, variances = array(mean, mean), array(mean * ratio, mean * ratio)
    one, other = negative_binomial(array(count, count + part), means, variances)

    assert one == other


def test_nothing_less_than_nothing_comes():
    assert negative_binomial(array(-1, -0.5), array(3, 3), array(5, 5)).tolist() == [0.0, 0.0]


def test_a_variance_below_that_of_poisson_is_taken_for_poisson():
    exact = math.exp(-3) * (1 + 3 + 9 / 2)

    assert negative_binomial(array(2), array(3), array(0.1))[0] == pytest.approx(exact, abs=1e-3)


@CALM
@given(data=st.data())
def test_a_row_of_counts_does_not_depend_on_those_beside_it(data):
    rows = data.draw(
        st.lists(
            st.tuples(st.floats(-2, 2000), st.floats(0.01, 900), st.floats(1.0, 50)), min_size=1, max_size=200
        )
    )
    count, mean, ratio = (array(*column) for column in zip(*rows, strict=True))
    together = negative_binomial(count, mean, mean * ratio)
    number = data.draw(st.integers(0, len(rows) - 1))
    alone = negative_binomial(
        count[number : number + 1], mean[number : number + 1], (mean * ratio)[number : number + 1]
    )

    assert together[number] == pytest.approx(alone[0], rel=1e-12)
