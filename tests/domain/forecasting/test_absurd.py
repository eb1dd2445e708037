"""Whatever numbers a source sends, a forecast is made of finite ones, or not made; numpy has nothing to warn of."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast, forecasts
from collector.domain.forecasting.outlook import HISTORY, Form, Outlook, Scale

FEW = settings(max_examples=25, deadline=None)
SIZES = [0.0, 1e-300, 1e-100, 1e-12, 1e-6, 0.5, 1.0, 100.0, 1e6, 1e12, 1e100, 1e300]
PLACES = st.integers(0, 10**6)


def strange(data, days, *, least=-1.0):
    """Draw a series of a few different sizes: constant, jumping, or with one huge outlier; some days are missing."""
    sizes = data.draw(st.lists(st.sampled_from(SIZES), min_size=1, max_size=4))
    signs = st.sampled_from([-1.0, 1.0]) if least < 0 else st.just(1.0)
    sizes = [size * data.draw(signs) for size in sizes]
    rng = np.random.default_rng(data.draw(PLACES))
    match data.draw(st.sampled_from(["constant", "stairs", "mixed", "outlier", "noisy"])):
        case "constant":
            values = np.full(days, sizes[0])
        case "stairs":
            values = np.array(sizes)[np.arange(days) * len(sizes) // days]
        case "mixed":
            values = rng.choice(sizes, days)
        case "outlier":
            values = np.full(days, sizes[0])
            values[int(rng.integers(days))] = sizes[-1]
        case _:
            values = sizes[0] * (1 + 0.1 * rng.normal(size=days))
    values[rng.uniform(size=days) < data.draw(st.sampled_from([0.0, 0.3, 0.9]))] = np.nan
    return np.maximum(values, least) if least >= 0 else values


def promise(data, form, **facts):
    length = data.draw(st.sampled_from([6, 91, 365]))
    today = data.draw(st.sampled_from([0, 1, length // 2, length - 1]))
    size = st.sampled_from(SIZES)
    common = {
        "form": form,
        "today": today,
        "length": length,
        "target": data.draw(size),
        "belief": data.draw(st.sampled_from([0.0, 0.3, 1.2])),
        "window": data.draw(st.sampled_from([1, 6])),
    }
    return {**common, **facts}, HISTORY + today


def sound(ahead):
    """Nothing is said, or everything said is a number and in order."""
    if ahead is None:
        return True
    numbers = [ahead.p_full, ahead.p_most, ahead.landing, *ahead.likely, *ahead.wide, ahead.step, ahead.drift,
               *ahead.model.values()]  # fmt: skip
    ordered = ahead.wide[0] <= ahead.likely[0] <= ahead.landing <= ahead.likely[1] <= ahead.wide[1]
    return all(math.isfinite(number) for number in numbers) and ordered and 0 <= ahead.p_full <= 1


@pytest.mark.parametrize("scale", list(Scale))
@FEW
@given(data=st.data())
def test_levels_of_any_size_are_foreseen_in_finite_numbers(scale, data):
    facts, known = promise(data, Form.LEVEL, scale=scale)
    outlook = Outlook(
        values=strange(data, known),
        baseline=data.draw(st.sampled_from(SIZES)),
        rising=data.draw(st.booleans()),
        **facts,
    )

    assert sound(forecast(outlook))


@FEW
@given(data=st.data())
def test_quotients_of_any_size_are_foreseen_in_finite_numbers(data):
    facts, known = promise(data, Form.LEVEL, scale=Scale.LOGIT, baseline=0.2)
    den = strange(data, known, least=1e-12)
    share = np.random.default_rng(data.draw(PLACES)).uniform(size=known)
    outlook = Outlook(values=share, num=share * den, den=den, **facts)

    assert sound(forecast(outlook))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("form", [Form.AT_MOST, Form.AT_LEAST])
@FEW
@given(data=st.data())
def test_counts_of_any_size_are_foreseen_in_finite_numbers(form, whole, data):
    facts, known = promise(data, form, whole=whole)
    values = strange(data, known)
    values = np.round(values) if whole else values
    outlook = Outlook(values=values, previous=data.draw(st.sampled_from([*SIZES, np.nan])), **facts)

    assert sound(forecast(outlook))


@FEW
@given(data=st.data())
def test_events_of_any_number_are_foreseen_in_finite_numbers(data):
    facts, known = promise(data, Form.EVENTS)
    den = strange(data, known, least=0.0)
    bad = den * np.random.default_rng(data.draw(PLACES)).choice([0.0, 1e-9, 1.0], known)
    facts["target"] = data.draw(st.sampled_from([1e-9, 0.001, 0.5, 1.0]))

    assert sound(forecast(Outlook(values=bad, den=den, **facts)))


@pytest.mark.parametrize("scale", [Scale.PLAIN, Scale.LOG])
@FEW
@given(data=st.data())
def test_bands_around_any_value_are_foreseen_in_finite_numbers(scale, data):
    facts, known = promise(data, Form.STAY, scale=scale)
    values = strange(data, known)
    low, high = sorted(data.draw(st.tuples(*[st.sampled_from([*SIZES, np.inf])] * 2)))
    low = data.draw(st.sampled_from([low, -np.inf]))
    inside = np.where(np.isfinite(values), (values >= low) & (values <= high), np.nan)
    facts["target"] = float(data.draw(st.integers(0, 40)))
    within = data.draw(st.sampled_from([0.0, 1e-9, 1.0, 1e100]))

    assert sound(forecast(Outlook(values=values, inside=inside, low=low, high=high, within=within, **facts)))


@FEW
@given(data=st.data())
def test_an_absurd_neighbour_disturbs_nobody(make, kind, data):
    """Others of the same batch are foreseen as if it were not there."""
    outlook = data.draw(make.outlook(kind))
    absurd = replace(outlook, values=outlook.values * 1e200, target=outlook.target * 1e100)

    assert make.same(forecasts([absurd, outlook, absurd])[1], forecast(outlook))
