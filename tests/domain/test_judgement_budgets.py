"""Budgets are judged a day at a time, and watched with every reading."""

from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.sample import GapReason
from collector.domain.shape import Total
from collector.domain.span import parse_span
from collector.domain.status import Status

MOMENT = timedelta(milliseconds=500)


def serve(make, counts, promise=None):
    """Follow an slo of 99 % whose days have these (bad, all); nothing is a day without an answer."""
    promise = promise or make.slo()
    series, grid = make.series(promise), promise.cycle.grid
    seen = []
    for number, counted in enumerate(counts, start=1):
        slot = grid.starts(number)
        if counted is None:
            series.miss(slot, GapReason.NO_DATA)
        else:
            series.count(slot, *map(float, counted))
        seen.append(series.judge(slot + MOMENT))
    return series, seen


def stay(make, value_at, days, promise=None):
    """Follow a keep of 90 % under 200 for so many days."""
    promise = promise or make.keep()
    series = make.series(promise)
    start = promise.cycle.starts
    return series, series.follow(value_at, start, promise.cycle.grid.starts(days))


def test_a_quiet_slo_is_on_track_from_its_first_close(make):
    _, seen = serve(make, [(0, 1000)] * 10)

    assert {one.status for one in seen} == {Status.ON_TRACK}
    assert (seen[-1].spent, seen[-1].score, seen[-1].level, seen[-1].coverage) == (0.0, 1.0, 100.0, 1.0)


def test_an_slo_that_burns_double_goes_off_track(make):
    _, seen = serve(make, [(20, 1000)] * 20)

    assert seen[-1].status is Status.OFF_TRACK
    assert seen[-1].forecast.p_hit < 0.2


def test_a_burst_that_is_within_the_budget_leaves_it_on_track(make):
    _, seen = serve(make, [(0, 1000)] * 40 + [(100, 1000)] + [(0, 1000)] * 10)

    assert seen[-1].status is Status.ON_TRACK
    assert seen[-1].spent == pytest.approx(100 / 920)


def test_a_lost_budget_is_not_on_track_for_another_moment(make):
    series, seen = serve(make, [(0, 1000)] * 10)
    assert seen[-1].status is Status.ON_TRACK
    series.count(series.promise.cycle.grid.starts(11), 950.0, 1000.0)

    now = series.judge(series.promise.cycle.grid.starts(11) + MOMENT)

    assert (now.status, now.drift.low, now.budget.lost) == (Status.AT_RISK, 1, True)
    assert now.reasons == ("more is used than the whole cycle allows",)


def test_a_budget_is_spent_by_the_readings_of_the_open_day(make):
    series, _ = stay(make, lambda _: 100.0, 10)
    slot = series.cadence.following(series.promise.cycle.grid.starts(10))
    series.read(slot, 500.0)

    now = series.judge(slot + MOMENT, changed=False)

    assert (now.day, now.budget.used, now.drift) == (10, 1.0, series.previous.drift)


def test_burn_rates_are_of_the_instant(make):
    series, _ = serve(make, [(5, 1000)] * 9 + [(100, 1000)])

    long, short = series.previous.budget.burns
    assert (long.rate, long.short_rate, long.over) == (pytest.approx(10.0), pytest.approx(10.0), True)
    assert short.rate == pytest.approx(110 / 3000 / 0.01)


def test_what_is_hardly_measured_is_at_risk_at_best(make):
    _, seen = serve(make, [(0, 1000), None, (0, 1000), (0, 1000)] * 10)

    assert seen[-1].coverage == 0.75
    assert seen[-1].status is Status.AT_RISK
    assert seen[-1].reasons == ("only 75 % of the slots due were read",)


def test_stale_data_freezes_a_budget_and_tells_no_burn(make):
    series, seen = serve(make, [(0, 1000)] * 10)

    later = series.judge(seen[-1].at + timedelta(days=3, minutes=2))

    assert (later.status, later.health, later.spent) == (Status.ON_TRACK, Health.STALE, 0.0)
    assert {burn.over for burn in later.budget.burns} == {None}


@pytest.mark.parametrize(
    ("bad", "status", "score"),
    [(5, Status.ACHIEVED, 1.0), (10, Status.ACHIEVED, 1.0), (20, Status.MISSED, 0.5)],
)
def test_at_the_close_an_slo_is_kept_while_no_more_is_used_than_allowed(make, bad, status, score):
    _, seen = serve(make, [(bad, 1000)] * 92)

    assert (seen[-1].status, seen[-1].score) == (status, pytest.approx(score))
    assert seen[-1].budget.burns == ()
    assert {one.status for one in seen[:-1]}.isdisjoint({Status.ACHIEVED, Status.MISSED})


