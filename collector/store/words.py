"""Reads back what was put in words; where no words were kept, or none that can be read, it says what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from collector.domain.alert import Transition
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.domain.message import occasion_of
from collector.store.values import unpack


class Unreadable(Exception):
    """What was stored is no announcement any more."""


def read(document: str) -> Announcement:
    """Read an announcement. Raises `Unreadable`, which says what is the matter and repeats nothing of the text."""
    try:
        return Announcement.from_document(unpack(document))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"what was stored can no longer be read ({type(error).__name__})") from error


def worded(transition: Transition, document: str | None, team: str) -> Transition:
    """Give a change its words: those that were kept, or else what its row tells."""
    return replace(transition, said=_kept(document) or _known(transition, team))


def in_place_of(event: str, at: datetime, why: Unreadable) -> Announcement:
    """Give what stands for an announcement that cannot be read, and of which only its id is known."""
    return Announcement(
        id=event,
        kind="unreadable",
        family=Family.DAEMON,
        severity=Severity.INFO,
        occasion=Occasion.NOTE,
        subject="",
        team="",
        title="A message that cannot be read",
        sentence=f"Of {event}, {why}.",
        at=at,
    )


def _kept(document: str | None) -> Announcement | None:
    """Read the words of a change; damaged ones are worth no more than none: a feed must go on behind them."""
    if document is None:
        return None
    try:
        return read(document)
    except Unreadable:
        return None


def _known(transition: Transition, team: str) -> Announcement:
    alert = transition.alert
    why = f", {transition.why}" if transition.why else ""
    return Announcement(
        id=transition.event,
        kind=alert.kind.value,
        family=alert.kind.family,
        severity=alert.severity,
        occasion=occasion_of(transition),
        subject=alert.subject.partition(":")[2] if team else alert.subject,
        team=team,
        title=f"{alert.kind.value}: {alert.subject}",
        sentence=f"It went from {transition.was.value} to {alert.state.value}{why}.",
        at=transition.at,
        episode=alert.episode,
        fingerprint=alert.fingerprint,
        since=alert.opened,
    )
