"""What a reader would expect of plain cases: on pace, standing, jumping, mended."""

import numpy as np
import pytest

from collector.domain.forecasting.forecast import Forecast
from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import HISTORY


def way(make, today, *, share=1.0):
    """Quiet history at 100, then this share of the pace to 40 in 91 days."""
    values = 100 + make.wobble(HISTORY + today, 0.3)
    values[HISTORY:] -= share * 60 / 91 * (np.arange(today) + 1)
    return values


@pytest.mark.parametrize("today", [14, 30, 60, 85])
def test_the_more_of_its_pace_a_level_makes_the_likelier_it_is(make, today):
    chances = [forecast(make.quarter(way(make, today, share=share))).p_full for share in (0, 0.5, 1, 1.5, 2)]

    assert chances == sorted(chances)
    assert chances[-1] > 4 * chances[0]


@pytest.mark.parametrize("today", [60, 75, 85])
def test_what_runs_ahead_of_its_pace_late_in_the_cycle_is_likely(make, today):
    assert forecast(make.quarter(way(make, today, share=1.3))).p_full > 0.6


@pytest.mark.parametrize("today", [60, 75, 85])
def test_what_stands_late_in_the_cycle_is_unlikely(make, today):
    assert forecast(make.quarter(way(make, today, share=0.0))).p_full < 0.1


@pytest.mark.parametrize("rising", [True, False])
def test_the_farther_the_target_the_less_likely(make, rising):
    values = way(make, 40, share=0.7) if not rising else -way(make, 40, share=0.7)
    sign = 1 if rising else -1
    baseline = -100.0 if rising else 100.0

    chances = [
        forecast(
            make.quarter(values, baseline=baseline, target=baseline + sign * far, rising=rising, belief=0.0)
        ).p_full
        for far in (12, 24, 36, 48, 60)
    ]

    assert chances == sorted(chances, reverse=True)


def test_one_jump_does_not_buy_its_own_excuse(make):
    values = way(make, 40)
    jumped = np.append(values, values[-1] * 10)

    assert forecast(make.quarter(jumped)).step < 2 * forecast(make.quarter(values)).step


def test_a_jump_away_that_stays_is_believed(make):
    values = way(make, 60)
    values[-10:] += 300

    assert forecast(make.quarter(values)).p_full < 0.05


def test_a_jump_that_was_mended_is_believed(make):
    values = way(make, 80)
    values[-20:-10] += 300
    values[-10:] = 30 + make.wobble(10, 0.3)

    assert forecast(make.quarter(values)).p_full > 0.9


def test_days_of_the_last_window_that_are_over_narrow_the_range(make):
    def width(today):
        low, high = forecast(make.quarter(way(make, today))).wide
        return high - low

    widths = [width(today) for today in (60, 84, 87, 90)]
    assert widths == sorted(widths, reverse=True)


def test_the_day_on_which_the_target_is_crossed_comes_nearer(make):
    """A plan that slows down never crosses; one well ahead of its pace does, and not before it is there."""
    ahead = forecast(make.quarter(way(make, 40, share=1.8)))

    assert 40 <= ahead.crosses < 91


def test_a_count_that_stands_is_never_told_to_arrive(make):
    assert forecast(make.counted(np.zeros(HISTORY + 60), target=50.0)).crosses is None


def test_a_forecast_comes_back_from_its_document_the_same(make):
    ahead = forecast(make.quarter(way(make, 30)))

    assert Forecast.from_document(ahead.document()) == ahead
