"""Turns an announcement into plain, harmless words once, for every notifier: alone, a brief with sections, or a group.

It is the door through which notifiers reach texts: `harmless` and `fitting` stand behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import urlsplit

from collector.domain.announcement import Announcement, Family, Occasion, Section, Severity
from collector.notifiers.fitting import and_more, clip, fit, fit_sections, more
from collector.notifiers.harmless import one_line, paragraphs

__all__ = [
    "Member",
    "Message",
    "and_more",
    "clip",
    "compose",
    "fit",
    "fit_sections",
    "link",
    "mark",
    "more",
    "one_line",
    "paragraphs",
    "plain",
    "rows",
    "state",
]

TITLE_CHARS = 150
SENTENCE_CHARS = 2_500
LINE_CHARS = 400
NAME_CHARS = 120
LINK_CHARS = 1_000
MEMBERS = 500
"""Members of a group that are put into words; the others are only counted, for no message has room for them."""
COUNT_CHARS = 40
"""Room for the words that count what was left out."""

_ADDRESS = re.compile(rf"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{{1,{LINK_CHARS}}}")


@dataclass(frozen=True, slots=True)
class Member:
    """One of a group in words: every text is one plain line."""

    mark: str
    """How much it may interrupt, or that it is over, in one character; nothing is told by colour alone."""
    title: str
    sentence: str
    whose: str
    """State, subject and owner."""
    link: str


@dataclass(frozen=True, slots=True)
class Message:
    """An announcement in words: every text is plain, every text but `sentence` is one line."""

    title: str
    sentence: str
    lines: tuple[str, ...]
    particulars: tuple[tuple[str, str], ...]
    """Label and value: whom and what it concerns."""
    footer: str
    """State, instant (UTC), episode and id."""
    sections: tuple[Section, ...] = ()
    members: tuple[Member, ...] = ()
    """The first of a group, at most `MEMBERS`."""
    unseen: int = 0
    """How many members of the group come after those."""
    link: str = ""
    """An absolute http(s) address of plain ASCII, or nothing."""

    @property
    def parts(self) -> tuple[Section, ...]:
        """The lines and the sections in one row; the lines have no heading."""
        return (*([Section("", self.lines)] if self.lines else ()), *self.sections)


def compose(announcement: Announcement) -> Message:
    """Put `announcement` into words."""
    since = announcement.since
    particulars = [
        ("Subject", announcement.subject),
        ("Team", announcement.team),
        ("Owner", announcement.owner or ""),
        ("Severity", announcement.severity.value),
        ("Commitment", announcement.commitment),
        ("Since", _instant(since) if since and since != announcement.at else ""),
    ]
    footer = [state(announcement), _instant(announcement.at)]
    if announcement.episode:
        footer.append(f"episode {announcement.episode}")
    footer.append(one_line(announcement.id, NAME_CHARS))
    return Message(
        title=one_line(announcement.title, TITLE_CHARS),
        sentence=paragraphs(announcement.sentence, SENTENCE_CHARS),
        lines=_lines(announcement.lines),
        particulars=tuple(
            (label, shown) for label, value in particulars if (shown := one_line(value, NAME_CHARS))
        ),
        footer=" · ".join(footer),
        sections=tuple(
            Section(one_line(section.heading, TITLE_CHARS), _lines(section.lines))
            for section in announcement.sections
        ),
        members=tuple(map(_member, announcement.members[:MEMBERS])),
        unseen=len(announcement.members[MEMBERS:]),
        link=link(announcement.link),
    )


def state(announcement: Announcement) -> str:
    """Say in one word what the announcement tells about its subject."""
    match announcement.occasion:
        case Occasion.FIRST:
            return "news" if announcement.family is Family.NEWS else "firing"
        case (
            Occasion.WORSE
            | Occasion.REPEAT
            | Occasion.ESCALATION
            | Occasion.RESOLVED
            | Occasion.PASSED
            | Occasion.BRIEF
            | Occasion.CHANGES
            | Occasion.REMINDER
            | Occasion.NOTE
            | Occasion.TEST
        ):
            return announcement.occasion.value
        case never:
            assert_never(never)


def mark(announcement: Announcement) -> str:
    """Show in one character how much it may interrupt, or that it is over."""
    if announcement.occasion.over:
        return "✓"
    match announcement.severity:
        case Severity.PAGE:
            return "‼"
        case Severity.TICKET:
            return "!"
        case Severity.INFO:
            return "·"
        case never:
            assert_never(never)


def link(address: str) -> str:
    """Give `address` back when it is an absolute http(s) address that no mark-up can read otherwise, else nothing."""
    if not _ADDRESS.fullmatch(address):
        return ""
    try:
        return address if urlsplit(address).hostname else ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""


def plain(announcement: Announcement, limit: int) -> str:
    """Give the whole announcement as plain text of at most `limit` characters, counting what is left out."""
    message = compose(announcement)
    text = "\n".join([message.title, *rows(message, limit - len(message.title) - 1)]).strip("\n")
    return text if len(text) <= limit else clip(text, limit)


def rows(message: Message, limit: int) -> list[str]:
    """Lay out what follows the title as lines of together at most `limit` characters, as far as that is possible.

    What is under a heading is indented, an empty line stands between parts. Sentence, particulars, link and footer
    are always there; sections and members share what they leave.
    """
    particulars = ", ".join(f"{label.lower()} {value}" for label, value in message.particulars)
    opening = ["", *message.sentence.split("\n")] if message.sentence else []
    closing = ["", *(row for row in (particulars, message.link, message.footer) if row)]
    room = limit - _length([*opening, *closing])
    body = [
        row
        for part in fit_sections(message.parts, room // 2 if message.members else room, _row_size)
        for row in _part_rows(part)
    ]
    room -= _length(body) + COUNT_CHARS
    members, left_out = fit(message.members, room, lambda member: _length(_member_rows(member)))
    body += [row for member in members for row in _member_rows(member)]
    if left_out + message.unseen:
        body += ["", and_more(left_out + message.unseen)]
    return [*opening, *body, *closing]


def _member(announcement: Announcement) -> Member:
    owner = one_line(announcement.owner or "", NAME_CHARS)
    whose = [
        state(announcement),
        one_line(announcement.subject, NAME_CHARS),
        f"owner {owner}" if owner else "",
    ]
    return Member(
        mark=mark(announcement),
        title=one_line(announcement.title, TITLE_CHARS),
        sentence=one_line(announcement.sentence, LINE_CHARS),
        whose=" · ".join(filter(None, whose)),
        link=link(announcement.link),
    )


def _member_rows(member: Member) -> list[str]:
    under = (member.sentence, member.whose, member.link)
    return ["", f"{member.mark} {member.title}", *(f"  {row}" for row in under if row)]


def _part_rows(part: Section) -> list[str]:
    if not part.heading:
        return ["", *part.lines]
    return ["", part.heading, *(f"  {line}" for line in part.lines)]


def _row_size(row: str) -> int:
    """The indentation, the row and its end; generous by an empty line where the row is a heading."""
    return len(row) + 3


def _length(written: Sequence[str]) -> int:
    """The rows with their ends."""
    return sum(len(row) + 1 for row in written)


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(shown for line in lines if (shown := one_line(line, LINE_CHARS)))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
