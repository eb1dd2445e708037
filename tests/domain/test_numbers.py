"""The numbers of a verdict follow from days, baseline and time, and from nothing else."""

from dataclasses import replace

import pytest

from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.figures import Numbers, numbers_again
from collector.domain.numbers import numbers_of
from collector.domain.shape import Change, Commitment, Reach, Total, Typed
from collector.domain.span import parse_span


@pytest.fixture
def way(make):
    """Give `way(values, …)`: the numbers after these days, read once a day."""

    def run(values, *, promise=None, start=None, current=None, closed=None):
        promise = promise or make.key_result()
        start = make.baseline(900.0) if start is None else start
        days = make.days(values)
        return numbers_of(promise, promise.binding, days, start or None, closed or len(values), current)

    return run


def test_a_reach_tells_level_progress_and_pace(way):
    numbers = way([675.0] * 23)

    assert (numbers.level, numbers.level_days, numbers.progress) == (675.0, 7, 0.5)
    assert (numbers.baseline, numbers.target, numbers.expected) == (900.0, 450.0, 0.25)
    assert numbers.weeks_ahead == pytest.approx(0.25 * 92 / 7)
    assert numbers.ahead


def test_what_is_needed_is_spread_over_the_weeks_left(way):
    assert way([660.0] * 22).needed_per_week == pytest.approx((450 - 660) / 70 * 7)


def test_what_is_reached_needs_nothing_more(way):
    numbers = way([440.0] * 22)

    assert (numbers.needed_per_week, numbers.last_reachable) == (None, None)


def test_the_last_reachable_day_rests_on_the_best_week_seen(way):
    falling = [900.0 - 10 * n for n in range(22)]

    numbers = way(falling)

    assert numbers.level == 720.0  # 270 to go at 10 a day: 27 days before the end
    assert numbers.last_reachable == "5 Dec"


def test_a_raw_reading_never_moves_a_reach(way):
    assert way([675.0] * 23, current=1.0) == way([675.0] * 23, current=9999.0)


def test_exactly_on_pace_is_ahead(way):
    assert way([787.5] * 23).ahead


def test_below_pace_is_not_ahead(way):
    assert not way([788.0] * 23).ahead


def test_a_change_is_resolved_against_the_baseline(way, make):
    relative = make.key_result(shape=Reach(Typed(900.0), Change(-40.0, relative=True)))
    absolute = make.key_result(shape=Reach(Typed(900.0), Change(-5.0, relative=False)))

    assert way([900.0] * 5, promise=relative).target == pytest.approx(540.0)
    assert way([900.0] * 5, promise=absolute).target == 895.0


def test_without_a_baseline_only_the_level_is_known(way):
    numbers = way([675.0] * 5, start=False)

    assert numbers == Numbers(closed=5, level=675.0, level_days=5)


def test_without_a_reading_only_the_pace_is_known(way):
    numbers = way([], closed=23)

    assert (numbers.level, numbers.progress, numbers.expected, numbers.forecast) == (None, None, 0.25, None)


def test_a_way_of_no_length_has_no_progress(way, make):
    flat = make.key_result(shape=Reach(Typed(900.0), Change(0.0, relative=True)))

    assert way([900.0] * 5, promise=flat).progress is None


def test_too_few_days_give_numbers_without_a_forecast(way):
    numbers = way([900.0] * 3)

    assert numbers.progress == 0.0
    assert numbers.forecast is None
    assert numbers.p_hit is None


def test_a_pace_that_begins_later_expects_nothing_before(way, make):
    promise = make.key_result()
    start = Baseline(BaselineKind.FIRST_READING, 900.0, at=promise.cycle.grid.starts(46))

    assert way([900.0] * 46, start=start).expected == 0.0
    assert way([900.0] * 69, start=start).expected == 0.5


def test_the_level_is_taken_over_the_days_the_author_says(way, make):
    values = [900.0] * 10 + [450.0] * 14
    fortnight = make.key_result(judge_over=parse_span("2w"))

    assert way(values, promise=fortnight).level_days == 14
    assert way(values, promise=fortnight).progress == 1.0


def test_a_total_takes_the_newest_count(way, make):
    numbers = way([1.0, 2.0], promise=make.total(), current=3.0)

    assert (numbers.level, numbers.spent, numbers.exceeded, numbers.baseline) == (3.0, 1.0, False, 0.0)


def test_a_total_without_a_count_is_not_zero(way, make):
    numbers = way([], promise=make.total(), closed=5)

    assert (numbers.level, numbers.spent, numbers.ahead) == (None, None, False)


def test_the_baseline_of_a_total_does_not_enter(way, make):
    nine = make.total(shape=Total(at_least=10, start=Typed(9.0)))

    assert way([5.0], promise=nine, current=5.0).progress == 0.5


def test_a_budget_is_ahead_while_no_more_is_used_than_time_has_passed(way, make):
    promise = make.total(shape=Total(at_most=4))

    assert way([1.0] * 23, promise=promise, current=1.0).ahead
    assert not way([1.0] * 22, promise=promise, current=1.0).ahead
    assert not way([1.0] * 80, promise=make.total(shape=Total(at_most=0)), current=1.0).ahead


def test_days_before_the_cycle_are_not_counted(make):
    promise = make.total(shape=Total(at_most=100))
    days = make.days([50.0] * 10, first=-10)

    assert numbers_of(promise, promise.binding, days, None, 0, None).level is None


@pytest.mark.parametrize("commitment", Commitment)
def test_the_order_in_which_days_are_kept_is_the_only_order(way, make, commitment):
    promise = make.key_result(commitment=commitment)
    values = [900.0 - 3 * n + (n % 5) for n in range(30)]

    assert way(values, promise=promise) == way(list(values), promise=promise)


def test_numbers_come_back_from_the_verdict_they_were_made_of(way, make):
    numbers = way([900.0 - 3 * n for n in range(30)])
    shown = make.evaluation(
        day=numbers.closed,
        baseline=numbers.baseline,
        target=numbers.target,
        level=numbers.level,
        level_days=numbers.level_days,
        progress=numbers.progress,
        expected=numbers.expected,
        weeks_ahead=numbers.weeks_ahead,
        forecast=numbers.forecast,
        needed_per_week=numbers.needed_per_week,
        last_reachable=numbers.last_reachable,
    )

    assert numbers_again(shown) == numbers
    assert numbers_again(replace(shown, current=1.0)) == numbers
