"""Slack gets blocks it accepts, and pings nobody because of a label."""

import json
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block

from collector.notifiers.slack import KIND, document, escape
from collector.ports.notifier import Delivered, Gone, TryLater


@pytest.fixture
def slack(receiver, monkeypatch):
    monkeypatch.setenv("KRD_TEST_SLACK", receiver.url)
    return KIND.open(KIND.options(url={"env": "KRD_TEST_SLACK"}))


def accepted(message):
    """Have Slack's own library check the limits of every block, and give the blocks back as it sees them."""
    blocks = Block.parse_all(message["blocks"])
    return [block.to_dict() for block in blocks]


def test_slack_receives_the_announcement(slack, receiver, announcement, at):
    assert slack.send(announcement, at) == Delivered()
    (request,) = receiver.requests
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(request.body) == document(announcement)


def test_the_blocks_tell_the_whole_story(announcement):
    message = document(announcement)
    header, sentence, lines, fields, context = accepted(message)
    assert header["text"]["text"] == announcement.title
    assert sentence["text"]["text"] == announcement.sentence
    assert lines["text"]["text"] == "needs -3.1 ms/week\nlast reachable 9 Dec"
    assert [field["text"] for field in fields["fields"]] == [
        "*Subject*\ncheckout/p95-latency",
        "*Team*\ncheckout",
        "*Owner*\nli",
        "*Severity*\nticket",
    ]
    assert context["elements"][0]["text"].endswith("evt_0123456789abcdef")
    assert message["text"] == f"{announcement.title}: {announcement.sentence}"


def test_markup_is_escaped():
    assert escape("a < b & c > d") == "a &lt; b &amp; c &gt; d"
    assert escape("<!channel> @here @HERE!") == "&lt;!channel&gt; @\u2060here @\u2060HERE!"
    assert escape("li@heretic.example") == "li@heretic.example"


def test_hostile_text_fits_every_limit_and_means_only_itself(hostile, acts):
    message = document(hostile)
    assert len(json.dumps(message, ensure_ascii=False)) <= 12_000 * 1.05  # our own dump has no spaces
    accepted(message)
    text = json.dumps(message, ensure_ascii=False)
    text.encode()
    assert acts(json.loads(json.dumps(text))) == []
    for mention in ("<", ">", "@here", "@channel", "@Everyone"):
        assert mention not in text


def test_a_brief_of_a_thousand_lines_is_cut_and_counted(announcement):
    message = document(replace(announcement, lines=tuple(f"line {n}: " + "x<" * 60 for n in range(1000))))
    blocks = accepted(message)
    size = len(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    assert 9_000 < size <= 12_000
    shown = "\n".join(
        block["text"]["text"] for block in blocks if block["type"] == "section" and "text" in block
    )
    kept = shown.count("line ")
    assert f"… (+{1000 - kept} more)" in shown


def test_an_announcement_without_words_is_still_accepted(announcement):
    accepted(
        document(replace(announcement, title="", sentence="", lines=(), subject="", team="", owner=None))
    )


def test_an_archived_channel_is_gone(slack, receiver, announcement, at):
    receiver.status, receiver.body = 410, b"channel_is_archived"
    assert isinstance(slack.send(announcement, at), Gone)


def test_a_missing_address_is_said_by_its_place(slack, receiver, announcement, at, monkeypatch):
    monkeypatch.delenv("KRD_TEST_SLACK")
    assert slack.send(announcement, at) == TryLater(
        "the environment variable KRD_TEST_SLACK is not set: provide the address of the Slack webhook there"
    )
    assert receiver.requests == []
