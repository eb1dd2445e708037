"""Posts announcements to a Slack incoming webhook, one request each, as the Block Kit of `slack_blocks`."""

from __future__ import annotations

from collector.domain.announcement import Announcement
from collector.notifiers.incoming_webhook import IncomingWebhook
from collector.notifiers.slack_blocks import document, dump
from collector.ports.notifier import NotifierKind, NotifierOptions
from connectors.api import Secret

RATE = 0.8
"""Four fifths of the message a second that Slack publishes (https://docs.slack.dev/apis/web-api/rate-limits)."""


class SlackOptions(NotifierOptions):
    """Which channel to post to."""

    url: Secret
    """The address of the incoming webhook; whoever knows it may post."""


def _open(options: SlackOptions) -> IncomingWebhook:
    return IncomingWebhook(options.url, options.timeout, "Slack webhook", _body)


def _body(announcement: Announcement) -> bytes:
    return dump(document(announcement)).encode()


KIND = NotifierKind(
    name="slack", title="Slack, incoming webhook", options=SlackOptions, open=_open, rate=RATE
)
