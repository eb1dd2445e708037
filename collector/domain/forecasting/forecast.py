"""What is likely at the close of a key result: how probable it is kept, where it lands, and when it gets there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FEWEST_DAYS = 4
"""Days that must hold a reading before anything is said about the future (DESIGN §5)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is likely at the close. Values are in the unit of the key result."""

    p_hit: float
    """P(success for its commitment), 0-1: `p_full` of a committed promise, `p_most` of an aspirational one."""
    p_full: float
    """P(the whole way), 0-1."""
    p_most: float
    """P(the share of it at which an aspirational promise succeeds), 0-1; of a budget, which knows no such share, `p_full`."""
    landing: float
    """Median of the level at the close."""
    likely: tuple[float, float]
    """Range that holds it with 50 %."""
    wide: tuple[float, float]
    """Range that holds it with 90 %."""
    crosses: int | None
    """Index of the first day on which the expected path has the target; nothing when it has not before the close."""
    step: float
    """Standard deviation of a day."""
    drift: float
    """Expected change a day."""
    model: Mapping[str, float] = field(default_factory=dict)
    """What it was computed from, by name (`krd explain` says what each is)."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {
            "p_hit": self.p_hit,
            "p_full": self.p_full,
            "p_most": self.p_most,
            "landing": self.landing,
            "likely": list(self.likely),
            "wide": list(self.wide),
            "crosses": self.crosses,
            "step": self.step,
            "drift": self.drift,
            "model": dict(self.model),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Forecast:
        """Make it from what `document` gave, now or by an earlier krd, which knew less."""
        known = {"p_most": document["p_hit"], "crosses": None, "model": {}, **document}
        return cls(**{**known, "likely": tuple(known["likely"]), "wide": tuple(known["wide"])})
