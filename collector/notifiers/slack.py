"""Posts announcements to a Slack incoming webhook, one request each, as the Block Kit of `slack_blocks`."""

from __future__ import annotations

from datetime import datetime

from collector.domain.announcement import Announcement
from collector.notifiers.http import Post, Sender
from collector.notifiers.slack_blocks import document, dump
from collector.ports.notifier import NotifierKind, NotifierOptions, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable


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
        body = dump(document(announcement)).encode()
        return self._sender.send(Post(url, body, {"content-type": "application/json; charset=utf-8"}), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


RATE = 0.8
"""Four fifths of the message a second that Slack publishes (https://docs.slack.dev/apis/web-api/rate-limits)."""

KIND = NotifierKind(
    name="slack", title="Slack, incoming webhook", options=SlackOptions, open=Slack, rate=RATE
)
