"""What is wrong now, over HTTP and for the command line: with who has it in hand, and what lies over it."""

import json
from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.domain.announcement import Severity
from collector.domain.silence import Ack, Silence
from collector.services.alert_documents import alert_document, item_document
from collector.store.unit_of_work import SqlTransaction


@pytest.fixture
def wrong(ask, stored):
    """Give the documents of what is wrong now."""
    return lambda query="": ask(f"/api/v1/alerts{query}").json


@pytest.fixture
def silence(store, at):
    """Keep a silence of a team, from an hour ago for a day."""

    def keep(
        team="checkout", key_result="", starts=at - timedelta(hours=1), ends=at + timedelta(days=1), **more
    ):
        with store.write() as tx:
            return tx.add_silence(Silence(team, key_result, starts, ends, "maria", "freeze", **more))

    return keep


@pytest.fixture
def ack(store, at):
    """Acknowledge an alert as it stands after a change."""

    def keep(change):
        alert = change.alert
        with store.write() as tx:
            tx.put_ack(Ack(alert.fingerprint, alert.episode, alert.severity, at, "Li", "on it"))

    return keep


def test_only_what_is_open_is_there_the_most_severe_first_and_then_the_oldest(wrong, happen, at):
    happen(kind=AlertKind.STALE)
    happen(kind=AlertKind.BREACH)
    happen(at=at - timedelta(hours=1))
    happen(kind=AlertKind.SLO_BURN, severity=Severity.PAGE)
    happen(kind=AlertKind.GUARDRAIL)
    happen(Condition.CLEAR, kind=AlertKind.GUARDRAIL)
    happen(Condition.PENDING, kind=AlertKind.REGRESSED)

    assert [one["kind"] for one in wrong()] == ["slo_burn", "drift", "breach", "stale"]


def test_an_open_alert_says_what_since_when_and_how_bad_it_is(wrong, happen):
    change = happen()
    [document] = wrong()

    assert document == {
        "event": change.event,
        "at": "2026-11-30T12:00:00+00:00",
        "kind": "drift",
        "family": "value",
        "severity": "ticket",
        "state": "firing",
        "since": "2026-11-30T12:00:00+00:00",
        "opened": "2026-11-30T12:00:00+00:00",
        "ended": None,
        "fingerprint": change.alert.fingerprint,
        "episode": 1,
        "step": 1,
        "subject": "checkout/p95-latency",
        "cycle": "2026-Q4",
        "acked": None,
        "silenced": None,
        "inhibited_by": None,
        "team": "checkout",
        "owner": "Li",
        "commitment": None,
        "title": "Off track: checkout/p95-latency",
        "sentence": "Day 61 of 92, expected 66 %, actual 54 %.",
        "lines": ["checkout/p95-latency · owner Li"],
        "link": None,
        "facts": {"level": 580.0},
    }


def test_a_change_has_the_same_words_and_says_what_it_changed(happen, stored, store):
    change = happen()
    with store.read() as tx:
        [item] = tx.newest(1)
    document, now = item_document(item), alert_document(stored.open_alerts()[0])
    shared = document.keys() & now.keys()

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert {name: document[name] for name in ("seq", "was", "occasion", "why")} == {
        "seq": 1,
        "was": "inactive",
        "occasion": "first",
        "why": None,
    }
    assert {name: document[name] for name in shared} == {name: now[name] for name in shared}
    assert document["event"] == change.event


def test_what_concerns_no_key_result_has_no_cycle(wrong, happen):
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    [document] = wrong()

    assert (document["subject"], document["cycle"], document["team"]) == ("prod", None, None)


def test_its_words_are_those_of_its_newest_change(wrong, happen):
    happen()
    before = wrong()[0]["title"]
    happen(severity=Severity.PAGE, title="Worse: checkout/p95-latency")

    assert (before, wrong()[0]["title"]) == ("Off track: checkout/p95-latency", "Worse: checkout/p95-latency")


def test_an_acknowledgement_is_told_until_it_gets_worse(wrong, happen, ack):
    ack(happen())
    before = wrong()[0]["acked"]
    happen(severity=Severity.PAGE)

    assert before == {"by": "Li", "at": "2026-11-30T12:00:00+00:00", "note": "on it"}
    assert wrong()[0]["acked"] is None


