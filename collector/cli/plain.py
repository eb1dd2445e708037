"""Makes text that strangers wrote harmless to a terminal, a spreadsheet and a Markdown page."""

from __future__ import annotations

import re

from collector.logs import one_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = re.compile(r"([\\`*_\[\]|])")
_UNSEEN_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    r"""Give one line: controls, escape sequences and direction overrides are spelled out (`\x1b`), as in the log."""
    return one_line(text)


def counted(count: int, noun: str) -> str:
    """Write a count with its noun: `1 source`, `3 sources`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def plain_lines(text: str) -> str:
    """Give harmless lines; line ends stay."""
    return "\n".join(one_line(line) for line in text.split("\n"))


def for_spreadsheet(text: str) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    shown = one_line(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


def for_markdown(text: str) -> str:
    """Give text that stays text in a Markdown table: no mark-up, no HTML, no mention of anybody."""
    shown = _MARKDOWN.sub(r"\\\1", one_line(text))
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def for_json(text: str) -> str:
    """Give JSON in which characters that act on a terminal are spelled out; its meaning stays."""
    return _UNSEEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
