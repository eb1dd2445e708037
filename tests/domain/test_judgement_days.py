"""A verdict rests on closed days, enough readings, a baseline, or a count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.judgement import evaluate
from collector.domain.sample import GapReason
from collector.domain.shape import Change, Measured, Reach, Total
from collector.domain.span import parse_span
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)

# -- closing days


def test_a_day_stays_open_while_its_slots_have_no_outcome(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=4))

    assert series.judge(start + timedelta(seconds=6.5)).day == 0
    series.read(start + timedelta(seconds=6), 120.0)
    assert series.judge(start + timedelta(seconds=6.5)).day == 1


def test_a_day_whose_slots_never_get_an_outcome_closes_when_its_data_would_be_stale(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=4))

    assert (
        series.judge(start + timedelta(seconds=12)).day == 0
    )  # three intervals, not yet an offset and an answer more
    assert series.judge(start + timedelta(seconds=13)).day == 1


def test_what_is_still_to_be_healed_holds_its_days_open(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=12))
    series.follow(lambda _: None, start + timedelta(seconds=12), start + timedelta(seconds=24))
    series.follow(make.pace(lab), start + timedelta(seconds=24), start + timedelta(seconds=60))
    assert series.previous.day == 2

    series.heal({start + timedelta(seconds=12 + 2 * n): 119.0 for n in range(1, 7)})

    assert series.judge(series.previous.at).day == 10


def test_a_cohort_closes_only_once_it_has_matured(make):
    every = parse_span("1d")
    promise = make.key_result(binding=make.binding(every=every, window=every, matures=parse_span("7d")))
    series, grid = make.series(promise), promise.cycle.grid
    for number in range(1, 10):
        series.read(grid.starts(number), 900.0)

    assert series.judge(grid.starts(9) + MOMENT).day == 2
    assert [one.day for one in series.history(grid.starts(9)).days] == list(range(-7, 2))


def test_nothing_is_judged_past_a_day_that_has_no_value_yet(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=60))
    at = series.previous.at
    days = [one if one.day < 7 else replace(one, value=None) for one in series.history(at).days]

    assert evaluate(lab, replace(series.history(at), days=days), at).day == 7


# -- coverage


def test_thin_data_caps_the_status_at_at_risk(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    good = make.pace(lab, share=3.0)
    seen = series.follow(good, start, start + timedelta(seconds=60))
    assert seen[-1].status is Status.ON_TRACK
    for number, slot in enumerate(
        series.cadence.slots(start + timedelta(seconds=60), start + timedelta(seconds=120))
    ):
        if number % 3 == 0:
            series.miss(slot, GapReason.NO_DATA)
        else:
            series.read(slot, good(slot))
        series.judge(slot + MOMENT)

    assert series.previous.status is Status.AT_RISK
    assert series.previous.coverage == pytest.approx(2 / 3)


def test_slots_before_the_first_reading_ever_were_not_due(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start + timedelta(seconds=18), start + timedelta(seconds=42))

    assert series.previous.coverage == 1.0


# -- baselines


def test_without_a_baseline_there_is_a_level_but_no_verdict(make, lab):
    measured = replace(lab, shape=Reach(Measured(), Change(-50.0, relative=True)))
    series = make.series(measured)
    series.follow(lambda _: 100.0, lab.cycle.starts, lab.cycle.starts + timedelta(seconds=60))
    seen = series.previous

    assert (seen.status, seen.level, seen.progress, seen.forecast) == (Status.NOT_STARTED, 100.0, None, None)
    assert "no baseline yet" in seen.reasons


def test_a_first_reading_shifts_the_pace_to_its_own_time(make, lab):
    began = lab.cycle.starts + timedelta(seconds=6 * 40)
    measured = replace(lab, shape=Reach(Measured(), Change(-50.0, relative=True)))
    series = make.series(measured, Baseline(BaselineKind.FIRST_READING, 120.0, at=began))

    seen = series.follow(lambda _: 120.0, began, began + timedelta(seconds=6 * 30))

    assert seen[-1].day == 70
    assert seen[-1].target == 60.0
    assert seen[-1].expected == pytest.approx(30 / 60)
    assert seen[-1].baseline_kind == "first_reading"
    assert {one.status for one in seen if one.day < 42} == {Status.NOT_STARTED}
    assert seen[-1].status is Status.OFF_TRACK


def test_a_baseline_frozen_in_time_keeps_the_pace_at_the_start(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.starts + timedelta(seconds=300))

    assert series.previous.expected == 0.5


# -- totals


def counting(make, shape, counts, **changes):
    promise = make.total(shape=shape, **changes)
    series = make.series(promise)
    for number, count in enumerate(counts, start=1):
        slot = promise.cycle.grid.starts(number)
        series.read(slot, float(count))
        series.judge(slot + MOMENT)
    return series.previous


def test_an_at_most_total_within_its_limit_is_on_track(make):
    seen = counting(make, Total(at_most=30), [0] * 20)

    assert (seen.status, seen.spent, seen.exceeded) == (Status.ON_TRACK, 0.0, False)


def test_an_at_most_total_past_its_limit_is_certain_and_goes_off_track(make):
    seen = counting(make, Total(at_most=3), [0, 1, 1, 2, 2, 3, 4, 4, 4])

    assert (seen.spent, seen.exceeded) == (4 / 3, True)
    assert seen.forecast.p_hit == 0.0
    assert seen.status is Status.OFF_TRACK


def test_exactly_the_limit_is_kept(make):
    seen = counting(make, Total(at_most=3), [3] * 5)

    assert (seen.spent, seen.exceeded) == (1.0, False)


def test_used_of_nothing_allowed_has_no_share(make):
    seen = counting(make, Total(at_most=0), [0, 0, 0, 0, 1])

    assert (seen.spent, seen.exceeded) == (None, True)


def test_an_at_least_total_is_a_reach_from_nothing(make):
    seen = counting(make, Total(at_least=92), list(range(1, 24)))

    assert (seen.progress, seen.expected, seen.weeks_ahead) == (0.25, 0.25, 0.0)
    assert seen.status is Status.ON_TRACK


def test_an_at_least_total_that_is_reached_is_certain(make):
    assert counting(make, Total(at_least=10), list(range(1, 12))).forecast.p_hit == 1.0


def test_a_total_is_judged_by_its_latest_count_open_day_included(make):
    promise = make.total(
        shape=Total(at_most=3), binding=replace(make.total().binding, every=parse_span("1h"))
    )
    series = make.series(promise)
    start = promise.cycle.starts
    series.follow(lambda _: 1.0, start, start + timedelta(days=2))
    series.read(start + timedelta(days=2, hours=1), 4.0)

    seen = series.judge(start + timedelta(days=2, hours=1, minutes=1))

    assert (seen.day, seen.level, seen.exceeded) == (2, 4.0, True)


def test_without_a_probability_a_total_goes_by_pace(make):
    assert counting(make, Total(at_least=1000), [1, 2]).status is Status.AT_RISK
    assert counting(make, Total(at_least=10), [5, 6]).status is Status.ON_TRACK
