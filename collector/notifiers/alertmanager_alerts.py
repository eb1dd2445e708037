"""Writes an announcement as Alertmanager's alerts: one that stands, and those it takes the place of, which are over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from collector.domain.announcement import Announcement, Family, Severity
from collector.notifiers import wording

LABEL_CHARS = 200
DESCRIPTION_CHARS = 4_000
SKEW = timedelta(minutes=1)
"""An end is dated so much earlier than it came. An end that lies in the future of Alertmanager's own clock is none: of
two that are not past it keeps the later, which is the one `endures` ahead.
"""
TEST_LASTS = timedelta(minutes=5)
"""Longer than people let groups gather, so that a test is notified."""

Labels = tuple[tuple[str, str], ...]
"""What identifies an alert, in alphabetical order."""
Alert = Mapping[str, object]

_SUBJECTS = {"source_down": "source", "sink_failing": "notifier"}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Writes alerts of one krd: with its own labels, for as long as it may be silent."""

    endures: timedelta
    labels: Mapping[str, str]
    """On every alert; what krd says itself goes before."""

    def identify(self, announcement: Announcement) -> Labels:
        """Give the labels: what is empty is left out, what may change within an episode but the severity is not there."""
        found = {
            **self.labels,
            "alertname": alert_name(announcement.kind),
            "commitment": announcement.commitment,
            "family": announcement.family.value,
            "krd_fingerprint": announcement.fingerprint,
            "severity": announcement.severity.value,
            "team": announcement.team,
            _subject_label(announcement): announcement.subject,
        }
        shown = ((name, wording.one_line(value, LABEL_CHARS)) for name, value in found.items())
        return tuple(sorted((name, value) for name, value in shown if value))

    def standing(self, announcement: Announcement, labels: Labels, at: datetime) -> Alert:
        """Say at `at` that it stands."""
        return _alert(announcement, labels, _began(announcement), at + self.endures)

    def ended(self, announcement: Announcement, labels: Labels) -> Alert:
        """Say that it is over, or that these labels no longer tell what it is."""
        end = announcement.at - SKEW
        return _alert(announcement, labels, min(_began(announcement), end), end)

    def test(self, announcement: Announcement, at: datetime) -> Alert:
        """Give an alert that ends by itself."""
        return _alert(announcement, self.identify(announcement), at, at + TEST_LASTS)


def less_severe(labels: Labels) -> Iterator[Labels]:
    """Give the same labels with each severity below theirs."""
    ranks = {severity.value: severity.rank for severity in Severity}
    own = next(ranks[value] for name, value in labels if name == "severity")
    for severity in Severity:
        if severity.rank < own:
            yield tuple((name, severity.value if name == "severity" else value) for name, value in labels)


def alert_name(kind: str) -> str:
    """Name a kind as rules of Prometheus are named: `source_down` is `KrdSourceDown`."""
    return "Krd" + "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", kind[:LABEL_CHARS]))


def _subject_label(announcement: Announcement) -> str:
    """Name the label of what it is about."""
    by_family = "subject" if announcement.family is Family.DAEMON else "key_result"
    return _SUBJECTS.get(announcement.kind, by_family)


def _alert(announcement: Announcement, labels: Labels, starts: datetime, ends: datetime) -> Alert:
    annotations = {
        "summary": wording.one_line(announcement.title, wording.TITLE_CHARS),
        "description": wording.paragraphs(
            "\n".join((announcement.sentence, *announcement.lines)), DESCRIPTION_CHARS
        ),
        "owner": wording.one_line(announcement.owner or "", LABEL_CHARS),
        "episode": str(announcement.episode or ""),
        "event": announcement.id,
    }
    link = wording.link(announcement.link)
    return {
        "labels": dict(labels),
        "annotations": {name: text for name, text in annotations.items() if text},
        "startsAt": starts.astimezone(UTC).isoformat(),
        "endsAt": ends.astimezone(UTC).isoformat(),
        **({"generatorURL": link} if link else {}),
    }


def _began(announcement: Announcement) -> datetime:
    since = announcement.since
    return since if since is not None and since < announcement.at else announcement.at
