"""Lays an announcement out as an Adaptive Card that every Teams client shows, and lets no text mean more than it says.

Texts travel as `TextRun`, which knows no Markdown: a backslash before a sign is shown by some clients and read by
others (msteams-docs #5793). The card keeps to version 1.2, which telephones show too. Teams publishes 28 KB a message
(https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook); 21 KB is
where senders saw it refuse (msteams_hermes), so that a message stays under both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Literal, assert_never

from collector.domain.announcement import Announcement, Section, Severity
from collector.notifiers import wording

MESSAGE_BYTES = 20_000
FALLBACK_CHARS = 300
SENTENCE_CHARS = 1_500
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.2"

_ACTING = re.compile(r"\{(?=\{)|<")
_WORD_JOINER = "\u2060"

Element = dict[str, Any]
Colour = Literal["Attention", "Warning", "Good", "Accent"]


def document(announcement: Announcement) -> dict[str, Any]:
    """Give the message as a Workflows webhook takes it: at most `MESSAGE_BYTES` of compact JSON."""
    message = wording.compose(announcement)
    title, closing = _title(message, colour(announcement)), _closing(message)
    room = MESSAGE_BYTES - _bytes(_posted(message, [title, *closing]))
    sentence = _sentence(message, room // 2)
    room -= sum(map(_bytes, sentence))
    parts = _parts(message.parts, room // 2 if message.members else room)
    room -= sum(map(_bytes, parts))
    members = _members(announcement, message, room)
    return _posted(message, [title, *sentence, *parts, *members, *closing])


def colour(announcement: Announcement) -> Colour:
    """Choose the colour of its title; the words say the same."""
    if announcement.occasion.over:
        return "Good"
    match announcement.severity:
        case Severity.PAGE:
            return "Attention"
        case Severity.TICKET:
            return "Warning"
        case Severity.INFO:
            return "Accent"
        case never:
            assert_never(never)


def literal(text: str) -> str:
    """Keep `text` from acting in a `TextRun`: no `{{DATE(…)}}`, and no `<at>` that a mention could be made of."""
    return _ACTING.sub(rf"\g<0>{_WORD_JOINER}", text)


def dump(value: object) -> bytes:
    """Write `value` as the JSON that is sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _posted(message: wording.Message, body: Sequence[Element]) -> dict[str, Any]:
    summary = f"{message.title}: {message.sentence}" if message.sentence else message.title
    card: dict[str, Any] = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": literal(wording.one_line(summary, FALLBACK_CHARS)) or "krd",
        "msteams": {"width": "full"},
        "body": list(body),
    }
    if message.link:
        card["actions"] = [_open_url(message.link)]
    attachment = {"contentType": CONTENT_TYPE, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _title(message: wording.Message, shade: Colour) -> Element:
    return _block([_run(message.title or "krd", size="Large", weight="Bolder", color=shade)])


def _sentence(message: wording.Message, room: int) -> list[Element]:
    """Lay the verdict out, a block a line: of many short lines the blocks weigh more than the text."""
    lines = tuple(filter(None, wording.clip(message.sentence, SENTENCE_CHARS).split("\n")))
    return _parts([Section("", lines)], room) if lines else []


def _closing(message: wording.Message) -> list[Element]:
    footer = _run(message.footer, size="Small", isSubtle=True)
    return [
        *(
            _block([_run(f"{label}: ", weight="Bolder"), _run(value)], spacing="None" if after else "Medium")
            for after, (label, value) in enumerate(message.particulars)
        ),
        _block([footer], spacing="Small"),
    ]


def _parts(sections: Sequence[Section], room: int) -> list[Element]:
    fitted = wording.fit_sections(sections, room, lambda line: _bytes(_heading(line)))
    return list(chain.from_iterable(map(_part, fitted)))


def _part(part: Section) -> Iterable[Element]:
    if part.heading:
        yield _heading(part.heading)
    yield from _lines(part.lines)


def _members(announcement: Announcement, message: wording.Message, room: int) -> list[Element]:
    shown = [
        _member(member, colour(said))
        for member, said in zip(message.members, announcement.members, strict=False)
    ]
    room -= _bytes(_heading(wording.and_more(10**9)))
    kept, _ = wording.fit(shown, room, lambda elements: sum(map(_bytes, elements)))
    elements = list(chain.from_iterable(kept))
    if left_out := len(announcement.members) - len(kept):
        elements.append(_heading(wording.and_more(left_out)))
    return elements


def _member(member: wording.Member, shade: Colour) -> list[Element]:
    title = _run(f"{member.mark} {member.title}", weight="Bolder", color=shade)
    whose = _run(member.whose, size="Small", isSubtle=True)
    if member.link:
        whose["selectAction"] = _open_url(member.link)
    return [
        _block([title], spacing="Medium"),
        *_lines([member.sentence] if member.sentence else ()),
        _block([whose], spacing="None"),
    ]


def _heading(text: str) -> Element:
    return _block([_run(text, weight="Bolder")], spacing="Medium")


def _lines(lines: Iterable[str]) -> list[Element]:
    return [_block([_run(line)], spacing="Small") for line in lines if line]


def _block(runs: Sequence[Element], **look: str) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), **look}


def _run(text: str, **look: str | bool) -> Element:
    return {"type": "TextRun", "text": literal(text), **look}


def _open_url(address: str) -> Element:
    return {"type": "Action.OpenUrl", "title": "Open in krd", "url": address}


def _bytes(value: object) -> int:
    """Its size with the comma after it."""
    return len(dump(value)) + 1
