"""Makes key results: one promise, one binding, two fingerprints, all names known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from collector.configuration.bindings import Binder
from collector.configuration.documents.okrs import KeyResult as Written
from collector.configuration.documents.okrs import Objective as WrittenDirection
from collector.configuration.expressions import Bound
from collector.configuration.facts import (
    measure_facts,
    promise_facts,
    record_of,
    series_facts,
    unmeasured_facts,
)
from collector.configuration.findings import Findings
from collector.configuration.forms import MeasureInFile, resolve
from collector.configuration.guardrails import Guarded, read_guardrails
from collector.configuration.meetings import Meetings, Seat
from collector.configuration.parse import WrittenKeyResult, WrittenObjective, WrittenOkrs
from collector.configuration.promises import fits, read_shape
from collector.configuration.roll import Roll
from collector.configuration.source_file import SourceFile
from collector.configuration.terms import Terms
from collector.configuration.yaml_tree import Loc
from collector.domain.fingerprint import fingerprint
from collector.domain.lint.finding import Place
from collector.domain.okr import Edit, KeyResult, Launch, Objective, Retired, Team
from collector.domain.promise import Promise
from collector.domain.shape import Shape, Total
from collector.ports.catalogue import SourceEntry

MOST_KEY_RESULTS = 5
"""More key results than this an objective are a finding (DESIGN §9)."""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a key result in its file."""

    okrs: WrittenOkrs
    seat: Seat
    objective: str
    owner: str | None

    @property
    def file(self) -> SourceFile:
        return self.okrs.file


@dataclass(frozen=True, slots=True)
class _Parts:
    """The checked parts of a key result."""

    seat: Seat
    owner: str
    promise: Promise
    measure: MeasureInFile
    bound: Bound
    guarded: Guarded
    place: Place


