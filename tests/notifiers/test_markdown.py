"""Markdown says what the announcement says, and no text in it is mark-up, a mention or a reference."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from collector.notifiers import wording
from collector.notifiers.markdown import COMMENT_CHARS, escape, render

JOINER = "\u2060"
COMMONMARK = MarkdownIt("commonmark")
EXTENDED = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def inline(tokens):
    """Flatten what stands in the blocks."""
    return [child for token in tokens for child in (token.children or [])]


def shown(text):
    """Give what a reader sees, without word joiners."""
    tokens = inline(EXTENDED.parse(text))
    return "".join(
        token.content if token.type == "text" else "\n" * (token.type == "hardbreak") for token in tokens
    ).replace(JOINER, "")


def elements(text):
    tokens = EXTENDED.parse(text)
    return {token.type for token in [*tokens, *inline(tokens)]}


@pytest.mark.parametrize(
    "line",
    [
        "# no heading", "- no item", "+ no item", "* no item", "1. no item", "2) no item", "> no quote", "=====", "---", "***",
        "___", "~~~ no fence", "``` no fence", "<b>no html</b>", "&copy; no entity", "[no](http://link)", "![no](image)",
        "[no]: reference", "*no emphasis*", "__no__ emphasis", "~~no~~", "a | b", "no break\\", "no code `x`", "<http://no.auto>",
        "p95_latency_ms", "-3.1 ms", "2026-11-22", "$x$", "100 %",
    ],
)  # fmt: skip
def test_a_line_means_only_itself(line):
    for frame in ("{}", "- {}", "## {}", "- x\\\n  {}"):
        text = frame.format(escape(line))
        assert shown(text).removeprefix("x\n") == line
        assert elements(text) <= {
            "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open",
            "list_item_close", "heading_open", "heading_close", "inline", "text", "hardbreak",
        }  # fmt: skip


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_line_is_read_as_it_was_written(text):
    line = wording.one_line(text, 200)
    if line.replace(JOINER, ""):
        assert shown(f"- {escape(line)}") == line.replace(JOINER, "")


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("ask @maria and @acme/ops", r"@\w"),
        ("mail li@shop.example", r"@\w"),
        ("as #42 says", r"#\d"),
        ("as !42 says", r"!\d"),
        ("as GH-42 says", r"GH-\d"),
        ("see https://evil.example/", r"://"),
        ("see www.evil.example", r"www\."),
    ],
)
def test_no_name_is_called_and_no_reference_made(line, called):
    finished = "".join(
        token.content for token in inline(COMMONMARK.parse(escape(line))) if token.type == "text"
    )
    assert re.search(called, line)
    assert not re.search(called, finished)
    assert finished.replace(JOINER, "") == line


def test_an_announcement_tells_the_whole_story(announcement):
    assert render(replace(announcement, link="https://krd.example/kr?a=1&copy=2")) == (
        "# ! Cut p95 checkout latency is off track\n"
        "\n"
        "Day 61 of 92, expected 66 %, actual 54 %, lands at 480 of 450, P(hit) 0.12.\n"
        "\n"
        "- needs -3.1 ms/week\n"
        "- last reachable 9 Dec\n"
        "\n"
        "- Subject: checkout/p95-latency\n"
        "- Team: checkout\n"
        "- Owner: li\n"
        "- Severity: ticket\n"
        "\n"
        "[Open in krd](<https://krd.example/kr?a=1&amp;copy=2>)\n"
        "\n"
        "firing · 2026-11-22 10:00 UTC · episode 2 · evt\\_0123456789abcdef\n"
    )


def test_a_link_leads_where_it_says(announcement):
    address = "https://krd.example/a_b*c(d)?a=1&copy=2"
    tokens = inline(COMMONMARK.parse(render(replace(announcement, link=address))))
    assert [token.attrs["href"] for token in tokens if token.type == "link_open"] == [address]


def test_a_brief_has_a_heading_for_each_part(brief):
    text = render(brief)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [section.heading for section in brief.sections]
    for section in brief.sections:
        for line in section.lines:
            assert f"- {line}\n" in text


def test_a_group_lists_its_members(group):
    text = render(group(3))
    assert "- **‼ Key result 0 is off track**\\\n" in text
    assert "- **✓ The last is back on track**\\\n" in text
    assert " more" not in text


def test_a_group_of_ten_thousand_fits_a_comment_and_counts_the_rest(group):
    text = render(group(10_000))
    left_out = 10_000 - len(re.findall(r"^- \*\*", text, re.MULTILINE))
    assert len(text) <= COMMENT_CHARS
    assert f"\n\n… and {left_out:,} more\n" in text


def test_too_much_of_everything_fits_a_comment(overfull):
    text = render(overfull)
    assert len(text) <= COMMENT_CHARS
    assert "more" in text


def test_hostile_text_is_neutral_everywhere(hostile, acts):
    text = render(replace(hostile, link=hostile.title))
    assert acts(text) == []
    assert elements(text) <= {
        "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close", "list_item_open",
        "list_item_close", "heading_open", "heading_close", "inline", "text", "softbreak",
    }  # fmt: skip
    assert not re.search(r"@\w", text)
