"""From files to a configuration in one step: the entry for the daemon's start, its reload, and the linter."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from collector.configuration.assemble import assemble
from collector.configuration.findings import Findings
from collector.configuration.parse import parse_krd, parse_okrs
from collector.configuration.queries import Queries
from collector.configuration.read import find_main, read_files
from collector.domain.lint.finding import Finding, Level
from collector.errors import ConfigRejected
from collector.ports.catalogue import Catalogue, Configuration


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of the files: a configuration unless a finding is an error."""

    configuration: Configuration | None
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]
    """Every file that was read: a change of any of them calls for loading again."""
    queries: Mapping[Path, str | None] = field(default_factory=dict)
    """What the files of queries among them held; nothing of one that cannot be read."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that must be mended before the files can run."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    def required(self) -> Configuration:
        """Give the configuration. Raises `ConfigRejected` with every error when there is none."""
        if self.configuration is None:
            listed = "\n".join(map(str, self.errors))
            count = len(self.errors)
            raise ConfigRejected(
                f"the configuration has {count} mistake{'' if count == 1 else 's'}:\n{listed}"
            )
        return self.configuration


def load(
    path: Path | None, catalogue: Catalogue, *, at: datetime, first_runs: Mapping[str, datetime]
) -> Loaded:
    """Read and check everything at `path` (`krd.yaml` or its folder; without one the usual places).

    `first_runs` holds the stored start of each cycle that says `starts: first run`; one without starts `at`.
    Raises `UsageError` when there is no `krd.yaml`; whatever is wrong inside the files is a finding.
    """
    main = find_main(path)
    findings = Findings()
    queries = Queries(findings)
    with _no_pauses():
        configuration = _load(main, catalogue, queries, at, first_runs)
    okrs = sorted((main.parent / "okrs").glob("*.y*ml"))
    return Loaded(configuration, findings.sorted(), (main, *okrs, *sorted(queries.files)), queries.files)


def _load(
    main: Path, catalogue: Catalogue, queries: Queries, at: datetime, first_runs: Mapping[str, datetime]
) -> Configuration | None:
    files = read_files(main, queries.findings)
    okrs = [parse_okrs(file, queries.findings) for file in files.okrs]
    if files.main is None:
        return None
    krd = parse_krd(files.main, queries.findings)
    return assemble(krd, okrs, catalogue, queries, at=at, first_runs=first_runs)


@contextmanager
def _no_pauses() -> Iterator[None]:
    """Hold the garbage collector: a large tree of live objects makes it search for nothing, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
