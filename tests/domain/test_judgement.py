"""A verdict is a pure function of what was read, whenever it is asked for; what is unmeasured never improves it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.sample import GapReason
from collector.domain.span import parse_span
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)

# -- replay


@pytest.mark.parametrize("share", [1.0, 0.0, -1.0])
def test_a_quarter_replayed_in_one_call_equals_a_call_a_day(make, quarter, share):
    daily, at_once = make.series(quarter), make.series(quarter)
    value_at, start = make.pace(quarter, share=share), quarter.cycle.starts
    known = {
        slot: value_at(slot)
        for slot in daily.cadence.slots(start - timedelta(days=5), start + timedelta(days=80))
    }

    daily.follow(known.get, start - timedelta(days=5), start + timedelta(days=80))
    for slot, value in known.items():
        at_once.read(slot, value)

    assert at_once.judge(daily.previous.at) == daily.previous


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_it_does_not_matter_when_it_is_looked_at(make, data):
    every = parse_span("1d")
    promise = make.key_result(binding=make.binding(every=every, window=every))
    values = data.draw(st.lists(st.floats(300, 1200), min_size=30, max_size=30))
    looks = data.draw(st.sets(st.integers(0, 28)))
    seldom, daily = make.series(promise), make.series(promise)
    for number, value in enumerate(values):
        for series in (seldom, daily):
            series.read(promise.cycle.grid.starts(number + 1), value)
        at = promise.cycle.grid.starts(number + 1) + MOMENT
        daily.judge(at)
        if number in looks or number == 29:
            seldom.judge(at)

    assert seldom.previous == daily.previous


def test_looking_twice_changes_nothing(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.starts + timedelta(seconds=200))
    seen = series.previous

    assert series.judge(seen.at) == seen


@pytest.mark.parametrize("share", [1.0, -1.0])
def test_what_is_known_to_be_unchanged_is_not_computed_anew_but_says_the_same(make, lab, share):
    full, short = make.series(lab), make.series(lab)
    value_at = make.pace(lab, share=share)
    slots = list(full.cadence.slots(lab.cycle.starts, lab.cycle.starts + timedelta(seconds=120)))
    for slot in slots:
        value = value_at(slot)
        full.read(slot, value)
        short.read(slot, value)
        closes = (slot - lab.cycle.starts) % timedelta(seconds=6) == timedelta(0)

        assert short.judge(slot + MOMENT, changed=closes) == full.judge(slot + MOMENT)


def test_a_day_that_closes_by_time_alone_is_computed_anew(make, quick):
    series, start = make.series(quick), quick.cycle.starts
    series.follow(make.pace(quick), start, start + timedelta(seconds=60))

    later = series.judge(start + timedelta(seconds=90), changed=False)

    assert (later.day, later.expected) == (14, 0.14)


def test_a_verdict_comes_back_from_its_document_the_same(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.starts + timedelta(seconds=200))

    assert Evaluation.from_document(series.previous.document()) == series.previous


# -- unmeasured is never green


def test_what_was_never_read_is_not_started(make, lab):
    seen = make.series(lab).judge(lab.cycle.starts + timedelta(seconds=300))

    assert (seen.status, seen.health) == (Status.NOT_STARTED, Health.NEVER)
    assert seen.level is None
    assert seen.forecast is None


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_unmeasured_days_never_improve_a_status(make, data):
    every = parse_span("2s")
    promise = make.key_result(
        cycle=make.lab(), shape=make.reach(120.0, 60.0), binding=make.binding(every=every, window=every)
    )
    series = make.series(promise)
    share = data.draw(st.sampled_from([1.0, 0.5, 0.0, -1.0]))
    start = promise.cycle.starts
    read_days = data.draw(st.integers(0, 30))
    series.follow(make.pace(promise, share=share), start, start + timedelta(seconds=6 * read_days))
    before = series.previous.status if series.previous else Status.NOT_STARTED

    after = series.follow(
        lambda _: None, start + timedelta(seconds=6 * read_days), start + timedelta(seconds=400)
    )

    assert {seen.status for seen in after[3:]} <= {before}
    assert all(seen.health.freezes for seen in after[3:])


def test_stale_data_freezes_the_verdict_since_its_last_reading(make, quick):
    series, start = make.series(quick), quick.cycle.starts
    series.follow(make.pace(quick), start, start + timedelta(seconds=60))
    known = series.previous

    later = series.judge(start + timedelta(seconds=300))

    assert later.health is Health.STALE
    assert later.status is known.status
    assert (later.drift.low, later.drift.high) == (known.drift.low, known.drift.high)
    assert later.frozen_since == start + timedelta(seconds=60)


def test_a_verdict_thaws_with_the_first_good_reading(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=60))
    series.judge(start + timedelta(seconds=100))
    series.read(start + timedelta(seconds=102), 100.0)

    assert series.judge(start + timedelta(seconds=102.5)).frozen_since is None


def test_frozen_days_neither_count_nor_break_a_row(make, quick):
    series, start = make.series(quick), quick.cycle.starts
    series.follow(make.pace(quick, share=-3.0), start, start + timedelta(seconds=12))
    series.follow(make.pace(quick), start + timedelta(seconds=12), start + timedelta(seconds=54))
    series.follow(lambda _: 500.0, start + timedelta(seconds=54), start + timedelta(seconds=72))
    assert series.previous.drift.low == 2
    for slot in series.cadence.slots(start + timedelta(seconds=72), start + timedelta(seconds=102)):
        series.miss(slot, GapReason.NO_DATA)
        series.judge(slot + MOMENT)

    assert series.previous.drift.low == 2
    assert series.previous.status is not Status.OFF_TRACK
    seen = series.follow(lambda _: 500.0, start + timedelta(seconds=102), start + timedelta(seconds=108))
    assert seen[-1].status is Status.OFF_TRACK


def test_a_broken_source_freezes_though_the_last_reading_is_young(make, lab):
    series, start = make.series(lab), lab.cycle.starts
    series.follow(make.pace(lab), start, start + timedelta(seconds=60))
    series.miss(start + timedelta(seconds=62), GapReason.BAD_QUERY)

    seen = series.judge(start + timedelta(seconds=62.5), trouble="the query was refused")

    assert (seen.health, seen.trouble) == (Health.BROKEN, "the query was refused")
    assert seen.frozen_since == start + timedelta(seconds=60)
