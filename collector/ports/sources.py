"""The promise of the place that opens sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from connectors.api import Connector


@dataclass(frozen=True, slots=True)
class OpenSource:
    """A source ready to be asked."""

    name: str
    connector: Connector
    timeout: timedelta
    """Total deadline of one call, real time."""
    owner: str | None = None


class Sources(Protocol):
    """Opens each source once and keeps it. Thread-safe."""

    def open(self, name: str) -> OpenSource:
        """Give the open source. Raises `SourceUnavailable` when it cannot even be opened (missing driver, missing secret)."""

    def close(self) -> None:
        """Close everything that was opened. Safe to call twice."""
