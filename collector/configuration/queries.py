"""Reads the texts of queries, inline or from files, and asks the kind of their source for mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collector.configuration.documents.scalars import QueryText
from collector.configuration.findings import Findings
from collector.configuration.read import read_text
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.lint.finding import Place
from connectors.api import ConnectorKind, TextProblem

_SIGN = r"(?:(?<![:\w]):|\$)"
_SINCE = re.compile(_SIGN + r"since\b")
_WINDOW = re.compile(_SIGN + r"(since|window)\b")
_CYCLE = re.compile(_SIGN + r"(since|window|cycle_start|elapsed)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as it is asked, and whether it answers the past."""

    text: str
    past: bool


@dataclass(slots=True)
class Queries:
    """All query texts of one load; each file is read once, each text is checked once."""

    findings: Findings
    files: dict[Path, str | None] = field(default_factory=dict)
    _problems: dict[tuple[str, str], Sequence[TextProblem]] = field(default_factory=dict)
    _past: dict[tuple[str, str], bool] = field(default_factory=dict)
    _counted: dict[tuple[str, str], str | TextProblem] = field(default_factory=dict)

    def text(self, written: QueryText, file: SourceFile, loc: Loc) -> str | None:
        """Give the text of a query; nothing when its file cannot be read."""
        if written.file is None:
            return written.text
        path = file.path.parent / written.file
        if path not in self.files:
            self.files[path] = read_text(path, file.place(loc), self.findings, code="KRD502")
        elif self.files[path] is None:
            read_text(path, file.place(loc), self.findings, code="KRD502")
        text = self.files[path]
        if text is not None and not text.strip():
            self.findings.error("KRD502", file.place(loc), f"{path} is empty", "write the query into it")
            return None
        return text.rstrip() if text is not None else None

    def check(self, text: str, written: QueryText, kind: ConnectorKind, file: SourceFile, loc: Loc) -> bool:
        """Report what is wrong with a text; tells whether it answers the past."""
        key = (kind.name, text)
        if key not in self._problems:
            self._problems[key] = tuple(kind.problems(text))
            self._past[key] = not self._problems[key] and kind.answers_the_past(text)
        where = self._where(written, file, loc)
        for problem in self._problems[key]:
            self._report(problem, where)
        past = self._past[key]
        if not self._problems[key] and not past and _SINCE.search(text):
            what = "the query uses `since` but neither `until` nor `as_of`: every past slot would get today's rows"
            self.findings.error("KRD504", where(1, 1), what, "end the window with `until`")
        return past

    def counted(
        self, text: str, written: QueryText, kind: ConnectorKind, file: SourceFile, loc: Loc
    ) -> Asked | None:
        """Give the question for the increase of the counter that a text selects; nothing after an error."""
        if kind.counter is None:
            return None
        key = (kind.name, text)
        if key not in self._counted:
            self._counted[key] = kind.counter(text)
        question = self._counted[key]
        if isinstance(question, TextProblem):
            self._report(question, self._where(written, file, loc))
            return None
        return Asked(question, kind.answers_the_past(question))

    def _report(self, problem: TextProblem, where: Callable[[int, int], Place]) -> None:
        todo = "" if ";" in problem.message else "correct the query"
        place = where(problem.line, problem.column)
        self.findings.error("KRD503", place, problem.message.rstrip("."), todo)

    def _where(self, written: QueryText, file: SourceFile, loc: Loc) -> Callable[[int, int], Place]:
        if written.file is None:
            return lambda line, column: file.within(loc, line, column)
        name = str(file.path.parent / written.file)
        return lambda line, column: Place(name, line, column)


def uses_window(text: str) -> bool:
    """Tell whether a text names the start or length of its window."""
    return _WINDOW.search(text) is not None


def counts_the_cycle(text: str) -> bool:
    """Tell whether a text looks at the time since the cycle's start."""
    return _CYCLE.search(text) is not None
