"""Teams gets cards it can show, on every client, and no text of which acts."""

import json
import re
from dataclasses import replace
from typing import get_args

import pytest
from microsoft_teams.cards import core

from collector.domain.announcement import Occasion, Section, Severity
from collector.notifiers.teams import KIND
from collector.notifiers.teams_card import MESSAGE_BYTES, SCHEMA, document, dump, literal
from collector.ports.notifier import Delivered, Gone, Refused, TryLater


@pytest.fixture
def teams(receiver, monkeypatch):
    monkeypatch.setenv("KRD_TEST_TEAMS", receiver.url)
    receiver.status, receiver.body = 202, b""
    return KIND.open(KIND.options(url={"env": "KRD_TEST_TEAMS"}))


def models():
    """Microsoft's models of everything a card may hold, by their type."""
    found = [model for model in vars(core).values() if hasattr(model, "model_fields")]
    typed = [model for model in found if "type" in model.model_fields]
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in typed}


def accepted(message):
    """Have Microsoft's own models check every element, refusing what they do not know; gives the card."""
    known = models()

    def check(value):
        match value:
            case {"type": name}:
                unknown = known[name].model_validate(value).model_extra
                assert set(unknown) <= {"$schema"}
                for inner in value.values():
                    check(inner)
            case list():
                for inner in value:
                    check(inner)
            case _:
                pass

    assert set(message) == {"type", "attachments"}
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert set(attachment) == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    check(attachment["content"])
    return attachment["content"]


def texts(card):
    """What is read, block by block."""
    return ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]


def test_teams_receives_the_announcement(teams, receiver, announcement, at):
    assert teams.send(announcement, at) == Delivered()
    (request,) = receiver.requests
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(request.body) == document(announcement)


def test_the_card_tells_the_whole_story(announcement):
    card = accepted(document(replace(announcement, link="https://krd.example/kr?a=1&b=2")))
    assert (card["version"], card["$schema"]) == ("1.2", SCHEMA)
    assert texts(card) == [
        announcement.title,
        announcement.sentence,
        "needs -3.1 ms/week",
        "last reachable 9 Dec",
        "Subject: checkout/p95-latency",
        "Team: checkout",
        "Owner: li",
        "Severity: ticket",
        "firing · 2026-11-22 10:00 UTC · episode 2 · evt_0123456789abcdef",
    ]
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open in krd", "url": "https://krd.example/kr?a=1&b=2"}
    ]
    assert card["fallbackText"] == f"{announcement.title}: {announcement.sentence}"


def test_a_card_without_a_link_has_no_button(announcement):
    assert "actions" not in accepted(document(announcement))


def test_only_what_version_1_2_knows_is_used(announcement, brief, group):
    linked = replace(announcement, link="https://krd.example/")
    together = replace(group(2), members=(linked,))
    names = set()

    def collect(value):
        match value:
            case dict():
                names.update({value["type"]} if "type" in value else ())
                for inner in value.values():
                    collect(inner)
            case list():
                for inner in value:
                    collect(inner)

    for one in (linked, brief, together):
        collect(accepted(document(one)))
    assert names == {"AdaptiveCard", "RichTextBlock", "TextRun", "Action.OpenUrl"}


def test_the_judge_refuses_what_is_no_card(announcement):
    message = document(announcement)
    message["attachments"][0]["content"]["body"][0]["inlines"][0]["colour"] = "Red"
    with pytest.raises(AssertionError):
        accepted(message)
    message = document(announcement)
    message["attachments"][0]["content"]["body"][0]["inlines"][0]["color"] = "Red"
    with pytest.raises(ValueError, match="Attention"):
        accepted(message)


def test_the_title_is_coloured_by_urgency(announcement):
    def shade(one):
        return accepted(document(one))["body"][0]["inlines"][0]["color"]

    assert [shade(replace(announcement, severity=severity)) for severity in Severity] == [
        "Accent",
        "Warning",
        "Attention",
    ]
    assert shade(replace(announcement, severity=Severity.PAGE, occasion=Occasion.PASSED)) == "Good"


def test_a_brief_shows_its_parts(brief):
    assert texts(accepted(document(brief)))[:9] == [
        "checkout: 1 of 2 needs a decision",
        "The sync is in 23 hours.",
        "Goal confidence",
        "Make checkout reliable: 6 of 10, was 7",
        "Results progress",
        *brief.sections[1].lines,
        "Issues",
        "refunds: data as of 3 days ago, do not trust this number",
    ]


