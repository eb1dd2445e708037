"""What the plan knows and no history does: its pace, and declared launches until the day shows otherwise."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.forecasting.forecasts import forecast
from collector.domain.forecasting.outlook import HISTORY, Form, Launch, Outlook

FEW = settings(max_examples=12, deadline=None)


def flat(make, today):
    return make.quarter(100 + make.wobble(HISTORY + today))


def course(*points, days=91):
    """The share of the way at the close of each day, linear between (day, share)."""
    at, share = zip((0, 0.0), *points, (days, 1.0), strict=True)
    return np.interp(np.arange(1, days + 1), at, share)


def counted(today, rate=1.0):
    return Outlook(Form.AT_LEAST, np.full(HISTORY + today, rate) + np.arange(HISTORY + today) % 2, today, 91, 160.0, whole=True)  # fmt: skip


@pytest.mark.parametrize("start", ["level", "count"])
@pytest.mark.parametrize("today", [0, 10, 30, 59])
def test_a_launch_to_come_raises_the_probability(make, start, today):
    outlook = flat(make, today) if start == "level" else counted(today)

    launched = forecast(replace(outlook, launches=(Launch(60, 1.0),)))

    assert launched.p_full > forecast(outlook).p_full + 0.005


def test_the_greater_a_launch_the_likelier_the_promise(make):
    chances = [
        forecast(replace(flat(make, 30), launches=(Launch(50, share),))).p_full for share in (0.25, 0.5, 1.0)
    ]

    assert chances == sorted(chances)


@pytest.mark.parametrize("days", [7, 14])
def test_a_launch_whose_day_passes_without_it_is_forgotten(make, days):
    """Late is two weeks later: until then some hope is left, and then none."""
    launch = Launch(30, 1.0)
    before = forecast(replace(flat(make, 29), launches=(launch,)))

    after = forecast(replace(flat(make, 30 + days), launches=(launch,)))
    forgotten = forecast(replace(flat(make, 60), launches=(launch,)))

    assert after.model["as_declared"] < 0.2 * before.model["as_declared"]
    assert after.p_full < before.p_full
    assert forgotten.model["launch"] < 0.05
    assert forgotten.p_full < 0.05


def test_a_launch_that_came_is_believed(make):
    values = 100 + make.wobble(HISTORY + 45)
    values[HISTORY + 30 :] -= 60

    ahead = forecast(make.quarter(values, launches=(Launch(30, 1.0),)))

    assert ahead.model["as_declared"] > 0.9


def test_a_launch_that_came_late_is_believed_to_be_late(make):
    values = 100 + make.wobble(HISTORY + 60)
    values[HISTORY + 44 :] -= 60

    ahead = forecast(make.quarter(values, launches=(Launch(30, 1.0),)))

    assert ahead.model["late"] > 0.9


@FEW
@given(data=st.data())
def test_a_launch_after_the_close_brings_nothing(make, data):
    """Nobody who declares launches keeps one back, so the surprise is what differs from no declaration at all."""
    outlook = data.draw(make.outlook("plain", length=91, launches=(Launch(500, 1.0),)))
    twice = replace(outlook, launches=(Launch(500, 1.0), Launch(600, 0.3)))

    assert make.same(forecast(twice), forecast(outlook))


@FEW
@given(data=st.data())
def test_the_order_of_launches_does_not_matter(make, level, data):
    one, other = Launch(20, 0.4), Launch(50, 0.3)
    outlook = data.draw(make.outlook(level, length=91, launches=(one, other)))

    assert make.same(forecast(replace(outlook, launches=(other, one))), forecast(outlook))


@FEW
@given(data=st.data())
def test_a_linear_course_is_what_is_taken_without_one(make, kind, data):
    outlook = data.draw(make.outlook(kind, length=91, start=0, course=np.empty(0)))

    assert make.same(forecast(replace(outlook, course=course())), forecast(outlook))


@pytest.mark.parametrize("today", [20, 40, 60])
def test_a_level_that_stands_is_likelier_to_arrive_the_later_its_plan_moves(make, today):
    early, linear, late = course((30, 0.9)), course(), course((61, 0.1))

    chances = [forecast(replace(flat(make, today), course=plan)).p_full for plan in (early, linear, late)]

    assert chances == sorted(chances)
    assert chances[0] < chances[2]


@pytest.mark.parametrize("today", [20, 40])
def test_points_of_a_plan_pull_the_landing_as_far_as_they_lie_ahead(make, today):
    """At these days the points ask for less or more of the way to come than a straight line does."""
    steep, shallow = course((61, 0.1)), course((19, 0.9))
    drifts = [forecast(replace(flat(make, today), course=plan)).model["plan"] for plan in (steep, shallow)]

    assert drifts[0] < drifts[1] < 0


@pytest.mark.parametrize("today", [10, 40, 70])
def test_the_more_effort_is_believed_in_the_likelier_the_promise(make, today):
    chances = [forecast(replace(flat(make, today), belief=belief)).p_full for belief in (0.0, 0.3, 1.2)]

    assert chances == sorted(chances)


def test_on_the_first_day_a_plan_is_undecided(make):
    assert 0.05 < forecast(flat(make, 0)).p_full < 0.95


def test_on_the_first_day_a_target_that_history_already_has_is_likely(make):
    assert forecast(make.quarter(30 + make.wobble(HISTORY))).p_full > 0.7


def test_on_the_first_day_a_target_far_beyond_all_that_ever_moved_is_unlikely(make):
    """The baseline is where history is; nobody works on it."""
    ahead = forecast(make.quarter(100 + make.wobble(HISTORY), target=-1e4, belief=0.0))

    assert ahead.p_full < 0.25
