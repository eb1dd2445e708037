"""Gives an announcement to machines: a JSON object of at most so many bytes, harmless, with a count of what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from collector.domain.announcement import Announcement, Section
from collector.notifiers import wording

TEXT_CHARS = (2_500, 250)
"""Longest text; the second is taken when the first leaves no room for anything else."""
MEMBER_BYTES = 4_000
"""No member of a group takes more than this."""
_COUNT_BYTES = 10
"""Room for the digits that count what is left out."""


def fitted(announcement: Announcement, limit: int) -> dict[str, Any]:
    """Give its document within `limit` bytes; `truncated` counts the lines, facts and members that are left out.

    Members stay in their order. Where not all have room as they are, all go without lines, sections and facts, and
    each counts its own. Raises `TypeError` or `ValueError` when a fact is no JSON value.
    """
    data = _alone(replace(announcement, members=()), limit)
    room = limit - len(dump(data)) - _COUNT_BYTES
    members = _members(announcement.members, room, lean=False)
    if len(members) < len(announcement.members):
        members = _members(announcement.members, room, lean=True)
    left_out = len(announcement.members) - len(members)
    return {**data, "members": members, "truncated": data["truncated"] + left_out}


def dump(value: object) -> bytes:
    """Write JSON without blanks. Raises `TypeError` or `ValueError` when something in it is no JSON value."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _members(members: Sequence[Announcement], room: int, *, lean: bool) -> list[dict[str, Any]]:
    """Give as many members as have room; the others are not even looked at, for there may be thousands."""
    kept = []
    for member in members:
        one = _lean(member) if lean else _alone(member, MEMBER_BYTES)
        room -= len(dump(one)) + 1
        if room < 0:
            break
        kept.append(one)
    return kept


def _lean(member: Announcement) -> dict[str, Any]:
    whole = len(member.lines) + len(member.facts) + sum(len(section.lines) for section in member.sections)
    data = _frame(replace(member, lines=(), sections=(), facts={}), TEXT_CHARS[-1])
    return {**data, "truncated": whole}


def _alone(announcement: Announcement, limit: int) -> dict[str, Any]:
    """Give the document of one that has no members: its facts all or none, then lines, then sections."""
    for chars in TEXT_CHARS:
        data = _frame(announcement, chars)
        facts = _harmless(announcement.facts, chars)
        data["facts"] = facts
        room = limit - len(dump(data)) - _COUNT_BYTES
        if room < 0:
            data["facts"] = {}
            room = limit - len(dump(data)) - _COUNT_BYTES
        left_out = len(facts) - len(data["facts"])
        lines = [wording.one_line(line, chars) for line in announcement.lines]
        data["lines"], unsaid = wording.fit(lines, room, _size)
        sections, unread = _sections(announcement.sections, room - sum(map(_size, data["lines"])), chars)
        data |= {"sections": sections, "truncated": left_out + unsaid + unread}
        if room >= 0:
            break
    return data


def _frame(announcement: Announcement, chars: int) -> dict[str, Any]:
    """Give all that is always there, with room for nothing taken by lines, sections and facts."""
    bare = replace(announcement, lines=(), sections=(), facts={})
    link = wording.link(announcement.link)
    return {
        **{name: _harmless(value, chars) for name, value in bare.document().items()},
        "sentence": wording.paragraphs(announcement.sentence, chars),
        "link": link if len(link) <= chars else "",  # half an address leads nowhere
        "truncated": 0,
    }


def _sections(sections: Sequence[Section], room: int, chars: int) -> tuple[list[dict[str, Any]], int]:
    """Give the headings first, then lines in their order as far as there is room, and count the lines left out."""
    headed = [{"heading": wording.one_line(section.heading, chars), "lines": []} for section in sections]
    shown, _ = wording.fit(headed, room, _size)
    room -= sum(map(_size, shown))
    left_out = sum(len(section.lines) for section in sections)
    for part, section in zip(shown, sections, strict=False):
        lines = [wording.one_line(line, chars) for line in section.lines]
        part["lines"], _ = wording.fit(lines, room, _size)
        room -= sum(map(_size, part["lines"]))
        left_out -= len(part["lines"])
    return shown, left_out


def _size(value: object) -> int:
    return len(dump(value)) + 1


def _harmless(value: Any, chars: int) -> Any:
    """Take hidden characters and length from every text of a JSON value; numbers stay as they are."""
    match value:
        case str():
            return wording.one_line(value, chars)
        case Mapping():
            return {
                wording.one_line(str(key), chars): _harmless(inner, chars) for key, inner in value.items()
            }
        case list() | tuple():
            return [_harmless(inner, chars) for inner in value]
        case _:
            return value
