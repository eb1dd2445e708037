"""Posts announcements as signed JSON by Standard Webhooks 1.0.0, so that receivers verify them with ready libraries.

Headers `webhook-id` (the announcement's id, the same on every re-send), `webhook-timestamp` (Unix seconds of this
attempt) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; one a secret, separated by
spaces). The body is `{"type", "timestamp", "data"}`, the same bytes on every re-send, at most `BODY_BYTES` long.
Specification: https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from collector.domain.announcement import Announcement, Family, Occasion
from collector.notifiers import wording
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import NotifierKind, NotifierOptions, Refused, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

BODY_BYTES = 16_000
"""Four fifths of the 20 kB which the specification asks senders to stay under."""
TEXT_CHARS = (2_500, 250)
"""Longest text in the body; the second is taken when the first leaves no room for anything else."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = frozenset({"content-type", "content-length", "host", "connection", "transfer-encoding"})


class SigningSecretUnusable(Exception):
    """A signing secret is not of the agreed form; the text names its place only."""


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address is of the form https://host/…")
    if parts.username or parts.password or parts.query:
        raise ValueError(
            "an address with credentials or a query is written by reference: {env: NAME} or {file: path}"
        )
    return url


def _sendable(headers: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS or name.lower().startswith("webhook-"):
            raise ValueError("a header has a plain name that krd does not set itself")
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            raise ValueError("a header's value is one line of plain ASCII")
    return headers


class WebhookOptions(NotifierOptions):
    """Where to post and how to sign."""

    url: Annotated[str, AfterValidator(_plain_address)] | Secret
    """Where to post; by reference when it holds credentials or a query."""
    secret: Secret | Annotated[tuple[Secret, ...], Field(min_length=1, max_length=2)] | None = None
    """The signing secret: `whsec_` and base64 of 24 to 64 bytes; two while a receiver changes over; none sends unsigned."""
    headers: Annotated[Mapping[str, str | Secret], AfterValidator(_sendable)] = Field(default_factory=dict)
    """Sent along, such as `authorization: {env: TOKEN}`."""


class Webhook:
    """Posts to one address."""

    def __init__(self, options: WebhookOptions) -> None:
        self._url = options.url
        self._secrets = _listed(options.secret)
        self._headers = options.headers
        self._sender = Sender(options.timeout)

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Sign for the instant `at` and post once."""
        try:
            headers = {name: _revealed(value) for name, value in self._headers.items()}
            keys = [signing_key(secret) for secret in self._secrets]
            url = _revealed(self._url)
        except (SecretUnavailable, SigningSecretUnusable) as unavailable:
            return TryLater(f"{unavailable}: correct it there; a file is read again before each message")
        try:
            body = render(announcement)
            headers |= {"content-type": "application/json"} | signed(announcement.id, at, body, keys)
        except (TypeError, ValueError) as error:
            return Refused(f"the announcement cannot be written as JSON: {type(error).__name__}")
        return self._sender.send(Post(url, body, headers), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


def render(announcement: Announcement) -> bytes:
    """Give the body: UTF-8 JSON of at most `BODY_BYTES`; `data.truncated` counts the lines and facts left out.

    Raises `TypeError` or `ValueError` when a fact is no JSON value.
    """
    document = announcement.document()
    envelope = {"type": event_type(announcement), "timestamp": announcement.at.astimezone(UTC).isoformat()}
    for limit in TEXT_CHARS:
        data = {name: _harmless(value, limit) for name, value in document.items()}
        lines, facts = data["lines"], data["facts"]
        data |= {"sentence": wording.paragraphs(announcement.sentence, limit), "lines": [], "truncated": 0}
        room = BODY_BYTES - len(_dump({**envelope, "data": data})) - 10
        if room < 0:
            data["facts"] = {}
            room = BODY_BYTES - len(_dump({**envelope, "data": data})) - 10
        data["lines"], left_out = wording.fit(lines, room, lambda line: len(_dump(line)) + 1)
        data["truncated"] = left_out + len(facts) - len(data["facts"])
        if room >= 0:
            break
    return _dump({**envelope, "data": data})


def event_type(announcement: Announcement) -> str:
    """Name the event, ascending in detail: `krd.drift.firing`, `krd.drift.resolved`, `krd.brief`, `krd.test`."""
    kind = wording.one_line(announcement.kind, wording.NAME_CHARS)
    if announcement.family is Family.NEWS or announcement.occasion in (Occasion.BRIEF, Occasion.TEST):
        return f"krd.{kind}"
    return f"krd.{kind}.{wording.state(announcement)}"


def signed(message_id: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Give the headers of the specification for `body`; without keys there is no signature."""
    timestamp = str(int(at.timestamp()))
    headers = {"webhook-id": message_id, "webhook-timestamp": timestamp}
    if keys:
        content = b".".join((message_id.encode(), timestamp.encode(), body))
        digests = (hmac.digest(key, content, hashlib.sha256) for key in keys)
        headers["webhook-signature"] = " ".join(
            f"v1,{base64.b64encode(digest).decode()}" for digest in digests
        )
    return headers


def signing_key(secret: Secret) -> bytes:
    """Read a signing secret's bytes. Raises `SecretUnavailable` or `SigningSecretUnusable`."""
    text = secret.reveal()
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise SigningSecretUnusable(f"the signing secret {secret} is not whsec_ and base64 of 24 to 64 bytes")
    return key


def _listed(secret: Secret | tuple[Secret, ...] | None) -> tuple[Secret, ...]:
    if secret is None:
        return ()
    return (secret,) if isinstance(secret, Secret) else secret


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _harmless(value: Any, limit: int) -> Any:
    """Take hidden characters and length from every text of a JSON value; numbers stay as they are."""
    match value:
        case str():
            return wording.one_line(value, limit)
        case Mapping():
            return {
                wording.one_line(str(key), limit): _harmless(inner, limit) for key, inner in value.items()
            }
        case list() | tuple():
            return [_harmless(inner, limit) for inner in value]
        case _:
            return value


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


KIND = NotifierKind(
    name="webhook", title="Webhook, signed by Standard Webhooks", options=WebhookOptions, open=Webhook
)
