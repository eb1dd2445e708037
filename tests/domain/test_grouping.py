"""Of all that waits, each episode of an alert is told once, as it stands now, the most severe first; the message depends on nothing else."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.domain.announcement import CLOSED, Announcement, Family, Occasion, Severity
from collector.domain.grouping import grouped, threads

AT = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def say():
    """Give `say(fingerprint, occasion, minute)`: one announcement of an alert."""

    def made(fingerprint, occasion=Occasion.FIRST, minute=0, episode=1, **more):
        at = AT + minute * MINUTE
        facts = {
            "id": f"evt_{fingerprint}_{episode}_{occasion}", "kind": "drift", "family": Family.VALUE,
            "severity": Severity.TICKET, "occasion": occasion, "subject": f"c:shop/{fingerprint}", "team": "shop",
            "title": f"Off track: {fingerprint}", "sentence": "Day 3 of 92.", "at": at, "episode": episode,
            "fingerprint": fingerprint, "since": AT, "owner": "Li",
        }  # fmt: skip
        return Announcement(**{**facts, **more})

    return made


def test_one_letter_alone_is_sent_as_it_is(say):
    said = say("a")

    assert grouped(said.id, [said]) == said


def test_several_alerts_make_one_message_with_the_id_of_the_bundle(say):
    message = grouped("evt_all", [say("a"), say("b", minute=2), say("c", Occasion.RESOLVED, 1)])

    assert [one.fingerprint for one in message.members] == ["a", "b", "c"]
    assert (message.id, message.occasion, message.at) == ("evt_all", Occasion.FIRST, AT + 2 * MINUTE)
    assert message.title == "shop: 2 key results off track, 1 back"
    assert message.facts == {"alerts": 3, "firing": 2, "resolved": 1}
    assert (message.team, message.kind, message.owner) == ("shop", "drift", "Li")


def test_what_is_wrong_comes_before_what_is_over_and_the_severe_before_the_rest(say):
    said = [
        say("over", Occasion.RESOLVED, severity=Severity.PAGE),
        say("note", severity=Severity.INFO),
        say("page", severity=Severity.PAGE),
        say("first"),
        say("second"),
    ]
    message = grouped("evt_all", said)

    assert [one.fingerprint for one in message.members] == ["page", "first", "second", "note", "over"]
    assert message.severity is Severity.PAGE


def test_what_is_over_does_not_make_a_message_more_urgent(say):
    said = [say("over", Occasion.RESOLVED, severity=Severity.PAGE), say("note", severity=Severity.INFO)]

    assert grouped("evt_all", said).severity is Severity.INFO


def test_a_group_of_which_all_is_over_is_resolved(say):
    message = grouped("evt_all", [say("a", Occasion.RESOLVED), say("b", Occasion.RESOLVED)])

    assert (message.occasion, message.title) == (Occasion.RESOLVED, "shop: 2 key results back")


def test_what_began_and_ended_before_it_could_be_said_is_told_once(say):
    message = grouped("evt_bundle", [say("a"), say("a", Occasion.RESOLVED, 90)])

    assert (message.id, message.occasion, message.members) == ("evt_bundle", Occasion.PASSED, ())
    assert message.title == "Passed: Off track: a"
    assert "began on 2026-11-12 at 10:00 UTC and was over on 2026-11-12 at 11:30 UTC" in message.sentence


def test_within_a_group_what_passed_keeps_the_id_of_its_last_event(say):
    message = grouped("evt_all", [say("a"), say("b"), say("a", Occasion.RESOLVED, 90)])

    assert [(one.id, one.occasion.value) for one in message.members] == [
        ("evt_b_1_first", "first"),
        ("evt_a_1_resolved", "passed"),
    ]
    assert message.title == "shop: 1 key result off track, 1 off track and back"


def test_a_resolve_of_what_was_told_before_stays_a_resolve(say):
    message = grouped("evt_bundle", [say("a", Occasion.REPEAT, 5), say("a", Occasion.RESOLVED, 9)])

    assert (message.occasion, message.at) == (Occasion.RESOLVED, AT + 9 * MINUTE)


def test_what_grew_worse_before_anybody_heard_of_it_begins_as_bad_as_it_is(say):
    worse = say("a", Occasion.WORSE, 5, severity=Severity.PAGE, title="Now a page: off track: a")
    message = grouped("evt_bundle", [say("a"), worse])

    assert (message.occasion, message.severity, message.title) == (Occasion.FIRST, Severity.PAGE, worse.title)


def test_an_alert_that_fired_again_closes_the_episode_before_for_machines_that_track_it(say):
    said = [say("a", Occasion.RESOLVED, 30), say("a", minute=60, episode=2)]
    message = grouped("evt_bundle", said)

    assert [(one.occasion.value, one.episode) for one in message.members] == [("first", 2), ("resolved", 1)]


def test_what_was_closed_by_an_edit_did_not_come_back(say):
    closed = [say(name, Occasion.RESOLVED, facts={CLOSED: "removed from the files"}) for name in "bc"]
    message = grouped("evt_bundle", [say("a"), *closed, say("d", Occasion.RESOLVED)])

    assert message.title == "shop: 1 key result off track, 1 back, 2 closed"


def test_sources_that_are_down_are_counted_as_sources(say):
    down = [say(f"s{n}", kind="source_down", family=Family.DATA, team="") for n in range(12)]
    up = [say(f"u{n}", Occasion.RESOLVED, kind="source_down", family=Family.DATA, team="") for n in range(3)]

    assert grouped("evt_all", down + up).title == "12 sources down, 3 back"


def test_a_mixture_of_kinds_and_teams_names_neither(say):
    message = grouped("evt_all", [say("a"), say("b", kind="breach", team="pay", owner="Sam")])

    assert (message.title, message.team, message.owner) == ("2 alerts firing", "", None)


def test_ten_thousand_alerts_are_one_message_that_reads_back_as_it_was(say):
    message = grouped("evt_all", [say(f"kr{n}") for n in range(10_000)])

    assert message.title == "shop: 10,000 key results off track"
    assert Announcement.from_document(message.document()) == message


@pytest.mark.parametrize("seed", range(50))
def test_every_alert_is_in_the_message_exactly_once_and_as_its_last_letter_says(say, seed):
    draw = random.Random(seed)
    said, open_, episodes = [], set(), {}
    for minute in range(draw.randrange(2, 40)):
        alert = draw.choice("abcdef")
        if alert in open_:
            over = draw.random() < 0.5
            said.append(say(alert, Occasion.RESOLVED if over else Occasion.REPEAT, minute, episodes[alert]))
            open_ -= {alert} if over else set()
        else:
            episodes[alert] = episodes.get(alert, 0) + 1
            said.append(say(alert, Occasion.FIRST, minute, episodes[alert]))
            open_.add(alert)
    message = grouped("evt_all", said)
    members = message.members or (message,)

    last = {one.thread: one for one in said}
    assert sorted(one.thread for one in members) == sorted(last), f"seed {seed}"
    assert all(one.occasion.over == last[one.thread].occasion.over for one in members), f"seed {seed}"
    assert {one.fingerprint for one in members if not one.occasion.over} == open_, f"seed {seed}"
    assert grouped("evt_all", list(said)) == message, f"seed {seed}"


def test_briefs_that_come_together_are_kept_apart_by_their_ids(say):
    briefs = [
        replace(say("a"), id=f"evt_{n}", fingerprint="", episode=0, kind="brief", occasion=Occasion.BRIEF)
        for n in range(2)
    ]

    assert threads(briefs) == len(grouped("evt_all", briefs).members) == 2
