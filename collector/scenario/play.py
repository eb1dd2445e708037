"""Plays a scenario: the quarter passes, and what krd says is compared with what stands in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from collector.app import open_store
from collector.clock import SetClock
from collector.configuration.settings import Database, Settings
from collector.domain.alert import AlertKind
from collector.domain.lint.finding import Place
from collector.errors import KrdError
from collector.logs import get_logger
from collector.ports.store import Store
from collector.scenario.document import ByHand, Decision
from collector.scenario.matching import matches
from collector.scenario.people import enter, settle
from collector.scenario.script import Act, Files, Look, Moved, Scenario, Turn
from collector.scenario.source import PlayedSources
from collector.scenario.stage import Stage
from collector.services.read_models import standings, status_document

MOST_TRANSITIONS = 10_000
UNASKED = (
    AlertKind.ACHIEVED_EARLY,
    AlertKind.FLATLINE,
    AlertKind.POINT_OF_NO_RETURN,
    AlertKind.REGRESSED,
    AlertKind.SUDDEN_CHANGE,
    AlertKind.UNIT_CHANGE,
)
"""What follows from the course of a key result is compared only where a scenario names it."""
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as expected."""

    when: str
    what: str
    expected: Any
    actual: Any
    sentence: str
    """What krd says at that moment."""
    place: Place


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario ended."""

    scenario: Scenario
    differences: Sequence[Difference]

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


def play(scenario: Scenario) -> Played:
    """Play a scenario in a store of its own, in memory. What cannot be played to its end has failed, and says why."""
    store = open_store(Settings(database=Database(url="sqlite:///:memory:")))
    playing = _Play(scenario, store)
    found: list[Difference] = []
    try:
        found.extend(playing.differences())
    except KrdError as error:
        found.append(playing.broken_off(str(error)))
    except Exception as error:  # a defect of krd; other scenarios are still to be played and told
        log.exception("scenario_broke_off", scenario=scenario.title, place=str(scenario.place))
        found.append(playing.broken_off(f"{type(error).__name__}: {error}"))
    finally:
        store.close()
    return Played(scenario, tuple(found))


class _Play:
    def __init__(self, scenario: Scenario, store: Store) -> None:
        self.scenario, self.store = scenario, store
        self.files = scenario.files
        self.clock = SetClock(scenario.begins)
        self.sources = PlayedSources(self.clock)
        self.stage = Stage(store, self.sources, self.clock)

    def differences(self) -> Iterator[Difference]:
        self._start(self.files)
        for act in self.scenario.acts:
            self.stage.play(act.at)
            yield from self._act(act)
        yield from self._of_transitions()

    def broken_off(self, why: str) -> Difference:
        """Say that it could not be played on, and when that was."""
        when = f"day {self.scenario.cycle.day_of(self.clock.now())}"
        return Difference(when, "the scenario", "that it is played to its end", why, "", self.scenario.place)

    def _start(self, files: Files) -> None:
        self.files = files
        self.sources.put(files.played())
        self.stage.start(files.configuration)

    def _act(self, act: Act) -> Iterator[Difference]:
        match act.what:
            case None if act.turn is Turn.STOP:
                self.stage.stop()
            case None:
                self._start(self.files)
            case Files():
                self._start(act.what)
            case ByHand():
                enter(self.store, self.files, act.what, act.at)
                self.stage.look_again()
            case Decision():
                settle(self.store, self.files, act.what, act.at)
                self.stage.look_again()
            case Look():
                yield from self._look(act.what, act.at)
            case _:
                assert_never(act.what)

    def _look(self, look: Look, at: datetime) -> Iterator[Difference]:
        said = self._said(at)
        for key, wanted in look.wanted.items():
            if not matches(wanted, said.get(key)):
                yield Difference(look.when, key, wanted, said.get(key), str(said["sentence"]), look.place)

    def _said(self, at: datetime) -> Mapping[str, Any]:
        """Give what `krd status -o json` says."""
        if self.files.key_result is None:
            with self.store.read() as tx:
                gone = tx.removed()
            verdict = gone[0].evaluation if gone else None
            return {**(verdict.document() if verdict else {"sentence": "it is gone"}), "removed": bool(gone)}
        standing = standings(self.store, self.files.configuration.okrs, at)[0]
        return {**status_document(standing.key_result, standing.evaluation), "removed": False}

    def _of_transitions(self) -> Iterator[Difference]:
        wanted = self.scenario.transitions
        if wanted is None:
            return
        kinds = {one.kind for one in wanted}
        happened = [
            one for one in self._happened() if one.kind in kinds or not (kinds or one.kind in UNASKED)
        ]
        if happened != list(wanted):
            shown, actual = [*map(str, wanted)], [*map(str, happened)]
            yield Difference("in all", "transitions", shown, actual, "", self.scenario.place)

    def _happened(self) -> list[Moved]:
        cycle = self.scenario.cycle
        with self.store.read() as tx:
            moved = [item.transition for item in tx.transitions(0, MOST_TRANSITIONS)]
        return [
            Moved(cycle.day_of(one.at), one.alert.kind, one.alert.state)
            for one in moved
            if one.was is not one.alert.state  # a rise of the severity alone is no other state
        ]
