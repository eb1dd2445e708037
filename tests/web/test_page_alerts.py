"""The page tells what is wrong now: with a sign and a word, and quieter where somebody has it in hand."""

from datetime import timedelta

import pytest

from collector.domain.alert import AlertKind, Condition
from collector.domain.announcement import Severity
from collector.domain.silence import Ack, Silence
from collector.errors import StoreError


def test_an_open_alert_stands_with_how_bad_since_when_and_whose_it_is(look, happen, stored, at):
    happen(at=at - timedelta(hours=3))
    page = look()

    assert "Open alerts ■ticket for 3 h Off track: checkout/p95-latency checkout" in page.text
    assert ("href", "#2026-Q4%3Acheckout/p95-latency") in page.attributes


def test_without_open_alerts_nothing_is_said_of_them(look, happen, stored):
    happen()
    happen(Condition.CLEAR)

    assert "Open alerts" not in look().text


def test_what_lies_over_an_alert_is_told_and_makes_it_calmer(look, happen, stored, store, at):
    drift = happen().alert
    happen(kind=AlertKind.BREACH)
    happen(kind=AlertKind.STALE)
    happen(kind=AlertKind.SOURCE_DOWN, subject="prod")
    with store.write() as tx:
        tx.put_ack(Ack(drift.fingerprint, drift.episode, drift.severity, at, "Li", "on it"))
        ends = at + timedelta(days=1)
        tx.add_silence(
            Silence("checkout", "checkout/p95-latency", at, ends, "maria", "freeze", kind=AlertKind.BREACH)
        )
    text = look().text

    assert "▲ticket for 0 s Off track: checkout/p95-latency checkout · acked by Li: on it" in text
    assert "checkout · silenced until 2026-12-01 12:00 UTC by maria: freeze" in text
    assert "checkout · source_down prod speaks for it" in text


def test_a_page_alert_is_loud_and_one_that_recovers_says_so(look, happen, stored):
    happen(severity=Severity.PAGE)
    happen(Condition.RECOVERING)

    assert "■recovering, page for 0 s" in look().text


def test_many_alerts_are_counted_behind_the_first_twenty(look, happen, stored):
    for number in range(23):
        happen(subject=f"2026-Q4:checkout/kr-{number:02}")
    page = look()

    assert page.text.count("Off track: checkout/kr-") == 20
    assert "… and 3 more" in page.text
    assert ("href", "/api/v1/alerts") in page.attributes


def test_alerts_that_cannot_be_read_cost_nobody_the_rest(board, look):
    board.trouble = StoreError("the disk is gone")
    text = look().text

    assert "open alerts cannot be told: the disk is gone" in text
    assert "Cut p95 checkout latency" in text


@pytest.mark.parametrize("path", ["/", "/?still"])
def test_feed_readers_find_the_feeds(look, path):
    attributes = look(path).attributes

    for kind, address in (("atom+xml", "/feeds/alerts.atom"), ("feed+json", "/feeds/alerts.json")):
        assert ("type", f"application/{kind}") in attributes
        assert ("href", address) in attributes


def test_text_of_strangers_in_an_alert_stays_text(look, happen, stored, store, at):
    evil = '<script>alert(1)</script>" onload="x\u202e\x1b[31m'
    drift = happen(title=evil).alert
    with store.write() as tx:
        tx.put_ack(Ack(drift.fingerprint, drift.episode, drift.severity, at, evil, evil))
    page = look()

    assert "script" not in page.tags
    assert "onload" not in {name for name, _ in page.attributes}
    assert r"\u202e\x1b[31m" in page.text
