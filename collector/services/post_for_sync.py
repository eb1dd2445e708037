"""Addresses what a team is told before a sync: in the order in which it was said, and never after the sync."""

from __future__ import annotations

from collector.domain.announcement import Announcement
from collector.domain.moments import Moment
from collector.ports.store import Posting


def for_sync(moment: Moment, notifier: str, said: Announcement) -> Posting:
    """Make the posting for one notifier. What changed since the brief waits for the brief: they share a group."""
    group = f"sync:{moment.team}:{moment.cycle}:{moment.sync.isoformat()}"
    return Posting(notifier, said, group, expires=moment.sync)
