"""Remembers which label sets stand in Alertmanager, so that none is left standing when an alert changes them or ends.

It lives as long as the process. After a restart of krd the first `uphold` fills it again; an alert that ends before that
ends with every severity below its own as well, for it may have begun with one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collector.domain.announcement import Announcement, Occasion
from collector.notifiers.alertmanager_alerts import Alert, Labels, Speaker, less_severe


@dataclass
class Memory:
    """Knows by thread (one episode of one alert) what Alertmanager was told. Not thread-safe."""

    speaker: Speaker
    _standing: dict[str, set[Labels]] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)
    """Threads that are over, and may still be in a list of standing alerts that was made before."""

    def say(self, announcement: Announcement, at: datetime) -> list[Alert]:
        """Give what says that it stands, or is over; from now on it may have been taken."""
        labels = self.speaker.identify(announcement)
        known = self._standing.setdefault(announcement.thread, _supposed(announcement, labels))
        if announcement.occasion.over:
            return [self.speaker.ended(announcement, one) for one in sorted(known)]
        replaced = sorted(known - {labels})
        known.add(labels)
        return [
            self.speaker.standing(announcement, labels, at),
            *(self.speaker.ended(announcement, one) for one in replaced),
        ]

    def taken(self, announcement: Announcement) -> None:
        """Take note that Alertmanager took what `say` gave."""
        if announcement.occasion.over:
            self._standing.pop(announcement.thread, None)
            self._ended.add(announcement.thread)
        else:
            self._standing[announcement.thread] = {self.speaker.identify(announcement)}

    def still(self, standing: Iterable[Announcement]) -> list[Announcement]:
        """Drop those that were said to be over while the list was on its way."""
        return [one for one in standing if one.thread not in self._ended and not one.occasion.over]

    def forget_ended(self, standing: Sequence[Announcement]) -> None:
        """Forget the ends that no list of standing alerts can contradict any more."""
        self._ended &= {one.thread for one in standing}


def _supposed(announcement: Announcement, labels: Labels) -> set[Labels]:
    """Give what may stand of an alert of which nothing is known yet."""
    if announcement.occasion.over:
        return {labels, *less_severe(labels)}
    if announcement.occasion is Occasion.WORSE:
        return set(less_severe(labels))
    return set()
