"""One line of arithmetic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One line: what it is, its value, and where that comes from."""

    name: str
    value: str
    how: str


def percent_raw(share: float) -> str:
    """Write a share as percent without clamping: the arithmetic shows what is, also past the ends."""
    return f"{share * 100:.1f} %"
