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
from collector.domain.evaluation import Evaluation
from collector.domain.measure import Binding
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.sample import Gap, GapReason, Origin, Sample
from collector.domain.shape import Measured, Reach
from collector.domain.status import Status
from collector.errors import SourceUnavailable
from collector.ports.sources import OpenSource, Sources
from collector.ports.store import Current, Enrolment, Store
from collector.services.account import Account
from collector.services.ask import Due, Found
from collector.services.collect import collect, unasked
from collector.services.derive import computed
from collector.services.plan_due import dues_of
from collector.services.read_models import Standing, standings
from collector.services.would_enrol import Rehearsal, rehearse


class Difference(StrEnum):
    """What a key result of the files is against the store."""

    NEW = "new"
    RENAMED = "renamed"
    MEASURE = "measure changed"
    PROMISE = "promise changed"
    BOTH = "measure and promise changed"
    SAME = "unchanged"
    GONE = "gone from the files"


_MEASURED_ANEW = (Difference.MEASURE, Difference.BOTH)


@dataclass(frozen=True, slots=True)
class Planned:
    """One key result of the plan."""

    key_result: KeyResult
    difference: Difference
    left: Sample | Gap | None = None
    """Nothing when it was not asked."""
    baseline: Baseline | None = None
    standing: Standing | None = None
    said: Evaluation | None = None
    """The verdict as it stands."""
    would_say: Evaluation | None = None
    """The verdict that the files as they are now would give on what is stored."""
    renamed_from: str = ""
    unexplained: str = ""
    """What would change without a reason in `changes:`."""

    @property
    def failed(self) -> bool:
        """Whether it was asked and the question failed; an empty answer is no failure."""
        return isinstance(self.left, Gap) and self.left.reason is not GapReason.NO_DATA

    @property
    def unread(self) -> bool:
        """Whether its verdict cannot be known before a source is read: the measure is another one, and what it was in the
        days that passed is not in the store. `would_say` then tells of an empty series, which the next sync fills.
        """
        would, binding = self.would_say, self.key_result.binding
        if self.difference not in _MEASURED_ANEW or would is None or binding is None or binding.by_hand:
            return False
        return would.status is Status.NOT_STARTED and would.as_of is None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store says; empty where there is none."""

    standings: Mapping[str, Standing]
    rehearsal: Rehearsal | None = None

    @property
    def gone(self) -> Sequence[str]:
        """Keys (`cycle:address`) that the store holds and the files do not."""
        return self.rehearsal.gone if self.rehearsal is not None else ()

    def planned(self, key_result: KeyResult, left: Sample | Gap | None) -> Planned:
        """Say what would become of a key result of the files."""
        key, tried = key_result.key, self.rehearsal
        if tried is None or key not in tried.after:
            return Planned(key_result, Difference.NEW, left)
        would = tried.after[key]
        return Planned(
            key_result,
            _difference(tried.before.get(would.renamed_from or key), would),
            left,
            standing=self.standings.get(key),
            said=tried.said.get(key),
            would_say=tried.would_say.get(key),
            renamed_from=would.renamed_from,
            unexplained=would.unexplained if would.measure_changed or would.promise_changed else "",
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What was found, in the order of the files."""

    key_results: Sequence[Planned]
    gone: Sequence[str]
    """Keys (`cycle:address`) that the store holds and the files do not."""


def make_plan(asked: Asked, *, offline: bool = False) -> Plan:
    """Read the files, ask every binding unless `offline`, and compare with the store."""
    settings = asked.settings()
    asked.log(settings, ordinary="error")
    at = now()
    with perhaps_kept(settings) as store:
        files = read_files(settings.config, at.replace(microsecond=0), _first_runs(store))
        okrs = files.configuration.okrs
        kept = _kept(store, okrs, at)
    if offline:
        return Plan([kept.planned(one, None) for one in okrs.key_results.values()], kept.gone)
    with (
        asking(files) as sources,
        working(asked, f"asking about {counted(len(okrs.key_results), 'key result')}"),
    ):
        found = _ask(sources, okrs, at)
        planned = [kept.planned(one, found.get(key)) for key, one in okrs.key_results.items()]
        planned = _with_baselines(sources, planned, at)
    return Plan(planned, kept.gone)


