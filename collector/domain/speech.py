"""What is still to be said to one notifier: the difference between how an alert stands and what was told of it last.

Nothing is said for the sake of a change alone. Whoever was told that something is wrong is told that it is over, however
long that has to wait; whoever was not told of it never hears that it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.alert import Alert, AlertState
from collector.domain.announcement import Occasion, Severity


@dataclass(frozen=True, slots=True)
class Told:
    """What a notifier was told last of an alert."""

    notifier: str
    fingerprint: str
    episode: int
    open: bool
    """Whether it was told that something is wrong, and not yet that it is over."""
    severity: Severity
    at: datetime
    repeats: int = 0
    """How often it was repeated within the episode."""


@dataclass(frozen=True, slots=True)
class Bearing:
    """What lies over an alert at an instant."""

    muted: bool = False
    """Silenced, in quiet hours, or inhibited by another alert: nothing is said now, and nothing is forgotten."""
    acked: bool = False
    repeat: timedelta | None = None
    """After how long it is said again."""


@dataclass(frozen=True, slots=True)
class Word:
    """One thing to say: the occasion, and of which episode."""

    occasion: Occasion
    episode: int


def to_say(alert: Alert, told: Told | None, at: datetime, bearing: Bearing) -> list[Word]:
    """Give what is to be said at `at`, in its order; nothing while it is muted."""
    if bearing.muted:
        return []
    words: list[Word] = []
    if told is not None and told.open and (not alert.state.open or alert.episode != told.episode):
        words.append(Word(Occasion.RESOLVED, told.episode))
        told = None if alert.episode != told.episode else told
    if alert.state is not AlertState.FIRING:
        return words  # what recovers is not news any more, and not yet over
    if told is None or alert.episode > told.episode:
        words.append(Word(Occasion.FIRST, alert.episode))
    elif told.open and alert.severity.rank > told.severity.rank:
        words.append(Word(Occasion.WORSE, alert.episode))
    elif told.open and not bearing.acked and bearing.repeat is not None and at >= told.at + bearing.repeat:
        words.append(Word(Occasion.REPEAT, alert.episode))
    return words


def after(alert: Alert, told: Told | None, notifier: str, words: list[Word], at: datetime) -> Told | None:
    """Give what is told once the words are said; nothing when there were none."""
    if not words:
        return None
    last = words[-1]
    repeats = told.repeats + 1 if told is not None and last.occasion is Occasion.REPEAT else 0
    if last.occasion is Occasion.WORSE and told is not None:
        repeats = told.repeats
    return Told(
        notifier=notifier,
        fingerprint=alert.fingerprint,
        episode=last.episode,
        open=last.occasion is not Occasion.RESOLVED,
        severity=alert.severity,
        at=at,
        repeats=repeats,
    )


def next_look(alert: Alert, told: Told | None, bearing: Bearing) -> datetime | None:
    """Give when time alone may bring something to say; nothing when only a change can."""
    if (
        told is None
        or not told.open
        or alert.state is not AlertState.FIRING
        or bearing.acked
        or bearing.repeat is None
    ):
        return None
    return told.at + bearing.repeat
