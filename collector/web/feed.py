"""A page of a feed, before it is written in a format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collector.ports.store import Item


@dataclass(frozen=True, slots=True)
class Feed:
    """What every format says."""

    id: str
    """Equal for equal filters."""
    title: str
    updated: datetime
    home: str
    """Where people look: the address of krd's page."""
    address: str
    """Its own."""
    following: str
    """Address of the page with older entries; empty when this is the last."""
    items: Sequence[Item]
