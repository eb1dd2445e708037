"""Renders an announcement as a page of HTML that needs nothing but itself: for mail, and for a brief as a file.

No script, no style sheet, no image, nothing that is fetched. Colours of text and ground are the reader's own, light or
dark; only thin borders are coloured, beside a character that says the same. One column, readable at 320 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from collector.domain.announcement import Announcement, Section
from collector.notifiers import wording

PAGE_BYTES = 58_000
"""In base64, its largest form, under four fifths of the 102 kB past which Gmail clips a message
(https://www.spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html)."""

_FRAME = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<title>{title}</title></head>\n"
    '<body style="margin:0;padding:16px;font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere">'
    '<div style="max-width:640px;margin:0 auto">\n{body}</div></body></html>\n'
)
_COLOURS = {"‼": "#d1242f", "!": "#bf8700", "·": "#4a7fc1", "✓": "#2da44e"}
"""Border by mark; each has a contrast of at least 3:1 with white and with near-black (WCAG 2.2, 1.4.11)."""
_QUIET = "font-size:14px;opacity:.75"
_MARK_UP_BYTES = 100
"""No line of a part costs more than this beside its text."""


def page(announcement: Announcement, limit: int = PAGE_BYTES) -> str:
    """Give the whole announcement as a page of at most `limit` bytes of UTF-8, counting what is left out.

    Needs a limit of at least 40 kB: title, sentence, particulars and link are always there.
    """
    message = wording.compose(announcement)
    mark = wording.mark(announcement)
    headline = _headline(mark, wording.state(announcement), message.title)
    opening = headline + (_paragraph(message.sentence) if message.sentence else "")
    closing = _particulars(message.particulars) + _link(message.link) + _quiet(message.footer)
    title = escape(message.title)
    room = limit - _size(_FRAME) - _size(title) - _size(opening) - _size(closing)
    parts = "".join(map(_part, _fitted(message.parts, room // 2 if message.members else room)))
    room -= _size(parts) + _MARK_UP_BYTES
    members, left_out = wording.fit([_member(one) for one in message.members], room, _size)
    left_out += message.unseen
    rest = _paragraph(wording.and_more(left_out)) if left_out else ""
    return _FRAME.format(title=title, body=opening + parts + "".join(members) + rest + closing)


def _fitted(parts: Sequence[Section], room: int) -> list[Section]:
    return wording.fit_sections(parts, room, lambda line: _size(escape(line)) + _MARK_UP_BYTES)


def _headline(mark: str, state: str, title: str) -> str:
    """Begin with the state: a preview in a list of messages shows what comes first."""
    return (
        f'<div style="border-left:4px solid {_COLOURS[mark]};padding-left:12px;margin:0 0 16px">'
        f'<div style="{_QUIET}">{mark} {escape(state)}</div>'
        f'<h1 style="margin:0;font-size:20px;line-height:1.3">{escape(title)}</h1></div>\n'
    )


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 12px">{escape(text).replace(chr(10), "<br>")}</p>\n'


def _quiet(text: str) -> str:
    return f'<p style="margin:12px 0 0;{_QUIET}">{escape(text)}</p>\n'


def _part(part: Section) -> str:
    heading = (
        f'<h2 style="margin:20px 0 8px;font-size:16px">{escape(part.heading)}</h2>\n' if part.heading else ""
    )
    items = "".join(f'<li style="margin:0 0 4px">{escape(line)}</li>\n' for line in part.lines)
    return heading + (f'<ul style="margin:0 0 12px;padding-left:20px">\n{items}</ul>\n' if items else "")


def _member(member: wording.Member) -> str:
    title = f"{member.mark} {escape(member.title)}"
    if member.link:
        title = f'<a href="{escape(member.link)}">{title}</a>'
    sentence = f"<br>{escape(member.sentence)}" if member.sentence else ""
    return (
        f'<div style="border-left:4px solid {_COLOURS[member.mark]};padding-left:12px;margin:0 0 12px">'
        f"<strong>{title}</strong>{sentence}"
        f'<div style="{_QUIET}">{escape(member.whose)}</div></div>\n'
    )


def _particulars(particulars: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left;font-weight:normal;padding:2px 12px 2px 0;{_QUIET}">'
        f'{escape(label)}</th><td style="padding:2px 0">{escape(value)}</td></tr>\n'
        for label, value in particulars
    )
    return f'<table style="margin:16px 0 0;border-collapse:collapse">\n{rows}</table>\n' if rows else ""


def _link(address: str) -> str:
    return f'<p style="margin:16px 0 0"><a href="{escape(address)}">Open in krd</a></p>\n' if address else ""


def _size(text: str) -> int:
    return len(text.encode())
