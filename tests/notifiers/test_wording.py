"""Texts of strangers become harmless plain text, once, for every notifier."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.announcement import Family, Occasion
from collector.notifiers.wording import clip, compose, fit, one_line, paragraphs, state


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
        (Occasion.RESOLVED, Family.VALUE, "resolved"),
        (Occasion.BRIEF, Family.NEWS, "brief"),
        (Occasion.TEST, Family.DAEMON, "test"),
    ],
)
def test_each_occasion_has_its_word(announcement, occasion, family, word):
    assert state(replace(announcement, occasion=occasion, family=family)) == word


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


def test_nothing_hostile_survives(hostile, acts):
    message = compose(hostile)
    single = [message.title, message.footer, *message.lines, *(value for _, value in message.particulars)]
    assert [acts(text) for text in [*single, message.sentence]] == [[]] * (len(single) + 1)
    assert not any("\n" in text for text in single)
    assert max(map(len, single)) <= 400
