"""Makes the files around a key result that a scenario leaves out, so that the real reader of files reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from collector.configuration.assemble import assemble
from collector.configuration.findings import Findings
from collector.configuration.parse import parse_krd, parse_okrs
from collector.configuration.queries import Queries
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Map, Node, Scalar, Sequence
from collector.ports.catalogue import Catalogue, Configuration
from connectors.api import Connector, ConnectorKind, SourceOptions

KIND = "played"
TEAM, OWNER, SOURCE = "team", "owner", "source"
"""Names of what a scenario leaves out."""
_FORMS = ("query", "numerator", "good", "bad", "expression", "by_hand", "use")
_ELSEWHERE = ("depends_on",)
"""Keys that refer to what a scenario does not hold."""
FIRST_RUN = datetime(2026, 1, 1, tzinfo=UTC)
"""When a cycle that `starts: first run` begins."""
LOOKED_AT = datetime(2200, 1, 1, tzinfo=UTC)
"""When the files are read: late enough for every value by hand in them to have come."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """krd.yaml and a file of one key result, as trees that know where everything was written."""

    krd: SourceFile
    okrs: SourceFile
    key_result: Map
    cycle: str
    catalogue: Catalogue

    def edited(self, changes: Map) -> Definitions:
        """Give them with the keys of `changes` in the key result; null takes a key away."""
        return replace(self, key_result=merged(self.key_result, changes))

    def configuration(self, findings: Findings, *, removed: bool = False) -> Configuration | None:
        """Read them as krd reads its files; nothing when they cannot run, or after an error before."""
        around = dict(self.okrs.root.items)
        around["objectives"] = (text("objectives", self.key_result), self._objectives(removed=removed))
        okrs = replace(self.okrs, root=Map(around, self.key_result.line, self.key_result.column))
        krd = parse_krd(self.krd, findings)
        written = [parse_okrs(okrs, findings)]
        return assemble(
            krd, written, self.catalogue, Queries(findings), at=LOOKED_AT, first_runs={self.cycle: FIRST_RUN}
        )

    def _objectives(self, *, removed: bool) -> Sequence:
        near = self.key_result
        rehearsed = Sequence([] if removed else [near], near.line, near.column)
        objective = mapping({"id": "what-it-serves", "title": "What it serves"}, near)
        objective.items["key_results"] = (text("key_results", near), rehearsed)
        return Sequence([objective], near.line, near.column)


def inline(file: SourceFile, scenario: Map, *, past: bool) -> Definitions:
    """Make the files around the key result that stands in the scenario itself."""
    written = _child(scenario, "key_result")
    title = _child(scenario, "scenario")
    near = written or scenario
    defaults = mapping({"id": "rehearsed"}, near)
    if title is not None:
        defaults.items["title"] = (text("title", near), title)
    defaults.items["measure"] = (text("measure", near), Map({}, near.line, near.column))
    key_result = merged(defaults, written if isinstance(written, Map) else Map({}, near.line, near.column))
    measures = _child(scenario, "measures")
    every = _child(scenario, "every")
    for measure, name in _measures(key_result, measures):
        _complete(measure, name, every)
    team = str(_value(key_result, "team") or TEAM)
    cycle, cycle_id = _cycle(scenario)
    okrs = mapping({"team": team, "cycle": cycle_id}, near)
    if measures is not None:
        okrs.items["measures"] = (text("measures", measures), measures)
    krd = mapping({"timezone": "UTC"}, scenario)
    for key in ("timezone", "holidays", "sync"):
        if key in scenario.items:
            krd.items[key] = scenario.items[key]
    krd.items["cycles"] = (text("cycles", cycle), Sequence([cycle], cycle.line, cycle.column))
    people = {
        OWNER,
        *_named(key_result, "owner"),
        *_named(key_result, "by_hand"),
        *_named(measures, "by_hand"),
    }
    sources = {*_named(key_result, "source"), *_named(measures, "source")}
    for section, names, entry in (
        ("people", people, {"name": "Owner"}),
        ("teams", {team}, {"lead": OWNER}),
        ("sources", sources, {"kind": KIND}),
    ):
        entries = Map({name: (text(name, near), mapping(entry, near)) for name in sorted(names)}, 1, 1)
        krd.items[section] = (text(section, near), entries)
    return Definitions(
        krd=replace(file, root=krd),
        okrs=replace(file, root=okrs),
        key_result=key_result,
        cycle=cycle_id,
        catalogue=Catalogue({KIND: _kind(past=past)}, {}),
    )


def borrowed(
    main: SourceFile, okrs: SourceFile, key_result: Map, scenario: Map, catalogue: Catalogue
) -> Definitions:
    """Take a key result of a team's own files, with the krd.yaml beside them; the scenario may set another cycle."""
    key_result = Map(
        {key: entry for key, entry in key_result.items.items() if key not in _ELSEWHERE},
        key_result.line,
        key_result.column,
    )
    every = _child(scenario, "every")
    if every is not None and isinstance(measure := _child(key_result, "measure"), Map):
        changed = merged(measure, Map({"every": (text("every", every), every)}, every.line, every.column))
        key_result = merged(key_result, Map({"measure": (text("measure", measure), changed)}, 1, 1))
    silent = {key: entry for key, entry in main.root.items.items() if key not in ("notify", "heartbeat")}
    teams = _child(main.root, "teams")
    if isinstance(teams, Map):
        silent["teams"] = (silent["teams"][0], _without(teams, "notify"))
    around = {key: entry for key, entry in okrs.root.items.items() if key != "objectives"}
    cycle = str(_value(okrs.root, "cycle") or "")
    if "cycle" in scenario.items:
        own, _ = _cycle(scenario, cycle)
        silent["cycles"] = (text("cycles", own), Sequence([own], own.line, own.column))
    return Definitions(
        krd=replace(main, root=Map(silent, 1, 1)),
        okrs=replace(okrs, root=Map(around, 1, 1)),
        key_result=key_result,
        cycle=cycle,
        catalogue=replace(catalogue, notifiers={}),
    )


