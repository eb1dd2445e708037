"""Posts announcements to a Microsoft Teams workflow, one request each, as the Adaptive Card of `teams_card`.

The address is that of a workflow which begins "When a Teams webhook request is received" and posts the card into a
channel or chat. It answers 202 before the card is posted: what Teams does later is seen in the workflow's run history.
"""

from __future__ import annotations

from collector.domain.announcement import Announcement
from collector.notifiers.incoming_webhook import IncomingWebhook
from collector.notifiers.teams_card import document, dump
from collector.ports.notifier import NotifierKind, NotifierOptions
from connectors.api import Secret

RATE = 3.0
"""Under four fifths of the four messages a second beyond which Teams throttles (see `teams_card`)."""


class TeamsOptions(NotifierOptions):
    """Which workflow to post to."""

    url: Secret
    """The address of the workflow; whoever knows it may post."""


def _open(options: TeamsOptions) -> IncomingWebhook:
    return IncomingWebhook(options.url, options.timeout, "Teams workflow", _body)


def _body(announcement: Announcement) -> bytes:
    return dump(document(announcement))


KIND = NotifierKind(
    name="teams", title="Microsoft Teams, Workflows webhook", options=TeamsOptions, open=_open, rate=RATE
)
