"""Renders an announcement as CommonMark in which every text means only itself, also in a GitHub or GitLab comment.

Those two read names and numbers in the finished text, where a backslash helps no more (https://github.github.com/gfm/
§6.9 and "Autolinked references"): an invisible word joiner after `@`, `#` and the like keeps them from calling people
and from leaving traces in other threads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from collector.domain.announcement import Announcement, Section
from collector.notifiers import wording

COMMENT_CHARS = 52_000
"""Four fifths of the 65 536 characters a GitHub comment takes."""

_WORD_JOINER = "\u2060"
_SIGNS = re.compile(r"[\\`*_\[\]<>&|~$]")
_START = re.compile(r"[-+=#]|(\d{1,9})(?=[.)])")
"""What opens a list, a heading or a rule; the other openers are signs above."""
_REFERENCE = re.compile(r"@(?=\w)|[#!](?=\d)|\bGH-(?=\d)|(?<=:)/(?=/)|\bwww(?=\.)", re.IGNORECASE)
_MARK_UP_CHARS = 20
"""No line of a part costs more than this beside its escaped text."""


def render(announcement: Announcement, limit: int = COMMENT_CHARS) -> str:
    """Give the whole announcement as CommonMark of at most `limit` characters, counting what is left out.

    Ends with a line end. Needs a limit of at least 20,000: title, sentence, particulars and link are always there.
    """
    message = wording.compose(announcement)
    headline = f"# {wording.mark(announcement)} {escape(message.title)}".rstrip()
    opening = [headline, *(escape(row) for row in message.sentence.split("\n") if row)]
    particulars = "\n".join(f"- {label}: {escape(value)}" for label, value in message.particulars)
    opened = f"[Open in krd](<{_address(message.link)}>)" if message.link else ""
    closing = [block for block in (particulars, opened, escape(message.footer)) if block]
    room = limit - sum(len(block) + 2 for block in [*opening, *closing])
    parts = _parts(message.parts, room // 2 if message.members else room)
    room -= sum(len(block) + 2 for block in parts) + wording.COUNT_CHARS
    members, left_out = wording.fit(
        [_member(one) for one in message.members], room, lambda text: len(text) + 2
    )
    left_out += message.unseen
    rest = [wording.and_more(left_out)] if left_out else []
    listed = ["\n".join(members)] if members else []
    return "\n\n".join([*opening, *parts, *listed, *rest, *closing]) + "\n"


def escape(text: str) -> str:
    """Make one line mean only itself wherever a block may begin, or after a word."""
    escaped = _SIGNS.sub(r"\\\g<0>", text)
    escaped = _REFERENCE.sub(rf"\g<0>{_WORD_JOINER}", escaped)
    if start := _START.match(escaped):
        digits = start[1] or ""
        return f"{digits}\\{escaped[len(digits) :]}"
    return escaped


def _parts(parts: Sequence[Section], room: int) -> list[str]:
    fitted = wording.fit_sections(parts, room, lambda line: len(escape(line)) + _MARK_UP_CHARS)
    blocks = []
    for part in fitted:
        if part.heading:
            blocks.append(f"## {escape(part.heading)}")
        if part.lines:
            blocks.append("\n".join(f"- {escape(line)}".rstrip() for line in part.lines))
    return blocks


def _member(member: wording.Member) -> str:
    title = f"**{member.mark} {escape(member.title)}**"
    if member.link:
        title = f"[{title}](<{_address(member.link)}>)"
    under = [escape(row) for row in (member.sentence, member.whose) if row]
    return "\\\n  ".join([f"- {title}", *under])


def _address(link: str) -> str:
    """Keep an entity in a link from being read as one."""
    return link.replace("&", "&amp;")
