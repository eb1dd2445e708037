import pytest

from collector.lab.robots import ConversionPlan
from collector.lab.shop import BUCKETS, FailurePlan, LatencyPlan

PLAN = LatencyPlan(baseline=0.120, target=0.060)


@pytest.mark.parametrize(
    ("day", "latency"),
    [(-1, 0.120), (0, 0.120), (4, 0.1176), (8, 0.5184), (14.99, 0.5184), (15, 0.024), (100, 0.024)],
)
def test_latency_is_on_pace_then_broken_then_mended(day, latency):
    assert latency == pytest.approx(PLAN.value(day))


def test_an_unbroken_plan_reaches_its_target_at_the_close():
    unbroken = LatencyPlan(baseline=0.120, target=0.060, breaks_on=101)
    assert pytest.approx(0.060) == unbroken.value(100)


def test_the_break_makes_it_at_least_four_times_what_it_was():
    assert PLAN.value(8) >= 4 * PLAN.value(7.99)


def test_the_mend_brings_it_to_at_most_three_fifths_of_the_target():
    assert PLAN.value(15) <= 0.6 * PLAN.target


def test_the_buckets_hold_every_latency_of_the_plan_with_room():
    assert all(BUCKETS[0] < PLAN.value(day) < 0.7 * BUCKETS[-1] for day in range(101))


@pytest.mark.parametrize(("day", "share"), [(-1, 0.31), (0, 0.31), (50, 0.38), (100, 0.45), (120, 0.45)])
def test_the_conversion_grows_in_a_straight_line_and_stays(day, share):
    assert share == pytest.approx(ConversionPlan(first=0.31, last=0.45).value(day))


@pytest.mark.parametrize(("day", "share"), [(-1, 0.01), (7.99, 0.01), (8, 0.1), (14.99, 0.1), (15, 0.01)])
def test_checkouts_fail_more_only_while_the_shop_is_broken(day, share):
    plan = FailurePlan(usual=0.01, broken=0.1, breaks_on=8.0, mended_on=15.0)
    assert share == plan.value(day)
