"""Asks every binding live and compares the files with the store, and writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from collector.app import read_files
from collector.cli.asked import Asked
from collector.cli.opening import asking, now, perhaps_kept
from collector.cli.past import baseline_of, read_past
from collector.cli.plain import counted
from collector.cli.progress import working
from collector.cli.together import together
from collector.clock import WallClock
from collector.domain.baseline import Baseline
from collector.domain.measure import Binding
from collector.domain.okr import KeyResult, Okrs
from collector.domain.sample import Gap, GapReason, Sample
from collector.domain.shape import Measured, Reach
from collector.errors import SourceUnavailable
from collector.ports.sources import OpenSource, Sources
from collector.ports.store import Current, Enrolment, Store
from collector.services.ask import Due, Found
from collector.services.collect import collect, unasked
from collector.services.ledger import Account
from collector.services.plan_due import dues_of
from collector.services.read_models import Standing, standings
from collector.services.would_enrol import would_enrol


class Difference(StrEnum):
    """What a key result of the files is against the store."""

    NEW = "new"
    MEASURE = "measure changed"
    PROMISE = "promise changed"
    BOTH = "measure and promise changed"
    SAME = "unchanged"
    GONE = "gone from the files"


@dataclass(frozen=True, slots=True)
class Planned:
    """One key result of the plan."""

    key_result: KeyResult
    difference: Difference
    left: Sample | Gap | None = None
    """Nothing when it was not asked."""
    baseline: Baseline | None = None
    standing: Standing | None = None

    @property
    def failed(self) -> bool:
        """Whether it was asked and the question failed; an empty answer is no failure."""
        return isinstance(self.left, Gap) and self.left.reason is not GapReason.NO_DATA


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store says; empty where there is none."""

    differences: Mapping[str, Difference]
    standings: Mapping[str, Standing]
    gone: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found, in the order of the files."""

    key_results: Sequence[Planned]
    gone: Sequence[str]
    """Keys (`cycle:address`) that the store holds and the files do not."""


def make_plan(asked: Asked) -> Plan:
    """Read the files, ask every binding, and compare with the store."""
    settings = asked.settings()
    asked.log(settings, ordinary="error")
    at = now()
    with perhaps_kept(settings) as store:
        files = read_files(settings.config, at.replace(microsecond=0), _first_runs(store))
        okrs = files.configuration.okrs
        kept = _kept(store, okrs, at)
    with (
        asking(files) as sources,
        working(asked, f"asking about {counted(len(okrs.key_results), 'key result')}"),
    ):
        found = _ask(sources, okrs, at)
        planned = [
            Planned(one, kept.differences[key], found.get(key), standing=kept.standings.get(key))
            for key, one in okrs.key_results.items()
        ]
        planned = _with_baselines(sources, planned, at)
    return Plan(planned, kept.gone)


def _first_runs(store: Store | None) -> Mapping[str, datetime]:
    if store is None:
        return {}
    with store.read() as tx:
        return dict(tx.first_runs())


def _kept(store: Store | None, okrs: Okrs, at: datetime) -> Kept:
    if store is None:
        return Kept(dict.fromkeys(okrs.key_results, Difference.NEW), {})
    with store.read() as tx:
        before = tx.enrolments()
    would = would_enrol(store, okrs, at)
    differences = {key: _difference(before.get(key), would[key]) for key in okrs.key_results}
    known = {one.key_result.key: one for one in standings(store, okrs, at)}
    return Kept(differences, known, [key for key in before if key not in okrs.key_results])


def _difference(before: Enrolment | None, would: Enrolment) -> Difference:
    if before is None:
        return Difference.NEW
    if would.measure_changed:
        return Difference.BOTH if would.promise_changed else Difference.MEASURE
    return Difference.PROMISE if would.promise_changed else Difference.SAME


def _ask(sources: Sources, okrs: Okrs, at: datetime) -> dict[str, Sample | Gap]:
    """Read the newest slot of every binding that is still read, each source in a thread of its own."""
    by_source: dict[str, list[Due]] = {}
    for number, key_result in enumerate(okrs.key_results.values()):
        binding = key_result.binding
        if binding is not None and key_result.retired is None:
            slot = binding.cadence(key_result.cycle).latest(at - key_result.cycle.nominal(binding.lag))
            by_source.setdefault(binding.source, []).extend(
                dues_of([_account(key_result, binding, number)], slot)
            )
    found: dict[str, Sample | Gap] = {}
    turn = threading.Lock()

    def gather(findings: list[Found]) -> None:
        with turn:
            found.update({one.due.key_result.key: one.left for one in findings})

    together(lambda one: _ask_one(sources, one[0], one[1], gather), list(by_source.items()))
    return found


def _ask_one(sources: Sources, name: str, dues: list[Due], gather: Callable[[list[Found]], None]) -> None:
    if not dues:
        return
    try:
        source = sources.open(name)
    except SourceUnavailable as error:
        gather(unasked(dues, GapReason.CONFIG, str(error), now()))
        return
    collect(source, dues, WallClock(), gather)


def _account(key_result: KeyResult, binding: Binding, number: int) -> Account:
    """Make the account of a key result that no store knows."""
    return Account(key_result, binding, Enrolment(number, number, 1), Current(number), [])


def _with_baselines(sources: Sources, planned: Sequence[Planned], at: datetime) -> list[Planned]:
    """Add what is known of baselines: the store's, else what the source says of the days before the cycle."""
    found = together(lambda one: _baseline(sources, one, at), planned)
    return [replace(one, baseline=baseline) for one, baseline in zip(planned, found, strict=True)]


def _baseline(sources: Sources, one: Planned, at: datetime) -> Baseline | None:
    if one.standing is not None and one.standing.baseline is not None:
        return one.standing.baseline
    shape, binding = one.key_result.shape, one.key_result.binding
    if not isinstance(shape, Reach) or binding is None or not isinstance(one.left, Sample):
        return None
    if not isinstance(shape.start, Measured) or not binding.answers_the_past:
        return None
    cycle = one.key_result.cycle
    before = min(cycle.starts, at)
    due = Due(one.key_result, binding, 0, before)
    source: OpenSource = sources.open(binding.source)
    past = read_past(source, due, before, max(shape.start.over.days, 1), at)
    return baseline_of(due, past, shape.start, before)
