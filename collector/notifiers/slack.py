"""Posts announcements to a Slack incoming webhook as Block Kit, within Slack's limits, pinging nobody by accident.

Limits: header 150 characters, section 3 000, field 2 000, 10 fields, 10 context elements, 50 blocks
(https://docs.slack.dev/reference/block-kit/blocks); the whole message is kept to 12 000 because Slack refuses about
13 200 without saying so (bolt-js #2509).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from collector.domain.announcement import Announcement
from collector.notifiers import wording
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import NotifierKind, NotifierOptions, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

HEADER_CHARS = 150
SECTION_CHARS = 3_000
FIELD_CHARS = 2_000
MESSAGE_CHARS = 12_000
FALLBACK_CHARS = 600
_SECTIONS_CHARS = 1_000
"""Room for the JSON around the sections that hold the lines, and for the line that counts the rest."""

_MENTION = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


class SlackOptions(NotifierOptions):
    """Which channel to post to."""

    url: Secret
    """The address of the incoming webhook; whoever knows it may post."""


class Slack:
    """Posts to one incoming webhook, which belongs to one channel."""

    def __init__(self, options: SlackOptions) -> None:
        self._url = options.url
        self._sender = Sender(options.timeout)

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Post it once. Slack knows no message ids here: a repeated send shows twice, with the same id in its footer."""
        try:
            url = self._url.reveal()
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the address of the Slack webhook there")
        body = _dump(document(announcement)).encode()
        return self._sender.send(Post(url, body, {"content-type": "application/json; charset=utf-8"}), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


def document(announcement: Announcement) -> dict[str, Any]:
    """Give the message as Slack takes it: at most `MESSAGE_CHARS` as JSON."""
    message = wording.compose(announcement)
    summary = f"{message.title}: {message.sentence}" if message.sentence else message.title
    fields = [_text(f"*{label}*\n{_fitted(value, FIELD_CHARS - 40)}") for label, value in message.particulars]
    opening: list[dict[str, Any]] = [
        {
            "type": "header",
            "text": {"type": "plain_text", "text": _fitted(message.title, HEADER_CHARS) or "krd"},
        }
    ]
    if message.sentence:
        opening.append(_section(_fitted(message.sentence, SECTION_CHARS)))
    closing: list[dict[str, Any]] = [
        {"type": "section", "fields": fields},
        {"type": "context", "elements": [_text(_fitted(message.footer, SECTION_CHARS))]},
    ]
    frame = {"text": _fitted(summary, FALLBACK_CHARS), "blocks": [*opening, *closing]}
    room = MESSAGE_CHARS - len(_dump(frame)) - _SECTIONS_CHARS
    lines = [escape(line) for line in message.lines]
    kept, left_out = wording.fit(lines, room, lambda line: len(_dump(line)))
    if left_out:
        kept.append(wording.more(left_out))
    return {**frame, "blocks": [*opening, *_sections(kept), *closing]}


def escape(text: str) -> str:
    """Make `text` mean only itself in Slack's mark-up: no link, no channel, no mention of everybody."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MENTION.sub("@" + _WORD_JOINER, escaped)


def _fitted(text: str, limit: int) -> str:
    """Escape `text` and keep it within `limit` characters, cutting before escaping so that no entity is halved."""
    room = limit
    while len(escaped := escape(wording.clip(text, room))) > limit:
        room -= max(1, (len(escaped) - limit) // 5)
    return escaped


def _sections(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Share the lines out over as few sections as hold them."""
    sections: list[list[str]] = []
    room = 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            sections.append([])
            room = SECTION_CHARS - len(line) - 1
        sections[-1].append(line)
    return [_section("\n".join(section)) for section in sections]


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> dict[str, Any]:
    return {
        "type": "mrkdwn",
        "text": text,
        "verbatim": True,
    }  # verbatim: Slack looks for no names or links in it


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


KIND = NotifierKind(name="slack", title="Slack, incoming webhook", options=SlackOptions, open=Slack)
