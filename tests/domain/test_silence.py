"""What people lay over an alert speaks for exactly what they meant, and no longer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.alert import AlertKind, AlertState, quiet
from collector.domain.announcement import Severity
from collector.domain.silence import Ack, Silence

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALERT = replace(
    quiet(AlertKind.DRIFT, "2026-Q4:shop/p95"), state=AlertState.FIRING, episode=2, severity=Severity.TICKET
)
ACK = Ack(ALERT.fingerprint, 2, Severity.TICKET, NOON, "li")
SILENCE = Silence("shop", "", NOON, NOON + HOUR, "li", "a load test")


def test_an_acknowledgement_speaks_for_its_episode():
    assert ACK.holds(ALERT)


@pytest.mark.parametrize("episode", [1, 3])
def test_an_acknowledgement_of_another_episode_says_nothing(episode):
    assert not replace(ACK, episode=episode).holds(ALERT)


def test_growing_worse_clears_an_acknowledgement():
    assert not ACK.holds(replace(ALERT, severity=Severity.PAGE))


def test_an_acknowledgement_of_something_worse_speaks_for_less_too():
    assert replace(ACK, severity=Severity.PAGE).holds(ALERT)


def test_an_acknowledgement_of_another_alert_says_nothing():
    assert not ACK.holds(replace(ALERT, fingerprint="another"))


def test_an_acknowledgement_holds_while_the_alert_recovers():
    assert ACK.holds(replace(ALERT, state=AlertState.RECOVERING))


@pytest.mark.parametrize(
    ("at", "covers"),
    [(NOON - timedelta(seconds=1), False), (NOON, True), (NOON + HOUR, False)],
    ids=["before it starts", "from its first instant", "not at its end"],
)
def test_a_silence_lasts_from_its_start_up_to_its_end(at, covers):
    assert SILENCE.covers(AlertKind.DRIFT, "shop", "shop/p95", at) is covers


@pytest.mark.parametrize(
    ("silence", "covers"),
    [
        (SILENCE, True),
        (replace(SILENCE, team="crew"), False),
        (replace(SILENCE, key_result="shop/p95"), True),
        (replace(SILENCE, key_result="shop/p9"), False),
        (replace(SILENCE, kind=AlertKind.DRIFT), True),
        (replace(SILENCE, kind=AlertKind.STALE), False),
    ],
    ids=["its team", "another team", "its key result", "another key result", "its kind", "another kind"],
)
def test_a_silence_covers_what_it_names_and_nothing_else(silence, covers):
    assert silence.covers(AlertKind.DRIFT, "shop", "shop/p95", NOON) is covers


def test_a_silence_of_one_key_result_does_not_cover_what_concerns_the_whole_team():
    assert not replace(SILENCE, key_result="shop/p95").covers(AlertKind.SOURCE_DOWN, "shop", "", NOON)
