"""The story of the live lab: a hundred days of 6 s, a break, a mending, a cut, and a recovery that takes its time."""

import random
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, Signal, quiet
from collector.domain.drift_policy import DriftPolicy
from collector.domain.health import Health
from collector.domain.lifecycle import step
from collector.domain.span import parse_span
from collector.domain.status import Status

DAY = timedelta(seconds=6)
BREAK, MEND, CUT, BACK = 8, 15, 17, 19
SYNC, NEXT_SYNC = 14, 21
SEEDS = range(1, 9)


@pytest.fixture(scope="module", params=SEEDS)
def told(request, make):
    """The verdicts after each slot by day, and the alert's changes; half of the runs know a quiet past of 28 days."""
    return tell(make, request.param, past=28 if request.param % 2 else 0)


def tell(make, seed, past):
    every = parse_span("2s")
    promise = make.key_result(
        cycle=make.lab(), shape=make.reach(120.0, 60.0), binding=make.binding(every=every, window=every)
    )
    series, start, draw = make.series(promise), promise.cycle.starts, random.Random(seed)
    lost = {}

    def value_at(slot):
        now = (slot - start) / DAY
        value = (120 - 0.6 * max(now, 0)) if now <= MEND else 30.0
        value *= (4.5 if BREAK < now <= MEND else 1.0) * (1 + draw.gauss(0, 0.005))
        if CUT < now <= BACK:
            lost[slot] = value
            return None
        if lost:
            series.heal(lost)
            lost.clear()
        return value

    seen = series.follow(value_at, start - past * DAY, start + 30 * DAY)
    return Story([one for one in seen if one.at >= start], start)


class Story:
    def __init__(self, verdicts, start):
        self.verdicts, self.start = verdicts, start
        alert, self.changes = quiet(AlertKind.DRIFT, "lab"), []
        for verdict in verdicts:
            if verdict.health.freezes:
                continue
            stepped = step(alert, Signal(verdict.drift.condition), verdict.at)
            alert = stepped.alert
            if stepped.transition is not None:
                self.changes.append(((verdict.at - start) / DAY, alert.state))
        self.raised = next(day for day, state in self.changes if state is AlertState.FIRING)

    def between(self, first, last):
        """Verdicts from the close of day `first` until that of day `last`."""
        return [one for one in self.verdicts if first * DAY <= one.at - self.start < last * DAY]


def test_on_its_pace_it_is_never_off_track(told):
    seen = {one.status for one in told.between(0, BREAK)}

    assert seen <= {Status.NOT_STARTED, Status.AT_RISK, Status.ON_TRACK}


def test_it_is_judged_from_the_seventh_day_on(told):
    assert {one.status for one in told.between(0, 7)} == {Status.NOT_STARTED}
    assert Status.NOT_STARTED not in {one.status for one in told.between(7, BREAK)}


def test_the_break_is_raised_by_day_thirteen_and_so_before_the_sync(told):
    assert BREAK + 4 <= told.raised < BREAK + 5.5
    assert told.raised < SYNC


def test_a_break_is_low_from_its_third_day_on(told):
    assert all(one.forecast.p_hit < DriftPolicy().off_track for one in told.between(BREAK + 3, MEND))


def test_one_and_two_low_days_are_pending_and_leave_the_status(told):
    waiting = told.between(told.raised - 1.9, told.raised - 0.1)

    assert {one.drift.condition for one in waiting} == {"pending"}
    assert Status.OFF_TRACK not in {one.status for one in told.between(BREAK + 1, told.raised - 0.1)}


def test_it_stays_off_track_while_it_is_broken(told):
    assert {one.status for one in told.between(told.raised, MEND)} == {Status.OFF_TRACK}


def test_the_cut_freezes_the_verdict(told):
    dark = told.between(CUT + 1.1, BACK)

    assert {one.health for one in dark} == {Health.STALE}
    assert {(one.status, one.drift.high, one.day) for one in dark} == {(Status.OFF_TRACK, 1, CUT)}


def test_the_days_of_the_cut_count_once_they_are_healed(told):
    assert told.between(BACK + 1, BACK + 1.3)[0].drift.high == 4


def test_it_is_left_after_seven_good_days_and_a_sync(told):
    resolved = [day for day, state in told.changes if state is AlertState.RESOLVED]

    assert len(resolved) == 1
    assert MEND + 8 <= resolved[0] < MEND + 8.5
    assert resolved[0] > NEXT_SYNC


def test_all_of_it_is_one_episode(told):
    assert [state for _, state in told.changes if state in (AlertState.FIRING, AlertState.RESOLVED)] == [
        AlertState.FIRING,
        AlertState.RESOLVED,
    ]
    assert told.between(MEND + 8.1, 30)[-1].status is Status.ON_TRACK
