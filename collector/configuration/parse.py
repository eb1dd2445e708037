"""Turns read files into documents of the format; of a file with mistakes, the parts without one are still given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from collector.configuration.documents import krd
from collector.configuration.documents.alerts import Alerts
from collector.configuration.documents.drift import Drift
from collector.configuration.documents.krd import KrdFile
from collector.configuration.documents.measures import Measure
from collector.configuration.documents.okrs import KeyResult, Objective, OkrFile
from collector.configuration.documents.scalars import CycleId, Day, Text, Zone
from collector.configuration.documents.times import CycleText, NamedCycle, Sync, WrittenCycle
from collector.configuration.findings import Findings
from collector.configuration.mistakes import report
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc

M = TypeVar("M", bound=BaseModel)

_CYCLES: TypeAdapter[NamedCycle | WrittenCycle] = TypeAdapter(CycleText)
_DAY: TypeAdapter[date] = TypeAdapter(Day)
_ZONE: TypeAdapter[Any] = TypeAdapter(Zone)
_PAGE: TypeAdapter[str] = TypeAdapter(krd.PublicPage)
_TEXT: TypeAdapter[str] = TypeAdapter(Text)
_CYCLE_ID: TypeAdapter[str] = TypeAdapter(CycleId)


@dataclass(frozen=True, slots=True)
class WrittenKeyResult:
    """A key result with the way to it in its file."""

    loc: Loc
    model: KeyResult


@dataclass(frozen=True, slots=True)
class WrittenObjective:
    """An objective with the way to it; `model` is missing when it has a mistake of its own."""

    loc: Loc
    model: Objective | None
    key_results: tuple[WrittenKeyResult, ...]
    written: int
    """How many key results stand there, those with mistakes too."""


@dataclass(frozen=True, slots=True)
class WrittenOkrs:
    """A file of objectives."""

    file: SourceFile
    team: str | None
    cycle: str | None
    measures: Mapping[str, Measure]
    measure_names: frozenset[str]
    objectives: tuple[WrittenObjective, ...]


@dataclass(frozen=True, slots=True)
class WrittenKrd:
    """`krd.yaml`. `names` holds every name that is written in a section, of entries with mistakes too."""

    file: SourceFile
    model: KrdFile
    names: Mapping[str, frozenset[str]]
    cycles: tuple[tuple[Loc, NamedCycle | WrittenCycle], ...]
    """Each cycle with the way to it."""


def parse_krd(file: SourceFile, findings: Findings) -> WrittenKrd:
    """Read `krd.yaml`."""
    raw = file.root.value()
    names = {
        section: frozenset(_mapping(raw.get(section))) for section in ("people", "teams", "sources", "notify")
    }
    try:
        whole = KrdFile.model_validate(raw)
        return WrittenKrd(file, whole, names, _placed(enumerate(whole.cycles)))
    except ValidationError as error:
        report(error, KrdFile, file, (), findings)
    cycles = dict(_all(_CYCLES, raw.get("cycles")))
    model = KrdFile.model_construct(
        timezone=_one(_ZONE, raw.get("timezone")) or krd.UTC_ZONE,
        cycles=list(cycles.values()),
        holidays=[day for _, day in _all(_DAY, raw.get("holidays"))],
        sync=_valid(Sync, raw.get("sync")),
        people=_section(krd.Person, raw.get("people")),
        teams=_section(krd.Team, raw.get("teams"), _without_mistakes),
        sources=_section(krd.Source, raw.get("sources")),
        notify=_section(krd.Notifier, raw.get("notify")),
        alerts=_valid(Alerts, raw.get("alerts")),
        drift=_valid(Drift, raw.get("drift")),
        page=_one(_PAGE, raw.get("page")) or "",
        heartbeat=_valid(krd.Heartbeat, raw.get("heartbeat")),
    )
    return WrittenKrd(file, model, names, _placed(cycles.items()))


def _placed(
    cycles: Iterable[tuple[int, NamedCycle | WrittenCycle]],
) -> tuple[tuple[Loc, NamedCycle | WrittenCycle], ...]:
    return tuple((("cycles", number), cycle) for number, cycle in cycles)


def parse_okrs(file: SourceFile, findings: Findings) -> WrittenOkrs:
    """Read a file of objectives."""
    raw = file.root.value()
    names = frozenset(_mapping(raw.get("measures")))
    try:
        model = OkrFile.model_validate(raw)
    except ValidationError as error:
        report(error, OkrFile, file, (), findings)
        objectives = tuple(_salvaged(raw.get("objectives")))
        measures = _section(Measure, raw.get("measures"))
        return WrittenOkrs(
            file, _one(_TEXT, raw.get("team")), _one(_CYCLE_ID, raw.get("cycle")), measures, names, objectives
        )
    return WrittenOkrs(file, model.team, model.cycle, model.measures, names, tuple(_whole(model)))


def _whole(model: OkrFile) -> Iterator[WrittenObjective]:
    for number, objective in enumerate(model.objectives):
        loc: Loc = ("objectives", number)
        found = tuple(
            WrittenKeyResult((*loc, "key_results", index), key_result)
            for index, key_result in enumerate(objective.key_results)
        )
        yield WrittenObjective(loc, objective, found, len(found))


def _salvaged(objectives: Any) -> Iterator[WrittenObjective]:
    for number, raw in enumerate(objectives if isinstance(objectives, list) else []):
        loc: Loc = ("objectives", number)
        written = _mapping(raw).get("key_results")
        key_results = written if isinstance(written, list) else []
        found = tuple(
            WrittenKeyResult((*loc, "key_results", index), model)
            for index, key_result in enumerate(key_results)
            if (model := _valid(KeyResult, key_result)) is not None
        )
        alone = {key: value for key, value in _mapping(raw).items() if key != "key_results"}
        yield WrittenObjective(loc, _valid(Objective, alone), found, len(key_results))


def _mapping(raw: Any) -> Mapping[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _valid(model: type[M], raw: Any) -> M | None:
    """Give the model, or nothing: the mistake was already reported with the whole file."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _without_mistakes(model: type[M], raw: Any) -> M | None:
    """Give the model of the keys that are sound, so that the others are not missed elsewhere as well: a team whose
    `sync` is wrong still has its lead.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors(include_url=False) if detail["loc"]}
        return _valid(model, {key: value for key, value in _mapping(raw).items() if key not in wrong})


def _section(model: type[M], raw: Any, read: Callable[[type[M], Any], M | None] = _valid) -> dict[str, M]:
    entries = _mapping(raw).items()
    return {name: found for name, entry in entries if (found := read(model, entry)) is not None}


def _all(adapter: TypeAdapter[Any], raw: Any) -> list[tuple[int, Any]]:
    """Give the good values of a list with their numbers in it."""
    values = raw if isinstance(raw, list) else []
    return [
        (number, found) for number, value in enumerate(values) if (found := _one(adapter, value)) is not None
    ]


def _one(adapter: TypeAdapter[Any], raw: Any) -> Any:
    try:
        return adapter.validate_python(raw)
    except ValidationError:
        return None
