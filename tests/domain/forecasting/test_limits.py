"""Where values cannot go, a forecast does not go either: edges of bands, ceilings, floors, and what is used already."""

import numpy as np
import pytest

from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import HISTORY, Form, Outlook, Scale


def keep(value, edge, allowed=1.0, days=30, rising=False):
    """A keep whose values stand still, on no day out of the band."""
    values = np.full(HISTORY + days, float(value))
    band = {"low": edge} if rising else {"high": edge}
    return Outlook(Form.STAY, values, days, 92, allowed, inside=np.ones_like(values), **band)


@pytest.mark.parametrize(("value", "rising"), [(0.0, False), (200.0, False), (100.0, True)])
def test_what_lies_on_the_edge_of_its_band_is_in_it(value, rising):
    early, late = (forecast(keep(value, value, days=days, rising=rising)) for days in (3, 60))

    assert early.p_full > 0.2
    assert late.p_full > 0.5
    assert late.landing <= 1


def test_a_model_says_when_its_values_lie_on_an_edge_of_the_band():
    edgy, inside = (forecast(keep(value, 200.0)).model for value in (200.0, 150.0))

    assert (edgy["edgy"], inside["edgy"]) == (1.0, 0.0)
    assert edgy["odds_by_trend"] == pytest.approx(edgy["odds_by_share"])


def test_a_band_that_is_never_left_is_likelier_kept_the_longer_that_goes():
    chances = [forecast(keep(200.0, 200.0, days=days)).p_full for days in (5, 30, 60, 85)]

    assert chances == sorted(chances)


def share(values, *, baseline=60.0, target=100.0):
    known = np.asarray(values, dtype=float)
    return Outlook(
        Form.LEVEL,
        known,
        len(known),
        92,
        target,
        baseline=baseline,
        first=0,
        window=7,
        factor=100.0,
        ceiling=100.0,
    )


def test_a_percentage_lands_at_a_hundred_at_most():
    ahead = forecast(share([60 + 0.8 * n for n in range(45)]))

    assert ahead.landing <= 100
    assert ahead.wide[1] <= 100


def test_what_is_to_fall_below_zero_may_land_there():
    values = np.array([20 - 0.5 * n for n in range(30)])
    falling = Outlook(Form.LEVEL, values, 30, 92, -20.0, rising=False, baseline=20.0, first=0, window=7)

    assert forecast(falling).landing < 0


@pytest.mark.parametrize("scale", [Scale.PLAIN, Scale.LOG])
def test_by_its_past_alone_a_far_target_is_far(scale):
    drawn = np.random.default_rng(3).normal(900.0, 12.0, HISTORY)
    facts = {"rising": False, "baseline": 900.0, "window": 7, "scale": scale, "belief": 0.0}
    far, near = (
        forecast(Outlook(Form.LEVEL, drawn, 0, 92, target, planned=False, **facts)).p_full
        for target in (100.0, 895.0)
    )

    assert far < 0.05 < near
    assert forecast(Outlook(Form.LEVEL, drawn, 0, 92, 100.0, **facts)).p_full > far


def test_bad_events_a_day_are_told_as_a_share_of_all():
    bad = np.full(40, 28.0)
    ahead = forecast(Outlook(Form.EVENTS, bad, 40, 92, 0.01, first=0, window=92, den=np.full(40, 10_000.0)))

    assert ahead.drift == pytest.approx(28 / (92 * 10_000), rel=0.05)
    assert ahead.step < ahead.landing
