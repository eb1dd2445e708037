"""What is said is the difference between what is so and what was told; nothing is said to whoever may not be spoken to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, Condition, Signal, quiet
from collector.domain.announcement import Occasion, Severity
from collector.domain.lifecycle import step
from collector.domain.speech import Bearing, Told, Word, after, next_look, to_say

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24 * HOUR
FIRING = step(
    quiet(AlertKind.DRIFT, "2026-Q4:checkout/p95"), Signal(Condition.FIRING, severity=Severity.TICKET), START
).alert
OVER = step(FIRING, Signal(Condition.CLEAR), START + HOUR).alert
AGAIN = step(OVER, Signal(Condition.FIRING, severity=Severity.TICKET), START + 2 * HOUR).alert
TOLD = Told("slack", FIRING.fingerprint, 1, open=True, severity=Severity.TICKET, at=START)
ENDED = replace(TOLD, open=False)
USUAL = Bearing(repeat=DAY)


def words(alert, told, bearing=USUAL, at=START + 3 * HOUR):
    return [(word.occasion.value, word.episode) for word in to_say(alert, told, at, bearing)]


@pytest.mark.parametrize(
    ("alert", "told", "said"),
    [
        (FIRING, None, [("first", 1)]),
        (FIRING, TOLD, []),
        (OVER, TOLD, [("resolved", 1)]),
        (OVER, ENDED, []),
        (OVER, None, []),
        (AGAIN, TOLD, [("resolved", 1), ("first", 2)]),
        (AGAIN, ENDED, [("first", 2)]),
        (replace(AGAIN, state=AlertState.PENDING), TOLD, [("resolved", 1)]),
        (replace(FIRING, state=AlertState.RECOVERING), TOLD, []),
        (replace(FIRING, state=AlertState.RECOVERING), None, []),
        (replace(FIRING, severity=Severity.PAGE), TOLD, [("worse", 1)]),
        (replace(FIRING, severity=Severity.PAGE), None, [("first", 1)]),
    ],
)
def test_what_is_said_is_what_is_so_and_was_not_told(alert, told, said):
    assert words(alert, told) == said


@pytest.mark.parametrize("alert", [FIRING, OVER, AGAIN, replace(FIRING, severity=Severity.PAGE)])
@pytest.mark.parametrize("told", [None, TOLD, ENDED])
def test_whoever_may_not_be_spoken_to_hears_nothing_and_later_all_of_it(alert, told):
    assert words(alert, told, Bearing(muted=True, repeat=DAY), START + 9 * DAY) == []
    assert words(alert, told, Bearing(repeat=None)) == words(
        alert, told, Bearing(repeat=None), START + 9 * DAY
    )


def test_what_began_and_ended_in_silence_is_never_said_to_be_over():
    assert words(OVER, None) == []


def test_it_is_repeated_after_the_time_and_not_before():
    assert words(FIRING, TOLD, at=START + DAY - HOUR) == []
    assert words(FIRING, TOLD, at=START + DAY) == [("repeat", 1)]
    assert next_look(FIRING, TOLD, USUAL) == START + DAY


def test_what_is_acknowledged_is_not_repeated_but_may_grow_worse_and_end():
    acked = Bearing(acked=True, repeat=DAY)

    assert words(FIRING, TOLD, acked, START + 9 * DAY) == []
    assert next_look(FIRING, TOLD, acked) is None
    assert words(replace(FIRING, severity=Severity.PAGE), TOLD, acked) == [("worse", 1)]
    assert words(OVER, TOLD, acked) == [("resolved", 1)]


def test_a_missed_night_of_repeats_is_one_repeat():
    repeated = after(FIRING, TOLD, "slack", [Word(Occasion.REPEAT, 1)], START + 9 * DAY)

    assert repeated is not None
    assert repeated.repeats == 1
    assert words(FIRING, repeated, at=START + 9 * DAY + HOUR) == []


def test_what_was_told_is_written_down_once_it_is_said():
    assert after(FIRING, None, "slack", [], START) is None
    assert after(FIRING, None, "slack", [Word(Occasion.FIRST, 1)], START) == TOLD
    assert after(OVER, TOLD, "slack", [Word(Occasion.RESOLVED, 1)], START) == ENDED
    both = after(AGAIN, TOLD, "slack", [Word(Occasion.RESOLVED, 1), Word(Occasion.FIRST, 2)], START)
    assert both == replace(TOLD, episode=2)


def test_repeats_are_counted_within_an_episode_over_a_rise_of_severity():
    thrice = replace(TOLD, repeats=3)

    worse = after(replace(FIRING, severity=Severity.PAGE), thrice, "slack", [Word(Occasion.WORSE, 1)], START)

    assert worse is not None
    assert (worse.repeats, worse.severity) == (3, Severity.PAGE)
