"""Makes entries of sources and notifiers from `krd.yaml`, validated by the kinds that this installation knows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from collector.configuration.documents.krd import Notifier, Source
from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.mistakes import report
from collector.configuration.parse import WrittenKrd
from collector.configuration.routing import notifier_entry
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.cycle import REAL_DAY
from collector.domain.lint.finding import Place
from collector.domain.span import parse_span
from collector.ports.catalogue import Catalogue, NotifierEntry, SourceEntry

LATER_SOURCES = frozenset(
    {"gitlab", "linear", "azure_devops", "youtrack", "bugzilla", "redmine", "posthog", "mixpanel", "amplitude", "ga4", "replay"}
)  # fmt: skip
LATER_OPTIONS = frozenset({"canary"})
"""Keys of a source that every kind may have; a kind whose options do not name them does not act on them yet."""

B = TypeVar("B", bound=BaseModel)


def source_entries(written: WrittenKrd, catalogue: Catalogue, findings: Findings) -> dict[str, SourceEntry]:
    """Validate every source whose kind is here; kinds of a later version are noted, unknown ones refused."""
    entries = {}
    for name, source in written.model.sources.items():
        loc: Loc = ("sources", name)
        kind = catalogue.connectors.get(source.kind)
        if kind is None:
            _no_source_kind(name, source.kind, catalogue, written.file.place((*loc, "kind")), findings)
            continue
        options = _options(kind.options, source, loc, written.file, findings)
        if options is not None:
            entries[name] = SourceEntry(name, source.kind, options, source.owner)
    return entries


def notifier_entries(
    written: WrittenKrd, catalogue: Catalogue, findings: Findings
) -> dict[str, NotifierEntry]:
    """Validate every notifier whose kind is here; unknown kinds are refused."""
    entries = {}
    for name, notifier in written.model.notify.items():
        loc: Loc = ("notify", name)
        kind = catalogue.notifiers.get(notifier.kind)
        if kind is None:
            place = written.file.place((*loc, "kind"))
            findings.error(
                "KRD204", place, *_no_kind("notifier", notifier.kind, catalogue.notifiers, catalogue)
            )
            continue
        options = _options(kind.options, notifier, loc, written.file, findings)
        if options is not None:
            entries[name] = notifier_entry(name, notifier, kind, options)
    return entries


def _no_source_kind(name: str, kind: str, catalogue: Catalogue, place: Place, findings: Findings) -> None:
    if kind in LATER_SOURCES and kind not in catalogue.missing:
        what = f"the source `{name}` is of the kind {kind}, which this version does not run yet"
        findings.note("KRD901", place, what)
    else:
        known = {*catalogue.connectors, *LATER_SOURCES}
        findings.error("KRD204", place, *_no_kind("source", kind, known, catalogue))


def _no_kind(what: str, kind: str, known: Iterable[str], catalogue: Catalogue) -> tuple[str, str]:
    """Say why a kind cannot be used, and what to do."""
    if kind in catalogue.missing:
        return f"the {what} kind {kind} cannot be used here: {catalogue.missing[kind]}", ""
    return f"the {what} kind `{kind}` is unknown", did_you_mean(kind, known)


def _options(
    options: type[B], entry: Source | Notifier, loc: Loc, file: SourceFile, findings: Findings
) -> B | None:
    raw = dict(entry.model_extra or {})
    for key in sorted(LATER_OPTIONS & raw.keys() - options.model_fields.keys()):
        del raw[key]
        findings.note(
            "KRD902", file.place((*loc, key), key=True), f"`{key}` is understood, and not acted on yet"
        )
    prepared = {key: _prepared(value, file) for key, value in raw.items()}
    for name, field in options.model_fields.items():
        key = field.alias or name
        if field.annotation is timedelta and isinstance(prepared.get(key), str):
            prepared[key] = _duration(prepared[key])
    try:
        return options.model_validate(prepared)
    except ValidationError as error:
        report(error, options, file, loc, findings, code="KRD205")
        return None


def _prepared(value: Any, file: SourceFile) -> Any:
    """Make the paths of `{file: …}` relative to the file that names them."""
    if isinstance(value, list):
        return [_prepared(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"file"} and isinstance(value["file"], str) and value["file"]:
        return {"file": str(file.path.parent / value["file"])}
    return {key: _prepared(item, file) for key, item in value.items()}


def _duration(text: str) -> timedelta | str:
    """Read `10s` as people write it; anything else is left for the kind's own validation to refuse."""
    try:
        return parse_span(text).nominal(REAL_DAY)
    except ValueError:
        return text
