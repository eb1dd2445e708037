"""Says what differs between two configurations, and how a reload ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from collector.domain.okr import Okrs
from collector.errors import StoreError
from collector.logs import get_logger
from collector.ports.catalogue import Configuration

log = get_logger(__name__)

ROUNDS_DRAIN = timedelta(seconds=5)
"""So long a reload waits for what is being read; a slot that is not read by then is healed, or read by the next daemon."""

RETRY_WAIT = 60.0
"""Seconds until files that could not be started are tried again."""


class Reloaded(StrEnum):
    """How a reload ended."""

    UNCHANGED = "unchanged"
    """The files say what runs already."""
    DONE = "done"
    REJECTED = "rejected"
    """The files have mistakes; what ran before goes on."""
    POSTPONED = "postponed"
    """The store refuses; to be tried again."""
    FAILED = "failed"
    """The new configuration could not start; what ran before goes on, or is to be started again."""


class Again:
    """Remembers whether a reload is to be tried again. Used by one thread at a time."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._said = False

    def due(self) -> bool:
        """Tell whether it is time."""
        return self._at is not None and time.monotonic() >= self._at

    def after(self, outcome: Reloaded, *, fallen: bool) -> None:
        """Take note of how a reload ended: what waits for the store is tried soon, what failed with time in between."""
        if outcome is Reloaded.POSTPONED or fallen:
            self._at = time.monotonic()
        elif outcome is Reloaded.FAILED:
            self._at = time.monotonic() + RETRY_WAIT
        else:
            self._at, self._said = None, False

    def postpone(self, error: StoreError) -> Reloaded:
        """Say once that the store has to accept again before."""
        if not self._said:
            log.warning("reload_postponed", error=str(error))
        self._said = True
        return Reloaded.POSTPONED


def changes_between(old: Configuration, new: Configuration) -> list[str]:
    """Name everything that is new, gone or another one; nothing when both say the same, wherever it is written."""
    return [
        *_of("source", old.sources, new.sources),
        *_of("notifier", old.notifiers, new.notifiers),
        *_of("key result", _without_places(old.okrs), _without_places(new.okrs)),
        *_of("objective", old.okrs.objectives, new.okrs.objectives),
        *_of("team", old.okrs.teams, new.okrs.teams),
        *_of("person", old.okrs.people, new.okrs.people),
        *_of("calendar of", _named(old.okrs.calendars), _named(new.okrs.calendars)),
        *(["heartbeat changed"] if old.heartbeat != new.heartbeat else []),
    ]


def unchanged_sources(old: Configuration, new: Configuration) -> frozenset[str]:
    """Give the sources that are the same in both."""
    return frozenset(name for name, entry in new.sources.items() if old.sources.get(name) == entry)


def _of(what: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in dict.fromkeys((*new, *old)):
        if name not in old:
            yield f"{what} {name} added"
        elif name not in new:
            yield f"{what} {name} removed"
        elif old[name] != new[name]:
            yield f"{what} {name} changed"


def _without_places(okrs: Okrs) -> Mapping[str, object]:
    """A key result that only moved within its file is the same one."""
    return {key: replace(one, place="") for key, one in okrs.key_results.items()}


def _named(calendars: Mapping[tuple[str, str], object]) -> Mapping[str, object]:
    return {f"{team} in {cycle}": one for (team, cycle), one in calendars.items()}
