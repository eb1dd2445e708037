"""Posts announcements as JSON to an incoming webhook: an address that is itself the secret, since whoever knows it may post.

It knows no message ids: a repeated send shows twice, with the same id in its footer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from collector.domain.announcement import Announcement
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

HEADERS = {"content-type": "application/json; charset=utf-8"}


class IncomingWebhook:
    """Posts to one webhook, which belongs to one channel or chat."""

    def __init__(
        self, url: Secret, timeout: timedelta, called: str, body: Callable[[Announcement], bytes]
    ) -> None:
        """`called` names the webhook to whoever has to provide its address."""
        self._url, self._called, self._body = url, called, body
        self._sender = Sender(timeout)

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Post it once."""
        try:
            url = self._url.reveal()
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the address of the {self._called} there")
        return self._sender.send(Post(url, self._body(announcement), HEADERS), at)

    def close(self) -> None:
        """Hold nothing open between messages."""
