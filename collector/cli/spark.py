"""Draws a row of numbers in one line of text. A gap is drawn as one, never as a zero."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "_"


def sparkline(values: Sequence[float | None]) -> str:
    """Draw `values` between their least and greatest; `_` where there is none. Equal values lie in the middle."""
    known = [value for value in values if value is not None]
    if not known:
        return GAP * len(values)
    low, high = min(known), max(known)
    return "".join(GAP if value is None else _block(value, low, high) for value in values)


def _block(value: float, low: float, high: float) -> str:
    if high == low:
        return BLOCKS[len(BLOCKS) // 2 - 1]
    # halves first: the distance between two finite numbers may be past the greatest one
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return BLOCKS[min(int(share * len(BLOCKS)), len(BLOCKS) - 1)]
