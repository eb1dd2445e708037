"""Promises and levels in words: every shape has a way, no unit is doubled, and no nine is lost."""

from datetime import timedelta

import pytest

from collector.domain.budget import Budget
from collector.domain.health import Health
from collector.domain.observed import Guarded
from collector.domain.phrases import (
    cycle_rank,
    guardrail,
    level_of,
    scores,
    settlings,
    share,
    span_of,
    used_of,
    way,
)
from collector.domain.shape import Change, Keep, Measured, Reach, Slo, Total


@pytest.mark.parametrize(
    ("shape", "baseline", "target", "said"),
    [
        (Reach(Measured(), 450.0), 900.0, 450.0, "900 → 450 ms"),
        (Reach(Measured(), 450.0), None, None, "– → 450 ms"),
        (Reach(Measured(), Change(-40.0, relative=True)), None, None, "– → -40 %"),
        (Reach(Measured(), Change(5.0, relative=False)), None, None, "– → +5 pt"),
        (Reach(Measured(), Change(-40.0, relative=True)), 100.0, 60.0, "100 → 60 ms"),
        (Total(at_most=3.0), None, None, "at most 3 ms"),
        (Total(at_least=300.0), None, None, "at least 300 ms"),
        (Keep(99.0, at_most=200.0), None, None, "at most 200 ms in 99 % of slots"),
        (Keep(99.5, at_most=200.0, at_least=20.0), None, None, "20 to 200 ms in 99.5 % of slots"),
        (Slo(99.95), None, None, "99.95 %"),
    ],
)
def test_every_shape_has_its_way(make, shape, baseline, target, said):
    assert way(make.key_result(shape=shape), baseline, target) == said


@pytest.mark.parametrize(
    ("percentage", "said"),
    [
        (100.0, "100 %"),
        (99.97, "99.97 %"),
        (99.9996, "99.9996 %"),
        (99.0, "99 %"),
        (95.0, "95 %"),
        (99.999999999, "99.999999 %"),
        (42.0, "42 %"),
        (0.0, "0 %"),
        (None, "–"),
    ],
)
def test_what_is_not_all_is_never_told_as_all(percentage, said):
    assert share(percentage) == said


def test_the_level_of_a_budget_is_a_share_and_not_in_its_unit(make):
    assert level_of(make.keep(), 98.5) == "98.5 %"
    assert level_of(make.slo(), 99.97) == "99.97 %"
    assert level_of(make.key_result(), 98.5) == "98.5 ms"


def test_what_is_used_names_what_is_counted(make):
    verdict = make.evaluation(budget=Budget(2, 9.1), level=2.0, target=3.0)

    assert used_of(make.keep().shape, verdict) == "2 of 9.1 slots"
    assert used_of(make.slo().shape, verdict) == "2 of 9.1 events"


def test_both_scores_are_told_when_the_promise_changed(make):
    assert scores(make.evaluation(score=0.62, first_score=0.41)) == "0.62, by the first promise 0.41"
    assert scores(make.evaluation(score=0.62)) == "0.62"
    assert scores(make.evaluation()) == ""


@pytest.mark.parametrize(
    ("value", "health", "breached", "said"),
    [
        (1.0, Health.FRESH, False, "1 ms, at most 2"),
        (3.1, Health.FRESH, True, "3.1 ms, at most 2: broken"),
        (1.0, Health.STALE, False, "1 ms, at most 2 (data stale)"),
        (None, Health.NEVER, False, "never read, at most 2"),
    ],
)
def test_a_guardrail_tells_value_bound_and_health(make, value, health, breached, said):
    one = Guarded("refunds", "refunds stay low", value, health, breached)

    assert guardrail(one, (make.guardrail(),)) == said


def test_the_active_cycle_comes_first_and_the_closed_one_last(make):
    promise = make.key_result()
    cycle, late = promise.cycle, timedelta(days=10)
    moments = (cycle.starts, cycle.ends, cycle.starts - late, cycle.ends + late)

    assert [cycle_rank(cycle, at, late) for at in moments] == [0, 1, 2, 3]
    assert span_of(cycle, cycle.starts + timedelta(days=3), late) == "1 Oct – 31 Dec, day 3 of 92"
    assert span_of(cycle, cycle.ends, late) == "1 Oct – 31 Dec, over, late data may still come"
    assert span_of(cycle, cycle.ends + late, late) == "1 Oct – 31 Dec, over"
    assert settlings([promise]) == {cycle.id: promise.settling}
