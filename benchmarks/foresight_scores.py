"""The figures of a forecaster: how honest its P is, what its alerts are worth, what its ranges hold.

Brier score (Brier 1950), log loss and expected calibration error (Naeini et al. 2015, ten bins of equal count) are of the
weekly syncs; alerts are those of the daily verdicts; precision and recall are of key results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.foresight_machine import Alerts
from collector.domain.arrays import Floats
from collector.domain.forecasting.cohort import Bools, Ints

UNSAID = 0.5
"""P that is scored where nothing was said."""
CLIP = 0.005
"""P is kept so far from certainty in the log loss."""
BINS = 10
NOTICE = 4
"""Weeks before the deadline by which a team can still act."""

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What was said at the syncs, (tasks, syncs), and what came: (tasks,)."""

    hit: Bools
    p: Floats
    likely: Floats
    wide: Floats
    alerts: Alerts | None = None

    def of(self, rows: Ints | Bools) -> Said:
        """Give that of some tasks, a task once for each time it is named."""
        said = self.alerts
        chosen = said and Alerts(said.raises[rows], said.on_at_end[rows], said.lead[rows])
        return Said(self.hit[rows], self.p[rows], self.likely[rows], self.wide[rows], chosen)


def figures(said: Said) -> dict[str, float]:
    """Give every figure that can be told: no cover without ranges, nothing of alerts where none were played."""
    p = np.where(np.isfinite(said.p), said.p, UNSAID)
    came = np.broadcast_to(said.hit[:, None], p.shape)
    found = {"brier": brier(p, came), "logloss": log_loss(p, came), "ece": calibration_error(p, came)}
    if said.alerts is not None:
        found |= alert_figures(said.alerts, said.hit)
    if np.isfinite(said.likely).any():
        found |= {"cover50": float(np.nanmean(said.likely)), "cover90": float(np.nanmean(said.wide))}
    return found


def brier(p: Floats, came: Bools) -> float:
    """Give the mean squared error of P."""
    return float(np.mean((p - came) ** 2))


def log_loss(p: Floats, came: Bools) -> float:
    """Give the mean negative log likelihood of what came."""
    kept = np.clip(p, CLIP, 1 - CLIP)
    return float(-np.mean(np.where(came, np.log(kept), np.log(1 - kept))))


def calibration_error(p: Floats, came: Bools) -> float:
    """Give the mean distance between what was said and how often it came, over bins of equal count."""
    order = np.argsort(p, axis=None, kind="stable")
    bins = zip(np.array_split(p.ravel()[order], BINS), np.array_split(came.ravel()[order], BINS), strict=True)
    return float(sum(abs(float(said.sum()) - float(true.sum())) for said, true in bins) / p.size)


def alert_figures(alerts: Alerts, hit: Bools) -> dict[str, float]:
    """Give what the alerts are worth. Of no alert, or of no miss, what is a share of them is not a number."""
    miss, raised = ~hit, alerts.raises > 0
    return {
        "precision": _share(miss, raised),
        "recall": _share(alerts.on_at_end, miss),
        "notice_4w": _share(alerts.lead >= NOTICE, miss),
        "lead_median_weeks": float(np.median(alerts.lead[miss])) if miss.any() else np.nan,
        "false_alarms": float(alerts.raises[hit].sum() / len(hit)),
        "flaps": float(np.maximum(alerts.raises - 1, 0).sum() / len(hit)),
    }


def _share(which: Bools, among: Bools) -> float:
    return float(which[among].mean()) if among.any() else float("nan")
