"""Reads scenario files: what can be played is given, and every mistake with its place in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.mistakes import report
from collector.configuration.read import MAIN, OKRS, read_text
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_text import parse_yaml
from collector.configuration.yaml_tree import Loc, Map, Sequence
from collector.domain.lint.finding import Level, Place
from collector.domain.okr import KeyResult
from collector.ports.catalogue import Catalogue
from collector.scenario.definitions import Definitions, borrowed, inline, key_results_in
from collector.scenario.document import At, ScenarioText, Series, SeriesText
from collector.scenario.expected import mistakes
from collector.scenario.script import (
    Act,
    Answers,
    Files,
    Look,
    Moved,
    Scenario,
    Turn,
    days_over,
    moment_of,
)
from collector.scenario.series_text import Said, Word, WrongText, read_series


def read_scenarios(path: Path, catalogue: Catalogue, findings: Findings) -> list[Scenario]:
    """Read one file. Scenarios with a mistake are left out; what is wrong with them is in `findings`."""
    file = _read(path, findings)
    if file is None:
        return []
    scenarios: list[Scenario] = []
    for one in _split(file, findings):
        mine = Findings()
        made = _Reader(one, catalogue, mine).scenario()
        for finding in mine.sorted():
            if finding.level is Level.ERROR:  # what else is to be said about a definition, the linter says
                findings.error(finding.code, finding.place, finding.what, finding.todo)
        if made is not None:
            scenarios.append(made)
    return scenarios


def _read(path: Path, findings: Findings) -> SourceFile | None:
    content = read_text(path, Place(str(path)), findings)
    root = parse_yaml(content, str(path), findings) if content is not None else None
    return SourceFile(path, str(path), content, root) if root is not None and content is not None else None


def _split(file: SourceFile, findings: Findings) -> Iterator[SourceFile]:
    """Give each scenario of a file with the keys that stand above all of them."""
    if "scenarios" not in file.root.items:
        yield file
        return
    shared = {key: entry for key, entry in file.root.items.items() if key != "scenarios"}
    _, written = file.root.items["scenarios"]
    for one in written.items if isinstance(written, Sequence) else [written]:
        if not isinstance(one, Map):
            place = Place(file.name, one.line, one.column)
            findings.error(
                "KRD203", place, "expected a scenario", "write keys such as `scenario` and `expect`"
            )
            continue
        yield replace(file, root=Map({**shared, **one.items}, one.line, one.column))


@dataclass(slots=True)
class _Reader:
    file: SourceFile
    catalogue: Catalogue
    findings: Findings

    def scenario(self) -> Scenario | None:
        """Read it whole; nothing after a mistake."""
        try:
            written = ScenarioText.model_validate(self.file.root.value())
        except ValidationError as error:
            report(error, ScenarioText, self.file, (), self.findings)
            return None
        try:
            made = self._acted(written)
        except ValueError as error:
            self.findings.error("KRD203", self.file.place(), str(error))
            return None
        return None if self.findings.wrong else made

    def _acted(self, written: ScenarioText) -> Scenario | None:
        definitions = self._definitions(written)
        if definitions is None:
            return None
        files = self._files(definitions, written.series, ("series",))
        if files is None or files.key_result is None:
            return None
        self._check_days(written, files.key_result)
        acts = [*self._edits(written, definitions, files), *_interruptions(written, files.key_result)]
        acts += [Act(moment_of(files.key_result, one), Turn.PERSON, one) for one in written.by_hand]
        acts += [Act(moment_of(files.key_result, one), Turn.PERSON, one) for one in written.decisions]
        acts += self._looks(written, files.key_result)
        begins = At.model_construct(day=0 if written.begins is None else written.begins)
        return Scenario(
            title=written.scenario,
            place=self.file.place(("scenario",)),
            cycle=files.key_result.cycle,
            files=files,
            begins=moment_of(files.key_result, begins),
            acts=sorted(acts, key=lambda act: (act.at, act.turn)),
            transitions=None
            if written.transitions is None
            else [
                Moved(days_over(files.key_result, one.day), one.alert, one.state)
                for one in written.transitions
            ],
        )

    def _definitions(self, written: ScenarioText) -> Definitions | None:
        if (written.definitions is None) == (written.key_result is None):
            what = "a scenario needs exactly one of `key_result` and `definitions`"
            self.findings.error("KRD202", self.file.place(), what, "write the key result, or where it stands")
            return None
        if written.definitions is None:
            if "cycle" not in self.file.root.items:
                self.findings.error("KRD202", self.file.place(), "the key `cycle` is missing", "add it")
                return None
            return inline(self.file, self.file.root, past=written.past)
        place = self.file.place(("definitions",))
        name, _, wanted = written.definitions.partition("#")
        path = (self.file.path.parent / name).resolve()
        okrs = self._beside(path, place)
        main = self._beside(path.parent.parent / MAIN, place) if path.parent.name == OKRS else None
        if okrs is None:
            return None
        if main is None:
            what = f"there is no {MAIN} above the folder of {path}"
            self.findings.error("KRD502", place, what, f"name a file of a folder {OKRS} beside {MAIN}")
            return None
        known = key_results_in(okrs)
        if wanted not in known:
            what = f"there is no key result `{wanted}` in {path}"
            self.findings.error("KRD307", place, what, did_you_mean(wanted, known))
            return None
        return borrowed(main, okrs, known[wanted], self.file.root, self.catalogue)

    def _beside(self, path: Path, place: Place) -> SourceFile | None:
        content = read_text(path, place, self.findings, code="KRD502")
        root = parse_yaml(content, str(path), self.findings) if content is not None else None
        return (
            SourceFile(path, str(path), content, root) if root is not None and content is not None else None
        )

    def _files(
        self, definitions: Definitions, series: Mapping[str, SeriesText], loc: Loc, *, removed: bool = False
    ) -> Files | None:
        configuration = definitions.configuration(self.findings, removed=removed)
        if configuration is None:
            return None
        answers = {
            role: found
            for role, written in series.items()
            if (found := self._answers(written, (*loc, role))) is not None
        }
        files = Files(configuration, answers)
        key_result = files.key_result
        if key_result is not None and key_result.not_run is not None:
            self.findings.error("KRD901", self.file.place(("key_result",)), key_result.not_run)
        if key_result is not None:
            self._check_roles(key_result, series.keys(), answers, loc)
        return files

    def _answers(self, written: SeriesText, loc: Loc) -> Answers | None:
        values = written.values if isinstance(written, Series) else written
        try:
            return Answers(written.since if isinstance(written, Series) else None, read_series(values))
        except WrongText as error:
            here = (*loc, "values") if isinstance(written, Series) else loc
            todo = "write numbers, `_` or a word for what went wrong, such as 900x28 899-5x40 _x3 err"
            self.findings.error("KRD203", self.file.within(here, 1, error.column), str(error), todo)
            return None

    def _check_roles(
        self, key_result: KeyResult, written: Collection[str], answers: Mapping[str, Answers], loc: Loc
    ) -> None:
        asked = {role: binding for role, binding in key_result.bindings.items() if binding.asked}
        for role in sorted(asked.keys() - set(written)):
            what = f"nothing says what the source of `{role}` answers"
            self.findings.error("KRD202", self.file.place(loc, key=True), what, f"add `{role}` to `series`")
        for role in sorted(set(written) - key_result.bindings.keys()):
            what = f"the key result has no series `{role}`"
            place = self.file.place((*loc, role), key=True)
            self.findings.error("KRD201", place, what, did_you_mean(role, asked))
        for role in sorted(answers.keys() & asked.keys()):
            parts = len(asked[role].texts)
            if any(len(one) != parts for said in answers[role].said for one in _numbers(said)):
                what = f"`{role}` asks for {'pairs' if parts == 2 else 'single numbers'}"
                todo = "write 31/100" if parts == 2 else "write 31"
                self.findings.error("KRD203", self.file.place((*loc, role)), what, todo)
        questions = [(one.source, one.texts, tuple(sorted(one.pick.items()))) for one in asked.values()]
        if len(set(questions)) < len(questions):
            what = "two measures ask the same question: a scenario could not tell them apart"
            self.findings.error("KRD203", self.file.place(), what, "write different texts")

    def _check_days(self, written: ScenarioText, key_result: KeyResult) -> None:
        """Refuse days after the close: nothing is over then that was not before."""
        closed = key_result.ends + key_result.settling
        most = max(key_result.cycle.days, key_result.cycle.day_of_until(closed) + 1)
        for name in ("expect", "edits", "by_hand", "decisions"):
            for number, one in enumerate(getattr(written, name)):
                if one.day is not None and days_over(key_result, one.day) > most:
                    what = f"day {one.day} is after the close: the cycle has {key_result.cycle.days} days"
                    todo = f"write a day up to {most}, or `close: true` with `after: 5d`"
                    self.findings.error("KRD203", self.file.place((name, number, "day")), what, todo)

    def _edits(self, written: ScenarioText, definitions: Definitions, files: Files) -> Iterator[Act]:
        series = written.series
        for number, edit in enumerate(written.edits):
            loc: Loc = ("edits", number)
            tree = self.file.root.items["edits"][1]
            entry = tree.items[number] if isinstance(tree, Sequence) else None
            changes = entry.items.get("set") if isinstance(entry, Map) else None
            if changes is not None and isinstance(changes[1], Map):
                definitions = definitions.edited(changes[1])
            series = edit.series or series
            here = (*loc, "series") if edit.series else ("series",)
            made = self._files(definitions, series, here, removed=edit.removed)
            if made is not None and files.key_result is not None:
                yield Act(moment_of(made.key_result or files.key_result, edit), Turn.EDIT, made)

    def _looks(self, written: ScenarioText, key_result: KeyResult) -> Iterator[Act]:
        for number, expected in enumerate(written.expect):
            wanted = expected.model_extra or {}
            for one in mistakes(wanted):
                place = self.file.place(("expect", number, *one.way), key=one.unknown)
                self.findings.error("KRD201" if one.unknown else "KRD203", place, one.what, one.todo)
            when = "close" if expected.close else f"day {expected.day}"
            when = f"{when} + {expected.after}" if expected.after else when
            look = Look(when, wanted, self.file.place(("expect", number)))
            yield Act(moment_of(key_result, expected), Turn.LOOK, look)


def _interruptions(written: ScenarioText, key_result: KeyResult) -> Iterator[Act]:
    for pause in written.downtime:
        yield Act(moment_of(key_result, At.model_construct(day=pause.since)), Turn.STOP)
        yield Act(moment_of(key_result, At.model_construct(day=pause.until)), Turn.START)


def _numbers(said: Said) -> Iterator[tuple[float | None, ...]]:
    return (answer for answer in (said.live, said.later) if not isinstance(answer, Word))
