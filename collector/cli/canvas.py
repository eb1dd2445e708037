"""Draws series over days with characters: readable without colour, as wide as there is room, a gap drawn as none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Row = Sequence[float | None]
MARK, RULE, DOT = "─", "┈", "·"
_STRETCHED = 4
"""Columns a day has at most."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which days a column stands for."""

    days: int
    width: int

    @classmethod
    def fitting(cls, days: int, room: int) -> Columns:
        """Give a day the same number of columns each, or, where there are more days than room, a column several days."""
        return cls(days, days * min(room // days, _STRETCHED) if days <= room else max(room, 1))

    def of(self, day: int) -> int:
        """Give the first column of a day."""
        return day * self.width // self.days

    def spread(self, values: Mapping[int, float]) -> list[float | None]:
        """Lay values of days into columns; where a column stands for several, the last one is drawn."""
        laid: list[float | None] = [None] * self.width
        for day, value in sorted(values.items()):
            for column in range(self.of(day), max(self.of(day + 1), self.of(day) + 1)):
                laid[column] = value
        return laid


@dataclass(slots=True)
class Canvas:
    """Rows of characters, the lowest one first, and what stands beside them."""

    width: int
    height: int
    labels: dict[int, str] = field(default_factory=dict)
    cells: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = [[" "] * self.width for _ in range(self.height)]

    def rule(self, row: int, label: str) -> None:
        """Draw a line at one height."""
        self.cells[row] = [RULE] * self.width
        self.labels[row] = label

    def dots(self, rows: Sequence[int | None]) -> None:
        """Draw a dot a column."""
        for column, row in enumerate(rows):
            if row is not None:
                self.cells[row][column] = DOT

    def line(self, rows: Sequence[int | None]) -> None:
        """Draw a line from column to column; it is broken where there is nothing."""
        before: int | None = None
        for column, row in enumerate(rows):
            if row is not None:
                self._step(column, before, row)
            before = row

    def _step(self, column: int, before: int | None, row: int) -> None:
        if before is None or before == row:
            self.cells[row][column] = MARK
            return
        low, high = sorted((before, row))
        for between in range(low + 1, high):
            self.cells[between][column] = "│"
        self.cells[before][column], self.cells[row][column] = ("╯", "╭") if row > before else ("╮", "╰")

    def lines(self, margin: int) -> list[str]:
        """Give the rows from the top, labels to the left of them in `margin` columns."""
        return [
            f"{self.labels.get(row, ''):>{margin}} ┤{''.join(self.cells[row])}".rstrip()
            for row in range(self.height - 1, -1, -1)
        ]
