"""Slack gets blocks it accepts, and pings nobody because of a label."""

import json
import re
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import Block

from collector.domain.announcement import Section
from collector.notifiers.slack import KIND
from collector.notifiers.slack_blocks import document, dump, escape
from collector.ports.notifier import Delivered, Gone, TryLater


@pytest.fixture
def slack(receiver, monkeypatch):
    monkeypatch.setenv("KRD_TEST_SLACK", receiver.url)
    return KIND.open(KIND.options(url={"env": "KRD_TEST_SLACK"}))


def accepted(message):
    """Have Slack's own library check the limits of every block, and give the blocks back as it sees them."""
    blocks = Block.parse_all(message["blocks"])
    return [block.to_dict() for block in blocks]


def texts(blocks):
    """What the sections say."""
    return "\n".join(block["text"]["text"] for block in blocks if "text" in block)


def within_four_fifths(message):
    """Hold the message against four fifths of what Slack publishes."""
    blocks = message["blocks"]
    assert len(blocks) <= 0.8 * 50
    for block in blocks:
        limit = 0.8 * (150 if block["type"] == "header" else 3_000)
        assert 0 < len(block.get("text", {"text": "none"})["text"]) <= limit
        assert len(block.get("fields", ())) <= 0.8 * 10
        assert len(block.get("elements", ())) <= 0.8 * 10
        assert all(len(field["text"]) <= 0.8 * 2_000 for field in block.get("fields", ()))


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


def test_signs_of_emphasis_do_not_act():
    assert escape("*bold* `x` ~y~") == "".join(
        f"\u2060{sign}\u2060" if sign in "*`~" else sign for sign in "*bold* `x` ~y~"
    )
    assert escape("_em_ snake_case") == "\u2060_\u2060em\u2060_\u2060 snake_case"


def test_texts_without_emphasis_are_no_markup_at_all(announcement):
    _, sentence, lines, _, _ = accepted(document(announcement))
    assert [block["text"]["type"] for block in (sentence, lines)] == ["plain_text"] * 2
    assert [block["text"]["emoji"] for block in (sentence, lines)] == [False] * 2


@pytest.mark.parametrize("alone", [True, False])
def test_hostile_text_fits_every_limit_and_means_only_itself(hostile, hostile_group, alone, acts):
    message = document(hostile if alone else hostile_group)
    assert len(dump(message)) <= 12_000
    accepted(message)
    within_four_fifths(message)
    text = dump(message)
    text.encode()
    assert acts(json.loads(json.dumps(text))) == []
    for mention in ("<", ">", "@here", "@channel", "@Everyone"):
        assert mention not in text


def test_a_brief_of_a_thousand_lines_is_cut_and_counted(announcement):
    message = document(replace(announcement, lines=tuple(f"line {n}: " + "x<" * 60 for n in range(1000))))
    blocks = accepted(message)
    assert 9_000 < len(dump(message)) <= 12_000
    shown = texts(blocks)
    kept = shown.count("line ")
    assert f"… (+{1000 - kept} more)" in shown


def test_a_brief_shows_its_parts(brief):
    blocks = accepted(document(brief))
    assert [block["text"]["text"] for block in blocks if "text" in block] == [
        "checkout: 1 of 2 needs a decision",
        "The sync is in 23 hours.",
        "*Goal confidence*",
        "Make checkout reliable: 6 of 10, was 7",
        "*Results progress*",
        "\n".join(brief.sections[1].lines),
        "*Issues*",
        "refunds: data as of 3 days ago, do not trust this number",
        "*Plan ahead*",
    ]


def test_long_results_do_not_push_the_issues_out_of_a_brief(brief):
    goals, _, issues, plan = brief.sections
    results = Section("Results progress", tuple(f"result {n}: " + "x" * 100 for n in range(5_000)))
    shown = texts(accepted(document(replace(brief, sections=(goals, results, issues, plan)))))
    assert issues.lines[0] in shown
    assert f"… (+{5_000 - shown.count('result ')} more)" in shown


def test_a_brief_of_many_parts_is_cut_and_counted(brief):
    message = document(replace(brief, sections=tuple(Section(f"part {n}", ("x",) * 9) for n in range(300))))
    shown = texts(accepted(message))
    within_four_fifths(message)
    assert f"… (+{(300 - shown.count('part ')) * 9} more)" in shown


def test_each_member_of_a_group_has_a_block_of_its_own(group):
    header, *members, _, _ = accepted(document(group(3)))
    assert header["text"]["text"] == "checkout: 2 off track, 1 back"
    sentence = "Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12."
    assert [block["text"]["text"] for block in members] == [
        f"*‼ Key result 0 is off track*\n{sentence}\nfiring · checkout/kr-0 · owner li",
        f"*! Key result 1 is off track*\n{sentence}\nfiring · checkout/kr-1 · owner li",
        f"*✓ The last is back on track*\n{sentence}\nresolved · checkout/kr-2 · owner li",
    ]


def test_a_group_of_ten_thousand_fits_and_is_counted(group):
    message = document(group(10_000))
    shown = texts(accepted(message))
    within_four_fifths(message)
    assert len(dump(message)) <= 12_000
    kept = shown.count("is off track")
    assert kept > 30
    assert f"… and {10_000 - kept:,} more" in shown


def test_everything_at_once_still_fits_and_is_counted(overfull):
    message = document(overfull)
    shown = texts(accepted(message))
    within_four_fifths(message)
    assert len(dump(message)) <= 12_000
    assert re.search(r"… and [\d,]+ more", shown)


def test_lines_of_a_group_leave_half_of_the_room_to_its_members(group):
    together = group(100)
    shown = texts(accepted(document(replace(together, lines=("x" * 300,) * 500))))
    assert shown.count("is off track") > 10


def test_a_link_opens_what_it_is_about(announcement, group):
    link = "https://krd.example/kr/checkout?a=1&b=2"
    context = accepted(document(replace(announcement, link=link)))[-1]
    assert context["elements"][-1]["text"] == "<https://krd.example/kr/checkout?a=1&amp;b=2|Open in krd>"
    together = group(2)
    together = replace(together, members=tuple(replace(one, link=link) for one in together.members))
    assert "<https://krd.example/kr/checkout?a=1&amp;b=2|open>" in texts(accepted(document(together)))


def test_a_link_that_is_too_long_is_left_out(announcement):
    message = document(replace(announcement, link="https://krd.example/?" + "&" * 900))
    assert "krd.example" not in dump(message)


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
