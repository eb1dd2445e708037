"""What follows a brief: one escalation, what changed in the last hour, and before it one more reading of what is not fresh."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.moments import MomentKind, moments_of

BRIEF = datetime(2025, 11, 14, 14, 0, tzinfo=UTC)
"""Friday 15:00 in Berlin, before the sync on Monday 10:00."""
SYNC = datetime(2025, 11, 17, 9, 0, tzinfo=UTC)
LAST_HOUR = SYNC - timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MEETING = "{every: 'monday 10:00', brief: previous working day 15:00}"


@pytest.fixture
def team(house, prom, receiver):
    """A team with a key result on its way, one that drifts, and one whose source is away."""
    good, receiver.away = prom(), prom("close")
    house.write(
        sources={
            "good": f"{{kind: prometheus, url: '{good.url}', timeout: PT1S}}",
            "bad": f"{{kind: prometheus, url: '{receiver.away.url}', timeout: PT1S}}",
        },
        key_results={
            "ahead": "{source: good, query: vector(40), every: 6h}",
            "behind": "{source: good, query: vector(99), every: 6h}",
            "unread": "{source: bad, query: vector(60), every: 6h}",
        },
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        sync=MEETING,
    )
    return receiver


@pytest.fixture
def escalation(house):
    """Give when drift escalates, once the house runs."""

    def due():
        okrs = house.running.app.configuration.okrs
        quiet = okrs.teams["shop"].alerts.quiet
        moments = moments_of("shop", okrs.calendars["shop", "2025-Q4"], SYNC, quiet)
        return next(one.due for one in moments if one.kind is MomentKind.ESCALATION)

    return due


def until(house, at):
    house.step(at - house.clock.now())


def marks(house):
    found = house.rows("SELECT kind, outcome FROM moments WHERE kind NOT LIKE 'told:%' ORDER BY kind")
    return dict(found)


def test_drift_that_nobody_acknowledged_escalates_once_over_a_restart(house, team, escalation, eventually):
    house.clock.set(BRIEF - MINUTE)
    house.start()
    until(house, BRIEF + MINUTE)
    until(house, escalation() - MINUTE)
    assert team.said("escalation") == []
    until(house, escalation())
    eventually(lambda: team.said("escalation"))
    house.stop()
    house.start()
    house.step(timedelta(hours=1), times=2)
    [said] = team.said("escalation")
    assert said["title"] == "shop: 1 key result is off track, and nobody has acknowledged it"
    assert "`krd alerts ack shop/behind`" in said["lines"][0]
    assert said["owner"] == "Li"


def test_in_the_last_hour_only_what_changed_since_the_brief_is_said(house, team, eventually):
    house.clock.set(BRIEF - MINUTE)
    house.start()
    until(house, BRIEF + MINUTE)
    team.away.mode = "ok"
    until(house, LAST_HOUR - MINUTE)
    assert team.said("changes") == []
    until(house, LAST_HOUR)
    [said] = eventually(lambda: team.said("changes"))
    assert "Do unread" in str(said["sections"])
    assert "Do behind" not in str(said["sections"])
    until(house, SYNC + MINUTE)
    assert len(team.said("changes")) == 1


def test_when_nothing_changed_the_last_hour_is_silent(house, team):
    team.away.mode = "ok"
    house.clock.set(SYNC - timedelta(hours=2))
    house.start()
    house.step(timedelta(seconds=20))
    until(house, LAST_HOUR)
    assert marks(house)["changes"] == "nothing"
    until(house, SYNC + MINUTE)
    assert team.said("changes") == []
    assert len(team.said("brief")) == 1


def test_a_brief_in_the_last_hour_is_all_that_is_said_of_the_state_of_things(house, team, eventually):
    house.clock.set(BRIEF - MINUTE)
    house.start()
    house.stop()
    house.clock.set(SYNC - timedelta(minutes=20))
    house.start()
    eventually(lambda: team.said("brief"))
    until(house, SYNC + MINUTE)
    assert team.said("changes") == []
    assert marks(house) == {"brief": "sent", "escalation": "sent", "changes": "nothing"}


def test_what_krd_was_not_there_for_is_missed_not_said_late(house, team):
    house.clock.set(BRIEF - MINUTE)
    house.start()
    house.stop()
    house.clock.set(SYNC + MINUTE)
    house.start()
    house.step(timedelta(minutes=10))
    assert marks(house) == dict.fromkeys(("brief", "escalation", "changes"), "missed")
    assert [kind for kind in ("brief", "escalation", "changes") if team.said(kind)] == []


@pytest.fixture
def refused(house, receiver, warehouse):
    """A team whose only query was refused so often that it is asked once an hour, and not in the quarter before the brief."""
    path = warehouse()
    house.write(
        sources={"warehouse": f"{{kind: sql, url: 'sqlite:///{path}'}}"},
        key_results={"late": "{source: warehouse, query: SELECT value FROM late, every: 15m}"},
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        sync=MEETING,
    )
    house.clock.set(BRIEF - timedelta(hours=3) + MINUTE)
    house.start()
    house.step(timedelta(minutes=15), times=11)
    assert [reason for _, reason, _ in house.gaps("late")][-1] == "backed_off"

    def mend():
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE late AS SELECT 60.0 AS value")
            connection.commit()

    receiver.mend = mend
    return receiver


def test_what_was_refused_is_asked_once_more_five_minutes_before_the_brief(house, refused, eventually):
    refused.mend()
    until(house, BRIEF - timedelta(minutes=6))
    assert house.samples("late") == []
    until(house, BRIEF - timedelta(minutes=5))
    assert [value for _, value, _ in house.samples("late")] == [60.0]
    until(house, BRIEF)
    [brief] = eventually(lambda: refused.said("brief"))
    assert "not fit to discuss" not in str(brief["sections"])


def test_the_brief_goes_out_at_its_moment_whether_or_not_the_reading_answers(house, refused, eventually):
    until(house, BRIEF - timedelta(minutes=5))
    until(house, BRIEF)
    [brief] = eventually(lambda: refused.said("brief"))
    assert "not fit to discuss: ◌ Do late" in str(brief["sections"])
