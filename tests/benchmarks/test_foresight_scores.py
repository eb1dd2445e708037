"""The figures of a forecaster, on cases whose answer is known by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.foresight_intervals import gains, mean_interval
from benchmarks.foresight_machine import alerts, off_track
from benchmarks.foresight_scores import (
    Said,
    alert_figures,
    brier,
    calibration_error,
    figures,
    log_loss,
)
from collector.domain.drift_policy import DEFAULT, DriftPolicy
from collector.domain.shape import Commitment
from collector.domain.status import DayVerdict, Drift, Status, step_day

DAYS = np.arange(7, 85)


def alert(*spans):
    """On from the first to before the last day of each span, of a quarter's daily verdicts."""
    return np.array([any(begins <= day < ends for begins, ends in spans) for day in DAYS])


def said(p, hit, likely=None):
    shown = np.asarray(p, dtype=float)
    ranges = np.full_like(shown, np.nan) if likely is None else np.asarray(likely, dtype=float)
    return Said(np.asarray(hit), shown, ranges, ranges)


def test_brier_and_log_loss_are_means_over_all_that_was_said():
    p, came = np.array([[0.8, 0.5], [0.0, 0.5]]), np.array([[True, True], [False, False]])

    assert brier(p, came) == pytest.approx((0.04 + 0.25 + 0 + 0.25) / 4)
    assert log_loss(p, came) == pytest.approx(-(np.log(0.8) + 2 * np.log(0.5) + np.log(0.995)) / 4)


def test_what_comes_as_often_as_said_is_without_calibration_error():
    p = np.repeat(np.arange(0.05, 1.0, 0.1), 20)[:, None]
    came = np.concatenate([np.arange(20) < round(20 * one) for one in np.arange(0.05, 1.0, 0.1)])[:, None]

    assert calibration_error(p, came) == pytest.approx(0.0)
    assert calibration_error(np.full((20, 1), 0.9), np.zeros((20, 1), dtype=bool)) == pytest.approx(0.9)


def test_nothing_said_scores_as_a_coin():
    assert figures(said([[np.nan]], [True]))["brier"] == 0.25


def test_covers_are_told_of_the_ranges_there_are():
    told = figures(said([[0.5, 0.5], [0.5, 0.5]], [True, False], [[1, 0], [1, np.nan]]))

    assert told["cover50"] == pytest.approx(2 / 3)
    assert "cover50" not in figures(said([[0.5]], [True]))


def test_alerts_of_four_key_results_give_figures_known_by_hand():
    on = np.stack(
        [
            alert((28, 85)),  # a miss, told 9 weeks before the close
            alert((14, 21), (77, 85)),  # a miss, told twice: the second time 2 weeks before
            alert((14, 35)),  # a hit, and a false alarm
            alert(),  # a miss that nobody told
            alert((49, 63)),  # a miss, taken back
        ]
    )
    hit = np.array([False, False, True, False, False])

    assert alert_figures(alerts(on, DAYS, 91), hit) == {
        "precision": 3 / 4,
        "recall": 2 / 4,
        "notice_4w": 1 / 4,
        "lead_median_weeks": 1.0,  # of 9, 2, 0 and 0
        "false_alarms": 1 / 5,
        "flaps": 1 / 5,
    }


def test_no_alert_at_all_has_no_precision():
    told = alert_figures(alerts(np.stack([alert()]), DAYS, 91), np.array([False]))

    assert np.isnan(told["precision"])
    assert (told["recall"], told["lead_median_weeks"]) == (0.0, 0.0)


probabilities = st.lists(
    st.one_of(st.none(), st.sampled_from([0.1, 0.19, 0.2, 0.3, 0.5, 0.6, 0.7, 0.9])), min_size=78, max_size=78
)
policies = st.one_of(
    st.sampled_from(list(DEFAULT.values())),
    st.builds(DriftPolicy, days=st.integers(1, 4), back=st.integers(1, 9)),
)


@given(probabilities, policies)
def test_the_machine_steps_as_krd_does(p, policy):
    drift, theirs, raised = Drift(), [], 0
    for day, said_of_day in zip(DAYS, p, strict=True):
        verdict = DayVerdict(
            day=int(day),
            at=datetime(2026, 10, 1, tzinfo=UTC),
            p_hit=said_of_day,
            ahead=True,
            judged=True,
            covered=True,
            sync_passed=bool(day // 7 > raised // 7),
        )
        before, drift = drift.status, step_day(drift, verdict, policy)
        if drift.status is Status.OFF_TRACK and before is not Status.OFF_TRACK:
            raised = day
        theirs.append(drift.status is Status.OFF_TRACK)
    row = np.array([[np.nan if one is None else one for one in p]])

    assert off_track(row, DAYS, policy)[0].tolist() == theirs


def test_three_low_days_raise_and_seven_high_ones_past_a_sync_clear():
    p = np.full((1, 78), 0.9)
    p[0, 20:23] = 0.1  # days 27, 28 and 29

    on = DAYS[off_track(p, DAYS, DEFAULT[Commitment.ASPIRATIONAL])[0]]

    assert (on[0], on[-1]) == (29, 35)  # the seventh high day is 36, and the sync of day 35 has passed


def test_an_interval_holds_the_mean_and_narrows_with_more_tasks():
    draw = np.random.default_rng(3)
    few, many = (mean_interval(draw.normal(1.0, 1.0, count), seed=1) for count in (50, 5000))

    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_a_gain_is_positive_where_ours_is_nearer_to_the_truth():
    hit = np.arange(200) % 2 == 0
    good = said(np.where(hit, 0.8, 0.2)[:, None], hit, np.arange(200)[:, None] % 2)
    poor = said(np.full((200, 1), 0.5), hit, np.ones((200, 1)))
    found = gains(good, poor, seed=1)

    assert found["brier"].value == pytest.approx(0.21)
    assert found["brier"].low > 0
    assert found["cover50"].low > 0  # half are held by the one, all by the other
    assert gains(poor, good, seed=1)["brier"].high < 0


def test_equal_forecasters_gain_nothing():
    hit = np.arange(60) % 3 == 0
    one = said(np.full((60, 2), 0.4), hit)

    assert {(gain.value, gain.low, gain.high) for gain in gains(one, one, seed=1).values()} == {
        (0.0, 0.0, 0.0)
    }
