"""Certainty is said of nothing but what no day to come can change; everything else stays within .01 and .99."""

import numpy as np
import pytest

from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import HISTORY, Form, Outlook, Scale


def counts(form, added, target, *, whole=True, today=50):
    """A history of nothing, then so much on the first day of the cycle and nothing after it."""
    values = np.zeros(HISTORY + today)
    values[HISTORY] = added
    return Outlook(form, values, today, 91, target, whole=whole)


def stay(out, allowed, *, today=50, within=0.0, length=91):
    """Days out of the band at the beginning of the cycle."""
    inside = np.ones(HISTORY + today)
    inside[HISTORY : HISTORY + out] = 0.0
    values = np.where(inside > 0, 10.0, 20.0)
    return Outlook(Form.STAY, values, today, length, float(allowed), inside=inside, low=5.0, high=15.0, within=within)  # fmt: skip


def level(values, target, *, rising, scale, window=7, **more):
    values = np.asarray(values, dtype=float)
    facts = {"baseline": float(values[0]), "window": window, "scale": scale, "rising": rising}
    return Outlook(Form.LEVEL, values, len(values) - HISTORY, 91, target, **{**facts, **more})


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("added", "decided"), [(31, True), (30, False), (0, False)])
def test_a_limit_is_broken_for_good_when_more_came_than_may(added, decided, whole):
    p = forecast(counts(Form.AT_MOST, added, 30.0, whole=whole)).p_full

    assert p == 0.0 if decided else 0.01 <= p <= 0.99


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("added", "decided"), [(31, True), (30, True), (29, False)])
def test_a_count_is_reached_for_good_when_as_much_came_as_is_asked(added, decided, whole):
    p = forecast(counts(Form.AT_LEAST, added, 30.0, whole=whole)).p_full

    assert p == 1.0 if decided else 0.01 <= p <= 0.99


def test_most_of_a_count_is_decided_before_all_of_it():
    ahead = forecast(counts(Form.AT_LEAST, 21, 30.0))

    assert ahead.p_most == 1.0
    assert ahead.p_full < 1.0


def test_whole_things_reach_a_share_of_them_by_whole_ones():
    """70 % of 9 are 6.3, which 6 are not."""
    assert forecast(counts(Form.AT_LEAST, 6, 9.0)).p_most < 1.0
    assert forecast(counts(Form.AT_LEAST, 7, 9.0)).p_most == 1.0


@pytest.mark.parametrize(("out", "allowed", "decided"), [(11, 10, True), (10, 10, False), (0, 10, False)])
def test_a_band_is_left_for_good_when_more_days_lay_out_than_may(out, allowed, decided):
    p = forecast(stay(out, allowed)).p_full

    assert p == 0.0 if decided else 0.01 <= p <= 0.99


@pytest.mark.parametrize(("out", "allowed", "decided"), [(0, 41, True), (5, 46, True), (0, 40, False)])
def test_a_band_is_kept_for_good_when_no_more_days_are_left_than_may_lie_out(out, allowed, decided):
    p = forecast(stay(out, allowed)).p_full

    assert p == 1.0 if decided else 0.01 <= p <= 0.99


@pytest.mark.parametrize("out", [1, 500])
def test_an_error_budget_is_never_decided_before_the_close(out):
    """How many events are still to come is not known."""
    den = np.full(HISTORY + 90, 1000.0)
    bad = np.zeros_like(den)
    bad[HISTORY : HISTORY + 90] = out

    outlook = Outlook(Form.EVENTS, bad, 90, 91, 0.01, window=91, den=den)

    assert 0.01 <= forecast(outlook).p_full <= 0.99


@pytest.mark.parametrize("scale", list(Scale))
def test_a_level_is_undecided_up_to_its_last_day(scale):
    values = np.concatenate([np.full(HISTORY + 84, 0.2), np.full(6, 0.55)])

    assert 0.5 < forecast(level(values, 0.5, rising=True, scale=scale)).p_full <= 0.99
    assert 0.01 <= forecast(level(values, 0.5, rising=False, scale=scale)).p_full < 0.5


@pytest.mark.parametrize(("rising", "p"), [(True, 1.0), (False, 0.0)])
def test_what_is_above_zero_is_decided_when_its_last_days_would_have_to_be_below(rising, p):
    """Six of seven days weigh so much that the seventh would have to be negative."""
    values = np.concatenate([np.full(HISTORY + 84, 100.0), np.full(6, 130.0)])

    assert forecast(level(values, 110.0, rising=rising, scale=Scale.LOG)).p_full == p


@pytest.mark.parametrize(("rising", "p"), [(True, 0.0), (False, 1.0)])
def test_a_share_is_decided_when_its_last_days_would_have_to_be_more_than_all(rising, p):
    values = np.concatenate([np.full(HISTORY + 84, 0.2), np.full(6, 0.3)])

    assert forecast(level(values, 0.6, rising=rising, scale=Scale.LOGIT)).p_full == p


@pytest.mark.parametrize(("rising", "p"), [(True, 1.0), (False, 0.0)])
def test_a_share_is_decided_when_its_last_days_would_have_to_be_less_than_nothing(rising, p):
    values = np.concatenate([np.full(HISTORY + 84, 0.2), np.full(6, 0.9)])

    assert forecast(level(values, 0.6, rising=rising, scale=Scale.LOGIT)).p_full == p


@pytest.mark.parametrize("scale", list(Scale))
@pytest.mark.parametrize("value", [0.125, 0.25, 0.3, 0.5])
@pytest.mark.parametrize("rising", [True, False])
def test_equality_is_met_by_what_stands_still_in_every_scale(scale, value, rising):
    """Also at 1, whose logarithm is nothing, and at a half, whose logit is."""
    outlook = level(np.full(HISTORY + 60, value), value, rising=rising, scale=scale)

    assert forecast(outlook).p_full == 0.99


def test_a_limit_of_nothing_is_kept_until_something_comes():
    assert forecast(counts(Form.AT_MOST, 0.0, 0.0, whole=False)).p_full > 0.5
    assert forecast(counts(Form.AT_MOST, 0.5, 0.0, whole=False)).p_full == 0.0
