"""Posts announcements to a Microsoft Teams workflow, one request each, as the Adaptive Card of `teams_card`.

The address is that of a workflow which begins "When a Teams webhook request is received" and posts the card into a
channel or chat. It answers 202 before the card is posted: what Teams does later is seen in the workflow's run history.
"""

from __future__ import annotations

from datetime import datetime

from collector.domain.announcement import Announcement
from collector.notifiers.http import Post, Sender
from collector.notifiers.teams_card import document, dump
from collector.ports.notifier import NotifierKind, NotifierOptions, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable


class TeamsOptions(NotifierOptions):
    """Which workflow to post to."""

    url: Secret
    """The address of the workflow; whoever knows it may post."""


class Teams:
    """Posts to one workflow, which belongs to one channel or chat."""

    def __init__(self, options: TeamsOptions) -> None:
        self._url = options.url
        self._sender = Sender(options.timeout)

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Post it once. Workflows know no message ids: a repeated send shows twice, with the same id in its footer."""
        try:
            url = self._url.reveal()
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the address of the Teams workflow there")
        body = dump(document(announcement))
        return self._sender.send(Post(url, body, {"content-type": "application/json; charset=utf-8"}), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


RATE = 3.0
"""Under four fifths of the four messages a second beyond which Teams throttles (see `teams_card`)."""

KIND = NotifierKind(
    name="teams", title="Microsoft Teams, Workflows webhook", options=TeamsOptions, open=Teams, rate=RATE
)
