"""Triggers and resolves alerts in PagerDuty by its Events API v2; one episode of an alert is one incident there.

`dedup_key` is the fingerprint and the episode: what is said again, grows worse, or is sent twice by a crash changes the
incident that is open. An acknowledgement made in krd is not passed on: who is on call says it where the duty is kept.

Limits: summary 1 024 characters, `dedup_key` 255, event 512 KB; all is kept under four fifths of them. PagerDuty adjusts
its rate by itself and answers 429 (https://github.com/PagerDuty/developer-docs, events-API-v2/01-Overview); its people
name 120 events a minute and integration key.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, assert_never

from collector.domain.announcement import Announcement, Occasion, Severity
from collector.notifiers import wording
from collector.notifiers.address import PlainAddress, revealed
from collector.notifiers.document import dump, fitted
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import NotifierKind, NotifierOptions, Refused, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

SUMMARY_CHARS = 819
FIELD_CHARS = 250
EVENT_BYTES = 400_000

_KEY = re.compile(r"[A-Za-z0-9]{32}")
_SAID_ELSEWHERE = frozenset({"kind", "link", "members", "severity", "subject", "team", "title"})
"""What of an announcement the event tells in fields of PagerDuty's own."""


class PagerDutyOptions(NotifierOptions):
    """Which service of PagerDuty to tell."""

    routing_key: Secret
    """The key (32 letters and digits) of an integration of the service, kind Events API v2."""
    url: PlainAddress | Secret = "https://events.pagerduty.com/v2/enqueue"
    """Where events go; `https://events.eu.pagerduty.com/v2/enqueue` for accounts of the European region."""


class PagerDuty:
    """Tells one service."""

    def __init__(self, options: PagerDutyOptions) -> None:
        self._key = options.routing_key
        self._url = options.url
        self._sender = Sender(options.timeout)

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Trigger or resolve once. A resolve of what PagerDuty never heard of is dropped there; a test opens an incident
        that a person closes.
        """
        if not (announcement.about_alert or announcement.occasion is Occasion.TEST):
            return Refused(
                f"PagerDuty takes alerts only, and this is none but a {wording.state(announcement)}: "
                "name another notifier for it",
                content=True,
            )
        try:
            key, url = self._key.reveal(), revealed(self._url)
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the routing key or address of PagerDuty there")
        if not _KEY.fullmatch(key):  # PagerDuty would answer 400, as it does to an event that it cannot read
            return TryLater(f"the routing key {self._key} is not of 32 letters and digits: correct it there")
        try:
            body = dump({"routing_key": key, **event(announcement)})
        except (TypeError, ValueError) as error:
            return Refused(
                f"the announcement cannot be written as JSON: {type(error).__name__}", content=True
            )
        return self._sender.send(Post(url, body, {"content-type": "application/json"}), at)

    def close(self) -> None:
        """Hold nothing open between messages."""


def event(announcement: Announcement) -> dict[str, Any]:
    """Give the event without its routing key. Raises `TypeError` or `ValueError` when a fact is no JSON value."""
    if announcement.occasion.over:
        return {"event_action": "resolve", "dedup_key": announcement.thread}
    link = wording.link(announcement.link)
    return {
        "event_action": "trigger",
        "dedup_key": announcement.thread,
        "client": "krd",
        **({"client_url": link, "links": [{"href": link, "text": "Open in krd"}]} if link else {}),
        "payload": _payload(announcement),
    }


def _payload(announcement: Announcement) -> dict[str, Any]:
    title, sentence = (
        wording.one_line(text, SUMMARY_CHARS) for text in (announcement.title, announcement.sentence)
    )
    details = fitted(announcement, EVENT_BYTES - 6 * SUMMARY_CHARS - 20 * FIELD_CHARS)
    payload = {
        "summary": wording.clip(": ".join(filter(None, (title, sentence))) or "krd", SUMMARY_CHARS),
        "source": wording.one_line(announcement.subject, FIELD_CHARS) or "krd",
        "severity": _severity(announcement.severity),
        "timestamp": announcement.at.astimezone(UTC).isoformat(),
        "group": wording.one_line(announcement.team, FIELD_CHARS),
        "class": wording.one_line(announcement.kind, FIELD_CHARS),
        "custom_details": {
            name: value for name, value in details.items() if value and name not in _SAID_ELSEWHERE
        },
    }
    return {name: value for name, value in payload.items() if value}


def _severity(severity: Severity) -> str:
    match severity:
        case Severity.PAGE:
            return "critical"
        case Severity.TICKET:
            return "warning"
        case Severity.INFO:
            return "info"
        case never:
            assert_never(never)


KIND = NotifierKind(
    name="pagerduty",
    title="PagerDuty, Events API v2",
    options=PagerDutyOptions,
    open=PagerDuty,
    groups=False,
    alerts_only=True,
    people=False,
    rate=1.6,
)
