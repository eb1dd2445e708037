"""Absurd or unlucky data of one key result changes nothing for the others, and nothing for its own past."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from collector.domain.alert import Condition
from collector.domain.baseline import Baseline, BaselineKind
from collector.domain.calendar import BriefOnPreviousWorkingDay, Calendar, WeeklySync
from collector.domain.cycle import CalendarDays, Cycle
from collector.domain.days import Day
from collector.domain.evaluation import Evaluation
from collector.domain.forecasting.forecasts import forecasts
from collector.domain.forecasting.outlook import Form, Outlook, Scale
from collector.domain.health import Health, Pulse
from collector.domain.history import History
from collector.domain.judgement import evaluate
from collector.domain.landing import foretold
from collector.domain.measure import Binding, OnEmpty, Query, Ratio
from collector.domain.numbers import numbers_of
from collector.domain.okr import KeyResult
from collector.domain.sample import Gap, GapReason, Origin
from collector.domain.shape import Commitment, Reach, Typed
from collector.domain.span import Span
from collector.domain.status import Status
from collector.services.ask import Due, left_by
from collector.services.conditions import drift_condition
from collector.services.judge import judge_or_keep
from collector.services.plan_due import groups_of
from connectors.api import ErrorKind, Failure, NoData, Reading

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
QUARTER = Span(real=timedelta(minutes=15))


def key_result(binding, zone="Europe/Berlin"):
    cycle = Cycle("2026-Q4", CalendarDays(ZoneInfo(zone), date(2026, 10, 1)), 92)
    return KeyResult(
        address="shop/one", title="One", objective="shop/o", team="shop", owner="li",
        commitment=Commitment.COMMITTED, cycle=cycle,
        calendar=Calendar(cycle, WeeklySync(0, time(10)), BriefOnPreviousWorkingDay(time(15))),
        shape=Reach(Typed(100), 50), binding=binding,
    )  # fmt: skip


def due(form, **more):
    binding = Binding("prod", form, QUARTER, QUARTER, **more)
    return Due(key_result(binding), binding, 1, AT)


def reading(value, at=AT):
    return Reading(value, at)


def test_a_quotient_past_all_floats_is_a_gap():
    left = left_by(due(Ratio("a", "b")), [reading(1e99), reading(1e-300)], AT, Origin.LIVE)

    assert isinstance(left, Gap)
    assert left.reason is GapReason.BAD_VALUE


def test_a_failure_says_more_than_an_empty_answer_beside_it():
    outcomes = [NoData("nothing"), Failure(ErrorKind.AUTH, "refused")]
    left = left_by(due(Ratio("a", "b")), outcomes, AT, Origin.LIVE)

    assert left == Gap(AT, GapReason.AUTH, "refused")


def test_an_empty_answer_is_zero_only_where_the_binding_says_so():
    as_gap = left_by(due(Query("a")), [NoData("nothing")], AT, Origin.LIVE)
    as_zero = left_by(due(Query("a"), on_empty=OnEmpty.ZERO), [NoData("nothing")], AT, Origin.LIVE)

    assert as_gap == Gap(AT, GapReason.NO_DATA, "nothing")
    assert as_zero.value == 0.0


def test_a_failure_is_never_zero_whatever_the_binding_says():
    left = left_by(
        due(Query("a"), on_empty=OnEmpty.ZERO), [Failure(ErrorKind.TIMEOUT, "late")], AT, Origin.LIVE
    )

    assert left == Gap(AT, GapReason.TIMEOUT, "late")


def test_a_clock_ahead_of_ours_makes_nothing_fresher():
    left = left_by(due(Query("a")), [reading(1.0, AT + timedelta(days=3))], AT, Origin.LIVE)

    assert left.as_of == AT


@pytest.mark.parametrize("pace", [1e-300, 1e-12, 1e-6])
def test_a_pace_too_slow_for_any_cycle_names_no_last_day(pace):
    binding = Binding("prod", Query("a"), QUARTER, QUARTER)
    days = [Day(n, 1, 100 - pace * n, 1, 1, 1, AT) for n in range(20)]
    numbers = numbers_of(key_result(binding), binding, days, Baseline(BaselineKind.TYPED, 100), 20, None)

    assert numbers.last_reachable is None
    assert numbers.needed_per_week is not None


def test_equality_is_met_by_what_stands_still_on_the_target():
    outlook = Outlook(
        form=Form.LEVEL, values=np.full(40, 100.0), first=0, today=40, length=91, window=7,
        baseline=90.0, target=100.0, rising=True, scale=Scale.PLAIN,
    )  # fmt: skip
    still = forecasts([outlook])[0]

    assert still.landing >= 100.0
    assert still.crosses == 40
    assert still.p_hit > 0.5


def test_what_was_not_judged_yet_moves_no_alert():
    fresh = Evaluation(at=AT, status=Status.NOT_STARTED, health=Health.FRESH)

    assert drift_condition(fresh) is Condition.UNKNOWN


def test_what_is_over_has_no_drift_any_more():
    missed = Evaluation(at=AT, status=Status.MISSED, health=Health.STALE)

    assert drift_condition(missed) is Condition.OVER
    assert missed.trusted


class Account:
    def __init__(self, series, zone):
        self.binding = Binding("prod", Query("a"), QUARTER, QUARTER)
        self.key_result = key_result(self.binding, zone)
        self.series = series


def test_equal_slots_travel_together_whatever_the_zone_of_the_team():
    groups = groups_of([Account(1, "Europe/Berlin"), Account(2, "America/New_York")], AT)

    assert [group.series for group in groups] == [(1, 2)]


def foreseen_after(values):
    """What is foreseen of a reach from 100 to 50 after these days, one value each."""
    promise = key_result(Binding("prod", Query("a"), QUARTER, QUARTER))
    days = [Day(n, 1, value, 1, 1, 1, AT) for n, value in enumerate(values)]
    start = Baseline(BaselineKind.TYPED, 100)
    numbers = numbers_of(promise, promise.binding, days, start, len(days), None)
    return foretold(promise, numbers, forecasts([numbers.outlook])[0]).forecast


def test_what_was_never_below_zero_is_not_said_to_land_there():
    ahead = foreseen_after([100 - 4.0 * n for n in range(20)])

    assert ahead.landing >= 0
    assert ahead.wide[0] >= 0
    assert ahead.p_hit > 0.9


def test_what_was_seen_below_zero_may_land_there():
    assert foreseen_after([50 - 4.0 * n for n in range(20)]).landing < 0


def test_sums_past_all_floats_are_no_verdict_and_no_trouble_to_whoever_lists_all():
    """Each reading is a number; their sums over a week are not."""
    form, daily = Ratio("a", "b"), Span(days=1)
    promise = key_result(Binding("prod", form, daily, daily, unit="%"))
    days = tuple(
        Day(number, 1, 100.0, 100.0, 100.0, 100.0, promise.cycle.grid.starts(number + 1), 1e308, 1e308)
        for number in range(12)
    )
    at = promise.cycle.grid.starts(12) + timedelta(minutes=1)
    pulse = Pulse(attempted=at, succeeded=at, as_of=promise.cycle.grid.starts(12), failing=None)
    baseline = Baseline(BaselineKind.TYPED, 100.0)
    history = History(
        days=days,
        baseline=baseline,
        pulse=pulse,
        current=100.0,
        covered=at,
        pending=None,
        first_slot=AT,
        previous=None,
    )

    with pytest.raises(ValueError, match="empty"):
        evaluate(promise, history, at)
    assert judge_or_keep(promise, history, at) is None
