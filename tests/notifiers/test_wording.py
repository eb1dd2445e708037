"""Texts of strangers become harmless plain text, once, for every notifier."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.announcement import Family, Occasion, Section, Severity
from collector.notifiers.wording import (
    MEMBERS,
    and_more,
    clip,
    compose,
    fit,
    fit_sections,
    link,
    mark,
    one_line,
    paragraphs,
    plain,
    state,
)


def test_an_announcement_is_put_into_words(announcement):
    message = compose(announcement)
    assert message.title == announcement.title
    assert message.sentence == announcement.sentence
    assert message.lines == announcement.lines
    assert message.particulars == (
        ("Subject", "checkout/p95-latency"),
        ("Team", "checkout"),
        ("Owner", "li"),
        ("Severity", "ticket"),
    )
    assert message.footer == "firing · 2026-11-22 10:00 UTC · episode 2 · evt_0123456789abcdef"


def test_an_owner_nobody_named_is_left_out(announcement):
    assert "Owner" not in dict(compose(replace(announcement, owner=None)).particulars)


@pytest.mark.parametrize(
    ("occasion", "family", "word"),
    [
        (Occasion.FIRST, Family.VALUE, "firing"),
        (Occasion.FIRST, Family.NEWS, "news"),
        (Occasion.WORSE, Family.VALUE, "worse"),
        (Occasion.REPEAT, Family.DATA, "repeat"),
        (Occasion.ESCALATION, Family.VALUE, "escalation"),
        (Occasion.RESOLVED, Family.VALUE, "resolved"),
        (Occasion.PASSED, Family.VALUE, "passed"),
        (Occasion.BRIEF, Family.NEWS, "brief"),
        (Occasion.CHANGES, Family.NEWS, "changes"),
        (Occasion.REMINDER, Family.VALUE, "reminder"),
        (Occasion.NOTE, Family.VALUE, "note"),
        (Occasion.TEST, Family.DAEMON, "test"),
    ],
)
def test_each_occasion_has_its_word(announcement, occasion, family, word):
    assert state(replace(announcement, occasion=occasion, family=family)) == word


def test_every_occasion_has_one_word(announcement):
    words = [state(replace(announcement, occasion=occasion)) for occasion in Occasion]
    assert [word for word in words if not word.isalpha()] == []
    assert len(set(words)) == len(Occasion)


def test_what_is_over_is_marked_so_whatever_it_was(announcement):
    said = [replace(announcement, severity=severity) for severity in Severity]
    assert [mark(one) for one in said] == ["·", "!", "‼"]
    over = [replace(one, occasion=occasion) for one in said for occasion in Occasion if occasion.over]
    assert {mark(one) for one in over} == {"✓"}


def test_when_it_began_and_what_was_promised_are_told(announcement):
    began = announcement.at - timedelta(days=2)
    told = dict(compose(replace(announcement, since=began, commitment="committed")).particulars)
    assert told["Since"] == "2026-11-20 10:00 UTC"
    assert told["Commitment"] == "committed"
    assert "Since" not in dict(compose(replace(announcement, since=announcement.at)).particulars)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://krd.example/kr/shop/p95?at=1&x=%20#chart", True),
        ("http://[::1]:8080/", True),
        ("", False),
        ("/kr/shop", False),
        ("javascript:alert(1)", False),
        ("https:///kr", False),
        ("https://[krd.example/", False),
        ("https://krd.example/ x", False),
        ("https://krd.example/>x", False),
        ('https://krd.example/"x', False),
        ("https://krd.example/|x", False),
        ("https://krd.example/\u202ex", False),
        ("https://krd.example/\nx", False),
        ("https://krd.example/" + "x" * 2_000, False),
    ],
)
def test_only_a_plain_web_address_is_a_link(address, shown):
    assert link(address) == (address if shown else "")


def test_a_group_is_put_into_words(group):
    first, last = compose(group(2)).members
    assert (first.mark, first.title, first.whose) == (
        "‼",
        "Key result 0 is off track",
        "firing · checkout/kr-0 · owner li",
    )
    assert (last.mark, last.whose) == ("✓", "resolved · checkout/kr-1 · owner li")


def test_members_beyond_what_any_message_holds_are_counted(group):
    message = compose(group(MEMBERS + 7))
    assert (len(message.members), message.unseen) == (MEMBERS, 7)


def test_members_left_out_are_counted_for_people():
    assert and_more(9_980) == "… and 9,980 more"


def test_plain_text_tells_everything(announcement):
    linked = replace(announcement, link="https://krd.example/")
    assert plain(linked, 10_000).splitlines() == [
        "Cut p95 checkout latency is off track",
        "",
        "Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12.",
        "",
        "needs -3.1 ms/week",
        "last reachable 9 Dec",
        "",
        "subject checkout/p95-latency, team checkout, owner li, severity ticket",
        "https://krd.example/",
        "firing · 2026-11-22 10:00 UTC · episode 2 · evt_0123456789abcdef",
    ]


def test_plain_text_of_ten_thousand_members_fits_and_is_counted(group):
    text = plain(group(10_000), 20_000)
    kept = text.count("is off track")
    assert 19_000 < len(text) <= 20_000
    assert f"\n… and {10_000 - kept:,} more\n" in text
    assert text.endswith("evt_group")


def test_lines_of_a_group_leave_half_of_the_room_to_its_members(group):
    text = plain(replace(group(100), lines=("x" * 300,) * 500), 10_000)
    assert text.count("is off track") > 20


@pytest.mark.parametrize("limit", [1, 50, 300, 1_000, 3_000, 4_000, 20_000])
def test_plain_text_never_exceeds_its_limit(announcement, brief, group, limit):
    long = replace(brief, sections=brief.sections * 30, lines=("x" * 300,) * 30)
    both = replace(group(40), sections=brief.sections * 9, sentence="y" * 5_000)
    for one in (announcement, brief, group(3), long, both):
        assert len(plain(one, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil.example\x07link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("a\r\nb\u2028c\x85d\x0be", "a b c d e"),
        ("tab\tand   space", "tab and space"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("pay\u200bpal\ufeff", "paypal"),
        ("\ud83d", "\ufffd"),
        ("e\u0301", "é"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("{{7*7}} =HYPERLINK(1) <b>", "{{7*7}} =HYPERLINK(1) <b>"),
    ],
)
def test_hostile_text_becomes_one_plain_line(text, shown):
    assert one_line(text, 100) == shown


def test_a_sentence_keeps_its_line_ends():
    assert paragraphs(" first \r\n\x1b[1msecond\x07\n", 100) == "first\nsecond"


def test_what_is_cut_is_counted():
    assert clip("x" * 1000, 30) == "x" * 16 + "… (+984 more)"
    assert clip("short", 5) == "short"


@given(st.text(max_size=400), st.integers(min_value=1, max_value=300))
def test_a_line_never_exceeds_its_limit_and_is_always_one_line(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line
    line.encode()


@given(st.lists(st.text(max_size=9), max_size=30), st.integers(min_value=0, max_value=99))
def test_lines_that_do_not_fit_are_counted(lines, budget):
    kept, left_out = fit(lines, budget, len)
    assert len(kept) + left_out == len(lines)
    assert sum(map(len, kept)) <= budget
    assert kept == lines[: len(kept)]


SECTIONS = st.lists(
    st.builds(Section, st.text(max_size=9), st.lists(st.text(max_size=30), max_size=30).map(tuple)),
    max_size=8,
)


@given(SECTIONS, st.integers(min_value=0, max_value=600))
def test_sections_share_what_room_there_is(sections, budget):
    fitted = fit_sections(sections, budget, len)
    texts = [text for section in fitted for text in (section.heading, *section.lines)]
    alone = len(fitted) == 1 and fitted[0].heading == ""
    assert sum(map(len, texts)) <= budget or alone
    lost = sum(len(section.lines) for section in sections)
    for section, was in zip(fitted, sections, strict=False):
        kept = [line for line, old in zip(section.lines, was.lines, strict=False) if line == old]
        lost -= len(kept)
    counted = sum(int(line[4:-6]) for section in fitted for line in section.lines[-1:] if line[:4] == "… (+")
    assert counted == lost


def test_a_long_section_does_not_push_out_the_next():
    long, short = Section("long", ("x" * 10,) * 1_000), Section("short", ("decide!",))
    first, second = fit_sections([long, short], 200, len)
    assert second == short
    assert first.lines[-1] == f"… (+{1_000 - len(first.lines) + 1} more)"
    assert len(first.lines) > 10


def test_nothing_hostile_survives(hostile, acts):
    message = compose(hostile)
    single = [message.title, message.footer, *message.lines, *(value for _, value in message.particulars)]
    single += [text for section in message.sections for text in (section.heading, *section.lines)]
    assert [acts(text) for text in [*single, message.sentence]] == [[]] * (len(single) + 1)
    assert not any("\n" in text for text in single)
    assert max(map(len, single)) <= 400


def test_nothing_hostile_survives_in_a_group(hostile_group, acts):
    members = compose(hostile_group).members
    single = [text for one in members for text in (one.title, one.sentence, one.whose, one.link)]
    assert len(members) == 60
    assert [acts(text) for text in single] == [[]] * len(single)
    assert not any("\n" in text for text in single)
    assert len(plain(hostile_group, 5_000)) <= 5_000
