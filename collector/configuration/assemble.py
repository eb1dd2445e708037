"""Makes the configuration that the daemon runs of the documents that people wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from collector.configuration.bindings import Binder
from collector.configuration.drifts import drift_of_team
from collector.configuration.entries import notifier_entries, source_entries
from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.key_results import KeyResults
from collector.configuration.meetings import Meetings, Seat
from collector.configuration.parse import WrittenKrd, WrittenOkrs
from collector.configuration.policies import policy_of_file, policy_of_team
from collector.configuration.queries import Queries
from collector.configuration.roll import Roll
from collector.configuration.routing import check_routing
from collector.configuration.times import read_cycles
from collector.configuration.unheard import check_hearing
from collector.domain.okr import Okrs, Person, Team
from collector.ports.catalogue import Catalogue, Configuration
from connectors.api import Secret

MOST_OBJECTIVES = 4
"""More objectives than this a team and cycle are a finding (DESIGN §9)."""


def assemble(
    krd: WrittenKrd,
    okrs: Sequence[WrittenOkrs],
    catalogue: Catalogue,
    queries: Queries,
    *,
    at: datetime,
    first_runs: Mapping[str, datetime],
) -> Configuration | None:
    """Check everything against everything; findings go where `queries` has them. Nothing is given after an error.

    `first_runs` holds the stored instants at which cycles with `starts: first run` began; a cycle without one begins `at`.
    """
    findings = queries.findings
    sources = source_entries(krd, catalogue, findings)
    notifiers = notifier_entries(krd, catalogue, findings)
    roll = Roll(krd, findings)
    _check_names(krd, roll)
    check_routing(krd, notifiers, roll)
    check_hearing(krd, notifiers, findings)
    teams = _teams(krd, tuple(notifiers), findings)
    alerts = policy_of_file(krd, findings)
    meetings = Meetings(krd, read_cycles(krd, at, first_runs, findings), findings)
    reader = KeyResults(
        teams, sources, meetings, Binder(krd, sources, catalogue.connectors, queries, roll, at), roll
    )
    for written in okrs:
        _read_okrs(written, krd, teams, reader)
    roll.check_references()
    if findings.wrong:
        return None
    return Configuration(
        okrs=Okrs(
            key_results=roll.key_results,
            objectives=roll.objectives,
            teams=teams,
            people={
                name: Person(name, person.name, person.email, person.slack)
                for name, person in krd.model.people.items()
            },
            calendars=meetings.calendars,
            page=krd.model.page,
            source_owners={name: source.owner for name, source in krd.model.sources.items()},
            alerts=alerts,
        ),
        sources=sources,
        notifiers=notifiers,
        heartbeat=_heartbeat(krd),
        first_runs=meetings.cycles.first_runs_asked,
    )


def _read_okrs(written: WrittenOkrs, krd: WrittenKrd, teams: Mapping[str, Team], reader: KeyResults) -> None:
    roll, cycles = reader.roll, reader.meetings.cycles.written
    roll.team(written.team, written.file.place(("team",)))
    known = [cycle.id for cycle in krd.model.cycles]
    if written.cycle is not None and written.cycle not in known:
        what = f"there is no cycle `{written.cycle}` in krd.yaml"
        roll.findings.error(
            "KRD305", written.file.place(("cycle",)), what, did_you_mean(written.cycle, known)
        )
    # Where team or cycle are wrong, the rest of the file is still checked, as if it spoke of others.
    team = teams.get(written.team or "") or Team(written.team or "unknown", krd.model.timezone)
    cycle = written.cycle if written.cycle in cycles else next(iter(cycles), None)
    seat = reader.meetings.seat(team, cycle) if cycle is not None else None
    if seat is not None:
        _too_many(written, seat, roll)
        reader.read(written, seat)


def _too_many(written: WrittenOkrs, seat: Seat, roll: Roll) -> None:
    key = (seat.team.id, seat.cycle.id)
    before = roll.objective_counts.get(key, 0)
    count = roll.objective_counts[key] = before + len(written.objectives)
    if before <= MOST_OBJECTIVES < count:
        what = f"the team {seat.team.id} has {count} objectives in {seat.cycle.id}"
        place = written.file.place(("objectives",), key=True)
        roll.findings.warn("KRD702", place, what, f"keep at most {MOST_OBJECTIVES}")


def _teams(krd: WrittenKrd, notifiers: tuple[str, ...], findings: Findings) -> dict[str, Team]:
    return {
        name: Team(
            id=name,
            zone=team.timezone or krd.model.timezone,
            lead=team.lead,
            notify=notifiers if team.notify is None else tuple(n for n in team.notify if n in notifiers),
            escalate=tuple(n for n in team.escalate if n in notifiers),
            alerts=policy_of_team(krd, name, findings),
            drift=drift_of_team(krd, name, findings),
        )
        for name, team in krd.model.teams.items()
    }


def _heartbeat(krd: WrittenKrd) -> str | Secret | None:
    url = krd.model.heartbeat.url if krd.model.heartbeat else None
    if isinstance(url, Secret) and url.kind == "file":
        return Secret(place=str(krd.file.path.parent / url.place), kind="file")
    return url


def _check_names(krd: WrittenKrd, roll: Roll) -> None:
    place = krd.file.place
    for name, team in krd.model.teams.items():
        roll.person(team.lead, place(("teams", name, "lead")))
    for name, source in krd.model.sources.items():
        roll.person(source.owner, place(("sources", name, "owner")))
