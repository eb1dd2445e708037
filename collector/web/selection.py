"""Which alerts a reader asks for: the filters of the feeds, the stream and the API, and what to say of unknown ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from collector.domain.alert import AlertKind, AlertState
from collector.domain.announcement import Family
from collector.logs import one_line
from collector.ports.board import Board
from collector.ports.store import Item, Wanted
from collector.services.select_alerts import SPOKEN, concerns

DEFAULT_ENTRIES = 100
MOST_ENTRIES = 500
_SHOWN = 100
"""So many characters of a value that is not known are told."""


class OpenState(StrEnum):
    """The states in which an alert is open."""

    FIRING = AlertState.FIRING.value
    RECOVERING = AlertState.RECOVERING.value


class UnknownTeam(ValueError):
    """Says which teams there are."""


class Selection(BaseModel):
    """Filters by team, family and kind; each may be given several times, and an alert has to match one of each. What has no
    single team is for every team.
    """

    model_config = ConfigDict(extra="forbid")

    team: list[str] = []
    family: list[Family] = []
    kind: list[AlertKind] = []

    def checked(self, board: Board) -> Wanted:
        """Give it for the store. Raises `UnknownTeam`."""
        teams = list(board.teams())
        if strangers := [team for team in self.team if team not in teams]:
            raise UnknownTeam(
                f"team {_shown(strangers[0])} is not known: {_either(teams) or 'there is none'}"
            )
        return Wanted(frozenset(self.team), frozenset(self.family), frozenset(self.kind))

    @property
    def words(self) -> str:
        """The filters for people, empty when everything is asked for."""
        return ", ".join(value for _, value in self.pairs())

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Give name and value of each filter, always in the same order: they are part of what names a feed."""
        yield from (("team", team) for team in sorted(set(self.team)))
        yield from (("family", family.value) for family in sorted(set(self.family)))
        yield from (("kind", kind.value) for kind in sorted(set(self.kind)))


class OpenSelection(Selection):
    """Filters of what is wrong now: also by the state."""

    state: list[OpenState] = []

    def checked(self, board: Board) -> Wanted:
        """Give it for the store. Raises `UnknownTeam`."""
        states = frozenset(AlertState(state.value) for state in self.state)
        return replace(super().checked(board), states=states)


class ChangeSelection(Selection):
    """Filters of changes: also by the state that the change led to; firing and resolved unless others are named."""

    state: list[AlertState] = []

    def checked(self, board: Board) -> Wanted:
        """Give it for the store. Raises `UnknownTeam`."""
        return replace(super().checked(board), states=frozenset(self.state) or SPOKEN)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Give name and value of each filter."""
        yield from super().pairs()
        yield from (("state", state.value) for state in sorted(set(self.state)))


class FeedSelection(ChangeSelection):
    """A page of a feed: the newest entries, or those before a cursor."""

    limit: Annotated[int, Field(ge=1, le=MOST_ENTRIES)] = DEFAULT_ENTRIES
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None

    def query(self, before: int | None) -> str:
        """Write it as the query of an address that gives the entries before a cursor; empty, or beginning with `?`."""
        limit = [("limit", str(self.limit))] if self.limit != DEFAULT_ENTRIES else []
        cursor = [("before", str(before))] if before is not None else []
        query = urlencode([*self.pairs(), *limit, *cursor])
        return f"?{query}" if query else ""


class StreamSelection(ChangeSelection):
    """A stream: live, or from after a cursor. Any text may stand there: an unknown one is answered by a `reset`."""

    after: str | None = None


def matches(wanted: Wanted, item: Item) -> bool:
    """Tell whether a change is wanted, just as the store tells it."""
    return concerns(wanted, item.transition.alert, item.transition.said)


def told_wrong(errors: Iterable[dict[str, Any]]) -> str:
    """Say what a query may not hold, and what it may."""
    return "; ".join(map(_told, errors))


def _told(error: dict[str, Any]) -> str:
    name = _shown(str(error["loc"][1])) if len(error["loc"]) > 1 else "the query"
    match error["type"]:
        case "extra_forbidden":
            return f"{name} is no filter of this address: the API description names those there are"
        case "enum":
            return f"{name} {_shown(str(error['input']))} is not known: {error['ctx']['expected']}"
        case _:
            return f"{name} {_shown(str(error['input']))}: {error['msg']}"


def _shown(value: str) -> str:
    return one_line(value[:_SHOWN], max(len(value) - _SHOWN, 0))


def _either(names: list[str]) -> str:
    return ", ".join(map(_shown, names))