def key_results_in(okrs: SourceFile) -> Mapping[str, Map]:
    """Give the key results of a file by their id, as they are written."""
    found: dict[str, Map] = {}
    objectives = _child(okrs.root, "objectives")
    for objective in objectives.items if isinstance(objectives, Sequence) else []:
        written = _child(objective, "key_results") if isinstance(objective, Map) else None
        for one in written.items if isinstance(written, Sequence) else []:
            if isinstance(one, Map) and _value(one, "id") is not None:
                found[str(_value(one, "id"))] = one
    return found


def merged(tree: Map, changes: Map) -> Map:
    """Lay `changes` over a tree: mappings are merged, null takes a key away, everything else is replaced."""
    items = dict(tree.items)
    for key, (name, value) in changes.items.items():
        old = items.get(key)
        if isinstance(value, Scalar) and value.value() is None:
            items.pop(key, None)
        elif old is not None and isinstance(old[1], Map) and isinstance(value, Map):
            items[key] = (old[0], merged(old[1], value))
        else:
            items[key] = (name, value)
    return Map(items, changes.line if not tree.items else tree.line, tree.column)


def text(value: str, near: Node) -> Scalar:
    """Make a text that stands where `near` does."""
    return Scalar(value, False, False, True, near.line, near.column, 0, 0)


def mapping(values: Mapping[str, str], near: Node) -> Map:
    """Make a mapping of texts that stands where `near` does."""
    return Map(
        {key: (text(key, near), text(value, near)) for key, value in values.items()}, near.line, near.column
    )


def _child(tree: Map | None, key: str) -> Node | None:
    found = tree.items.get(key) if tree is not None else None
    return found[1] if found else None


def _value(tree: Map, key: str) -> object:
    found = _child(tree, key)
    return found.value() if isinstance(found, Scalar) else None


def _cycle(scenario: Map, name: str = "rehearsed") -> tuple[Node, str]:
    """Give the cycle of a scenario with its id."""
    cycle = _child(scenario, "cycle")
    if isinstance(cycle, Map):
        named = merged(mapping({"id": name}, cycle), cycle)
        return named, str(_value(named, "id"))
    return (cycle, str(cycle.value())) if isinstance(cycle, Scalar) else (scenario, name)


def _measures(key_result: Map, measures: Node | None) -> Iterator[tuple[Map, str]]:
    """Give every measure that is written, with a name for its question."""
    if isinstance(measure := _child(key_result, "measure"), Map):
        yield measure, "main"
    guardrails = _child(key_result, "guardrails")
    for number, guardrail in enumerate(guardrails.items if isinstance(guardrails, Sequence) else []):
        if isinstance(guardrail, Map) and isinstance(measure := _child(guardrail, "measure"), Map):
            yield measure, f"guardrail {number}"
    if isinstance(measures, Map):
        for name, (_, measure) in measures.items.items():
            if isinstance(measure, Map):
                yield measure, name


def _complete(measure: Map, name: str, every: Node | None) -> None:
    """Add what a scenario may leave out: the source, and the text of a question that nobody has to answer."""
    if not any(key in measure.items for key in _FORMS):
        measure.items["query"] = (text("query", measure), text(name, measure))
    if not any(key in measure.items for key in ("source", "expression", "by_hand", "use")):
        measure.items["source"] = (text("source", measure), text(SOURCE, measure))
    if every is not None:
        measure.items["every"] = (text("every", every), every)


def _named(tree: Node | None, key: str) -> Iterator[str]:
    """Give every text that stands under `key` anywhere in a tree."""
    if isinstance(tree, Map):
        for name, (_, value) in tree.items.items():
            if name == key and isinstance(value, Scalar):
                yield value.text
            yield from _named(value, key)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _named(item, key)


def _without(entries: Map, key: str) -> Map:
    kept: dict[str, tuple[Scalar, Node]] = {
        name: (place, Map({k: e for k, e in value.items.items() if k != key}, value.line, value.column))
        for name, (place, value) in entries.items.items()
        if isinstance(value, Map)
    }
    return Map(kept, entries.line, entries.column)


class _Options(SourceOptions):
    """A played source has no options of its own."""


def _kind(*, past: bool) -> ConnectorKind:
    return ConnectorKind(
        name=KIND,
        title="a scenario",
        options=_Options,
        open=_never_opened,
        problems=lambda _: (),
        answers_the_past=lambda _: past,
        default_every=timedelta(days=1),
    )


def _never_opened(options: _Options) -> Connector:
    raise TypeError(f"a rehearsal opens no source ({type(options).__name__})")
