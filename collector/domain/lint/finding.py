"""A finding: where a file says something that cannot be run, or should not be, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs, descending."""

    ERROR = "error"
    """The files cannot be run as they are."""
    WARNING = "warning"
    """They run, but a person should look."""
    NOTE = "note"
    """They run; something is good to know."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `what` and `todo` are whole clauses without a full stop; neither repeats a secret."""

    place: Place
    code: str
    """Stable: `KRD` and three digits."""
    level: Level
    what: str
    todo: str = ""

    def __str__(self) -> str:
        advice = f"; {self.todo}" if self.todo else ""
        return f"{self.place}: {self.level} {self.code}: {self.what}{advice}"

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Its place in a sorted list: file, line, column, code, text."""
        return (self.place.file, self.place.line, self.place.column, self.code, self.what)
