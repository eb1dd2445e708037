"""The brief goes out once, at its moment, before the sync, with what cannot be discussed set apart."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.daemon import briefing

BRIEF = datetime(2025, 11, 14, 14, 0, tzinfo=UTC)
"""Friday 15:00 in Berlin, before the sync on Monday 10:00."""
SYNC = datetime(2025, 11, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(house, prom, receiver):
    good, bad = prom(), prom("close")
    house.write(
        sources={
            "good": f"{{kind: prometheus, url: '{good.url}', timeout: PT1S}}",
            "bad": f"{{kind: prometheus, url: '{bad.url}', timeout: PT1S}}",
        },
        key_results={
            "ahead": "{source: good, query: vector(40), every: 6h}",
            "behind": "{source: good, query: vector(99), every: 6h}",
            "unread": "{source: bad, query: vector(60), every: 6h}",
        },
        notify=f"{{hook: {{kind: webhook, url: '{receiver.url}'}}}}",
        sync="{every: 'monday 10:00', brief: previous working day 15:00}",
    )
    return receiver


def test_the_brief_is_sent_once_at_its_moment_off_track_first_and_unfit_numbers_apart(
    house, team, eventually
):
    house.clock.set(BRIEF - timedelta(minutes=2))
    house.start()
    assert team.said("brief") == []
    house.step(timedelta(minutes=3))
    eventually(lambda: team.said("brief"))
    house.step(timedelta(minutes=10), times=5)
    [brief] = team.said("brief")
    parts = {part["heading"]: part["lines"] for part in brief["sections"]}
    assert [line.split(" (")[0] for line in parts["Results progress since the sync on Mon 10 Nov 10:00"]] == [
        "■ Do behind",
        "● Do ahead",
    ]
    assert [line.split(" (")[0] for line in parts["Issues"][:2]] == [
        "to decide: Do behind",
        "not fit to discuss: ◌ Do unread",
    ]
    assert len(parts["Goal confidence (0-10, the owner's word)"]) == 3
    assert "1 off track" in brief["title"]
    assert "1 without fit numbers" in brief["title"]


def test_a_brief_whose_moment_passed_while_krd_was_down_is_sent_at_the_start_and_only_then(
    house, team, eventually
):
    house.clock.set(BRIEF - timedelta(hours=3))
    house.start()
    house.stop()
    house.clock.set(SYNC - timedelta(hours=2))
    house.start()
    house.step(timedelta(seconds=20))
    eventually(lambda: team.said("brief"))
    house.stop()
    house.start()
    house.step(timedelta(minutes=10))
    assert len(team.said("brief")) == 1
    assert len({letter for letter, body in team.letters if body["data"]["kind"] == "brief"}) == 1


def test_a_brief_at_the_start_waits_for_the_first_readings(house, team):
    house.clock.set(SYNC - timedelta(hours=2))
    house.start()
    house.quiet()
    assert team.said("brief") == []


def test_a_brief_whose_sync_is_over_is_recorded_as_missed_and_not_sent(house, team):
    house.clock.set(BRIEF - timedelta(hours=3))
    house.start()
    house.stop()
    house.clock.set(SYNC + timedelta(minutes=5))
    house.start()
    house.step(timedelta(minutes=10))
    assert team.said("brief") == []
    assert brief_outcomes(house) == [("missed",)]


def brief_outcomes(house):
    return house.rows(
        "SELECT outcome FROM moments WHERE kind = 'brief' AND moment = ?", SYNC.timestamp() * 1000
    )


def test_a_brief_that_a_clock_ahead_of_time_called_missed_is_sent_once_the_clock_is_right(
    house, team, eventually
):
    house.clock.set(BRIEF - timedelta(hours=3))
    house.start()
    house.clock.set(SYNC + timedelta(hours=1))
    house.quiet()
    eventually(lambda: brief_outcomes(house) == [("missed",)])
    house.clock.set(BRIEF - timedelta(hours=2))
    house.quiet()
    house.step(timedelta(hours=2, minutes=1))
    eventually(lambda: team.said("brief"))
    house.step(timedelta(minutes=10), times=2)
    assert len(team.said("brief")) == 1
    assert brief_outcomes(house) == [("sent",)]


def test_a_brief_that_fails_is_tried_again_after_a_minute_and_not_every_second(
    house, team, eventually, monkeypatch
):
    tries, send = [], briefing.send_brief

    def fail(*_):
        tries.append(house.clock.now())
        raise ZeroDivisionError

    house.clock.set(BRIEF - timedelta(minutes=2))
    house.start()
    monkeypatch.setattr(briefing, "send_brief", fail)
    house.step(timedelta(minutes=3))
    house.step(timedelta(seconds=20), times=2)
    assert len(tries) == 1
    house.step(timedelta(seconds=30))
    assert len(tries) == 2
    monkeypatch.setattr(briefing, "send_brief", send)
    house.step(timedelta(minutes=1))
    eventually(lambda: team.said("brief"))
