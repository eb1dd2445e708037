"""`krd alerts ack`, `silence` and `unsilence`: who says so, about what, and until when."""

from datetime import UTC, datetime, timedelta

import pytest


def acked(world):
    return {one["subject"]: one["acked"] for one in world.krd("alerts", "list", "-o", "json").json}


def deeds(world, action):
    return [one for one in world.krd("audit", "-o", "json").json if one["action"] == action]


def silences(world):
    return world.krd("alerts", "list", "--silences", "-o", "json").json


def ends_in(one):
    return datetime.fromisoformat(one["until"]) - datetime.now(UTC)


def test_an_alert_is_acknowledged_by_the_user_of_the_shell(alarms):
    told = alarms.krd("alerts", "ack", "shop/latency", "--note", "rolling back", "-o", "json", LOGNAME="sam")

    assert told.code == 0
    assert [(one["subject"], one["acked"]["by"], one["acked"]["note"]) for one in told.json] == [
        ("shop/latency", "sam", "rolling back")
    ]
    assert acked(alarms)["shop/latency"]["by"] == "sam"
    [deed] = deeds(alarms, "ack")
    assert (deed["actor"], deed["subject"]) == ("sam", "now:shop/latency")


def test_several_are_acknowledged_at_once_each_in_its_own_words(alarms):
    told = alarms.krd("alerts", "ack", "latency", "now:shop/calls", "warehouse", "--by", "Li")

    assert (told.code, {one["by"] for one in acked(alarms).values()}) == (0, {"Li"})


def test_only_the_kind_that_was_named_is_acknowledged(alarms):
    alarms.fire("breach", "now:shop/latency")

    told = alarms.krd("alerts", "ack", "latency", "--kind", "breach", "-o", "json")

    assert [one["kind"] for one in told.json] == ["breach"]


@pytest.mark.parametrize("names", [("slow",), ("shop/latency", "nobody"), ("shop/latency", "slow")])
def test_where_nothing_is_open_nothing_is_written_and_what_is_open_is_told(alarms, names):
    told = alarms.krd("alerts", "ack", *names)

    assert (told.code, told.out) == (1, "")
    assert "is open; open are drift shop/latency, source_down warehouse, stale shop/calls" in told.err
    assert set(acked(alarms).values()) == {None}


def test_nothing_open_at_all_is_said(quiet_world):
    told = quiet_world.krd("alerts", "ack", "latency")

    assert (told.code, told.err) == (1, "krd: no alert of 'latency' is open; nothing is open\n")


def test_an_acknowledgement_is_taken_back(alarms):
    alarms.krd("alerts", "ack", "latency", "--by", "Li")

    undone = alarms.krd("alerts", "ack", "latency", "--undo", "--by", "Sam")
    again = alarms.krd("alerts", "ack", "latency", "--undo", "--by", "Sam")

    assert (undone.code, acked(alarms)["shop/latency"]) == (0, None)
    assert (again.code, again.err) == (
        1,
        "krd: nobody has acknowledged that: there is nothing to take back\n",
    )
    assert [one["actor"] for one in deeds(alarms, "unack")] == ["Sam"]


@pytest.mark.parametrize(
    ("words", "team", "key_result"),
    [
        (["shop"], "shop", None),
        (["shop/latency"], "shop", "shop/latency"),
        (["latency"], "shop", "shop/latency"),
    ],
)
def test_a_team_or_a_key_result_is_silenced_with_its_reason(alarms, words, team, key_result):
    told = alarms.krd(
        "alerts", "silence", *words, "--for", "2d", "--reason", "a load test", "--by", "Li", "-o", "json"
    )

    assert told.code == 0
    assert silences(alarms) == [told.json]
    one = told.json
    assert (one["team"], one["key_result"], one["kind"], one["by"], one["reason"]) == (
        team, key_result, None, "Li", "a load test",
    )  # fmt: skip
    assert timedelta(days=1, hours=23) < ends_in(one) <= timedelta(days=2)


def test_a_date_means_up_to_the_end_of_that_day(alarms):
    day = (alarms.today + timedelta(days=3)).date()

    one = alarms.krd("alerts", "silence", "shop", "--until", day, "--reason", "closed", "-o", "json").json

    assert one["until"] == f"{day + timedelta(days=1)}T00:00:00+00:00"


def test_a_silence_is_in_the_audit_log_of_its_key_result(alarms):
    alarms.krd("alerts", "silence", "latency", "--for", "1h", "--reason", "a load test", "--by", "Li")
    alarms.krd("alerts", "unsilence", silences(alarms)[0]["id"], "--by", "Sam")

    lines = alarms.krd("audit", "now:shop/latency", "-o", "json").json

    assert [(one["action"], one["actor"]) for one in lines] == [("unsilence", "Sam"), ("silence", "Li")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["shop", "--reason", "x"], "a silence has an end"),
        (["shop", "--for", "1h", "--until", "2030-01-01", "--reason", "x"], "a silence has an end"),
        (["shop", "--for", "1h"], "a silence has a reason"),
        (["shop", "--for", "31d", "--reason", "x"], "at most 30 days"),
        (["shop", "--until", "2020-01-01", "--reason", "x"], "ends before it begins"),
        (["shop", "--for", "soon", "--reason", "x"], "--for: expected a length of time"),
        (["shop", "--for", "0h", "--reason", "x"], "--for: must be longer than nothing"),
        (["shop", "--until", "soon", "--reason", "x"], "--until: is written as"),
        (["latncy", "--for", "1h", "--reason", "x"], "no team 'latncy', and there is no key result 'latncy'"),
        (["shop", "--for", "1h", "--reason", "x", "--by", " "], "--by: says who you are"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_silenced_so_is_wrong_usage_and_nothing_is_kept(alarms, words, said):
    told = alarms.krd("alerts", "silence", *words)

    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert silences(alarms) == []


def test_a_silence_that_does_not_last_cannot_be_ended(alarms):
    told = alarms.krd("alerts", "unsilence", "7")

    assert (told.code, told.out) == (1, "")
    assert "there is no silence 7 that lasts: `krd alerts list --silences` shows them" in told.err


def test_hostile_words_of_people_stay_words(alarms):
    alarms.krd("alerts", "ack", "latency", "--note", "=1+1\x1b[2J\n<script>", "--by", "=x")
    alarms.krd("alerts", "silence", "shop", "--for", "1h", "--reason", "=cmd()\x1b[31m", "--by", "@here")

    shown = alarms.krd("alerts", "list").out + alarms.krd("alerts", "list", "--silences").out
    rows = alarms.krd("alerts", "list", "--silences", "-o", "csv").out

    assert "\x1b" not in shown
    assert ",'@here,'=cmd()" in rows