def test_a_silence_is_told_with_its_end_its_author_and_its_reason(wrong, happen, silence):
    happen()
    before = wrong()[0]["silenced"]
    number = silence()

    assert before is None
    assert wrong()[0]["silenced"] == {
        "id": number,
        "until": "2026-12-01T12:00:00+00:00",
        "by": "maria",
        "reason": "freeze",
    }


def test_the_silence_that_lasts_longest_is_told_and_none_of_others_or_of_later(wrong, happen, silence, at):
    happen()
    silence(team="payments")
    silence(key_result="checkout/nps")
    silence(starts=at + timedelta(hours=1))
    silence(ends=at)
    silence(kind=AlertKind.BREACH)
    assert wrong()[0]["silenced"] is None
    longest = silence(key_result="checkout/p95-latency", ends=at + timedelta(days=3))
    silence()

    assert wrong()[0]["silenced"]["id"] == longest


def test_what_concerns_several_teams_is_silenced_when_each_of_them_has_a_silence(wrong, happen, silence, at):
    happen(kind=AlertKind.CONFIG_REJECTED, subject="krd.yaml")
    silence(ends=at + timedelta(days=2))
    before = wrong()[0]["silenced"]
    earliest = silence(team="payments")

    assert before is None
    assert wrong()[0]["silenced"]["id"] == earliest


def test_a_source_that_is_down_speaks_for_the_data_behind_it_alone(wrong, happen):
    happen(kind=AlertKind.STALE)
    happen()
    happen(kind=AlertKind.STALE, subject="2026-Q4:checkout/elsewhere")
    down = happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    told = {(one["kind"], one["subject"]): one["inhibited_by"] for one in wrong()}

    assert told == {
        ("stale", "checkout/p95-latency"): {
            "fingerprint": down.alert.fingerprint,
            "kind": "source_down",
            "subject": "prod",
        },
        ("drift", "checkout/p95-latency"): None,
        ("stale", "checkout/elsewhere"): None,
        ("source_down", "prod"): None,
    }


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("?team=payments", ["guardrail", "source_down"]),
        ("?family=data", ["source_down"]),
        ("?kind=drift&team=payments", []),
        ("?state=firing", ["drift", "guardrail", "source_down"]),
        ("?state=recovering", []),
    ],
)
def test_it_is_filtered_like_the_feeds(wrong, happen, query, kinds):
    happen()
    happen(kind=AlertKind.GUARDRAIL, subject="2026-Q4:payments/refunds")
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")

    assert [one["kind"] for one in wrong(query)] == kinds


def test_what_is_not_known_is_refused_here_too(ask, stored):
    assert ask("/api/v1/alerts?team=nobody").status == 400
    refused = ask("/api/v1/alerts?state=resolved")
    assert (refused.status, "'firing' or 'recovering'" in refused.text) == (400, True)


def test_what_no_change_touched_is_not_read_again(monkeypatch, wrong, happen):
    happen()
    read, asked = SqlTransaction.alerts, []
    monkeypatch.setattr(SqlTransaction, "alerts", lambda *seen: asked.append(seen) or read(*seen))
    first, again = wrong(), wrong()

    assert first == again != []
    assert len(asked) == 1
    happen(Condition.CLEAR)
    assert wrong() == []


def test_the_description_of_the_api_names_the_filters(ask):
    paths = ask("/api/v1/openapi.json").json["paths"]
    named = {
        path: [one["name"] for one in paths[path]["get"]["parameters"]] for path in paths if "alerts" in path
    }

    assert named == {
        "/api/v1/alerts": ["team", "family", "kind", "state"],
        "/api/v1/alerts/stream": ["team", "family", "kind", "state", "after"],
        "/feeds/alerts.atom": ["team", "family", "kind", "state", "limit", "before"],
        "/feeds/alerts.json": ["team", "family", "kind", "state", "limit", "before"],
    }


def test_the_description_of_the_api_says_how_it_refuses(ask):
    paths = ask("/api/v1/openapi.json").json["paths"]
    answers = [paths[path]["get"]["responses"] for path in paths if "alerts" in path]

    assert [sorted(one) for one in answers] == [["200", "4XX"]] * 4
