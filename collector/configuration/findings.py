"""Collects findings while files are read, so that one run shows all mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from collector.domain.lint.finding import Finding, Level, Place


class Findings:
    """A growing list of findings."""

    def __init__(self) -> None:
        self._all: set[Finding] = set()

    def error(self, code: str, place: Place, what: str, todo: str = "") -> None:
        """Add what must be changed before the files can run."""
        self._all.add(Finding(place, code, Level.ERROR, what, todo))

    def warn(self, code: str, place: Place, what: str, todo: str = "") -> None:
        """Add what a person should look at."""
        self._all.add(Finding(place, code, Level.WARNING, what, todo))

    def note(self, code: str, place: Place, what: str, todo: str = "") -> None:
        """Add what is good to know."""
        self._all.add(Finding(place, code, Level.NOTE, what, todo))

    @property
    def wrong(self) -> bool:
        """Whether any of them is an error."""
        return any(finding.level is Level.ERROR for finding in self._all)

    def sorted(self) -> tuple[Finding, ...]:
        """Give them by file, line and column; the same finding is there once."""
        return tuple(sorted(self._all, key=lambda finding: finding.order))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advise the nearest of `known`, or list them when none is near."""
    names = sorted(set(known))
    swapped = [name for name in names if name != word and sorted(name) == sorted(word)]
    near = swapped or difflib.get_close_matches(word, names, n=1, cutoff=0.7)
    if near:
        return f"did you mean {near[0]}?"
    if not names:
        return "none is defined yet"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known here: {shown}"
