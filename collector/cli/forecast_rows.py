"""What is foreseen of one key result, a row each."""

from __future__ import annotations

from collector.cli.history_rows import Rows
from collector.domain.evaluation import Evaluation
from collector.domain.explanation import signed
from collector.domain.forecast_phrases import crossing_of, ranges_of, spends
from collector.domain.okr import KeyResult
from collector.domain.phrases import level_of
from collector.domain.status import Status


def forecast(key_result: KeyResult, verdict: Evaluation | None) -> Rows:
    """Give them; none where nothing is foreseen, or nothing is left to be."""
    if verdict is None or verdict.forecast is None or verdict.over:
        return []
    ahead, spending = verdict.forecast, spends(key_result.shape)
    chance = "P(hit) if it began today" if verdict.status is Status.DRAFT else "P(hit)"
    rows: Rows = [
        [chance, f"{ahead.p_hit:.2f}, for {key_result.commitment.value}"],
        ["lands at", f"{level_of(key_result, ahead.landing)}; {ranges_of(key_result, ahead)}"],
    ]
    if not spending:
        rows.insert(1, ["P100, P70", f"{ahead.p_full:.2f}, {ahead.p_most:.2f}"])
    if crossing := crossing_of(key_result, verdict):
        rows.append(["used up by" if spending else "there by", crossing])
    if verdict.needed_per_week is not None:
        rows.append(
            ["needed", f"{signed(verdict.needed_per_week)} {key_result.unit}/week".replace(" /", "/")]
        )
    if verdict.last_reachable is not None:
        rows.append(["last reachable", verdict.last_reachable])
    return rows
