"""Keeps texts and lists within a length and counts what that costs: nothing is cut without being counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from collector.domain.announcement import Section

T = TypeVar("T")


def clip(text: str, limit: int, unseen: int = 0) -> str:
    """Cut `text` to at most `limit` characters and count what was cut, with `unseen` more: "abc… (+97 more)"."""
    length = len(text) + unseen
    if length <= limit:
        return text
    kept = text[: max(limit - len(more(length)), 0)]
    return kept + more(length - len(kept)) if kept else text[:limit]


def more(count: int) -> str:
    """Say that `count` characters or lines were left out."""
    return f"… (+{count} more)"


def and_more(count: int) -> str:
    """Say that `count` members of a group were left out."""
    return f"… and {count:,} more"


def fit(items: Sequence[T], budget: int, size: Callable[[T], int]) -> tuple[list[T], int]:
    """Keep the first of `items` whose sizes sum up to at most `budget`, and count those left out."""
    kept: list[T] = []
    for item in items:
        budget -= size(item)
        if budget < 0:
            break
        kept.append(item)
    return kept, len(items) - len(kept)


def fit_sections(sections: Sequence[Section], budget: int, size: Callable[[str], int]) -> list[Section]:
    """Keep of every section its heading and the first of its lines, so that a long one does not push out the next.

    The sizes sum up to at most `budget`, which is shared max-min fairly; a last line counts what a section lost.
    Sections for whose heading there is no room are counted, line by line, at the end of the last one; where there is
    room for none at all, the count stands alone.
    """
    if not sections:
        return []
    count = size(more(10**9))
    shown, _ = fit(sections, budget, lambda section: _heading_size(section, size) + count)
    if not shown:
        return [Section("", (more(sum(len(section.lines) for section in sections)),))]
    budget -= sum(_heading_size(section, size) + count for section in shown)
    lost = sum(len(section.lines) for section in sections[len(shown) :])
    fitted = []
    needs = [sum(map(size, section.lines)) for section in shown]
    for section, given in zip(shown, _shares(needs, budget), strict=True):
        lines, left_out = fit(section.lines, given, size)
        left_out += lost if section is shown[-1] else 0
        fitted.append(Section(section.heading, (*lines, *([more(left_out)] if left_out else ()))))
    return fitted


def _shares(needs: Sequence[int], budget: int) -> list[int]:
    """Share `budget` max-min fairly: who needs less than an equal share leaves the rest to the others."""
    shares = [0] * len(needs)
    for served, index in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        shares[index] = min(needs[index], budget // (len(needs) - served))
        budget -= shares[index]
    return shares


def _heading_size(section: Section, size: Callable[[str], int]) -> int:
    return size(section.heading) if section.heading else 0