def test_long_results_do_not_push_the_issues_out_of_a_brief(brief):
    goals, _, issues, plan = brief.sections
    results = Section("Results progress", tuple(f"result {n}: " + "x" * 100 for n in range(5_000)))
    shown = "\n".join(texts(accepted(document(replace(brief, sections=(goals, results, issues, plan))))))
    assert issues.lines[0] in shown
    assert f"… (+{5_000 - shown.count('result ')} more)" in shown


def test_each_member_of_a_group_is_told(group):
    link = "https://krd.example/kr"
    two = group(2)
    card = accepted(document(replace(two, members=(replace(two.members[0], link=link), two.members[1]))))
    sentence = "Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12."
    assert texts(card) == [
        "checkout: 1 off track, 1 back",
        "‼ Key result 0 is off track",
        sentence,
        "firing · checkout/kr-0 · owner li",
        "✓ The last is back on track",
        sentence,
        "resolved · checkout/kr-1 · owner li",
        "Team: checkout",
        "Severity: page",
        "firing · 2026-11-22 10:00 UTC · evt_group",
    ]
    assert [card["body"][row]["inlines"][0]["color"] for row in (1, 4)] == ["Attention", "Good"]
    assert card["body"][3]["inlines"][0]["selectAction"]["url"] == link


def test_a_group_of_ten_thousand_fits_and_is_counted(group):
    message = document(group(10_000))
    shown = texts(accepted(message))
    kept = sum("is off track" in text for text in shown)
    assert 0.9 * MESSAGE_BYTES < len(dump(message)) <= MESSAGE_BYTES
    assert kept > 20
    assert f"… and {10_000 - kept:,} more" in shown


def test_everything_at_once_still_fits(overfull):
    message = document(overfull)
    accepted(message)
    assert len(dump(message)) <= MESSAGE_BYTES


def test_a_verdict_of_many_short_lines_is_cut_and_counted(announcement):
    message = document(replace(announcement, sentence="a\n" * 1_200))
    shown = texts(accepted(message))
    assert len(dump(message)) <= MESSAGE_BYTES
    assert 50 < shown.count("a") < 750
    assert any(re.fullmatch(r"… \(\+\d+ more\)", text) for text in shown)
    assert announcement.lines[0] in shown


def test_lines_of_a_group_leave_half_of_the_room_to_its_members(group):
    shown = texts(accepted(document(replace(group(100), lines=("x" * 300,) * 500))))
    assert sum("is off track" in text for text in shown) > 10


def test_a_message_stays_under_four_fifths_of_what_teams_takes():
    assert MESSAGE_BYTES <= 0.8 * 28_000


@pytest.mark.parametrize("alone", [True, False])
def test_hostile_text_fits_and_means_only_itself(hostile, hostile_group, alone, acts):
    message = document(hostile if alone else hostile_group)
    assert len(dump(message)) <= MESSAGE_BYTES
    card = accepted(message)
    for text in [*texts(card), card["fallbackText"]]:
        assert acts(text) == []
        assert "\n" not in text
        assert "{{" not in text
        assert "<" not in text.replace("<\u2060", "")


def test_functions_and_mentions_stay_text():
    assert literal("{{DATE(2026-01-01T00:00:00Z)}}") == "{\u2060{DATE(2026-01-01T00:00:00Z)}}"
    assert literal("{{{") == "{\u2060{\u2060{"
    assert literal("<at>everyone</at>") == "<\u2060at>everyone<\u2060/at>"


def test_an_announcement_without_words_is_still_accepted(announcement):
    accepted(
        document(replace(announcement, title="", sentence="", lines=(), subject="", team="", owner=None))
    )


def test_a_deleted_workflow_is_gone_and_a_busy_one_is_asked_later(teams, receiver, announcement, at):
    found = []
    for receiver.status in (200, 202, 410, 429, 401):
        found.append(type(teams.send(announcement, at)))
    assert found == [Delivered, Delivered, Gone, TryLater, Refused]


def test_a_missing_address_is_said_by_its_place(teams, receiver, announcement, at, monkeypatch):
    monkeypatch.delenv("KRD_TEST_TEAMS")
    assert teams.send(announcement, at) == TryLater(
        "the environment variable KRD_TEST_TEAMS is not set: provide the address of the Teams workflow there"
    )
    assert receiver.requests == []


def test_it_keeps_under_the_rate_teams_publishes():
    assert KIND.rate <= 0.8 * 4
