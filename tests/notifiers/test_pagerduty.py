"""PagerDuty gets one incident an episode: triggered, changed, resolved, within its limits, and never a brief."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.announcement import Occasion, Section, Severity
from collector.notifiers.pagerduty import EVENT_BYTES, KIND, SUMMARY_CHARS, event
from collector.ports.notifier import Delivered, Refused, TryLater

KEY = "R0CANARY" + "a" * 24


@pytest.fixture
def opened(receiver, monkeypatch):
    monkeypatch.setenv("KRD_TEST_KEY", KEY)
    receiver.status, receiver.body = 202, b'{"status":"success","dedup_key":"f00d:2"}'
    return KIND.open(KIND.options(routing_key={"env": "KRD_TEST_KEY"}, url=f"{receiver.address}/v2/enqueue"))


def test_what_fires_triggers_an_incident(opened, receiver, announcement, at):
    assert opened.send(replace(announcement, link="https://krd.example/kr"), at) == Delivered()
    (request,) = receiver.requests

    assert request.path == "/v2/enqueue"
    assert json.loads(request.body) == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "f00d:2",
        "client": "krd",
        "client_url": "https://krd.example/kr",
        "links": [{"href": "https://krd.example/kr", "text": "Open in krd"}],
        "payload": {
            "summary": f"{announcement.title}: {announcement.sentence}",
            "source": "checkout/p95-latency",
            "severity": "warning",
            "timestamp": "2026-11-22T10:00:00+00:00",
            "group": "checkout",
            "class": "drift",
            "custom_details": {
                "id": announcement.id,
                "sentence": announcement.sentence,
                "owner": "li",
                "episode": 2,
                "fingerprint": "f00d",
                "family": "value",
                "occasion": "first",
                "at": "2026-11-22T10:00:00+00:00",
                "lines": list(announcement.lines),
                "facts": announcement.facts,
            },
        },
    }


@pytest.mark.parametrize("occasion", [Occasion.RESOLVED, Occasion.PASSED])
def test_what_is_over_resolves_and_says_nothing_else(announcement, occasion):
    assert event(replace(announcement, occasion=occasion)) == {
        "event_action": "resolve",
        "dedup_key": "f00d:2",
    }


@pytest.mark.parametrize("occasion", [Occasion.FIRST, Occasion.WORSE, Occasion.REPEAT, Occasion.ESCALATION])
def test_all_that_is_said_of_an_episode_is_one_incident(announcement, occasion):
    said = event(replace(announcement, occasion=occasion, id="evt_other"))

    assert (said["event_action"], said["dedup_key"]) == ("trigger", "f00d:2")


def test_another_episode_is_another_incident(announcement):
    assert event(replace(announcement, episode=3))["dedup_key"] == "f00d:3"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Severity.PAGE, "critical"), (Severity.TICKET, "warning"), (Severity.INFO, "info")],
)
def test_each_severity_has_its_word_there(announcement, ours, theirs):
    assert event(replace(announcement, severity=ours))["payload"]["severity"] == theirs


def test_a_test_is_an_incident_of_its_own(announcement):
    trial = replace(announcement, kind="test", occasion=Occasion.TEST, episode=0, fingerprint="")

    assert event(trial)["dedup_key"] == announcement.id


@pytest.mark.parametrize("occasion", [Occasion.BRIEF, Occasion.CHANGES, Occasion.REMINDER])
def test_what_is_no_alert_is_refused_for_what_it_says(opened, receiver, announcement, at, occasion):
    verdict = opened.send(replace(announcement, occasion=occasion, sections=(Section("Issues"),)), at)

    assert isinstance(verdict, Refused)
    assert verdict.content
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, Refused("127.0.0.1 answered 400: it does not take what this message holds; its own log may say why", content=True)),
        (429, TryLater("127.0.0.1 answered 429", timedelta(minutes=3))),
        (500, TryLater("127.0.0.1 answered 500", timedelta(minutes=3))),
    ],
)  # fmt: skip
def test_an_answer_has_the_verdict_that_pagerduty_asks_for(
    opened, receiver, announcement, at, status, verdict
):
    receiver.status, receiver.headers = status, {"retry-after": "180"}

    assert opened.send(announcement, at) == verdict


def test_an_event_stays_within_four_fifths_of_the_published_limits(announcement):
    endless = replace(
        announcement,
        sentence="ü" * 100_000,
        lines=tuple(f"line {n} " + "ü" * 300 for n in range(10_000)),
        facts={f"fact_{n}": "x" * 100 for n in range(10_000)},
    )
    found = event(endless)
    details = found["payload"]["custom_details"]

    assert len(found["payload"]["summary"]) <= SUMMARY_CHARS
    assert len(json.dumps(found, ensure_ascii=False).encode()) <= EVENT_BYTES
    assert details["truncated"] == 20_000 - len(details.get("lines", ())) - len(details.get("facts", ()))


def test_hostile_text_stays_text_and_within_the_limits(hostile, acts):
    written = json.dumps(event(hostile), ensure_ascii=False)

    assert acts(written) == []
    assert len(written.encode()) <= EVENT_BYTES
    assert len(event(hostile)["payload"]["summary"]) <= SUMMARY_CHARS


def test_a_fact_that_is_no_json_is_a_dead_letter(opened, receiver, announcement, at):
    verdict = opened.send(replace(announcement, facts={"p_hit": float("nan")}), at)

    assert verdict == Refused("the announcement cannot be written as JSON: ValueError", content=True)
    assert receiver.requests == []


@pytest.mark.parametrize("key", ["CANARY", KEY + "a", KEY[:-1] + "-", "https://events.pagerduty.com/CANARY"])
def test_what_is_no_routing_key_sends_nothing_and_names_its_place(
    opened, receiver, announcement, at, monkeypatch, key
):
    monkeypatch.setenv("KRD_TEST_KEY", key)
    verdict = opened.send(announcement, at)

    assert isinstance(verdict, TryLater)
    assert "{env: KRD_TEST_KEY}" in verdict.reason
    assert "CANARY" not in verdict.reason
    assert receiver.requests == []


def test_a_routing_key_that_is_not_there_is_worth_another_try(opened, announcement, at, monkeypatch):
    monkeypatch.delenv("KRD_TEST_KEY")
    verdict = opened.send(announcement, at)

    assert isinstance(verdict, TryLater)
    assert "KRD_TEST_KEY is not set" in verdict.reason


@pytest.mark.parametrize(
    "options", [{}, {"routing_key": "CANARY"}, {"routing_key": {"env": "A"}, "url": "ftp://CANARY"}]
)
def test_options_that_cannot_work_are_refused_without_repeating_them(options):
    with pytest.raises(ValueError, match="validation error") as refusal:
        KIND.options(**options)
    assert "CANARY" not in str(refusal.value)
