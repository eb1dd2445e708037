"""What people do in a scenario: record values by hand, release or discard what is held."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from collector.domain.okr import KeyResult
from collector.ports.store import Store
from collector.scenario.document import ByHand
from collector.scenario.document import Decision as Written
from collector.scenario.script import Files, boundary
from collector.services.record_by_hand import Entry, record_by_hand
from collector.services.release import Decision, decide

PERSON = "a person of the scenario"
TICK = timedelta(microseconds=1)


def enter(store: Store, files: Files, value: ByHand, at: datetime) -> None:
    """Record a value as `krd record` does: for the day that has just ended, unless it names another one. Raises
    `UsageError` for a value that krd does not take.
    """
    key_result = files.key_result
    if key_result is None:
        return
    entry = Entry(value.value, _day(key_result, value, at), PERSON)
    okrs, routes = files.configuration.okrs, files.configuration.notifiers
    record_by_hand(store, okrs, routes, key_result, entry, at, role=value.role)


def settle(store: Store, files: Files, written: Written, at: datetime) -> None:
    """Release or discard all that is held, as `krd annotate` does. Raises `UsageError` when nothing is."""
    key_result = files.key_result
    if key_result is None:
        return
    decision = Decision(use=written.release, actor=PERSON, why="the scenario says so", at=at)
    decide(store, files.configuration.okrs, files.configuration.notifiers, key_result, [], decision)


def _day(key_result: KeyResult, value: ByHand, at: datetime) -> date | datetime:
    if isinstance(value.as_of, date):
        return value.as_of
    if value.as_of is not None:
        return boundary(key_result, value.as_of) - TICK
    cycle = key_result.cycle
    return cycle.grid.starts(cycle.day_of(at)) - TICK