def test_a_keep_is_kept_or_missed_at_its_close(make):
    for outs, status, score in ((36, Status.ACHIEVED, 1.0), (46, Status.MISSED, 36.8 / 46)):
        promise = make.keep()
        left = iter([500.0] * outs)
        series, _ = stay(make, lambda _, left=left: next(left, 100.0), 92, promise)

        seen = series.judge(promise.cycle.ends + MOMENT)

        assert (seen.status, seen.score) == (status, pytest.approx(score))


def test_a_budget_whose_data_was_stale_at_the_close_was_not_achieved(make):
    series, _ = serve(make, [(0, 1000)] * 60)

    seen = series.judge(series.promise.cycle.ends + timedelta(days=5))

    assert (seen.status, seen.score) == (Status.MISSED, 0.69)
    assert seen.reasons == ("the data was stale at the close",)


def test_a_budget_replayed_in_one_call_equals_a_call_a_day(make):
    counts = [(n % 7 * 3, 900 + n) for n in range(50)]
    daily, seen = serve(make, counts)
    at_once = make.series(make.slo())
    for number, (bad, total) in enumerate(counts, start=1):
        at_once.count(daily.promise.cycle.grid.starts(number), float(bad), float(total))

    assert at_once.judge(seen[-1].at) == seen[-1]


def test_a_verdict_with_a_budget_comes_back_from_its_document_the_same(make):
    _, seen = serve(make, [(5, 1000)] * 20)

    assert Evaluation.from_document(seen[-1].document()) == seen[-1]


def test_used_of_nothing_allowed_goes_off_track_like_any_lost_budget(make):
    promise = make.total(shape=Total(at_most=0))
    series = make.series(promise)
    for number in range(1, 9):
        slot = promise.cycle.grid.starts(number)
        series.read(slot, 1.0)
        series.judge(slot + MOMENT)

    assert (series.previous.spent, series.previous.exceeded) == (None, True)
    assert series.previous.status is Status.OFF_TRACK


def test_a_budget_has_its_own_deadline(make):
    promise = make.slo()
    hurried = replace(promise, deadline=promise.cycle.grid.starts(46))

    _, seen = serve(make, [(5, 1000)] * 46 + [(500, 1000)] * 5, hurried)

    assert seen[-1].status is Status.ACHIEVED
    assert seen[-1].budget.allowed == pytest.approx(460)


def test_an_slo_in_a_cycle_of_its_own_days_is_judged_the_same(make):
    every = parse_span("1d")
    promise = make.slo(cycle=make.lab())
    promise = replace(promise, binding=replace(promise.binding, every=every, window=every))

    _, seen = serve(make, [(5, 1000)] * 50, promise)

    assert (seen[-1].spent, seen[-1].expected) == (pytest.approx(0.25), 0.5)


def rounded(document):
    """What is told step by step is rounded more often than what is told at once."""
    return {
        key: value if key == "crosses" else pytest.approx(value, rel=1e-9) for key, value in document.items()
    }


def test_between_closes_a_budget_says_what_it_would_say_when_computed_anew(make):
    every = parse_span("6h")
    promise = make.slo()
    promise = replace(promise, binding=replace(promise.binding, every=every, window=every))
    full, short = make.series(promise), make.series(promise)
    slots = list(full.cadence.slots(promise.cycle.starts, promise.cycle.grid.starts(20)))
    closed = 0
    for number, slot in enumerate(slots):
        bad = float(number % 9 * 2 + 200 * (number == 50))
        for series in (full, short):
            series.count(slot, bad, 400.0)
        at = slot + MOMENT
        known, closed = closed, sum(day.value is not None for day in short.history(at).days)

        one, anew = short.judge(at, changed=closed != known), full.judge(at)
        assert one.forecast is None or one.forecast.document() == rounded(anew.forecast.document())
        assert replace(one, forecast=None) == replace(anew, forecast=None)


def test_an_slo_without_any_event_is_never_green_and_never_achieved(make):
    _, seen = serve(make, [(0, 0)] * 92)

    assert {one.status for one in seen[:-1]} == {Status.NOT_STARTED}
    assert (seen[-1].status, seen[-1].score) == (Status.MISSED, None)
    assert seen[-1].reasons == ("no event was ever counted",)


def test_a_keep_that_was_hardly_measured_is_not_kept(make):
    promise = make.keep()
    series = make.series(promise)
    start, end = promise.cycle.starts, promise.cycle.grid.starts(92)
    for slot in promise.binding.cadence(promise.cycle).slots(start, end):
        if start + timedelta(days=5) < slot < end - timedelta(days=20):
            series.miss(slot, GapReason.NO_DATA)
        else:
            series.read(slot, 100.0)

    last = series.judge(end + timedelta(hours=1))
    assert last.status is Status.MISSED
    assert last.score == pytest.approx(0.69)
    assert "of the slots due were read" in last.reasons[0]
