"""Keeps which key results there are, every revision of their definitions, and the series of each measure they had."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from collector.domain.evaluation import Evaluation
from collector.domain.okr import MAIN, KeyResult
from collector.ports.store import Enrolment, Recorded, Removed
from collector.store import segments
from collector.store.evaluations import latest
from collector.store.revisions import Story, stories
from collector.store.segments import Newest
from collector.store.tables import cycles, definitions, key_results


def first_run(connection: Connection, cycle: str, at: datetime) -> datetime:
    """Give the first start of a cycle; the first to ask decides it."""
    known: datetime | None = connection.scalar(select(cycles.c.first_run).where(cycles.c.cycle == cycle))
    if known is not None:
        return known
    first = at.replace(microsecond=0)
    connection.execute(insert(cycles).values(cycle=cycle, first_run=first))
    return first


def first_runs(connection: Connection) -> Mapping[str, datetime]:
    """Give all first starts by cycle."""
    return {row.cycle: row.first_run for row in connection.execute(select(cycles))}


@dataclass(frozen=True, slots=True)
class _Known:
    """A key result as it stands in the database, with its newest definition."""

    id: int
    removed: datetime | None
    revision: int
    measure: str
    promise: str
    document: str

    def is_defined_as(self, promised: KeyResult) -> bool:
        """Whether the newest revision says what the files say."""
        said = (promised.measure_fingerprint, promised.promise_fingerprint, promised.document)
        return (self.measure, self.promise, self.document) == said


def enrolments(connection: Connection, promised: Sequence[KeyResult] = ()) -> Mapping[str, Enrolment]:
    """Give where the live key results stand, without news of changes; of `promised` their stories too."""
    series = segments.newest(connection)
    live = {key: one for key, one in _known(connection).items() if one.removed is None}
    asked = {live[one.key].id: one.cycle.starts for one in promised if one.key in live}
    told = stories(connection, asked)
    return {
        key: _with_story(_enrolment(one.id, series[one.id], series[one.id]), told.get(one.id, Story()))
        for key, one in live.items()
    }


def enrol(connection: Connection, promised: Sequence[KeyResult], at: datetime) -> Mapping[str, Enrolment]:
    """Bring the rows in line with the files; nothing is written where nothing changed.

    A measure that changed and changed back begins a segment each time: what was read in between was something else.
    """
    wanted = {one.key: one for one in promised}
    renamed = _rename(connection, wanted)
    before = _known(connection)
    _live_or_removed(connection, before, wanted.keys(), at)
    _create(connection, [one for key, one in wanted.items() if key not in before])
    ids = dict(_ids(connection, wanted))
    _define(connection, [(ids[key], before.get(key), one) for key, one in wanted.items()], at)
    old = segments.newest(connection)
    segments.begin(connection, [(ids[key], one) for key, one in wanted.items()], old, at)
    new = segments.newest(connection)
    told = stories(connection, {ids[key]: one.cycle.starts for key, one in wanted.items()})
    return {
        key: _news(
            ids[key], one, before.get(key), old, new, told.get(ids[key], Story()), renamed.get(key, "")
        )
        for key, one in wanted.items()
    }


def removed(connection: Connection) -> list[Removed]:
    """Give those that vanished without having been retired, with their last verdicts; what was over may leave the files."""
    gone = {key: one for key, one in _known(connection).items() if one.removed is not None}
    verdicts = latest(connection, [one.id for one in gone.values()])
    found = []
    for key, one in gone.items():
        document = json.loads(one.document)
        verdict = verdicts.get(one.id)
        if one.removed is None or document.get("retired") or (verdict is not None and verdict.over):
            continue
        title, team = document.get("title", ""), document.get("address", key).partition("/")[0]
        found.append(Removed(key, title, document.get("team", team), one.removed, verdict))
    return sorted(found, key=lambda one: one.since)


def everything(connection: Connection) -> list[Recorded]:
    """Give every key result with its newest definition and all of its series, also those that the files no longer hold."""
    strands = segments.strands(connection)
    return [
        Recorded(key, one.id, one.removed, json.loads(one.document), tuple(strands.get(one.id, ())))
        for key, one in _known(connection).items()
    ]


def elsewhere(connection: Connection, address: str, cycle: str) -> dict[str, Evaluation]:
    """Give the latest verdicts under the same address in other cycles, by cycle."""
    query = select(key_results.c.id, key_results.c.cycle)
    query = query.where(key_results.c.address == address, key_results.c.cycle != cycle)
    others = {row.id: row.cycle for row in connection.execute(query)}
    return {others[one]: verdict for one, verdict in latest(connection, others).items()}


def _rename(connection: Connection, wanted: Mapping[str, KeyResult]) -> dict[str, str]:
    """Give rows their new address where the files say under which one they were kept; gives old keys by new ones."""
    claims = [(key, one) for key, one in wanted.items() if one.was]
    if not claims:
        return {}
    known = {key: known.id for key, known in _known(connection).items()}
    renamed: dict[str, str] = {}
    for key, one in claims:
        olds = (f"{one.cycle.id}:{address}" for address in one.was)
        old = next((old for old in olds if old in known and old not in wanted), None)
        if key in known or old is None:
            continue
        connection.execute(
            update(key_results).where(key_results.c.id == known.pop(old)).values(address=one.address)
        )
        renamed[key] = old
    return renamed


def _live_or_removed(
    connection: Connection, known: Mapping[str, _Known], wanted: Collection[str], at: datetime
) -> None:
    gone = [one.id for key, one in known.items() if key not in wanted and one.removed is None]
    back = [one.id for key, one in known.items() if key in wanted and one.removed is not None]
    if rows := [{"one": one, "since": at} for one in gone] + [{"one": one, "since": None} for one in back]:
        mark = update(key_results).where(key_results.c.id == bindparam("one"))
        connection.execute(mark.values(removed=bindparam("since")), rows)


def _create(connection: Connection, new: Sequence[KeyResult]) -> None:
    if rows := [{"cycle": one.cycle.id, "address": one.address} for one in new]:
        connection.execute(insert(key_results), rows)


def _ids(connection: Connection, wanted: Collection[str]) -> list[tuple[str, int]]:
    query = select(key_results.c.cycle, key_results.c.address, key_results.c.id).order_by(key_results.c.id)
    named = [(f"{cycle}:{address}", one) for cycle, address, one in connection.execute(query)]
    return [(key, one) for key, one in named if key in wanted]


def _define(
    connection: Connection, changes: Sequence[tuple[int, _Known | None, KeyResult]], at: datetime
) -> None:
    rows = [
        {
            "key_result": one,
            "revision": known.revision + 1 if known else 1,
            "measure": promised.measure_fingerprint,
            "promise": promised.promise_fingerprint,
            "document": promised.document,
            "since": at,
        }
        for one, known, promised in changes
        if known is None or not known.is_defined_as(promised)
    ]
    if rows:
        connection.execute(insert(definitions), rows)


def _enrolment(one: int, series: Mapping[str, Newest], roles: Collection[str]) -> Enrolment:
    main = series[MAIN]
    return Enrolment(one, main.series, main.segment, roles={role: series[role].series for role in roles})


def _with_story(enrolment: Enrolment, story: Story) -> Enrolment:
    return replace(enrolment, unexplained=story.unexplained, first_promise=story.first_promise)


def _news(
    one: int,
    promised: KeyResult,
    before: _Known | None,
    old: Mapping[int, Mapping[str, Newest]],
    new: Mapping[int, Mapping[str, Newest]],
    story: Story,
    renamed_from: str,
) -> Enrolment:
    enrolment = _with_story(_enrolment(one, new[one], segments.measures_of(promised)), story)
    enrolment = replace(enrolment, renamed_from=renamed_from)
    if before is None:
        return enrolment
    return replace(
        enrolment,
        measure_changed=old[one][MAIN].segment != enrolment.segment,
        promise_changed=before.promise != promised.promise_fingerprint,
    )


def _known(connection: Connection) -> dict[str, _Known]:
    """Read all key results in the order they were first seen."""
    newest = (
        select(definitions.c.key_result, func.max(definitions.c.revision).label("revision"))
        .group_by(definitions.c.key_result)
        .subquery()
    )
    query = (
        select(
            key_results.c.cycle,
            key_results.c.address,
            key_results.c.id,
            key_results.c.removed,
            definitions.c.revision,
            definitions.c.measure,
            definitions.c.promise,
            definitions.c.document,
        )
        .join(newest, newest.c.key_result == key_results.c.id)
        .join(
            definitions,
            and_(
                definitions.c.key_result == newest.c.key_result, definitions.c.revision == newest.c.revision
            ),
        )
        .order_by(key_results.c.id)
    )
    return {f"{cycle}:{address}": _Known(*rest) for cycle, address, *rest in connection.execute(query)}
