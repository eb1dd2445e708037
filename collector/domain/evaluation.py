"""A verdict with everything it rests on: what is stored, shown, sent and explained is this and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collector.domain.budget import Budget
from collector.domain.forecasting.forecast import Forecast
from collector.domain.health import Health
from collector.domain.observed import Guarded, Held, Sampling
from collector.domain.status import Drift, Status


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What krd knows about a key result at one instant. Values are in its unit, shares are 0-1."""

    at: datetime
    status: Status
    health: Health
    drift: Drift = field(default_factory=Drift)
    day: int = 0
    """Closed days of the cycle so far."""
    days: int = 0
    """Days from the cycle's start to the deadline."""
    ends: datetime | None = None
    """The instant by which it must be there."""
    baseline: float | None = None
    baseline_kind: str = ""
    provisional: bool = False
    target: float | None = None
    current: float | None = None
    """The last good reading."""
    level: float | None = None
    """What it is judged by."""
    level_days: int = 0
    """Days with a reading that entered the level."""
    progress: float | None = None
    """Raw share of the way; shown clamped."""
    expected: float | None = None
    weeks_ahead: float | None = None
    """Weeks ahead of the pace; negative when behind."""
    spent: float | None = None
    """Share of the budget of an slo, a keep or an at-most total that is used."""
    exceeded: bool = False
    """Something used of nothing allowed: there is no share to tell."""
    budget: Budget | None = None
    """The budget in its own unit, where there is one."""
    score: float | None = None
    """What it would score if it closed like this, 0-1 (DESIGN §5, "Score")."""
    first_score: float | None = None
    """The same by the promise as it was first made in this cycle, where it has changed since."""
    sampling: Sampling | None = None
    """How sure a ratio is."""
    guardrails: tuple[Guarded, ...] = ()
    held: Held | None = None
    """Readings that are too strange to be used yet."""
    by_hand: bool = False
    """Whether a person enters its values: marked so everywhere (law 7)."""
    segment: int = 1
    """Number of its measure, from 1: a changed one begins anew."""
    forecast: Forecast | None = None
    needed_per_week: float | None = None
    last_reachable: str | None = None
    """Name of the last day from which the target can still be reached at the best pace ever seen."""
    coverage: float | None = None
    frozen_since: datetime | None = None
    """Since when bad data keeps the verdict as it was."""
    attempted: datetime | None = None
    succeeded: datetime | None = None
    as_of: datetime | None = None
    trouble: str = ""
    """Why the last attempt gave no reading."""
    series: int = 0
    """The series it was judged on; another measure is another one."""
    reasons: tuple[str, ...] = ()
    """What held the status where it is, beside the arithmetic."""
    sentence: str = ""
    """The arithmetic in one sentence."""

    @property
    def over(self) -> bool:
        """Whether nothing more is expected: the verdict stands, however old its data grows."""
        return self.status in (Status.ACHIEVED, Status.MISSED, Status.RETIRED)

    @property
    def trusted(self) -> bool:
        """Whether its numbers are fit to be discussed and coloured: data that freezes a verdict is not, while it counts."""
        return self.over or self.status is Status.DRAFT or not self.health.freezes

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document; times are RFC 3339 in UTC, unknown values are null."""
        return {
            "at": self.at.isoformat(),
            "status": self.status.value,
            "health": self.health.value,
            "drift": self.drift.document(),
            "day": self.day,
            "days": self.days,
            "ends": _text(self.ends),
            "baseline": self.baseline,
            "baseline_kind": self.baseline_kind,
            "provisional": self.provisional,
            "target": self.target,
            "current": self.current,
            "level": self.level,
            "level_days": self.level_days,
            "progress": self.progress,
            "expected": self.expected,
            "weeks_ahead": self.weeks_ahead,
            "spent": self.spent,
            "exceeded": self.exceeded,
            "budget": self.budget.document() if self.budget else None,
            "score": self.score,
            "first_score": self.first_score,
            "sampling": self.sampling.document() if self.sampling else None,
            "guardrails": [guardrail.document() for guardrail in self.guardrails],
            "held": self.held.document() if self.held else None,
            "by_hand": self.by_hand,
            "segment": self.segment,
            "forecast": self.forecast.document() if self.forecast else None,
            "needed_per_week": self.needed_per_week,
            "last_reachable": self.last_reachable,
            "coverage": self.coverage,
            "frozen_since": _text(self.frozen_since),
            "attempted": _text(self.attempted),
            "succeeded": _text(self.succeeded),
            "as_of": _text(self.as_of),
            "trouble": self.trouble,
            "series": self.series,
            "reasons": list(self.reasons),
            "sentence": self.sentence,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Evaluation:
        """Make it from what `document` gave, now or by an earlier krd, which knew less."""
        known: dict[str, Any] = dict.fromkeys(("budget", "sampling", "held", "ends")) | {
            "guardrails": [],
            **document,
        }
        return cls(
            **{
                **known,
                "budget": Budget.from_document(known["budget"]) if known["budget"] else None,
                "sampling": Sampling(**known["sampling"]) if known["sampling"] else None,
                "guardrails": tuple(map(Guarded.from_document, known["guardrails"])),
                "held": Held.from_document(known["held"]) if known["held"] else None,
                "at": datetime.fromisoformat(document["at"]),
                "ends": _instant(known["ends"]),
                "status": Status(document["status"]),
                "health": Health(document["health"]),
                "drift": Drift.from_document(document["drift"]),
                "forecast": Forecast.from_document(document["forecast"]) if document["forecast"] else None,
                "frozen_since": _instant(document["frozen_since"]),
                "attempted": _instant(document["attempted"]),
                "succeeded": _instant(document["succeeded"]),
                "as_of": _instant(document["as_of"]),
                "reasons": tuple(document["reasons"]),
            }
        )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