def _first_runs(store: Store | None) -> Mapping[str, datetime]:
    if store is None:
        return {}
    with store.read() as tx:
        return dict(tx.first_runs())


def _kept(store: Store | None, okrs: Okrs, at: datetime) -> Kept:
    if store is None:
        return Kept({})
    tried = rehearse(store, okrs, at)
    return Kept({one.key_result.key: one for one in standings(store, okrs, at)}, tried)


def _difference(before: Enrolment | None, would: Enrolment) -> Difference:
    if before is None:
        return Difference.NEW
    if would.renamed_from and not (would.measure_changed or would.promise_changed):
        return Difference.RENAMED
    if would.measure_changed:
        return Difference.BOTH if would.promise_changed else Difference.MEASURE
    return Difference.PROMISE if would.promise_changed else Difference.SAME


def _ask(sources: Sources, okrs: Okrs, at: datetime) -> dict[str, Sample | Gap]:
    """Read the newest slot of every binding that is still read, each source in a thread of its own. A guardrail that
    cannot be read speaks for its key result.
    """
    by_source: dict[str, list[Due]] = {}
    parts: list[tuple[KeyResult, str, int]] = []
    for key_result in okrs.key_results.values():
        for role, binding in key_result.bindings.items() if key_result.retired is None else ():
            slot = binding.cadence(key_result.cycle).latest(at - key_result.cycle.nominal(binding.lag))
            dues = dues_of([_account(key_result, binding, len(parts))], slot)
            by_source.setdefault(binding.source, []).extend(dues)
            parts.append((key_result, role, len(parts)))
    left: dict[int, Sample | Gap] = {}
    turn = threading.Lock()

    def gather(findings: list[Found]) -> None:
        with turn:
            left.update({one.due.series: one.left for one in findings})

    together(lambda one: _ask_one(sources, one[0], one[1], gather), list(by_source.items()))
    found: dict[str, dict[str, Sample | Gap]] = {}
    for key_result, role, number in parts:
        if number in left:
            found.setdefault(key_result.key, {})[role] = left[number]
    return {
        key: outcome
        for key, by_role in found.items()
        if (outcome := _whole(okrs.key_results[key], by_role, at))
    }


def _whole(key_result: KeyResult, by_role: Mapping[str, Sample | Gap], at: datetime) -> Sample | Gap | None:
    """Give what a key result reads, of what its parts read: the failure of a guardrail, else its own reading."""
    for role, binding in reversed(list(key_result.bindings.items())):
        outcome = _reading(role, binding, by_role, at)
        failed = isinstance(outcome, Gap) and outcome.reason is not GapReason.NO_DATA
        if role == MAIN or (failed and "/" not in role):
            if role != MAIN and isinstance(outcome, Gap):
                return Gap(outcome.slot, outcome.reason, f"{role}: {outcome.detail}")
            return outcome
    return None


def _reading(
    role: str, binding: Binding, by_role: Mapping[str, Sample | Gap], at: datetime
) -> Sample | Gap | None:
    if not binding.operands:
        return by_role.get(role)
    outcomes = {name: by_role[f"{role}/{name}"] for name in binding.operands if f"{role}/{name}" in by_role}
    if len(outcomes) < len(binding.operands):
        return None
    slot = max(outcome.slot for outcome in outcomes.values())
    return computed(binding, slot, outcomes, at, Origin.LIVE)


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
    if not isinstance(shape.start, Measured) or not binding.answers_the_past or not binding.asked:
        return None
    cycle = one.key_result.cycle
    before = min(cycle.starts, at)
    due = Due(one.key_result, binding, 0, before)
    source: OpenSource = sources.open(binding.source)
    past = read_past(source, due, before, max(shape.start.over.days, 1), at)
    return baseline_of(due, past, shape.start, before)
