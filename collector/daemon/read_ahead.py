"""Reads what is not fresh once more before a brief, so that it speaks of the numbers as they are; the brief waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime

from collector.domain.evaluation import Evaluation
from collector.domain.health import Health
from collector.domain.moments import Agenda, Moment
from collector.domain.okr import MAIN, KeyResult, Okrs
from collector.domain.status import Status
from collector.services.account import Account

Verdicts = Callable[[], Sequence[tuple[KeyResult, Evaluation | None]]]
"""Gives every key result with its verdict at this instant."""
ReadAgain = Callable[[str, Collection[int], datetime], bool]
"""Reads the newest slot of some series of a source once more; lanes that are busy are reading it already."""
AskAgain = Callable[[Collection[int]], None]
"""Lets questions that were refused, and are asked less often since, be asked once more at once."""


class ReadAhead:
    """Sends readings on their way, once a brief. Used by the planner's thread."""

    def __init__(
        self,
        okrs: Okrs,
        accounts: Iterable[Account],
        verdicts: Verdicts,
        read_again: ReadAgain,
        ask_again: AskAgain = lambda _: None,
    ) -> None:
        self._agenda, self._verdicts = Agenda(okrs), verdicts
        self._read_again, self._ask_again = read_again, ask_again
        self._series: dict[str, list[tuple[str, str, int]]] = {}
        for one in accounts:
            if one.binding.asked:
                self._series.setdefault(one.key_result.key, []).append(
                    (one.role, one.binding.source, one.series)
                )
        self._done: set[Moment] = set()

    def run_due(self, at: datetime) -> None:
        """Read what the briefs that are near would tell of, where it is late, stale, broken or was never read."""
        near = [moment for moment in self._agenda.to_read(at) if moment not in self._done]
        if not near:
            return
        self._done.update(near)
        about = {(moment.team, moment.cycle) for moment in near}
        wanted: dict[str, set[int]] = {}
        for key_result, verdict in self._verdicts():
            if (key_result.team, key_result.cycle.id) in about:
                for source, series in self._unfit(key_result, verdict):
                    wanted.setdefault(source, set()).add(series)
        for source, found in wanted.items():
            self._ask_again(found)
            self._read_again(source, found, at)

    def _unfit(self, key_result: KeyResult, verdict: Evaluation | None) -> Iterator[tuple[str, int]]:
        parts = self._series.get(key_result.key, [])
        if verdict is None:
            yield from ((source, series) for _, source, series in parts)
            return
        if verdict.over or verdict.status is Status.DRAFT:
            return
        fresh = {f"guardrail:{one.id}" for one in verdict.guardrails if one.health is Health.FRESH}
        if verdict.health is Health.FRESH:
            fresh.add(MAIN)
        for role, source, series in parts:
            if _whole(role) not in fresh:
                yield source, series


def _whole(role: str) -> str:
    """Give the role of what an operand is a part of: `main/latency` is of `main`."""
    return role.partition("/")[0]
