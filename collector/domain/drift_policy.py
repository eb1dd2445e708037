"""When a probability is called drift, and when that is over: for committed and for aspirational key results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collector.domain.shape import Commitment


@dataclass(frozen=True, slots=True)
class DriftPolicy:
    """Lines and days of the drift machine. The defaults are measured (docs/explanation/foresight.md), each commitment on
    its own population.
    """

    off_track: float = 0.20
    """P(hit) below this raises drift."""
    on_track: float = 0.50
    """P(hit) from this on is on track, and clears drift; between the two it is at risk."""
    days: int = 3
    """Days in a row below the line until drift is raised."""
    back: int = 7
    """Days in a row on track until it is cleared, when the next sync has passed, too."""


DEFAULT: Mapping[Commitment, DriftPolicy] = {
    Commitment.COMMITTED: DriftPolicy(on_track=0.70),
    Commitment.ASPIRATIONAL: DriftPolicy(),
}
"""What holds where nobody says otherwise (DESIGN §5)."""
