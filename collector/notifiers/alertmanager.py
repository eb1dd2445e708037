"""Keeps the alerts of krd standing in a Prometheus Alertmanager (API v2), so that its routes and silences apply to them.

Alertmanager knows an alert by its labels, keeps it in memory only, and takes it for over once its `endsAt` is past:

* Labels say what does not change within an episode: what is wrong, with what, whose it is. The severity may rise; it is
  a label nevertheless, because that is what people route by. So the label set that stood before is ended in the same
  request. Value, time, title and owner are annotations.
* `endsAt` lies `endures` ahead. With Alertmanager's own five minutes a krd that is down would resolve everything, and
  what is not measured is never green (DESIGN §1, law 2). krd says that an alert is over by an `endsAt` that is past.
* What stands is said again every minute (`uphold`): an Alertmanager that was restarted knows everything again.

Interface: https://prometheus.io/docs/alerting/latest/alerts_api
"""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from collector.domain.announcement import Announcement, Occasion
from collector.notifiers import wording
from collector.notifiers.address import Headers, PlainAddress, below, revealed
from collector.notifiers.alertmanager_alerts import Alert, Speaker
from collector.notifiers.alertmanager_memory import Memory
from collector.notifiers.document import dump
from collector.notifiers.http import Post, Sender
from collector.ports.notifier import Delivered, NotifierKind, NotifierOptions, Refused, TryLater, Verdict
from connectors.api import Secret, SecretUnavailable

CHUNK = 500
"""No more announcements than this in one request; each is about a kilobyte."""


def _namable(labels: Mapping[str, str]) -> Mapping[str, str]:
    if not all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in labels):
        raise ValueError("the name of a label is letters, digits and underscores, and begins with no digit")
    return labels


def _base(url: str) -> str:
    if re.search(r"/api/v[12](/alerts)?/?$", urlsplit(url).path):
        raise ValueError("krd adds /api/v2/alerts to the address by itself: write what stands before it")
    return url


class AlertmanagerOptions(NotifierOptions):
    """Which Alertmanager to tell. Of a cluster name each member as a notifier of its own: they do not pass alerts on."""

    url: Annotated[PlainAddress, AfterValidator(_base)] | Secret
    """Its address without `/api/v2/alerts`; by reference when it holds credentials or a query."""
    headers: Headers = Field(default_factory=dict)
    """Sent along, such as `authorization: {env: TOKEN}`."""
    labels: Annotated[Mapping[str, str], AfterValidator(_namable)] = Field(default_factory=dict)
    """Labels of every alert, such as `cluster: staging`, like the external labels of Prometheus."""
    endures: timedelta = Field(timedelta(hours=24), ge=timedelta(minutes=5), le=timedelta(days=30))
    """So long an alert stands there when krd says nothing more, because it is down: longer than any outage of krd."""


class Alertmanager:
    """Tells one Alertmanager; an `Upholder`. Thread-safe: what it says is said one after the other."""

    def __init__(self, options: AlertmanagerOptions) -> None:
        self._options = options
        self._sender = Sender(options.timeout)
        self._speaker = Speaker(options.endures, options.labels)
        self._memory = Memory(self._speaker)
        self._lock = threading.Lock()

    def send(self, announcement: Announcement, at: datetime) -> Verdict:
        """Say once that it stands, or that it is over. What began and ended unsaid is never notified by Alertmanager."""
        if announcement.occasion is Occasion.TEST:
            return self._post([self._speaker.test(announcement, at)], at)
        if not announcement.about_alert:
            return Refused(
                f"Alertmanager takes alerts only, and this is none but a {wording.state(announcement)}: "
                "name another notifier for it",
                content=True,
            )
        with self._lock:
            return self._say([announcement], at)

    def uphold(self, standing: Sequence[Announcement], at: datetime) -> Verdict:
        """Say again that all of these stand, in requests of `CHUNK`; ends at the first that is not taken, or when the
        time of one send is over.
        """
        deadline = time.monotonic() + self._options.timeout.total_seconds()
        for chunk in _chunks(standing):
            if time.monotonic() > deadline:
                return TryLater("Alertmanager takes longer to hear all that stands than one send may take")
            with self._lock:
                still = self._memory.still(chunk)
                verdict = self._say(still, at) if still else Delivered()
            if not isinstance(verdict, Delivered):
                return verdict
        with self._lock:
            self._memory.forget_ended(standing)
        return Delivered()

    def close(self) -> None:
        """Hold nothing open between messages."""

    def _say(self, announcements: Sequence[Announcement], at: datetime) -> Verdict:
        alerts = [alert for one in announcements for alert in self._memory.say(one, at)]
        verdict = self._post(alerts, at)
        if isinstance(verdict, Delivered):
            for one in announcements:
                self._memory.taken(one)
        return verdict

    def _post(self, alerts: Sequence[Alert], at: datetime) -> Verdict:
        try:
            headers = {name: revealed(value) for name, value in self._options.headers.items()}
            url = below(revealed(self._options.url), "/api/v2/alerts")
        except SecretUnavailable as unavailable:
            return TryLater(f"{unavailable}: provide the address or header of Alertmanager there")
        return self._sender.send(Post(url, dump(alerts), headers | {"content-type": "application/json"}), at)


def _chunks(standing: Sequence[Announcement]) -> Iterator[list[Announcement]]:
    rest = iter(standing)
    while chunk := list(itertools.islice(rest, CHUNK)):
        yield chunk


KIND = NotifierKind(
    name="alertmanager",
    title="Prometheus Alertmanager, API v2",
    options=AlertmanagerOptions,
    open=Alertmanager,
    groups=False,
    alerts_only=True,
    people=False,
    rate=20.0,
    resend=timedelta(seconds=60),
)
