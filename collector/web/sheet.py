"""What the page shows, sorted for a reader with a minute: off track first, and numbers not to be trusted marked as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from collector.domain.brief import ORDER
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import ago
from collector.domain.okr import KeyResult
from collector.domain.outage import SourceStanding
from collector.domain.phrases import cycle_rank, settlings, span_of
from collector.domain.status import Status
from collector.errors import StoreError
from collector.ports.board import Board, OpenAlert
from collector.ports.store import Removed
from collector.web.alert_line import AlertLine, alert_line
from collector.web.line import Line, Tone, line_of, line_of_removed


@dataclass(frozen=True, slots=True)
class ObjectiveSheet:
    """The key results of an objective, off track first."""

    address: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class TeamSheet:
    """The objectives of a team, in the order of the files."""

    team: str
    objectives: tuple[ObjectiveSheet, ...]


@dataclass(frozen=True, slots=True)
class CycleSheet:
    """A cycle with its teams."""

    id: str
    span: str
    """`1 Oct – 31 Dec, active`."""
    teams: tuple[TeamSheet, ...]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """How a source stands, in words; `tone` is that of a key result in the same plight."""

    name: str
    tone: Tone
    mark: str
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything on the page, as of one instant."""

    at: datetime
    title: str
    troubles: tuple[str, ...]
    """Why the daemon is not ready."""
    counts: tuple[tuple[Tone, int], ...]
    alerts: tuple[AlertLine, ...]
    """The first of what is wrong, the most severe first."""
    more_alerts: int
    """So many more are open."""
    off: tuple[Line, ...]
    """What is off track, wherever on the page it stands."""
    cycles: tuple[CycleSheet, ...]
    removed: tuple[Line, ...]
    """What vanished from the files without a reason."""
    sources: tuple[SourceLine, ...]


LISTED = 20
"""So many open alerts stand on the page; the rest is counted."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What lines are worded with, beside the verdicts."""

    titles: Mapping[str, str]
    """Of objectives, by `cycle:address`."""
    unexplained: Mapping[str, str]
    at: datetime


def look(board: Board) -> Sheet:
    """Read the board once."""
    at, verdicts = board.now(), board.verdicts()
    titles = {address: objective.title for address, objective in board.objectives().items()}
    words = _Words(titles, board.unexplained(), at)
    cycles = tuple(
        _cycle(list(group), words)
        for _, group in groupby(_by_place(verdicts, at), key=lambda one: one[0].cycle.id)
    )
    gone, troubles = _removed(board)
    wrong, unread = _wrong(board)
    removed = tuple(map(line_of_removed, gone))
    lines = [
        line for cycle in cycles for team in cycle.teams for sheet in team.objectives for line in sheet.lines
    ]
    tally = Counter(line.tone for line in (*lines, *removed))
    return Sheet(
        at=at,
        title=_title(tally),
        troubles=(*board.ready(), *troubles, *unread),
        counts=tuple((tone, tally[tone]) for tone in Tone if tally[tone]),
        alerts=tuple(alert_line(one, at) for one in wrong[:LISTED]),
        more_alerts=max(len(wrong) - LISTED, 0),
        off=tuple(line for line in lines if line.tone is Tone.OFF),
        cycles=cycles,
        removed=removed,
        sources=tuple(_source(name, standing, at) for name, standing in sorted(board.sources().items())),
    )


def _removed(board: Board) -> tuple[Sequence[Removed], tuple[str, ...]]:
    """A store that cannot be read costs nobody the rest of the page."""
    try:
        return board.removed(), ()
    except StoreError as error:
        return (), (f"what was removed from the files cannot be told: {error}",)


def _wrong(board: Board) -> tuple[Sequence[OpenAlert], tuple[str, ...]]:
    try:
        return board.open_alerts(), ()
    except StoreError as error:
        return (), (f"open alerts cannot be told: {error}",)


def _title(tally: Mapping[Tone, int]) -> str:
    """What a tab in the background tells."""
    worst = (tone for tone in (Tone.OFF, Tone.DOUBT, Tone.RISK) if tally[tone])
    told = [f"{tally[tone]} {tone.words}" for tone in worst]
    return ", ".join(told) or ("nothing needs a decision" if tally else "no key results")


def _by_place(
    verdicts: Sequence[tuple[KeyResult, Evaluation | None]], at: datetime
) -> list[tuple[KeyResult, Evaluation | None]]:
    """Bring together what belongs together: the cycle that is active first, and the one that is closed last; cycles,
    teams and objectives keep the order in which they first come.
    """
    first: dict[tuple[str, ...], int] = {}
    late = settlings(key_result for key_result, _ in verdicts)
    for place, (key_result, _) in enumerate(verdicts):
        for depth in range(1, 4):
            first.setdefault(_place(key_result)[:depth], place)

    def order(one: tuple[KeyResult, Evaluation | None]) -> tuple[int, ...]:
        key_result, evaluation = one
        place = _place(key_result)
        state = cycle_rank(key_result.cycle, at, late[key_result.cycle.id])
        return (state, *(first[place[:depth]] for depth in range(1, 4)), _rank(evaluation))

    return sorted(verdicts, key=order)


def _place(key_result: KeyResult) -> tuple[str, str, str]:
    return key_result.cycle.id, key_result.team, key_result.objective


def _rank(evaluation: Evaluation | None) -> int:
    """Off track first; then what cannot be trusted, for nobody knows how it stands; not measured at all comes last."""
    if evaluation is None:
        return 2 * len(ORDER)
    rank = 2 * ORDER.index(evaluation.status)
    hidden = evaluation.health.freezes and evaluation.status in (Status.AT_RISK, Status.ON_TRACK)
    return 2 * ORDER.index(Status.OFF_TRACK) + 1 if hidden else rank


def _cycle(verdicts: list[tuple[KeyResult, Evaluation | None]], words: _Words) -> CycleSheet:
    cycle = verdicts[0][0].cycle
    teams = tuple(
        TeamSheet(team, _objectives(list(group), words))
        for team, group in groupby(verdicts, key=lambda one: one[0].team)
    )
    late = settlings(key_result for key_result, _ in verdicts)
    return CycleSheet(cycle.id, span_of(cycle, words.at, late[cycle.id]), teams)


def _objectives(
    verdicts: list[tuple[KeyResult, Evaluation | None]], words: _Words
) -> tuple[ObjectiveSheet, ...]:
    return tuple(
        ObjectiveSheet(
            address,
            words.titles.get(f"{verdicts[0][0].cycle.id}:{address}", address),
            tuple(
                line_of(key_result, evaluation, words.unexplained.get(key_result.key, ""))
                for key_result, evaluation in group
            ),
        )
        for address, group in groupby(verdicts, key=lambda one: one[0].objective)
    )


def _source(name: str, standing: SourceStanding, at: datetime) -> SourceLine:
    since = f" for {ago(at - standing.since)}" if standing.since else ""
    if standing.down:
        word = f"down{since}" + (", answers again" if standing.successes else "")
        return SourceLine(name, Tone.OFF, "■", word, standing.detail)
    if standing.shut_until is not None and standing.shut_until > at:
        return SourceLine(name, Tone.RISK, "▲", "asked for peace, left alone", standing.detail)
    if standing.failures:
        return SourceLine(name, Tone.RISK, "▲", f"failing{since}", standing.detail)
    if standing.successes:
        return SourceLine(name, Tone.ON, "●", "up", "")
    return SourceLine(name, Tone.DOUBT, "◌", "not asked yet", "")
