"""Several cycles, promises that change, days judged anew, and a last word that waits for late data."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.pace import WorkingDays
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span, parse_span
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)
DAY = timedelta(days=1)


@pytest.fixture
def settling(quarter):
    """Read once a day; late rows are read again for three days."""
    return replace(quarter, binding=replace(quarter.binding, settle=parse_span("3d")))


def closed(make, promise):
    """Everything of the quarter is read, and reached."""
    series = make.series(promise)
    for number in range(1, promise.days + 1):
        series.read(promise.cycle.grid.starts(number), 450.0)
    return series


# -- the first day


def test_what_a_draft_was_worth_is_not_said_of_its_first_day(make, quarter):
    """Read once a week, so that no day closes as the cycle begins."""
    weekly = replace(quarter, binding=replace(quarter.binding, every=Span(days=7), window=Span(days=7)))
    series, begins = make.series(weekly), weekly.cycle.starts
    for number, slot in enumerate(series.cadence.slots(begins - 36 * DAY, begins - MOMENT)):
        series.read(slot, 880.0 + 10 * (number % 3))

    draft = series.judge(begins - MOMENT)
    begun = series.judge(begins + DAY / 2, changed=False)
    afresh = series.judge(begins + DAY / 2)

    assert (draft.status, begun.status) == (Status.DRAFT, Status.NOT_STARTED)
    assert begun.forecast == afresh.forecast != draft.forecast


# -- the last word


def test_the_last_word_waits_until_late_data_was_read_again(make, settling):
    series, ends = closed(make, settling), settling.cycle.ends

    waiting = series.judge(ends + 3 * DAY + MOMENT, settled=ends - DAY)

    assert waiting.status not in (Status.ACHIEVED, Status.MISSED)
    assert "what may have come late is still to be read again" in waiting.reasons
    assert series.judge(ends + 3 * DAY + MOMENT, settled=ends).status is Status.ACHIEVED


def test_the_last_word_waits_no_longer_than_data_may_age(make, settling):
    series, ends = closed(make, settling), settling.cycle.ends

    assert series.judge(ends + 6 * DAY - MOMENT, settled=None).status is not Status.ACHIEVED
    answered = timedelta(minutes=2)  # the offset of the source, and the time of an answer
    assert series.judge(ends + 6 * DAY + answered, settled=None).status is Status.ACHIEVED


def test_what_cannot_be_read_again_is_not_waited_for(make, settling):
    now_only = replace(settling, binding=replace(settling.binding, answers_the_past=False))
    series, ends = closed(make, now_only), settling.cycle.ends

    assert series.judge(ends + 3 * DAY, settled=None).status is Status.ACHIEVED


# -- days judged anew


def test_all_days_are_judged_anew_after_a_restatement(make, lab):
    series = make.series(lab)
    series.follow(lambda _: 500.0, lab.cycle.starts, lab.cycle.grid.starts(20))
    assert series.previous.status is Status.OFF_TRACK
    for slot in list(series.samples):
        series.read(slot, make.pace(lab, share=1.5)(slot))
    at = series.previous.at

    assert series.judge(at).status is Status.OFF_TRACK
    assert series.judge(at, restep=True).status is Status.ON_TRACK


def test_judging_anew_says_what_would_have_been_said(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab, share=-1.0), lab.cycle.starts, lab.cycle.grid.starts(40))
    seen = series.previous

    assert series.judge(seen.at, restep=True, changed=False) == seen


# -- a promise that changed


def test_both_scores_are_told_when_the_promise_changed(make, quarter):
    first = replace(quarter, shape=Reach(Typed(900.0), 225.0), commitment=Commitment.COMMITTED).promise
    series = make.series(quarter)
    for number in range(1, 24):
        series.read(quarter.cycle.grid.starts(number), 675.0)

    seen = series.judge(quarter.cycle.grid.starts(23) + MOMENT, first_promise=first)

    assert (seen.score, seen.first_score) == (0.5, pytest.approx(1 / 3))
    assert seen.sentence.endswith("score 0.50, by the promise as first made 0.33")


def test_a_promise_that_is_still_the_first_has_one_score(make, quarter):
    series = make.series(quarter)
    series.read(quarter.cycle.grid.starts(1), 675.0)

    seen = series.judge(quarter.cycle.grid.starts(1) + MOMENT, first_promise=quarter.promise)

    assert (seen.score, seen.first_score) == (0.5, None)


# -- several cycles


@pytest.fixture
def years(make, quarter):
    """The annual company of 2026, the quarter that ends with it, the one after it, and the year after it."""
    cycles = {
        "2026": make.cycle(date(2026, 1, 1), 365),
        "2026-Q4": make.cycle(),
        "2027-Q1": make.cycle(date(2027, 1, 1), 90),
        "2027": make.cycle(date(2027, 1, 1), 365),
    }
    return {
        name: make.series(replace(quarter, cycle=cycle, calendar=make.calendar(cycle)))
        for name, cycle in cycles.items()
    }


def read_through(years, last):
    """Read each midnight of Berlin up to `last` in every cycle that has begun, and judge all after it."""
    for series in years.values():
        start = series.promise.cycle.starts
        for slot in series.cadence.slots(start, last):
            series.read(slot, 675.0)
    return {name: series.judge(last + MOMENT) for name, series in years.items()}


def midnight(*day):
    return datetime(*day, tzinfo=UTC) - timedelta(hours=1)


def test_on_the_last_day_one_cycle_ends_and_the_next_is_a_draft(years):
    seen = read_through(years, midnight(2026, 12, 31))

    assert {name: one.day for name, one in seen.items()} == {
        "2026": 364,
        "2026-Q4": 91,
        "2027-Q1": 0,
        "2027": 0,
    }
    assert seen["2027-Q1"].status is seen["2027"].status is Status.DRAFT
    assert seen["2026-Q4"].status not in (Status.ACHIEVED, Status.MISSED, Status.DRAFT)
    assert seen["2027-Q1"].score is None


def test_on_the_first_of_january_the_old_are_judged_for_good_and_the_new_begin(years):
    seen = read_through(years, midnight(2027, 1, 1))

    assert {name: (one.day, one.status) for name, one in seen.items()} == {
        "2026": (365, Status.MISSED),
        "2026-Q4": (92, Status.MISSED),
        "2027-Q1": (0, Status.NOT_STARTED),
        "2027": (0, Status.NOT_STARTED),
    }
    assert seen["2026-Q4"].score == 0.5


def test_a_week_into_january_only_the_new_are_judged(years):
    seen = read_through(years, midnight(2027, 1, 8))

    assert (seen["2026-Q4"].day, seen["2026-Q4"].status) == (92, Status.MISSED)
    assert (seen["2027-Q1"].day, seen["2027-Q1"].progress) == (7, 0.5)
    assert seen["2027-Q1"].status is not Status.NOT_STARTED


def test_late_data_of_the_old_cycle_is_waited_for_while_the_new_one_runs(make, settling):
    series = closed(make, settling)

    assert series.judge(settling.cycle.ends + DAY).status not in (Status.ACHIEVED, Status.MISSED)


def test_a_pace_of_working_days_expects_nothing_of_a_weekend(make, quarter):
    working = replace(quarter, pace=WorkingDays())
    series = make.series(working)
    seen = {}
    for number in range(1, 6):
        series.read(working.cycle.grid.starts(number), 890.0)
        seen[number] = series.judge(working.cycle.grid.starts(number) + MOMENT)

    assert seen[2].expected == seen[3].expected == seen[4].expected  # Friday, Saturday and Sunday, 4 October
    assert seen[5].expected == pytest.approx(3 / 66)
    assert "expected 5 % (working days)" in seen[5].sentence
