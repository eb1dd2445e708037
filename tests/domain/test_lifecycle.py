"""An alert moves by good values only, counts readings rather than looks, and keeps its number over a flap."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.alert import AlertKind, AlertState, Condition, Damping, Signal, quiet
from collector.domain.announcement import Severity
from collector.domain.lifecycle import closed, step

CONDITIONS = st.sampled_from(Condition)
SUBJECT = "2026-Q4:checkout/p95"
START = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAMPED = Damping(fire_after=2, hold=24 * HOUR)


def follow(conditions, damping=None, severities=()):
    """Step by one condition an hour; gives the alert and its transitions."""
    alert, moves = quiet(AlertKind.BREACH, SUBJECT), []
    for number, condition in enumerate(conditions):
        at = START + number * HOUR
        severity = severities[number] if number < len(severities) else Severity.TICKET
        stepped = step(alert, Signal(condition, at, severity), at, damping or Damping())
        alert = stepped.alert
        if stepped.transition is not None:
            moves.append(stepped.transition)
    return alert, moves


REACHING = {
    AlertState.INACTIVE: [],
    AlertState.PENDING: [Condition.PENDING],
    AlertState.FIRING: [Condition.FIRING],
    AlertState.RECOVERING: [Condition.FIRING, Condition.RECOVERING],
    AlertState.RESOLVED: [Condition.FIRING, Condition.CLEAR],
}


@pytest.mark.parametrize("state", AlertState)
def test_bad_data_moves_nothing_and_counts_nothing(state):
    alert, _ = follow(REACHING[state])

    assert alert.state is state
    assert step(alert, Signal(Condition.UNKNOWN, START + 9 * HOUR), START + 9 * HOUR).alert == alert


@pytest.mark.parametrize(
    ("before", "condition", "after"),
    [
        (AlertState.INACTIVE, Condition.PENDING, AlertState.PENDING),
        (AlertState.INACTIVE, Condition.FIRING, AlertState.FIRING),
        (AlertState.INACTIVE, Condition.RECOVERING, AlertState.INACTIVE),
        (AlertState.INACTIVE, Condition.CLEAR, AlertState.INACTIVE),
        (AlertState.INACTIVE, Condition.OVER, AlertState.INACTIVE),
        (AlertState.PENDING, Condition.CLEAR, AlertState.INACTIVE),
        (AlertState.PENDING, Condition.OVER, AlertState.INACTIVE),
        (AlertState.PENDING, Condition.FIRING, AlertState.FIRING),
        (AlertState.PENDING, Condition.RECOVERING, AlertState.PENDING),
        (AlertState.FIRING, Condition.PENDING, AlertState.FIRING),
        (AlertState.FIRING, Condition.RECOVERING, AlertState.RECOVERING),
        (AlertState.FIRING, Condition.CLEAR, AlertState.RESOLVED),
        (AlertState.FIRING, Condition.OVER, AlertState.RESOLVED),
        (AlertState.RECOVERING, Condition.FIRING, AlertState.FIRING),
        (AlertState.RECOVERING, Condition.PENDING, AlertState.RECOVERING),
        (AlertState.RECOVERING, Condition.CLEAR, AlertState.RESOLVED),
        (AlertState.RECOVERING, Condition.OVER, AlertState.RESOLVED),
        (AlertState.RESOLVED, Condition.CLEAR, AlertState.RESOLVED),
        (AlertState.RESOLVED, Condition.OVER, AlertState.RESOLVED),
        (AlertState.RESOLVED, Condition.PENDING, AlertState.PENDING),
        (AlertState.RESOLVED, Condition.FIRING, AlertState.FIRING),
    ],
)
def test_each_condition_leads_where_it_should(before, condition, after):
    alert, moves = follow([*REACHING[before], condition])

    assert alert.state is after
    assert len(moves) == len(follow(REACHING[before])[1]) + (before is not after)


def test_each_leaving_of_quiet_is_another_episode():
    fire, clear = Condition.FIRING, Condition.CLEAR

    alert, moves = follow([fire, clear, fire, clear, Condition.PENDING, fire])

    assert [move.alert.episode for move in moves] == [1, 1, 2, 2, 3, 3]
    assert [move.alert.step for move in moves] == [1, 2, 1, 2, 1, 2]
    assert alert.state is AlertState.FIRING


@given(conditions=st.lists(CONDITIONS, max_size=40))
def test_a_replay_gives_the_same_events_and_no_two_are_alike(conditions):
    events = [move.event for move in follow(conditions, DAMPED)[1]]

    assert events == [move.event for move in follow(conditions, DAMPED)[1]]
    assert len(events) == len(set(events))


@given(conditions=st.lists(CONDITIONS, max_size=60))
def test_nothing_resolves_on_missing_or_bad_data(conditions):
    alert = quiet(AlertKind.BREACH, SUBJECT)
    for number, condition in enumerate(conditions):
        at = START + number * HOUR
        moved = step(alert, Signal(condition, at, Severity.TICKET), at, DAMPED).transition
        if moved is not None and moved.alert.state is AlertState.RESOLVED:
            assert condition in (Condition.CLEAR, Condition.OVER)
        alert = moved.alert if moved is not None else step(alert, Signal(condition, at), at, DAMPED).alert


def test_firing_takes_readings_and_not_looks():
    alert = quiet(AlertKind.GUARDRAIL, SUBJECT)
    for second in range(100):
        alert = step(alert, Signal(Condition.FIRING, START), START + timedelta(seconds=second), DAMPED).alert
    assert (alert.state, alert.run) == (AlertState.PENDING, 1)

    alert = step(alert, Signal(Condition.FIRING, START + HOUR), START + HOUR, DAMPED).alert

    assert (alert.state, alert.run) == (AlertState.FIRING, 0)


def test_ending_takes_a_whole_hold_of_clear_readings():
    fire, clear = Condition.FIRING, Condition.CLEAR

    early, _ = follow([fire, fire, *[clear] * 24], DAMPED)
    late, moves = follow([fire, fire, *[clear] * 25], DAMPED)

    assert early.state is AlertState.RECOVERING
    assert late.state is AlertState.RESOLVED
    assert [move.alert.state.value for move in moves] == ["pending", "firing", "recovering", "resolved"]


def test_what_is_clear_counts_anew_after_a_bad_reading():
    fire, clear = Condition.FIRING, Condition.CLEAR

    alert, moves = follow([fire, fire, *[clear] * 20, fire, *[clear] * 24], DAMPED)

    assert alert.state is AlertState.RECOVERING
    assert {move.alert.episode for move in moves} == {1}


def test_time_without_readings_brings_no_end_nearer():
    alert, _ = follow([Condition.FIRING, Condition.FIRING, Condition.CLEAR], DAMPED)
    reading = START + 2 * HOUR

    later = step(alert, Signal(Condition.CLEAR, reading), START + 1000 * HOUR, DAMPED).alert

    assert later == alert


def test_a_relapse_within_a_day_takes_longer_to_end():
    damping = Damping(relapse_hold=6 * HOUR, relapse=24 * HOUR)
    fire, clear = Condition.FIRING, Condition.CLEAR

    once, _ = follow([fire, clear], damping)
    again, _ = follow([fire, clear, fire, *[clear] * 6], damping)
    over, _ = follow([fire, clear, fire, *[clear] * 7], damping)
    rare, _ = follow([fire, clear, *[clear] * 30, fire, clear], damping)

    assert once.state is AlertState.RESOLVED
    assert again.state is AlertState.RECOVERING
    assert over.state is AlertState.RESOLVED
    assert (rare.state, rare.episode) == (AlertState.RESOLVED, 2)


def test_severity_rises_within_an_episode_and_never_falls():
    fire = Condition.FIRING
    info, ticket, page = Severity.INFO, Severity.TICKET, Severity.PAGE

    alert, moves = follow([fire] * 5, severities=[info, ticket, info, page, ticket])

    assert alert.severity is page
    assert [(move.alert.severity, move.began, move.worsened) for move in moves] == [
        (info, True, False),
        (ticket, False, True),
        (page, False, True),
    ]
    assert len({move.event for move in moves}) == 3


def test_the_event_people_are_told_of_outlives_a_flap():
    fire = Condition.FIRING

    alert, moves = follow([fire, Condition.RECOVERING, fire])

    assert alert.event == moves[0].event
    assert [move.began for move in moves] == [True, False, False]
    assert not any(move.worsened for move in moves)


def test_what_is_closed_says_why_and_is_over_at_once():
    alert, _ = follow([Condition.FIRING, Condition.FIRING], DAMPED)

    moved = closed(alert, START + 5 * HOUR, "removed from the files")

    assert moved is not None
    assert (moved.why, moved.alert.state, moved.ended) == (
        "removed from the files",
        AlertState.RESOLVED,
        True,
    )
    assert moved.alert.ended == START + 5 * HOUR
    assert closed(moved.alert, START + 6 * HOUR, "again") is None
    assert closed(quiet(AlertKind.DRIFT, SUBJECT), START, "never was") is None


def test_a_pending_one_that_is_closed_was_never_open():
    alert, _ = follow([Condition.FIRING], DAMPED)

    moved = closed(alert, START + HOUR, "retired")

    assert moved is not None
    assert (moved.alert.state, moved.ended) == (AlertState.INACTIVE, False)


def test_a_rule_that_counts_by_itself_has_its_count_kept():
    alert = step(quiet(AlertKind.SOURCE_DOWN, "prod"), Signal(Condition.PENDING, count=2), START).alert

    assert (alert.state, alert.run) == (AlertState.PENDING, 2)
    assert step(alert, Signal(Condition.PENDING, count=2), START).alert == alert
    assert replace(alert, run=3) == step(alert, Signal(Condition.PENDING, count=3), START).alert
