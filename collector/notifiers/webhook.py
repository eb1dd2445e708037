"""Posts announcements as signed JSON by Standard Webhooks 1.0.0, so that receivers verify them with ready libraries.

Headers `webhook-id` (the announcement's id, the same on every re-send), `webhook-timestamp` (Unix seconds of this
attempt) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; one a secret, separated by
spaces). The body is `{"type", "timestamp", "data"}`, the same bytes on every re-send, at most `BODY_BYTES` long. Alerts
that come together travel in one message, each a member of `data.members`, the most severe first.
Specification: https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from collector.domain.announcement import Announcement, Family
from collector.notifiers import wording
from collector.notifiers.address import Headers, PlainAddress, revealed
from collector.notifiers.document import dump, fitted
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import NotifierKind, NotifierOptions, Refused, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

BODY_BYTES = 16_000
"""Four fifths of the 20 kB which the specification asks senders to stay under."""


class SigningSecretUnusable(Exception):
    """A signing secret is not of the agreed form; the text names its place only."""


class WebhookOptions(NotifierOptions):
    """Where to post and how to sign."""

    url: PlainAddress | Secret
    """Where to post; by reference when it holds credentials or a query."""
    secret: Secret | Annotated[tuple[Secret, ...], Field(min_length=1, max_length=2)] | None = None
    """The signing secret: `whsec_` and base64 of 24 to 64 bytes; two while a receiver changes over; none sends unsigned."""
    headers: Headers = Field(default_factory=dict)
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
            headers = {name: revealed(value) for name, value in self._headers.items()}
            keys = [signing_key(secret) for secret in self._secrets]
            url = revealed(self._url)
        except (SecretUnavailable, SigningSecretUnusable) as unavailable:
            return TryLater(f"{unavailable}: correct it there; a file is read again before each message")
        try:
            body = render(announcement)
            headers |= {"content-type": "application/json"} | signed(announcement.id, at, body, keys)
        except (TypeError, ValueError) as error:
            return Refused(
                f"the announcement cannot be written as JSON: {type(error).__name__}", content=True
            )
        return self._sender.send(Post(url, body, headers), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


def render(announcement: Announcement) -> bytes:
    """Give the body: UTF-8 JSON of at most `BODY_BYTES`; `data.truncated` counts the lines, facts and members left out.

    Raises `TypeError` or `ValueError` when a fact is no JSON value.
    """
    envelope = {"type": event_type(announcement), "timestamp": announcement.at.astimezone(UTC).isoformat()}
    room = BODY_BYTES - len(dump({**envelope, "data": ""}))
    return dump({**envelope, "data": fitted(announcement, room)})


def event_type(announcement: Announcement) -> str:
    """Name the event, ascending in detail: `krd.drift.firing`, `krd.drift.resolved`, `krd.brief`, `krd.test`.

    A group, whose `data.members` each have a kind of their own, is `krd.alerts.grouped`.
    """
    if announcement.members:
        return "krd.alerts.grouped"
    kind = wording.one_line(announcement.kind, wording.NAME_CHARS)
    if announcement.family is Family.NEWS or not announcement.about_alert:
        return f"krd.{kind}"  # what is no alert has no state either
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


KIND = NotifierKind(
    name="webhook",
    title="Webhook, signed by Standard Webhooks",
    options=WebhookOptions,
    open=Webhook,
    people=False,
    rate=8.0,
)
