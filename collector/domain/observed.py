"""What a verdict says beside its main number: how large a sample it rests on, what its guardrails read, what is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from collector.domain.health import Health


@dataclass(frozen=True, slots=True)
class Sampling:
    """How sure a ratio is, from the number of events behind it."""

    n: float
    """Events in the denominator, over the days the level is taken over."""
    low: float
    """Lower end of the 95 % Wilson interval, in the unit of the key result."""
    high: float
    distinguishable: bool
    """Whether the interval lies wholly on one side of the line on which it should be by now."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a guardrail says."""

    id: str
    title: str
    value: float | None
    """Its last good reading."""
    health: Health
    breached: bool
    """Whether its last good reading breaks a bound."""

    @property
    def caps(self) -> bool:
        """Whether it keeps the key result from being on track: it is broken, or nobody knows (law 2)."""
        return self.breached or self.health.freezes

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {**asdict(self), "health": self.health.value}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Guarded:
        """Make it from what `document` gave."""
        return cls(**{**document, "health": Health(document["health"])})


@dataclass(frozen=True, slots=True)
class Held:
    """Implausible readings that wait: stored, not used, until two further ones confirm them or a person decides."""

    count: int
    value: float
    """The newest of them."""
    slot: datetime
    """Its slot."""
    why: str
    """What made it implausible."""

    def document(self) -> dict[str, Any]:
        """Give it as a JSON document."""
        return {**asdict(self), "slot": self.slot.isoformat()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Held:
        """Make it from what `document` gave."""
        return cls(**{**document, "slot": datetime.fromisoformat(document["slot"])})
