"""Finds notifiers whose `only` lets nothing through: whoever relies on one would wait in vain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from collector.configuration.findings import Findings
from collector.configuration.parse import WrittenKrd
from collector.domain.alert import AlertKind
from collector.domain.announcement import Announcement, Family, Occasion, Severity
from collector.ports.catalogue import NotifierEntry, Only
from collector.services.recipients import wants

_NAMED = ("kinds", "families", "severity")
"""What of an `only` can let nothing through, in the order of the files; what has no team or commitment passes these."""


def check_hearing(krd: WrittenKrd, entries: Mapping[str, NotifierEntry], findings: Findings) -> None:
    """Warn of every notifier that would never be told anything."""
    for name, entry in entries.items():
        if entry.only == Only() or any(wants(entry, said) for said in SAID):
            continue
        what = f"the notifier `{name}` would never hear anything: {_why(entry)}"
        place = krd.file.place(("notify", name, "only"), key=True)
        findings.warn("KRD703", place, what, "name what it is to hear, or remove `only`")


def _why(entry: NotifierEntry) -> str:
    """Name the first key that leaves nothing of what those before it let through."""
    only, named = Only(), []
    for key in _NAMED:
        if not (wanted := getattr(entry.only, key)):
            continue
        only = replace(only, **{key: wanted})
        named.append(f"`{key}`")
        if not any(wants(replace(entry, only=only), said) for said in SAID):
            break
    if len(named) > 1:
        return f"{named[-1]} leaves nothing of what {' and '.join(named[:-1])} let through"
    if entry.traits.alerts_only:
        return f"the kind {entry.kind} is told alerts alone, and {named[0]} names none that is told"
    return f"{named[0]} names news alone, which stand in the feeds and the brief"


def _sayable() -> Iterator[Announcement]:
    """Give one of everything that is sent by itself, each as severe as it can become."""
    for kind in AlertKind:
        if kind.family is not Family.NEWS:  # news stand in the feeds and the brief
            yield _announcement(kind.value, kind.family, Severity.PAGE, Occasion.FIRST)
    yield _announcement("brief", Family.NEWS, Severity.INFO, Occasion.BRIEF)
    yield _announcement("changes", Family.NEWS, Severity.INFO, Occasion.CHANGES)
    yield _announcement("escalation", Family.VALUE, Severity.TICKET, Occasion.ESCALATION)
    yield _announcement("value_due", Family.NEWS, Severity.INFO, Occasion.REMINDER)


def _announcement(kind: str, family: Family, severity: Severity, occasion: Occasion) -> Announcement:
    return Announcement(
        id=f"evt_{kind}",
        kind=kind,
        family=family,
        severity=severity,
        occasion=occasion,
        subject="",
        team="",
        title="",
        sentence="",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


SAID = tuple(_sayable())
