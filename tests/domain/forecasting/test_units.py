"""The unit of a measure, and which way it counts, change no probability."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast

FEW = settings(max_examples=15, deadline=None)
FACTORS = st.one_of(st.sampled_from([1e-9, 1e9, 1000.0, 1 / 60, 0.001]), st.floats(1e-9, 1e9))
UNITLESS = {"model by_trend", "model by_rate", "model belief", "model scale", "model wander", "model surprise", "model ahead",
            "model launch", "model as_declared", "model late", "p_hit", "p_full", "p_most", "crosses"}  # fmt: skip


@pytest.mark.parametrize("measured", ["plain", "log", "amount"])
@FEW
@given(data=st.data())
def test_another_unit_scales_what_has_one_and_nothing_else(make, measured, data):
    outlook, factor = data.draw(make.outlook(measured, readable=True)), data.draw(FACTORS)
    one, other = forecast(outlook), forecast(make.scaled(outlook, factor))

    expected = make.figures(one)
    size = max(abs(expected["landing"]), abs(outlook.target), abs(outlook.baseline)) * factor
    for name, value in make.figures(other).items():
        if name in UNITLESS:
            assert value == pytest.approx(expected[name], abs=1e-6), name
        else:
            assert value == pytest.approx(expected[name] * factor, rel=1e-6, abs=1e-6 * size), name


@pytest.mark.parametrize("share", ["share", "quotient"])
@FEW
@given(data=st.data())
def test_percent_is_the_same_as_a_share(make, share, data):
    outlook = data.draw(make.outlook(share, readable=True))
    assume(outlook.factor == 1.0)
    one, other = forecast(outlook), forecast(make.in_percent(outlook))

    assert other.p_hit == pytest.approx(one.p_hit, abs=1e-9)
    assert other.landing == pytest.approx(100 * one.landing)


@FEW
@given(data=st.data())
def test_the_unit_of_a_band_changes_no_probability(make, data):
    outlook, factor = data.draw(make.outlook("stay", readable=True)), data.draw(FACTORS)
    one, other = forecast(outlook), forecast(make.scaled(outlook, factor))

    assert other.p_hit == pytest.approx(one.p_hit, abs=1e-6)
    assert other.landing == pytest.approx(one.landing, abs=1e-6)


@pytest.mark.parametrize("shift", [-1000.0, 0.5, 1e6])
@FEW
@given(data=st.data())
def test_another_zero_changes_no_probability(make, shift, data):
    outlook = data.draw(make.outlook("plain", readable=True))
    one, other = forecast(outlook), forecast(make.shifted(outlook, shift))

    assert other.p_full == pytest.approx(one.p_full, abs=1e-6)
    assert other.p_most == pytest.approx(one.p_most, abs=1e-6)


@FEW
@given(data=st.data())
def test_falling_and_rising_targets_mirror_each_other(make, data):
    outlook = data.draw(make.outlook("plain", readable=True))
    one, other = forecast(outlook), forecast(make.mirrored(outlook))

    for name in ("p_hit", "p_full", "p_most"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-9)
    assert (other.crosses, other.step) == (one.crosses, pytest.approx(one.step))
    assert other.drift == pytest.approx(-one.drift)


@FEW
@given(data=st.data())
def test_ranges_of_what_lies_on_both_sides_of_zero_mirror_each_other(make, data):
    """What was never seen below zero is not said to land there, so only a series with both signs has a mirror image."""
    outlook = data.draw(make.outlook("plain", readable=True))
    one, other = forecast(outlook), forecast(make.mirrored(outlook))
    assume((outlook.values < 0).any() and (outlook.values > 0).any())

    assert other.landing == pytest.approx(-one.landing, abs=1e-9)
    assert other.likely == pytest.approx((-one.likely[1], -one.likely[0]), abs=1e-9)
    assert other.wide == pytest.approx((-one.wide[1], -one.wide[0]), abs=1e-9)


@pytest.mark.parametrize("size", [1e-300, 1e-100, 1e-9, 1e9, 1e90])
def test_a_measure_of_any_size_is_foreseen_alike(make, size):
    values = np.linspace(100, 80, 60) + make.wobble(60)
    plain = forecast(make.quarter(values))

    strange = forecast(make.quarter(values * size, baseline=100 * size, target=40 * size))

    assert strange.p_hit == pytest.approx(plain.p_hit)
    assert strange.landing == pytest.approx(plain.landing * size)
