"""The rule of OKR tools: a straight line, the last reading, 16.5 points."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.foresight_naive import as_probability, behind, calibrated, gaps
from benchmarks.foresight_noise import Readings
from benchmarks.foresight_play import syncs
from benchmarks.foresight_tasks import Population, Task, tasks
from collector.domain.forecasting.outlook import HISTORY, Form, Scale

DAYS = np.array([5, 10])


def key_result(form, values, past=np.nan, den=None, **more):
    series = np.concatenate([np.full(HISTORY, past), np.asarray(values, dtype=float)])
    parts = (series, np.concatenate([np.full(HISTORY, np.nan), den])) if den is not None else ()
    read = Readings(series / parts[1] if parts else series, *parts)
    given = {"target": 20.0, "baseline": 10.0, "rising": True} | more
    return Task("made", "made", form, Scale.PLAIN, len(values), 1, read=read, true=read, **given)


def test_a_level_is_behind_by_its_last_reading():
    values = [11.0, 12.0, 13.0, 14.0, np.nan, *[14.0] * 15]

    assert gaps([key_result(Form.LEVEL, values)], DAYS)[0] == pytest.approx([0.25 - 0.4, 0.5 - 0.4])


def test_a_level_that_was_never_read_is_at_its_baseline():
    assert gaps([key_result(Form.LEVEL, [np.nan] * 20)], DAYS)[0] == pytest.approx([0.25, 0.5])


def test_a_budget_is_behind_when_it_is_used_up_too_fast():
    used = key_result(Form.AT_MOST, [2.0] * 20, target=20.0, rising=False)
    earned = key_result(Form.AT_LEAST, [2.0] * 20, target=20.0)

    assert gaps([used, earned], DAYS) == pytest.approx(np.array([[0.25, 0.5], [-0.25, -0.5]]))


def test_a_stay_is_behind_when_its_last_reading_is_out_of_the_band():
    outside = key_result(Form.STAY, [1.0] * 9 + [9.0] * 11, low=0.0, high=5.0, target=0.9)

    assert gaps([outside], DAYS).tolist() == [[0.0, 1.0]]


def test_an_error_budget_is_behind_when_the_last_day_burns_more_than_allowed():
    bad = key_result(Form.EVENTS, [1.0] * 9 + [3.0] * 11, den=np.full(20, 100.0), target=0.02, rising=False)

    assert gaps([bad], DAYS).tolist() == [[0.0, 1.0]]


def test_the_line_is_sixteen_and_a_half_points():
    assert behind(np.array([0.165, 0.1651])).tolist() == [False, True]
    assert as_probability(np.array([0.1, 0.2])).tolist() == [0.8, 0.2]


def test_no_reading_to_come_changes_a_gap():
    made = tasks(5, 40, Population())
    for one in made:
        before = gaps([one], np.array([14]))
        for series in (one.read.values, one.read.num, one.read.den):
            series[HISTORY + 14 :] = 1e6
        assert np.array_equal(gaps([one], np.array([14])), before)


def test_calibration_makes_the_gap_honest_where_it_was_learned():
    made, days = tasks(101, 400, Population()), syncs(91)
    gap, hit = gaps(made, days), np.array([one.hit for one in made])[:, None]
    p = calibrated(made, days).p(made, gap, days)

    assert np.mean((p - hit) ** 2) < np.mean((as_probability(gap) - hit) ** 2) - 0.02
    assert p.mean() == pytest.approx(hit.mean(), abs=0.02)
