"""Makes one message of all that waits for a notifier: each episode of an alert once, as it stands now, the most severe first.

The message depends on its letters alone, so that it is the same, byte for byte, on every re-send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from collector.domain.alert import AlertKind
from collector.domain.announcement import CLOSED, Announcement, Occasion, Severity

T = TypeVar("T")


def threads(announcements: Iterable[Announcement]) -> int:
    """Count the conversations that announcements belong to."""
    return len({one.thread for one in announcements})


def grouped(message: str, announcements: Sequence[Announcement]) -> Announcement:
    """Make the announcement with the id `message` out of at least one, in the order in which they were to be said."""
    if len(announcements) == 1:
        return replace(announcements[0], id=message)
    alerts: dict[str, list[Announcement]] = {}
    for one in announcements:
        alerts.setdefault(one.thread, []).append(one)
    members = sorted((_as_it_stands(said) for said in alerts.values()), key=_urgency)
    return replace(members[0], id=message) if len(members) == 1 else _group(message, members)


def _group(message: str, members: list[Announcement]) -> Announcement:
    firing = [one for one in members if not one.occasion.over]
    loud = firing or members
    first = members[0]
    team = _shared(members, lambda one: one.team, "")
    return Announcement(
        id=message,
        kind=first.kind,
        family=first.family,
        severity=_highest(loud),
        occasion=Occasion.FIRST if firing else Occasion.RESOLVED,
        subject=team,
        team=team,
        title=_title(team, members),
        sentence=f"The most severe: {first.title}" if firing else "Nothing of it is wrong any more.",
        at=max(one.at for one in members),
        owner=_shared(members, lambda one: one.owner, None),
        commitment=_shared(members, lambda one: one.commitment, ""),
        since=min((one.since for one in loud if one.since is not None), default=None),
        link=_shared(members, lambda one: one.link, ""),
        facts={"alerts": len(members), "firing": len(firing), "resolved": len(members) - len(firing)},
        members=tuple(members),
    )


def _as_it_stands(said: list[Announcement]) -> Announcement:
    """Make one announcement of all that was to be said of one episode, under the id of the last."""
    began, last = said[0], said[-1]
    if len(said) == 1:
        return last
    if not last.occasion.over:
        # worse, or still so, than what nobody was told: to its reader it begins
        occasion = Occasion.FIRST if began.occasion is Occasion.FIRST else last.occasion
        return replace(last, occasion=occasion, severity=_highest(said))
    if began.occasion is not Occasion.FIRST:
        return last
    since = began.since or began.at
    return replace(
        last,
        occasion=Occasion.PASSED,
        severity=_highest(said),
        title=f"Passed: {began.title}",
        sentence=(
            f"It began on {_instant(since)} and was over on {_instant(last.at)}, before this message could go out."
            f" {last.sentence}"
        ),
        since=since,
    )


def _title(team: str, members: list[Announcement]) -> str:
    noun, nouns, wrong, over = _WORDS.get(_shared(members, lambda one: one.kind, ""), _ANY)
    passed = sum(1 for one in members if one.occasion is Occasion.PASSED)
    closed = sum(1 for one in members if one.occasion is Occasion.RESOLVED and one.facts.get(CLOSED))
    ended = sum(1 for one in members if one.occasion.over) - passed - closed
    counts = [
        (count, words)
        for count, words in (
            (len(members) - ended - passed - closed, wrong),
            (ended, over),
            (closed, "closed"),
            (passed, f"{wrong} and {over}"),
        )
        if count
    ]
    (count, words), *others = counts
    said = [f"{count:,} {noun if count == 1 else nouns} {words}"]
    said += [f"{count:,} {words}" for count, words in others]
    return f"{team}: {', '.join(said)}" if team else ", ".join(said)


def _urgency(one: Announcement) -> tuple[bool, int]:
    return (one.occasion.over, -one.severity.rank)


def _highest(announcements: Iterable[Announcement]) -> Severity:
    return max((one.severity for one in announcements), key=lambda severity: severity.rank)


def _shared(members: Iterable[Announcement], of: Callable[[Announcement], T], otherwise: T) -> T:
    """Give what all members have in common."""
    found = {of(one) for one in members}
    return found.pop() if len(found) == 1 else otherwise


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d at %H:%M} UTC"


_ANY = ("alert", "alerts", "firing", "over")
_WORDS: dict[str, tuple[str, str, str, str]] = {
    AlertKind.DRIFT: ("key result", "key results", "off track", "back"),
    AlertKind.REGRESSED: ("key result", "key results", "worse than at the start", "no worse"),
    AlertKind.BREACH: ("key result", "key results", "over the limit", "within it again"),
    AlertKind.SLO_BURN: ("error budget", "error budgets", "burning too fast", "steady again"),
    AlertKind.GUARDRAIL: ("guardrail", "guardrails", "broken", "holding again"),
    AlertKind.STALE: ("key result", "key results", "without fresh data", "fresh again"),
    AlertKind.IMPLAUSIBLE: ("key result", "key results", "with held readings", "plausible again"),
    AlertKind.BAD_QUERY: ("query", "queries", "failing", "answered again"),
    AlertKind.SOURCE_DOWN: ("source", "sources", "down", "back"),
    AlertKind.FLATLINE: ("key result", "key results", "giving the same value", "varying again"),
    AlertKind.UNIT_CHANGE: ("key result", "key results", "in another unit", "in one unit again"),
    AlertKind.CONFIG_REJECTED: ("file", "files", "rejected", "accepted"),
    AlertKind.SINK_FAILING: ("notifier", "notifiers", "not delivering", "delivering again"),
}
"""By kind: what it is about, one and many of them, and how it is called when it is wrong and when it is over."""
