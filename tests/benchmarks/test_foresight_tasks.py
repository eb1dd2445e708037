"""Made-up key results: equal seeds make equal ones, the outcome knows no defects, and an outlook knows no tomorrow."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from benchmarks.foresight_launches import Plan, declared
from benchmarks.foresight_noise import Readings
from benchmarks.foresight_play import daily, syncs
from benchmarks.foresight_shapes import Effort
from benchmarks.foresight_tasks import FAMILIES, PARTLY, Population, Task, task, tasks
from collector.domain.forecasting.outlook import HISTORY, Form, Launch, Scale

MANY = 250


@pytest.fixture(scope="module")
def made():
    return tasks(7, MANY, Population())


def level(values, **more):
    """A level of seven days, of which the clean series is known."""
    series = np.concatenate([np.full(HISTORY, 10.0), np.asarray(values, dtype=float)])
    given = {
        "family": "gauge",
        "shape": "linear",
        "form": Form.LEVEL,
        "scale": Scale.PLAIN,
        "length": len(values),
        "window": 1,
        "rising": True,
        "target": 20.0,
        "baseline": 10.0,
        "read": Readings(series),
        "true": Readings(series),
    }
    return Task(**(given | more))


def same(one, other):
    """Whether two outlooks know the same."""
    for part in fields(one):
        if not np.array_equal(getattr(one, part.name), getattr(other, part.name), equal_nan=True):
            return False
    return True


def test_a_seed_makes_the_same_key_results_again(made):
    again = tasks(7, MANY, Population())

    assert [one.landed for one in again] == [one.landed for one in made]
    assert all(
        np.array_equal(a.read.values, b.read.values, equal_nan=True) for a, b in zip(made, again, strict=True)
    )


def test_each_key_result_hangs_on_its_number_alone(made):
    assert task(7, 31, Population()).landed == made[31].landed


def test_the_population_is_as_described(made):
    assert {one.family for one in made} == set(FAMILIES)
    assert {one.form for one in made} == set(Form)
    assert 0.33 < np.mean([one.hit for one in made]) < 0.50


def test_two_thirds_hit_where_efforts_bring_more():
    eager = tasks(7, MANY, Population(effort=Effort(gain=2.2)))

    assert 0.60 < np.mean([one.hit for one in eager]) < 0.74


def test_defects_do_not_touch_the_outcome(made):
    spoiled = [one for one in made if not np.array_equal(one.read.values, one.true.values)]
    assert len(spoiled) > MANY / 3

    for one in spoiled:
        clean = Task(**{f.name: getattr(one, f.name) for f in fields(one)} | {"read": one.true})
        assert (clean.landed, clean.hit) == (one.landed, one.hit)
        assert np.isfinite(one.true.values).all()


@pytest.mark.parametrize("today", [0, 7, 45, 90])
def test_an_outlook_knows_no_tomorrow(made, today):
    for one in made[:60]:
        tomorrow = one.read.values.copy(), one.read.num.copy(), one.read.den.copy()
        for series in tomorrow:
            series[HISTORY + today :] = 7e9
        changed = Task(**{f.name: getattr(one, f.name) for f in fields(one)} | {"read": Readings(*tomorrow)})
        assert same(changed.outlook(today), one.outlook(today))
        assert len(one.outlook(today).values) == HISTORY + today


def test_an_outlook_holds_what_is_read_and_not_what_is_true():
    read = np.concatenate([np.full(HISTORY, 10.0), [11.0, np.nan, 99.0, 14.0]])
    given = level([11, 12, 13, 14], read=Readings(read)).outlook(3)

    assert given.values[HISTORY:].tolist()[0::2] == [11.0, 99.0]
    assert np.isnan(given.values[HISTORY + 1])


def test_a_level_lands_on_the_mean_of_its_window():
    assert level([0, 0, 0, 18, 22], window=2).landed == 20.0
    assert level([0, 0, 0, 18, 22], window=2).hit
    assert not level([0, 0, 0, 18, 21], window=2).hit


def test_a_part_of_the_way_is_a_success_of_its_own():
    reached = level([10, 10 + PARTLY * 10])

    assert (reached.hit, reached.hit_partly) == (False, True)


def test_a_pooled_level_lands_on_the_quotient_of_the_sums():
    den = np.full(HISTORY + 2, 10.0)
    den[-1] = 30.0
    num = np.concatenate([np.zeros(HISTORY), [10.0, 0.0]])
    pooled = Readings(num / den, num, den)

    assert level([1, 0], window=2, true=pooled, read=pooled, target=0.3).landed == 0.25


def test_a_count_lands_on_its_sum_since_the_cycle_began():
    assert level([1, 2, 3], form=Form.AT_MOST, rising=False, target=6.0).hit
    assert not level([1, 2, 3], form=Form.AT_MOST, rising=False, target=5.0).hit


def test_days_that_were_not_read_are_not_promised():
    read = np.concatenate([np.full(HISTORY, np.nan), [5.0, np.nan, 1.0, 1.0, 1.0]])
    stay = level([5, 1, 1, 1, 1], form=Form.STAY, target=0.75, high=2.0, read=Readings(read))

    assert stay.landed == 0.8
    assert stay.outlook(3).target == 1.0  # of two days read and two to come, three are to be in the band
    assert np.isnan(stay.outlook(3).inside[HISTORY + 1])
    assert stay.landed_since(3) == 1.0


def test_other_cycles_have_their_own_weeks():
    assert daily(91).tolist() == list(range(7, 85))
    assert (len(syncs(91)), syncs(30).tolist()) == (12, [7, 14, 21])
    for length in (30, 60, 182):
        short = tasks(3, 20, Population(length=length))
        assert {len(one.true.values) for one in short} == {HISTORY + length}
        assert max(one.window for one in short if one.form is Form.LEVEL) <= length // 3


def test_true_launches_are_declared_on_the_day_they_come(made):
    plans = declared(Plan.TRUE, made, 7)
    stated = [(one, plan) for one, plan in zip(made, plans, strict=True) if plan]

    assert {one.shape for one, _ in stated} <= {"step", "several steps", "S-curve", "hockey stick"}
    assert all(plan == one.launches and one.form is Form.LEVEL for one, plan in stated)
    assert all(
        0 <= launch.day < one.length and 0.1 <= launch.share <= 1 for one, plan in stated for launch in plan
    )


def test_late_launches_come_one_to_four_weeks_after_their_declared_day(made):
    late = declared(Plan.LATE, made, 7)
    pairs = [(plan, one.launches) for one, plan in zip(made, late, strict=True) if plan and plan[0].day > 0]
    delays = {true[0].day - plan[0].day for plan, true in pairs}

    assert pairs
    assert min(delays) >= 7
    assert max(delays) <= 28


def test_wishful_launches_are_declared_where_none_comes(made):
    wishful = declared(Plan.WISHFUL, made, 7)

    assert not any(one.launches and plan for one, plan in zip(made, wishful, strict=True))
    assert sum(len(plan) for plan in wishful) > MANY / 5


def test_half_of_a_step_has_come_on_the_day_it_is_declared_for(made):
    """The mean path is hidden in noise, so many are laid over each other."""
    before, after = [], []
    for number in range(1200):
        one = task(11, number, Population())
        if one.shape != "step" or one.scale is not Scale.PLAIN or len(one.launches) != 1:
            continue
        [launch] = one.launches
        assert isinstance(launch, Launch)
        way = (one.true.values[HISTORY:] - one.baseline) / (one.target - one.baseline) / launch.share
        if 8 <= launch.day < one.length - 8:
            before.append(np.median(way[: launch.day - 4]))
            after.append(np.median(way[launch.day + 5 :]))

    assert np.median(after) - np.median(before) == pytest.approx(1.0, abs=0.2)