@dataclass(frozen=True, slots=True)
class KeyResults:
    """Reads the objectives and key results of one file after the other into the roll."""

    teams: Mapping[str, Team]
    sources: Mapping[str, SourceEntry]
    meetings: Meetings
    binder: Binder
    roll: Roll

    @property
    def findings(self) -> Findings:
        """Where mistakes go."""
        return self.roll.findings

    def read(self, okrs: WrittenOkrs, seat: Seat) -> None:
        """Read one file, which speaks for a team in a cycle."""
        self.binder.look_at(okrs)
        for written in okrs.objectives:
            address, owner = "", seat.team.lead
            if written.model is not None:
                address, owner = f"{seat.team.id}/{written.model.id}", written.model.owner or seat.team.lead
                self._objective(written.model, written.loc, okrs.file, seat)
            self._too_many(written, okrs.file)
            for key_result in written.key_results:
                self._key_result(key_result, _Around(okrs, seat, address, owner))

    def _objective(self, model: WrittenDirection, loc: Loc, file: SourceFile, seat: Seat) -> None:
        address, cycle = f"{seat.team.id}/{model.id}", seat.cycle.id
        place = file.place((*loc, "id"))
        self.roll.person(model.owner, file.place((*loc, "owner")))
        for number, supported in enumerate(model.supports):
            self.roll.refer(supported.of, file.place((*loc, "supports", number, "of")))
        for number, partner in enumerate(model.with_):
            self.roll.team(partner.team, file.place((*loc, "with", number, "team")))
        if not self.roll.take(address, cycle, place):
            return
        owner = model.owner or seat.team.lead
        self.roll.objectives[f"{cycle}:{address}"] = Objective(
            address, model.title, seat.team.id, cycle, owner, model.why or ""
        )

    def _too_many(self, written: WrittenObjective, file: SourceFile) -> None:
        if written.written > MOST_KEY_RESULTS:
            place = file.place((*written.loc, "key_results"), key=True)
            what = f"the objective has {written.written} key results"
            self.findings.warn("KRD701", place, what, f"keep at most {MOST_KEY_RESULTS}; 3 are ideal")

    def _key_result(self, found: WrittenKeyResult, around: _Around) -> None:
        written, loc, file = found.model, found.loc, around.file
        seat = self._seat(written, around, loc)
        address = f"{seat.team.id}/{written.id}"
        place = file.place((*loc, "id"))
        taken = self.roll.take(address, seat.cycle.id, place)
        owner = self._owner(written, around, loc)
        self._references(written, address, seat, around, loc)
        guarded = read_guardrails(found, around.okrs, seat.cycle, self.binder)
        shape = read_shape(written, file, loc, self.findings)
        measure = resolve(written.measure, (*loc, "measure"), around.okrs, self.findings)
        bound = self.binder.bind(measure, seat.cycle) if measure else Bound()
        promise = self._promise(written, shape, bound, Terms(seat.cycle, file, loc, self.findings))
        if promise is None or measure is None or not fits(promise.shape, measure, self.findings):
            return
        if isinstance(promise.shape, Total) and bound.binding is not None:
            bound = Bound(self.binder.counting(measure, bound.binding))
        if owner is None or not taken or bound == Bound() or not guarded.sound:
            return
        made = self._made(
            written, address, around, _Parts(seat, owner, promise, measure, bound, guarded, place)
        )
        self._note(made, file, loc)
        self.roll.key_results[f"{seat.cycle.id}:{address}"] = made

    def _promise(self, written: Written, shape: Shape | None, bound: Bound, terms: Terms) -> Promise | None:
        deadline = terms.deadline(written.by)
        if shape is None:
            return None
        terms.launches(written.launches, shape, deadline)
        pace = terms.pace(written.pace, shape, deadline)
        every = bound.binding.every if bound.binding else None
        judge_over = terms.judge_over(written.judge_over, shape, every)
        return Promise(shape, pace, deadline, judge_over, written.commitment)

    def _made(self, written: Written, address: str, around: _Around, parts: _Parts) -> KeyResult:
        bound, guarded, promise = parts.bound, parts.guarded, parts.promise
        why = bound.not_run or guarded.not_run
        binding = bound.binding
        made = KeyResult(
            address=address,
            title=written.title,
            objective=around.objective,
            team=parts.seat.team.id,
            owner=parts.owner,
            commitment=promise.commitment,
            cycle=parts.seat.cycle,
            calendar=parts.seat.calendar,
            shape=promise.shape,
            binding=None if why else binding,
            unit=binding.unit if binding else parts.measure.measure.unit or "",
            pace=promise.pace,
            deadline=promise.deadline,
            judge_over=promise.judge_over,
            drift_policy=parts.seat.team.drift[promise.commitment],
            launches=tuple(Launch(launch.on, launch.expect) for launch in written.launches),
            guardrails=guarded.guardrails,
            retired=Retired(written.retired.on, written.retired.why) if written.retired else None,
            changes=tuple(Edit(change.on, change.why) for change in written.changes),
            was=tuple(f"{parts.seat.team.id}/{old}" for old in written.was),
            not_run=why,
            place=f"{parts.place.file}:{parts.place.line}",
        )
        measured = measure_facts(binding, self.sources) if binding else unmeasured_facts(parts.measure)
        promised = promise_facts(promise, guarded.guardrails)
        series = series_facts(made, self.sources)
        return replace(
            made,
            measure_fingerprint=fingerprint(measured),
            fingerprints={role: fingerprint(facts) for role, facts in series.items()},
            promise_fingerprint=fingerprint(promised),
            document=record_of(made, measured, promised, series),
        )

    def _seat(self, written: Written, around: _Around, loc: Loc) -> Seat:
        """The file's seat, or the one of the team that a key result names itself."""
        self.roll.team(written.team, around.file.place((*loc, "team")))
        team = self.teams.get(written.team or "")
        seat = self.meetings.seat(team, around.seat.cycle.id) if team else None
        return seat or around.seat

    def _owner(self, written: Written, around: _Around, loc: Loc) -> str | None:
        owner = written.owner or around.owner
        self.roll.person(written.owner, around.file.place((*loc, "owner")))
        if owner is None:
            what = f"nobody owns the key result `{written.id}`"
            self.findings.error(
                "KRD406", around.file.place((*loc, "id")), what, "add `owner`, or a `lead` to the team"
            )
        return owner

    def _references(self, written: Written, address: str, seat: Seat, around: _Around, loc: Loc) -> None:
        for number, wanted in enumerate(written.depends_on):
            self.roll.refer(wanted, around.file.place((*loc, "depends_on", number)))
        for number, old in enumerate(written.was):
            place = around.file.place((*loc, "was", number))
            self.roll.rename(seat.cycle.id, address, f"{seat.team.id}/{old}", place)

    def _note(self, made: KeyResult, file: SourceFile, loc: Loc) -> None:
        if made.not_run is not None:
            what = f"`{made.address}` is understood, and not measured yet: {made.not_run}"
            self.findings.note("KRD901", file.place((*loc, "id")), what)
