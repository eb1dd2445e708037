"""A page of HTML says everything, fetches nothing and runs nothing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from collector.domain.announcement import Occasion, Severity
from collector.notifiers.html import PAGE_BYTES, page

VOID = {"meta", "br"}
ALLOWED = {
    "html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "br", "ul", "li", "a", "strong", "table", "tr",
    "th", "td",
}  # fmt: skip


class Reader(HTMLParser):
    """Reads a page as a browser would: what it shows, its elements, its addresses, and whether they nest."""

    def __init__(self, text):
        super().__init__()
        self.shown, self.elements, self.attributes, self.links, self.open = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += attributes
        self.links += [value for name, value in attributes if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.shown.append(data)

    @property
    def text(self):
        return " ".join("".join(self.shown).split())


@pytest.fixture
def read():
    def reading(announcement, limit=PAGE_BYTES):
        text = page(announcement, limit)
        assert len(text.encode()) <= limit
        reader = Reader(text)
        assert reader.open == []
        assert set(reader.elements) <= ALLOWED
        return reader

    return reading


def test_a_page_tells_the_whole_story(read, announcement):
    found = read(replace(announcement, link="https://krd.example/kr?a=1&b=2"))
    for words in (
        "! firing",
        announcement.title,
        announcement.sentence,
        "needs -3.1 ms/week",
        "Team",
        "checkout",
        "evt_0123456789abcdef",
    ):
        assert words in found.text
    assert found.links == ["https://krd.example/kr?a=1&b=2"]


def test_a_page_begins_with_how_it_stands(read, announcement):
    began = read(announcement).text.removeprefix(announcement.title).strip()
    assert began.startswith("! firing")
    over = (
        read(replace(announcement, occasion=Occasion.RESOLVED)).text.removeprefix(announcement.title).strip()
    )
    assert over.startswith("✓ resolved")


@pytest.mark.parametrize("severity", list(Severity))
def test_no_state_is_told_by_colour_alone(read, announcement, severity):
    found = read(replace(announcement, severity=severity))
    assert any(sign in found.text for sign in "‼!·")
    assert severity.value in found.text


def test_a_brief_shows_its_parts_under_headings(read, brief):
    found = read(brief)
    assert found.elements.count("h2") == len(brief.sections)
    for section in brief.sections:
        assert section.heading in found.text
        for line in section.lines:
            assert line in found.text


def test_a_group_shows_its_members_and_where_each_leads(read, group):
    together = group(3)
    first, *others = together.members
    together = replace(together, members=(replace(first, link="https://krd.example/first"), *others))
    found = read(together)
    assert found.links == ["https://krd.example/first"]
    for member in together.members:
        assert member.title in found.text
    assert "more" not in found.text


def test_a_group_of_ten_thousand_fits_and_counts_the_rest(read, group):
    found = read(group(10_000))
    shown = len(re.findall(r"Key result \d+ is off track", found.text))
    assert shown > 50
    assert f"… and {10_000 - shown:,} more" in found.text


def test_a_page_of_too_much_of_everything_fits(read, overfull):
    assert "more" in read(overfull).text


def test_hostile_text_is_shown_and_never_acts(read, hostile, acts):
    found = read(replace(hostile, link=hostile.title))
    assert acts(found.text) == []
    assert found.links == []
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "{{7*7}}" not in hostile.title or "{{7*7}}" in found.text


def test_a_page_fetches_nothing_and_sets_no_ground(read, announcement):
    text = page(announcement)
    for needing in ("url(", "@import", "<script", "<style", "<img", "<link", "http-equiv"):
        assert needing not in text
    assert ("content", "light dark") in read(announcement).attributes
    assert "background" not in text
    assert not re.search(r"[;\"]color:", text)


def test_only_plain_web_addresses_become_links(read, announcement):
    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        'https://a.example/"onclick=x',
    ):
        assert read(replace(announcement, link=address)).links == []


def test_nothing_is_wider_than_a_small_telephone(announcement):
    widths = re.findall(r"(?<!max-)(?:width|min-width):\s*\d+px", page(announcement))
    assert widths == []
    assert "overflow-wrap:anywhere" in page(announcement)
