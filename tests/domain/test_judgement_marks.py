"""Guardrails, held readings, small samples and a person's word: what is said beside the main number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.health import Health
from collector.domain.observed import Held
from collector.domain.shape import Commitment
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)


@pytest.fixture
def guarded(lab, make):
    """A reach in the lab whose refunds must stay at or under 2."""
    return replace(lab, guardrails=(make.guardrail(),))


@pytest.fixture
def going(make, guarded):
    """It, well on its way after 20 days."""
    series = make.series(guarded)
    good = make.guard(1.0, guarded.cycle.starts)
    for slot in series.cadence.slots(guarded.cycle.starts, guarded.cycle.grid.starts(20)):
        series.read(slot, make.pace(guarded, share=1.5)(slot))
        series.judge(slot + MOMENT, guardrails=(replace(good, pulse=replace(good.pulse, as_of=slot)),))
    assert series.previous.status is Status.ON_TRACK
    return series


def test_a_guardrail_that_holds_leaves_the_status(going):
    (seen,) = going.previous.guardrails

    assert (seen.id, seen.value, seen.health, seen.breached) == ("refunds", 1.0, Health.FRESH, False)
    assert going.previous.reasons == ()


def test_a_broken_guardrail_caps_the_status_at_once(going, make):
    now = going.previous.at
    seen = going.judge(now, changed=False, guardrails=(make.guard(2.4, now),))

    assert (seen.status, seen.drift.status) == (Status.AT_RISK, Status.ON_TRACK)
    assert seen.reasons == ("guardrail refunds is broken: 2.4 ms, at most 2 ms",)


def test_exactly_the_bound_is_kept(going, make):
    now = going.previous.at

    assert going.judge(now, guardrails=(make.guard(2.0, now),)).status is Status.ON_TRACK


@pytest.mark.parametrize("kind", ["never", "stale", "unknown"])
def test_a_guardrail_nobody_measured_is_never_green(going, make, kind):
    now = going.previous.at
    guards = {
        "never": (make.guard(None, now),),
        "stale": (make.guard(1.0, now - timedelta(days=2)),),
        "unknown": (),
    }[kind]

    seen = going.judge(now, changed=False, guardrails=guards)

    assert seen.status is Status.AT_RISK
    assert seen.reasons == (
        "guardrail refunds is not measured, its data is stale"
        if kind == "stale"
        else "guardrail refunds was never read",
    )


def test_a_guardrail_that_holds_again_gives_the_status_back(going, make):
    now = going.previous.at
    going.judge(now, changed=False, guardrails=(make.guard(9.0, now),))

    seen = going.judge(now, changed=False, guardrails=(make.guard(1.0, now),))

    assert (seen.status, seen.reasons) == (Status.ON_TRACK, ())


def test_a_broken_guardrail_does_not_hide_that_it_is_off_track(guarded, make):
    series = make.series(guarded)
    start = guarded.cycle.starts
    for slot in series.cadence.slots(start, guarded.cycle.grid.starts(20)):
        series.read(slot, 500.0)
        series.judge(slot + MOMENT, guardrails=(make.guard(9.0, slot),))

    assert series.previous.status is Status.OFF_TRACK


@pytest.mark.parametrize(
    ("commitment", "score"), [(Commitment.COMMITTED, 0.99), (Commitment.ASPIRATIONAL, 0.69)]
)
def test_at_the_close_a_broken_guardrail_is_no_success(guarded, make, commitment, score):
    promise = replace(guarded, commitment=commitment)
    series = make.series(promise)
    ends = promise.cycle.ends
    for slot in series.cadence.slots(promise.cycle.starts, ends):
        series.read(slot, 60.0)
    seen = series.judge(ends + MOMENT, guardrails=(make.guard(3.0, ends),))

    assert (seen.status, seen.score, seen.progress) == (Status.MISSED, score, 1.0)
    assert seen.reasons == ("guardrail refunds is broken: 3 ms, at most 2 ms",)
    assert series.judge(ends + timedelta(days=9), guardrails=(make.guard(1.0, ends),)).status is Status.MISSED


def test_what_a_guardrail_reads_after_the_close_changes_nothing(guarded, make):
    series = make.series(guarded)
    ends = guarded.cycle.ends
    for slot in series.cadence.slots(guarded.cycle.starts, ends):
        series.read(slot, 60.0)
    assert series.judge(ends + MOMENT, guardrails=(make.guard(1.0, ends),)).status is Status.ACHIEVED

    later = series.judge(ends + timedelta(days=9), guardrails=(make.guard(9.0, ends),))

    assert (later.status, later.score) == (Status.ACHIEVED, 1.0)


def test_held_readings_are_told_and_not_used(make, quarter):
    series = make.series(quarter)
    start = quarter.cycle.starts
    series.follow(make.pace(quarter), start, start + timedelta(days=20))
    held = Held(1, 87_000.0, start + timedelta(days=20, hours=9), "×100 of the last")
    before = series.previous

    seen = series.judge(before.at, held=held)

    assert seen.held == held
    assert seen.reasons[-1] == "1 reading held: 87,000 at 21 Oct 09:00, ×100 of the last"
    assert (seen.level, seen.current, seen.status) == (before.level, before.current, before.status)


def test_several_held_readings_in_a_cycle_of_its_own_days_are_counted(make, lab):
    series = make.series(lab)
    series.follow(make.pace(lab), lab.cycle.starts, lab.cycle.grid.starts(20))

    seen = series.judge(series.previous.at, held=Held(2, 5.0, lab.cycle.grid.starts(19), ""))

    assert seen.reasons[-1] == "2 readings held: 5 at day 20"


# -- how sure a ratio is


def sampled(make, n):
    """A conversion of 31 to 45 % seen at 40 % for 46 days, of n events a day."""
    day = make.key_result().binding.every.__class__(days=1)
    promise = make.key_result(
        shape=make.reach(31.0, 45.0), binding=make.ratio(every=day, window=day), unit="%"
    )
    series = make.series(promise)
    for number in range(1, 47):
        slot = promise.cycle.grid.starts(number)
        series.read(slot, 40.0, num=0.4 * n, den=float(n))
        series.judge(slot + MOMENT)
    return series.previous


def test_a_small_sample_says_that_it_cannot_be_told_from_its_line(make):
    seen = sampled(make, 10)

    assert (seen.sampling.n, seen.sampling.distinguishable) == (70.0, False)
    assert seen.sampling.low < 38.0  # where it should be by then
    assert seen.sampling.high > 40.0
    assert "not yet distinguishable (n = 70)" in seen.reasons
    assert ", not yet distinguishable (n = 70)" in seen.sentence


def test_a_large_sample_says_nothing(make):
    seen = sampled(make, 10_000)

    assert seen.sampling.distinguishable
    assert not any("distinguishable" in text for text in (*seen.reasons, seen.sentence))


# -- by hand


def test_days_of_what_is_entered_by_hand_close_at_their_end(make):
    promise = make.by_hand()
    series = make.series(promise)
    series.read(promise.cycle.grid.starts(31), 23.0)

    seen = series.judge(promise.cycle.grid.starts(40) + MOMENT)

    assert (seen.day, seen.level, seen.progress) == (40, 23.0, 0.2)


def test_what_is_entered_by_hand_is_marked_and_not_asked_for_coverage(make):
    promise = make.by_hand()
    series = make.series(promise)
    series.read(promise.cycle.grid.starts(61), 27.0)

    seen = series.judge(promise.cycle.grid.starts(62) + MOMENT)

    assert (seen.by_hand, seen.coverage, seen.health) == (True, None, Health.FRESH)
    assert seen.sentence.startswith("Day 62 of 92, by hand, as of 30 Nov, expected 67 %, actual 47 %")


def test_what_is_entered_by_hand_before_the_cycle_closes_no_day_of_it(make):
    promise = make.by_hand()

    assert make.series(promise).judge(promise.cycle.starts - timedelta(days=3)).day == 0
