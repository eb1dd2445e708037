"""What `krd test` shows: one line a scenario, and below it everything that is not as expected, with krd's own sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from collector.cli.asked import Asked
from collector.cli.output import Cell, Column, Report, Section, Sheet, Tone, as_json, emit
from collector.cli.plain import counted
from collector.configuration.findings import Findings
from collector.domain.lint.finding import Level
from collector.errors import ConfigRejected, UsageError
from collector.registry.kinds import catalogue
from collector.scenario.play import Difference, Played, play
from collector.scenario.read import read_scenarios

SUFFIXES = (".yaml", ".yml")


def play_files(asked: Asked, paths: Sequence[Path]) -> bool:
    """Play what stands in these files and folders, print it, and tell whether everything was as expected.

    Raises `ConfigRejected` with every mistake of every file, `UsageError` when there is nothing to play.
    """
    findings, kinds = Findings(), catalogue()
    scenarios = [one for path in _files(paths) for one in read_scenarios(path, kinds, findings)]
    mistakes = [finding for finding in findings.sorted() if finding.level is Level.ERROR]
    if mistakes:
        told = "\n".join(map(str, mistakes))
        raise ConfigRejected(f"the scenarios have {counted(len(mistakes), 'mistake')}:\n{told}")
    played = [play(one) for one in scenarios]
    emit(asked, _report(played))
    return all(one.ok for one in played)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(one for one in path.iterdir() if one.suffix in SUFFIXES)
        if not found:
            raise UsageError(f"there is no *.yaml in {path}; name a file of scenarios")
        yield from found


def _report(played: Sequence[Played]) -> Report:
    records = [
        {"file": one.scenario.place.file, "scenario": one.scenario.title, "ok": one.ok, "differences": list(map(_record, one.differences))}
        for one in played
    ]  # fmt: skip
    rows = [row for one in played for row in _rows(one)]
    failed = sum(not one.ok for one in played)
    told = counted(len(played), "scenario")
    summary = (
        Cell(f"{failed} of {told} failed", Tone.BAD)
        if failed
        else Cell(f"{told}, all as expected", Tone.GOOD)
    )
    return Report(
        records, records, Sheet((Column(""), Column("")), [Section(rows)], below=[summary], header=False)
    )


def _record(difference: Difference) -> dict[str, Any]:
    return {
        "when": difference.when,
        "what": difference.what,
        "expected": difference.expected,
        "actual": difference.actual,
        "sentence": difference.sentence,
        "place": str(difference.place),
    }


def _rows(played: Played) -> Iterator[list[Cell | str]]:
    yield [Cell("ok", Tone.GOOD) if played.ok else Cell("FAILED", Tone.BAD), played.scenario.title]
    said = ""
    for one in played.differences:
        if one.sentence != said:
            said = one.sentence
            yield ["", Cell(f"  {one.when}: {said}", Tone.FAINT)]
        yield ["", f"  {one.place}: {one.when}: {one.what}"]
        yield ["", Cell(f"    expected {_shown(one.expected)}", Tone.GOOD)]
        yield ["", Cell(f"    but it is {_shown(one.actual)}", Tone.BAD)]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else as_json(value)
