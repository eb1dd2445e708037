"""Words what a team is told at a moment before its sync: one message a team and moment, whoever sends it and when."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from collector.domain.announcement import Announcement, Family, Occasion, Section, Severity
from collector.domain.explanation import lasting
from collector.domain.moments import Moment, MomentKind, told_instant


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, apart from when and to whom."""

    title: str
    lines: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    lead: str | None = None
    """Who leads the team."""
    link: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def about_team(moment: Moment, words: Words, at: datetime) -> Announcement:
    """Make the announcement of a moment; its id is that of kind, team, cycle and sync, so that a second sending is the same
    one.
    """
    kind, cycle = moment.kind.value, moment.calendar.cycle
    digest = hashlib.sha256(f"{kind}:{moment.team}:{cycle.id}:{moment.sync.isoformat()}".encode()).hexdigest()
    family, severity, occasion = _nature(moment.kind)
    return Announcement(
        id=f"evt_{digest[:32]}",
        kind=kind,
        family=family,
        severity=severity,
        occasion=occasion,
        subject=moment.team,
        team=moment.team,
        title=words.title,
        sentence=f"The sync is in {lasting(cycle, moment.sync - at)}, {told_instant(cycle, moment.sync)}.",
        at=at,
        lines=words.lines,
        sections=words.sections,
        owner=words.lead,
        fingerprint=digest[:32],
        link=words.link,
        facts={"cycle": cycle.id, "sync": moment.sync.isoformat(), **words.facts},
    )


def _nature(kind: MomentKind) -> tuple[Family, Severity, Occasion]:
    match kind:
        case MomentKind.BRIEF:
            return Family.NEWS, Severity.INFO, Occasion.BRIEF
        case MomentKind.ESCALATION:
            return Family.VALUE, Severity.TICKET, Occasion.ESCALATION
        case MomentKind.CHANGES:
            return Family.NEWS, Severity.INFO, Occasion.CHANGES
        case _:
            assert_never(kind)
