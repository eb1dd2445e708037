"""Distribution functions that numpy does not have, for arrays, each as exact as a probability needs."""

from __future__ import annotations

import numpy as np

from collector.domain.arrays import Floats

LONGEST_SUM = 400
"""A discrete distribution is summed term by term up to here; past it the continuous one is within .004."""
_ERFC = (
    -1.26551223,
    1.00002368,
    0.37409196,
    0.09678418,
    -0.18628806,
    0.27886807,
    -1.13520398,
    1.48851587,
    -0.82215223,
    0.17087277,
)


def normal(z: Floats) -> Floats:
    """Give P(Z <= z) of the standard normal. Error below 1.2e-7 (Press et al., Numerical Recipes, §6.2: erfc by a Chebyshev
    fit).
    """
    size = np.abs(z) * 0.7071067811865476
    t = 1.0 / (1.0 + 0.5 * size)
    fit = np.full_like(t, _ERFC[-1])
    for coefficient in _ERFC[-2::-1]:
        fit *= t
        fit += coefficient
    upper = 0.5 * t * np.exp(fit - size * size)
    return np.where(z >= 0, 1.0 - upper, upper)


def log_gamma(x: Floats) -> Floats:
    """Give ln Γ(x) for x > 0: Stirling's series at x + 7, brought back by the recurrence. Error below 1e-10."""
    product = x * (x + 1) * (x + 2) * (x + 3) * (x + 4) * (x + 5) * (x + 6)
    y = x + 7.0
    inverse = 1.0 / y
    square = inverse * inverse
    series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return (y - 0.5) * np.log(y) - y + 0.9189385332046727 + series - np.log(product)


def gamma(x: Floats, mean: Floats, variance: Floats) -> Floats:
    """Give P(X <= x) of a gamma distribution with this mean and variance (Wilson and Hilferty 1931: the cube root of a
    gamma is nearly normal).
    """
    shape = mean * mean / variance
    z = (np.cbrt(np.maximum(x, 0.0) / mean) - (1 - 1 / (9 * shape))) * 3 * np.sqrt(shape)
    return np.where(x < 0, 0.0, normal(z))


def gamma_quantile(z: Floats, mean: Floats, variance: Floats) -> Floats:
    """Give the value of a gamma distribution at the normal quantile `z`, by the same transformation."""
    ninth = variance / (9 * mean * mean)
    return np.asarray(mean * np.maximum(1 - ninth + z * np.sqrt(ninth), 0.0) ** 3)


def negative_binomial(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """Give P(N <= count) of a negative binomial with this mean and variance, at least Poisson; `count` is floored.

    Summed by the recurrence of its terms up to `LONGEST_SUM`, past which a gamma with a correction for continuity stands
    in.
    """
    count = np.floor(count + 1e-9)
    variance = np.maximum(variance, mean * 1.0005 + 1e-9)
    size = mean * mean / (variance - mean)
    odds = mean / (mean + size)
    result = np.where(count < 0, 0.0, gamma(count + 0.5, mean, variance))
    short = np.flatnonzero((count >= 0) & (count <= LONGEST_SUM))
    order = short[np.argsort(count.flat[short], kind="stable")]
    for some in np.array_split(order, max(min(8, len(order) // 64), 1)):
        if len(some):
            result.flat[some] = _summed(count.flat[some], size.flat[some], odds.flat[some])
    return result


def _summed(count: Floats, size: Floats, odds: Floats) -> Floats:
    """Add the terms up to `count`; rows of similar counts come together, so that few terms are added in vain."""
    term = np.exp(size * np.log1p(-odds))
    total = term.copy()
    for number in range(1, int(count.max()) + 1):
        term = term * (size + number - 1) / number * odds
        total += np.where(count >= number, term, 0.0)
    return np.minimum(total, 1.0)
