"""A promise begins, is kept or missed at its close, or is retired; and then its verdict stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.health import Pulse
from collector.domain.judgement import evaluate
from collector.domain.okr import Retired
from collector.domain.sample import GapReason
from collector.domain.shape import Commitment, Total
from collector.domain.span import parse_span
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)

# -- the life of a promise


def test_before_its_start_a_cycle_is_a_draft(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start - timedelta(seconds=60), start - timedelta(seconds=2))

    assert series.previous.status is Status.DRAFT


@pytest.mark.parametrize(("share", "status"), [(0.95, Status.ACHIEVED), (0.5, Status.MISSED)])
def test_at_the_close_it_is_achieved_or_missed(make, lab, share, status):
    series = make.series(lab)

    seen = series.follow(make.pace(lab, share=share), lab.cycle.starts, lab.cycle.ends)

    assert seen[-1].status is status
    assert all(one.status not in (Status.ACHIEVED, Status.MISSED) for one in seen[:-1])


def test_a_committed_reach_misses_what_an_aspirational_one_achieves(make, lab):
    committed = replace(lab, commitment=Commitment.COMMITTED)
    series = make.series(committed)

    assert (
        series.follow(make.pace(lab, share=0.9), lab.cycle.starts, lab.cycle.ends)[-1].status is Status.MISSED
    )


def test_it_is_not_closed_before_its_last_day_is(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.ends - timedelta(seconds=2))

    assert series.judge(lab.cycle.ends + MOMENT).status not in (Status.ACHIEVED, Status.MISSED)
    series.read(lab.cycle.ends, 60.0)
    assert series.judge(lab.cycle.ends + MOMENT).status is Status.ACHIEVED


def test_it_stays_open_while_late_data_may_come(make, lab):
    settling = replace(lab, binding=replace(lab.binding, settle=parse_span("2d")))
    series = make.series(settling)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.ends + timedelta(seconds=10))

    assert series.previous.status not in (Status.ACHIEVED, Status.MISSED)
    series.read(lab.cycle.ends + timedelta(seconds=12), 60.0)
    assert series.judge(lab.cycle.ends + timedelta(seconds=12)).status is Status.ACHIEVED


def test_what_was_stale_at_the_close_was_not_achieved(make, lab):
    series, end = make.series(lab), lab.cycle.ends
    series.follow(lambda _: 30.0, lab.cycle.starts, end - timedelta(seconds=120))
    for slot in series.cadence.slots(end - timedelta(seconds=120), end):
        series.miss(slot, GapReason.NO_DATA)

    seen = series.judge(end + timedelta(seconds=60))

    assert (seen.status, seen.reasons) == (Status.MISSED, ("the data was stale at the close",))


def test_what_was_never_read_was_missed(make, lab):
    assert make.series(lab).judge(lab.cycle.ends + timedelta(seconds=60)).status is Status.MISSED


def test_a_count_taken_after_the_close_does_not_change_it(make):
    promise = make.total(shape=Total(at_most=3))
    promise = replace(promise, binding=replace(promise.binding, settle=parse_span("3d")))
    series, grid = make.series(promise), promise.cycle.grid
    for number in range(1, promise.cycle.days + 1):
        series.read(grid.starts(number), 3.0)
    for number in range(1, 4):
        series.read(grid.starts(promise.cycle.days + number), 5.0)

    assert series.judge(grid.starts(promise.cycle.days + 3) + MOMENT).status is Status.ACHIEVED


def test_after_the_close_the_verdict_stays(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.ends)

    later = series.judge(lab.cycle.ends + timedelta(days=30))

    assert later.status is Status.ACHIEVED
    assert later.frozen_since is None
    assert not later.sentence.startswith("Stale")


def test_a_retired_one_says_why(make, lab):
    retired = replace(lab, retired=Retired(date(2026, 11, 1), "the service is gone"))
    series = make.series(retired)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.starts + timedelta(seconds=60))

    assert series.previous.status is Status.RETIRED
    assert series.previous.reasons == ("retired on 2026-11-01: the service is gone",)


def test_its_own_deadline_counts_instead_of_the_end_of_the_cycle(make, lab):
    hurried = replace(lab, deadline=lab.cycle.grid.starts(50))
    series = make.series(hurried)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.starts + timedelta(seconds=150))

    assert (series.previous.days, series.previous.expected) == (50, 0.5)


def test_at_its_own_deadline_it_is_judged_for_good(make, lab):
    hurried = replace(lab, deadline=lab.cycle.grid.starts(50))
    series = make.series(hurried)
    seen = series.follow(lambda _: 60.0, lab.cycle.starts, lab.cycle.starts + timedelta(seconds=300))

    assert seen[-1].status is Status.ACHIEVED
    assert Status.ACHIEVED not in {one.status for one in seen[:-1]}
    assert series.follow(lambda _: 500.0, seen[-1].at, lab.cycle.ends)[-1].status is Status.ACHIEVED


def test_what_is_not_measured_is_refused_with_its_reason(make, lab):
    unbound = replace(lab, binding=None, not_run="keep is not measured yet")

    with pytest.raises(ValueError, match="keep is not measured yet"):
        evaluate(unbound, make.series(lab).history(lab.cycle.starts), lab.cycle.starts)


def test_a_pulse_tells_its_three_times(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    pulse = Pulse(
        start + timedelta(seconds=9), start + timedelta(seconds=8), start + timedelta(seconds=6), None
    )
    seen = series.judge(start + timedelta(seconds=9), pulse=pulse)

    assert (seen.attempted, seen.succeeded, seen.as_of) == (pulse.attempted, pulse.succeeded, pulse.as_of)


def test_recovering_says_how_far(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(lambda _: 500.0, start, start + timedelta(seconds=48))
    series.follow(lambda _: 30.0, start + timedelta(seconds=48), start + timedelta(seconds=78))

    assert series.previous.status is Status.OFF_TRACK
    assert series.previous.reasons == ("recovering 3/7",)


def test_off_track_is_not_left_before_the_next_sync(make, lab):
    seldom = replace(lab, calendar=make.calendar(lab.cycle, every=28))
    series, start = make.series(seldom), lab.cycle.starts
    series.follow(lambda _: 500.0, start, start + timedelta(seconds=6 * 8))
    series.follow(lambda _: 30.0, start + timedelta(seconds=6 * 8), start + timedelta(seconds=6 * 27))
    assert series.previous.status is Status.OFF_TRACK

    series.follow(lambda _: 30.0, start + timedelta(seconds=6 * 27), start + timedelta(seconds=6 * 28))

    assert series.previous.status is Status.ON_TRACK


def test_a_quarter_of_calendar_days_counts_its_days_over_a_change_of_the_clock(make, quarter):
    series = make.series(quarter)
    series.follow(make.pace(quarter), quarter.cycle.starts, datetime(2026, 11, 1, tzinfo=UTC))

    assert series.previous.day == 31
    assert series.previous.coverage == 1.0
