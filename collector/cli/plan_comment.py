"""Writes a plan as a comment on a pull request: what changes in sight, what stays the same folded away, and no longer than a
comment may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.cli.output import Cell, Column, Section, Sheet, markdown
from collector.cli.plain import counted, for_markdown

LONGEST = 65_536
"""Characters that GitHub takes as a comment; a longer one it refuses whole ("body is too long")."""
_ASIDE = 512
"""Characters kept for headings of tables, for folding, and for saying what was left out."""


@dataclass(frozen=True, slots=True)
class Remarked:
    """What a comment tells, in the order in which it is kept when not everything fits."""

    warnings: Sequence[str]
    """In Markdown, as the reasons are."""
    changed: Sequence[Sequence[Cell | str]]
    reasons: Sequence[str]
    same: Sequence[Sequence[Cell | str]]
    summary: str


def comment(columns: Sequence[Column], remarked: Remarked, longest: int = LONGEST) -> str:
    """Write it in at most `longest` characters; what does not fit is counted."""
    head, tail = "### krd plan\n\n", f"{for_markdown(remarked.summary)}\n"
    room = longest - len(head) - len(tail) - _ASIDE - 2 * len(_table(columns, []))
    warnings, room = _fitting([f"⚠ {one}\n\n" for one in remarked.warnings], room)
    changed, room = _fitting([_line(columns, row) for row in remarked.changed], room)
    reasons, room = _fitting([f"✎ {one}\n\n" for one in remarked.reasons], room)
    same, room = _fitting([_line(columns, row) for row in remarked.same], room)
    parts = [head]
    if changed:
        parts.append(f"{_table(columns, changed)}\n")
    parts += [*warnings, *reasons]
    if same:
        parts.append(
            f"<details><summary>{len(remarked.same)} unchanged</summary>\n\n{_table(columns, same)}\n</details>\n\n"
        )
    kept = {
        "warning": (warnings, remarked.warnings),
        "changed key result": (changed, remarked.changed),
        "reason": (reasons, remarked.reasons),
        "unchanged key result": (same, remarked.same),
    }
    missing = {what: len(asked) - len(found) for what, (found, asked) in kept.items()}
    return "".join([*parts, _left_out(missing, longest), tail])


def _fitting(lines: Sequence[str], room: int) -> tuple[list[str], int]:
    """Give the first lines that fit, and the room that is left: none once a line did not fit."""
    kept: list[str] = []
    for line in lines:
        if len(line) > room:
            return kept, 0
        kept.append(line)
        room -= len(line)
    return kept, room


def _table(columns: Sequence[Column], lines: Sequence[str]) -> str:
    return markdown(Sheet(columns, [Section([])])) + "".join(lines)


def _line(columns: Sequence[Column], row: Sequence[Cell | str]) -> str:
    return markdown(Sheet(columns, [Section([row])])).removeprefix(_table(columns, []))


def _left_out(missing: Mapping[str, int], longest: int) -> str:
    """Say how much did not fit, and where all of it is told."""
    told = ", ".join(counted(n, what) for what, n in missing.items() if n)
    return (
        f"A comment has room for {longest:,} characters. Left out: {told}; `krd plan` prints all.\n\n"
        if told
        else ""
    )
