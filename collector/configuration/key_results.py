"""Makes key results: one promise, one binding, two fingerprints, all names known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from collector.configuration.bindings import Binder, Bound, MeasureInFile, longest, resolve
from collector.configuration.documents.okrs import KeyResult as Written
from collector.configuration.documents.okrs import Objective as WrittenDirection
from collector.configuration.facts import measure_facts, promise_facts
from collector.configuration.findings import Findings
from collector.configuration.meetings import Meetings, Seat
from collector.configuration.parse import WrittenKeyResult, WrittenObjective, WrittenOkrs
from collector.configuration.promises import fits, not_run, read_shape
from collector.configuration.roll import Roll
from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc
from collector.domain.cycle import CalendarDays, Cycle, local_midnight
from collector.domain.fingerprint import fingerprint
from collector.domain.lint.finding import Place
from collector.domain.okr import KeyResult, Launch, Objective, Retired, Team
from collector.domain.pace import Late, Linear, Pace, Points
from collector.domain.shape import Shape, Total
from collector.domain.span import WEEK, Span
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
    shape: Shape
    measure: MeasureInFile
    bound: Bound
    deadline: datetime | None
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
        self._references(written, around, loc)
        shape = read_shape(written, file, loc, self.findings)
        measure = resolve(written.measure, (*loc, "measure"), around.okrs, self.findings)
        bound = self.binder.bind(measure, seat.cycle) if measure else Bound()
        deadline = self._deadline(written.by, seat.cycle, file.place((*loc, "by")))
        self._pace(written.pace, seat.cycle, file.place((*loc, "pace")))
        if shape is None or measure is None or not fits(shape, measure, self.findings):
            return
        if isinstance(shape, Total) and bound.binding is not None:
            self.binder.check_total(measure, bound.binding)
        if owner is None or not taken or bound == Bound():
            return
        made = self._made(
            written, address, around, _Parts(seat, owner, shape, measure, bound, deadline, place)
        )
        self._notes(written, made, measure, loc)
        self.roll.key_results[f"{seat.cycle.id}:{address}"] = made

    def _made(self, written: Written, address: str, around: _Around, parts: _Parts) -> KeyResult:
        cycle, bound = parts.seat.cycle, parts.bound
        why = not_run(parts.shape, written) or bound.not_run
        judge_over = written.judge_over or _judge_over(bound, cycle)
        measured = measure_facts(parts.measure, bound.binding, self.sources)
        promised = promise_facts(written, parts.shape, judge_over, parts.deadline)
        document = {"address": address, "title": written.title, "measure": measured, "promise": promised}
        return KeyResult(
            address=address,
            title=written.title,
            objective=around.objective,
            team=parts.seat.team.id,
            owner=parts.owner,
            commitment=written.commitment,
            cycle=cycle,
            calendar=parts.seat.calendar,
            shape=parts.shape,
            binding=None if why else bound.binding,
            unit=parts.measure.measure.unit or "",
            pace=written.pace or Linear(),
            deadline=parts.deadline,
            judge_over=judge_over,
            launches=tuple(Launch(launch.on, launch.expect) for launch in written.launches),
            retired=Retired(written.retired.on, written.retired.why) if written.retired else None,
            not_run=why,
            measure_fingerprint=fingerprint(measured),
            promise_fingerprint=fingerprint(promised),
            document=json.dumps(
                document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
            ),
            place=f"{parts.place.file}:{parts.place.line}",
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

    def _references(self, written: Written, around: _Around, loc: Loc) -> None:
        file = around.file
        for number, wanted in enumerate(written.depends_on):
            self.roll.refer(wanted, file.place((*loc, "depends_on", number)))
        for number, guardrail in enumerate(written.guardrails):
            here = (*loc, "guardrails", number)
            measure = resolve(guardrail.measure, (*here, "measure"), around.okrs, self.findings)
            if measure is not None:
                self.binder.bind(measure, around.seat.cycle)
            if guardrail.at_most is None and guardrail.at_least is None:
                what = f"the guardrail `{guardrail.id}` has no bound"
                self.findings.error("KRD404", file.place(here), what, "write `at_most`, `at_least` or both")

    def _deadline(self, by: date | None, cycle: Cycle, place: Place) -> datetime | None:
        if by is None:
            return None
        if not isinstance(cycle.grid, CalendarDays):
            what = f"the deadline is a date, but the cycle {cycle.id} sets its own `day`"
            self.findings.error("KRD604", place, what, "remove `by`")
            return None
        deadline = local_midnight(by + timedelta(days=1), cycle.grid.zone)
        if not cycle.starts < deadline <= cycle.ends:
            what = f"the deadline {by} lies outside the cycle {cycle.id}"
            self.findings.error("KRD604", place, what, "write a day of the cycle, or leave it out")
        return deadline

    def _pace(self, pace: Pace | None, cycle: Cycle, place: Place) -> None:
        days = [pace.until] if isinstance(pace, Late) else []
        days += [day for day, _ in pace.points] if isinstance(pace, Points) else []
        if not days:
            return
        if not isinstance(cycle.grid, CalendarDays):
            what = f"the pace names dates, but the cycle {cycle.id} sets its own `day`"
            self.findings.error("KRD407", place, what, "write `pace: linear`")
            return
        zone = cycle.grid.zone
        if not all(cycle.starts <= local_midnight(day, zone) < cycle.ends for day in days) or days != sorted(
            set(days)
        ):
            what = f"the pace names dates outside the cycle {cycle.id}, or not in their order"
            self.findings.error("KRD407", place, what, "write days of the cycle, ascending")

    def _notes(self, written: Written, made: KeyResult, measure: MeasureInFile, loc: Loc) -> None:
        file = measure.file
        if made.not_run is not None:
            what = f"`{made.address}` is understood, and not measured yet: {made.not_run}"
            self.findings.note("KRD901", file.place((*loc, "id")), what)
            return
        later = {"launches": written.launches, "guardrails": written.guardrails}
        for key in (key for key, value in later.items() if value):
            self.findings.note(
                "KRD902", file.place((*loc, key), key=True), f"`{key}` is understood, and not acted on yet"
            )
        if made.binding is None:
            return
        for key, given in (("plausible", made.binding.plausible), ("settle", made.binding.settle)):
            if given:
                what = f"`{key}` is understood, and not acted on yet"
                if key == "settle":
                    what = "`settle` only delays the close; late rows are not read again yet"
                self.findings.note("KRD902", file.place(measure.at(key), key=True), what)


def _judge_over(bound: Bound, cycle: Cycle) -> Span:
    """DESIGN §5: max(7 d, one `every`)."""
    every = longest(bound.binding.every) if bound.binding else WEEK
    return every if cycle.nominal(every) > cycle.nominal(WEEK) else WEEK
