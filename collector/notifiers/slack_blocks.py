"""Lays an announcement out as Block Kit within four fifths of Slack's limits, and lets no text mean more than it says.

Limits: header 150 characters, section 3 000, field 2 000, 10 fields, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks); the whole message is kept to 12 000 because Slack refuses about
13 200 without saying so (bolt-js #2509). What needs no emphasis travels as `plain_text`, which Slack does not read as
mark-up; nobody is ever mentioned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from collector.domain.announcement import Announcement, Section
from collector.notifiers import wording

HEADER_CHARS = 120
SECTION_CHARS = 2_400
FIELD_CHARS = 1_600
BLOCKS = 40
MESSAGE_CHARS = 12_000
FALLBACK_CHARS = 600
LINK_CHARS = 1_000
"""Escaped; a longer link is left out."""

_PARTS = 12
"""Sections shown of a brief; with their headings and lines they always fit into `BLOCKS`."""
_FRAMES_CHARS = 1_200
"""Room for the JSON around the blocks that hold lines."""
_MEMBER_CHARS = (300, 1_000, 600)
"""Longest title, sentence and particulars of a member, escaped."""
_MEMBER_LINK_CHARS = SECTION_CHARS - sum(_MEMBER_CHARS) - 10

_MENTION = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_EMPHASIS = re.compile(r"[*~`]|(?<!\w)_|_(?!\w)")
_WORD_JOINER = "\u2060"

Block = dict[str, Any]


def document(announcement: Announcement) -> dict[str, Any]:
    """Give the message as Slack takes it: at most `MESSAGE_CHARS` as compact JSON and `BLOCKS` blocks."""
    message = wording.compose(announcement)
    summary = f"{message.title}: {message.sentence}" if message.sentence else message.title
    opening, closing = _opening(message), _closing(message)
    frame = {"text": _fitted(summary, FALLBACK_CHARS), "blocks": [*opening, *closing]}
    room = MESSAGE_CHARS - len(dump(frame))
    parts = _parts(message.parts, room // 2 if message.members else room)
    room -= sum(len(dump(block)) + 1 for block in parts)
    members = _members(message, room, BLOCKS - len(opening) - len(parts) - len(closing))
    return {**frame, "blocks": [*opening, *parts, *members, *closing]}


def escape(text: str) -> str:
    """Make `text` mean only itself in Slack's mark-up: no link, no channel, no mention of everybody, no emphasis.

    Slack has no escape for the signs of emphasis; an invisible word joiner beside them keeps them from acting.
    """
    joined = _EMPHASIS.sub(rf"{_WORD_JOINER}\g<0>{_WORD_JOINER}", text)
    return _literal(joined)


def dump(value: object) -> str:
    """Write `value` as the JSON that is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _opening(message: wording.Message) -> list[Block]:
    header = _shortened(message.title, HEADER_CHARS) or "krd"
    sentence = _shortened(message.sentence, SECTION_CHARS)
    blocks: list[Block] = [{"type": "header", "text": _plain(header)}]
    if sentence:
        blocks.append({"type": "section", "text": _plain(sentence)})
    return blocks


def _closing(message: wording.Message) -> list[Block]:
    fields = [
        _markup(f"*{label}*\n{_fitted(value, FIELD_CHARS - 40)}") for label, value in message.particulars
    ]
    told = [_markup(_fitted(message.footer, FIELD_CHARS))]
    if link := _linked(message.link, "Open in krd", LINK_CHARS):
        told.append(_markup(link))
    return [{"type": "section", "fields": fields}, {"type": "context", "elements": told}]


def _parts(sections: Sequence[Section], room: int) -> list[Block]:
    shown = [
        Section(part.heading, tuple(map(_literal, part.lines)))
        for part in wording.fit_sections(sections[:_PARTS], room - _FRAMES_CHARS, _size)
    ]
    blocks = list(chain.from_iterable(map(_part, shown)))
    if unseen := sum(len(part.lines) for part in sections[_PARTS:]):
        blocks.append(_lines([wording.more(unseen)]))
    return blocks


def _part(part: Section) -> Iterable[Block]:
    """Share a part out over as few blocks as hold it."""
    if part.heading:
        yield {"type": "section", "text": _markup(f"*{_fitted(part.heading, SECTION_CHARS - 2)}*")}
    pending: list[str] = []
    room = SECTION_CHARS
    for line in part.lines:
        room -= len(line) + 1
        if room < 0:
            yield _lines(pending)
            pending, room = [], SECTION_CHARS - len(line) - 1
        pending.append(line)
    if pending:
        yield _lines(pending)


def _members(message: wording.Message, room: int, blocks: int) -> list[Block]:
    shown = [_member(member) for member in message.members[: blocks - 1]]
    count = len(dump(_lines([wording.and_more(10**9)]))) + 1
    kept, _ = wording.fit(shown, room - count, lambda block: len(dump(block)) + 1)
    if left_out := len(message.members) + message.unseen - len(kept):
        kept.append(_lines([wording.and_more(left_out)]))
    return kept


def _member(member: wording.Member) -> Block:
    title, sentence, whose = (
        _fitted(text, limit)
        for text, limit in zip(
            (f"{member.mark} {member.title}", member.sentence, member.whose), _MEMBER_CHARS, strict=True
        )
    )
    opens = _linked(member.link, "open", _MEMBER_LINK_CHARS)
    rows = [f"*{title}*", sentence, f"{whose} · {opens}" if opens else whose]
    return {"type": "section", "text": _markup("\n".join(filter(None, rows)))}


def _linked(address: str, words: str, limit: int) -> str:
    """Write a link, or nothing where there is none or where it is too long."""
    linked = f"<{address.replace('&', '&amp;')}|{words}>"
    return linked if address and len(linked) <= limit else ""


def _lines(lines: Sequence[str]) -> Block:
    return {"type": "section", "text": _plain("\n".join(lines))}


def _plain(literal: str) -> Block:
    return {"type": "plain_text", "text": literal, "emoji": False}


def _markup(text: str) -> Block:
    return {
        "type": "mrkdwn",
        "text": text,
        "verbatim": True,
    }  # verbatim: Slack looks for no names or links in it


def _literal(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("@" + _WORD_JOINER, escaped)


def _fitted(text: str, limit: int) -> str:
    return _within(text, limit, escape)


def _shortened(text: str, limit: int) -> str:
    return _within(text, limit, _literal)


def _within(text: str, limit: int, escaping: Callable[[str], str]) -> str:
    """Escape `text` and keep it within `limit` characters, cutting before escaping so that no entity is halved."""
    room = limit
    while len(escaped := escaping(wording.clip(text, room))) > limit:
        room -= max(1, (len(escaped) - limit) // 5)
    return escaped


def _size(line: str) -> int:
    return len(dump(_literal(line)))
