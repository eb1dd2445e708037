"""What a forecast was computed from adds up to what it says."""

import json
from math import exp, log, nan, sin

import numpy as np
import pytest

from collector.domain.forecasting import counts, stays
from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.launches import PRIOR
from collector.domain.forecasting.outlook import Form, Launch, Outlook, Scale

FALLING = [900 - 4.5 * n + 10 * sin(n) for n in range(40)]


def latency(*values, **known):
    """A reach from 900 to 450, with 28 days before it."""
    past = [900 + 10 * sin(n) for n in range(28)]
    return Outlook(
        Form.LEVEL, np.array([*past, *values]), today=len(values), length=92, target=450, baseline=900,
        rising=False, window=7, **known,
    )  # fmt: skip


def counted(form, *added, target):
    return Outlook(
        form, np.array(added, float), first=0, today=len(added), length=92, target=target, whole=True
    )


@pytest.mark.parametrize("scale", [Scale.PLAIN, Scale.LOG])
@pytest.mark.parametrize("launches", [(), (Launch(60, 0.3),)])
def test_the_change_a_day_is_that_of_the_days_of_the_plan_and_of_launches(scale, launches):
    ahead = forecast(latency(*FALLING, scale=scale, launches=launches))
    model = ahead.model

    assert model["trend"] + model["plan"] + model["launches"] == pytest.approx(ahead.drift)
    assert (abs(model["launches"]) > 1e-6) == bool(launches)
    assert model["plan"] < 0


def test_a_level_lands_where_the_days_to_come_are_expected():
    ahead = forecast(latency(*FALLING))

    assert ahead.model["ahead"] == 7
    assert ahead.model["expected"] == pytest.approx(ahead.landing)
    assert ahead.model["low"] < ahead.model["expected"] < ahead.model["high"]


def test_the_days_to_come_must_bring_what_the_known_ones_of_the_window_do_not():
    days = [900 - 4.9 * n for n in range(88)]
    known = [470.0, 470.0, 470.0]

    model = forecast(latency(*days[:85], *known)).model

    assert model["needed"] == pytest.approx((450 * 7 - sum(known)) / 4)


def test_an_aspirational_promise_needs_its_share_of_the_way():
    assert forecast(latency(*FALLING, aspirational=True)).model["needed"] == pytest.approx(900 - 0.7 * 450)


def test_what_is_believed_of_launches_adds_up():
    before = forecast(latency(*FALLING, launches=(Launch(60, 0.3),))).model
    declared_late = forecast(latency(*[900.0] * 45, launches=(Launch(40, 0.8),))).model

    assert (before["as_declared"], before["late"]) == pytest.approx((PRIOR["as declared"], PRIOR["late"]))
    assert before["launch"] == pytest.approx(before["as_declared"] + before["late"])
    assert before["surprise"] == 0.0
    assert declared_late["as_declared"] < 0.05 < declared_late["late"]


def test_the_scale_that_was_taken_is_told():
    falling = [900 * exp(-0.007 * n) for n in range(40)]
    assert forecast(latency(*falling, scale=Scale.LOG)).model["scale"] == float(Scale.LOG)
    assert forecast(latency(*falling, 0.0, scale=Scale.LOG)).model["scale"] == float(Scale.PLAIN)


def test_a_count_tells_its_room_and_what_is_still_to_come():
    model = forecast(counted(Form.AT_MOST, *[0, 0, 1] * 10, target=16)).model

    assert model["need"] == 6
    assert model["expected"] > model["rate"] * 60


def agreed(one, other, steepness):
    """Half-way between both in logits, and steeper where that is more likely than not."""
    logit = (log(one / (1 - one)) + log(other / (1 - other))) / 2
    return 1 / (1 + exp(-logit * (steepness if logit > 0 else 1)))


@pytest.mark.parametrize(("a_day", "likely"), [(11, True), (9, False)])
def test_a_count_to_be_reached_is_what_its_two_models_agree_on(a_day, likely):
    ahead = forecast(counted(Form.AT_LEAST, *[a_day] * 40, target=1000))
    model = ahead.model

    assert ahead.p_full == pytest.approx(agreed(model["by_rate"], model["by_trend"], counts.STEEPNESS))
    assert (ahead.p_full > 0.5) == likely
    assert model["need"] == 1000 - 40 * a_day


@pytest.mark.parametrize(("allowed", "likely"), [(35, True), (24, False)])
def test_a_band_tells_both_models_and_what_may_still_be_out(allowed, likely):
    stay = Outlook(
        Form.STAY, np.array([150.0, 190.0, 201.0] * 10), inside=np.array([1.0, 1.0, 0.0] * 10), first=0, today=30,
        length=92, high=200.0, target=float(allowed),
    )  # fmt: skip
    ahead = forecast(stay)
    model = ahead.model

    assert ahead.p_full == pytest.approx(
        agreed(model["odds_by_trend"], model["odds_by_share"], stays.STEEPNESS)
    )
    assert (ahead.p_full > 0.5) == likely
    assert (model["out"], model["allowed"]) == (10, allowed)


@pytest.mark.parametrize(
    "outlook",
    [
        latency(*FALLING, nan, nan),
        latency(*[900.0] * 30, scale=Scale.LOG),
        counted(Form.AT_MOST, *[0] * 20, target=0),
        counted(Form.AT_LEAST, *[0] * 20, target=5),
        Outlook(
            Form.EVENTS,
            np.array([0.0] * 9),
            den=np.array([10.0] * 9),
            first=0,
            today=9,
            length=30,
            window=30,
            target=0.01,
        ),
    ],
)
def test_every_number_of_a_forecast_can_be_kept(outlook):
    assert json.loads(json.dumps(forecast(outlook).document(), allow_nan=False))
