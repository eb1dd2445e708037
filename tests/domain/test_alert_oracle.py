"""A million random readings move alerts exactly as a regular expression over their whole history says."""

import itertools
import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import Alert, AlertKind, AlertState, Condition, Damping, Signal, quiet
from collector.domain.announcement import Occasion, Severity
from collector.domain.damping import damping_of
from collector.domain.lifecycle import step
from collector.domain.okr import Guardrail
from collector.domain.quiet import Quiet
from collector.domain.speech import Bearing, after, to_say

START = datetime(2026, 10, 5, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
LETTERS = {"F": Condition.FIRING, "C": Condition.CLEAR, "U": Condition.UNKNOWN, "O": Condition.OVER}
ROUNDS, READINGS = 250, 1000
WEEKS = 2500


def oracle(history, fire_after, hold):
    """Give (begin, end) of every episode in hours; an end of None is still open. Knows nothing of states or steps.

    An episode begins with the `fire_after`-th F of a row that only U interrupts, and ends with an O, or with a C that is
    `hold` hours after the first C of a row that only C and U interrupt.
    """
    ends = r"[CO]" if hold == 0 else rf"(?:O|C[CU]{{{hold - 1}}}U*C)"
    episode = re.compile(rf"F(?:U*F){{{fire_after - 1}}}(?=(?P<rest>.*?{ends})?)", re.DOTALL)
    found, place = [], 0
    while (match := episode.search(history, place)) is not None:
        begin = match.end() - 1
        rest = match.group("rest")
        if rest is None:
            found.append((begin, None))
            break
        end = begin + len(rest)
        found.append((begin, end))
        place = end + 1
    return found


def walk(history, damping):
    """Give the same by stepping an alert through the history, one reading an hour."""
    alert, begins, ends = quiet(AlertKind.BREACH, "2026-Q4:checkout/p95"), [], []
    for hour, letter in enumerate(history):
        at = START + hour * HOUR
        stepped = step(alert, Signal(LETTERS[letter], at, Severity.TICKET), at, damping)
        alert = stepped.alert
        if stepped.transition is not None and stepped.transition.began:
            begins.append(hour)
        if stepped.transition is not None and stepped.transition.ended:
            ends.append(hour)
    return list(itertools.zip_longest(begins, ends))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(4))
def test_a_million_readings_move_alerts_as_the_oracle_says(seed):
    print(f"seed {seed}: {ROUNDS} histories of {READINGS} readings")
    draw = random.Random(seed)
    for _ in range(ROUNDS):
        letters = draw.choices(
            "FCUO", weights=(draw.random(), draw.random() * 3, draw.random(), 0.02), k=READINGS
        )
        history, fire_after, hold = "".join(letters), draw.randint(1, 3), draw.randint(0, 6)

        assert walk(history, Damping(fire_after=fire_after, hold=hold * HOUR)) == oracle(
            history, fire_after, hold
        )


@pytest.mark.timeout(300)
def test_a_thousand_restarts_within_a_pending_time_fire_at_the_same_reading():
    """What an alert counts is on the alert, so a restart is a copy of what was stored and nothing else."""
    draw = random.Random(5)
    print("seed 5: 1000 restarts")
    for _ in range(1000):
        fire_after = draw.randint(2, 9)
        damping, restart = Damping(fire_after=fire_after), draw.randint(1, fire_after - 1)
        alert = quiet(AlertKind.GUARDRAIL, "2026-Q4:checkout/p95")
        fired = []
        for reading in range(fire_after + 3):
            at = START + reading * HOUR
            if reading == restart:
                alert = Alert(**{name: getattr(alert, name) for name in Alert.__slots__})
                again = step(alert, Signal(Condition.FIRING, at - HOUR, Severity.TICKET), at, damping)
                alert = again.alert  # the newest reading is looked at again after the start
            stepped = step(alert, Signal(Condition.FIRING, at, Severity.TICKET), at, damping)
            alert = stepped.alert
            if stepped.transition is not None and stepped.transition.began:
                fired.append(reading)

        assert fired == [fire_after - 1]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(4))
def test_in_ten_thousand_weeks_everybody_is_told_what_is_so_and_nothing_else(seed):
    """The rules, not the code: whoever may be spoken to believes what is so; nothing is said to whoever may not; every
    conversation begins with a first word and ends with a last; nobody is reminded early, or of what they acknowledged.
    """
    print(f"seed {seed}: {WEEKS} weeks")
    draw = random.Random(seed)
    rest = Quiet(UTC)
    damping, repeat = Damping(fire_after=2, hold=24 * HOUR), 24 * HOUR
    alert = quiet(AlertKind.BREACH, "2026-Q4:checkout/p95")
    told, talk, reminded, firsts, shown = None, "", None, 0, set()
    weights = (1, 3, 1, 0.05)
    for hour in range(0, WEEKS * 7 * 24, 4):
        at = START + hour * HOUR
        if hour % 168 == 0:
            weights = (draw.random(), draw.random() * 3, draw.random(), 0.02)
            silenced = {day for day in range(7) if draw.random() < 0.1}
            acked = draw.random() < 0.3
        condition = LETTERS[draw.choices("FCUO", weights=weights)[0]]
        severity = draw.choice((Severity.INFO, Severity.TICKET))
        alert = step(alert, Signal(condition, at, severity), at, damping).alert
        muted = rest.until(at) is not None or hour // 24 % 7 in silenced
        words = to_say(alert, told, at, Bearing(muted, acked, repeat))

        assert not (muted and words)
        for word in words:
            talk += {Occasion.FIRST: "f", Occasion.WORSE: "w", Occasion.REPEAT: "r", Occasion.RESOLVED: "e"}[
                word.occasion
            ]
            firsts += word.occasion is Occasion.FIRST
            if word.occasion is Occasion.REPEAT:
                assert not acked
                assert reminded is not None
                assert at - reminded >= repeat
            reminded = at
        told = after(alert, told, "slack", words, at) or told
        if not muted:
            believed = told is not None and told.open
            assert not believed or alert.state.open
            assert not believed or told.episode == alert.episode
            if alert.state is AlertState.FIRING:
                assert believed
                assert told.severity is alert.severity
                shown.add(alert.episode)

    assert re.fullmatch("(?:f[wr]*e)*(?:f[wr]*)?", talk)
    assert firsts == len(shown)
    assert firsts > 100
    assert alert.state in AlertState


@pytest.mark.parametrize("kind", [AlertKind.BREACH, AlertKind.GUARDRAIL, AlertKind.SLO_BURN, AlertKind.STALE])
def test_a_value_that_swings_round_its_limit_makes_one_episode(make, kind):
    """A thousand swings of one per cent, each reading on the other side of the limit."""
    guard = Guardrail("refunds", "refunds stay low", make.binding(), at_most=2)
    damping = damping_of(kind, make.key_result(guardrails=(guard,)))
    alert = quiet(kind, "2026-Q4:checkout/p95")
    for reading in range(2000):
        at = START + reading * timedelta(minutes=15)
        fires = Condition.FIRING if reading % 2 == 0 else Condition.CLEAR
        alert = step(alert, Signal(fires, at, Severity.TICKET), at, damping).alert

    assert alert.episode <= (1 if kind is not AlertKind.STALE else 2)
