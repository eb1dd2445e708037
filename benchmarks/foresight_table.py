"""How the figures of `benchmarks.foresight` are shown: limits beside ours, and peers beside both."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.command import Row

LIMITS: Mapping[str, tuple[float, float]] = {
    "brier": (0.0, 0.150),
    "logloss": (0.0, 0.455),
    "ece": (0.0, 0.03),
    "precision": (0.81, 1.0),
    "recall": (0.83, 1.0),
    "notice_4w": (0.66, 1.0),
    "lead_median_weeks": (6.5, math.inf),
    "false_alarms": (0.0, 0.12),
    "flaps": (0.0, 0.015),
    "cover50": (0.45, 0.55),
    "cover90": (0.86, 0.94),
    "per_second": (15_000.0, math.inf),
    "wishful_harm": (-math.inf, 0.005),
}
"""From, to."""
NAMES: Mapping[str, str] = {
    "brier": "Brier score",
    "logloss": "log loss",
    "ece": "calibration error",
    "precision": "precision of alerts",
    "recall": "recall of misses",
    "notice_4w": "misses with 4 weeks' notice",
    "lead_median_weeks": "median lead, weeks",
    "false_alarms": "false alarms",
    "flaps": "flaps",
    "cover50": "cover of the 50 % range",
    "cover90": "cover of the 90 % range",
}
PEERS = ("sketch", "calibrated", "naive")
SHORT = ("brier", "ece", "cover50", "cover90")
EFFECTS: Mapping[str, str] = {
    "launches_gain": "true launches declared, Brier gain",
    "late_launches_gain": "late ones, Brier gain",
    "wishful_harm": "wishful ones, Brier harm",
}


def rows(found: Mapping[str, Any]) -> list[Row]:
    """Give the table."""
    return [
        *(Row(said, f"{found[name]:.3f}", _beside(found, name)) for name, said in NAMES.items()),
        Row("evaluations per second and core", f"{found['per_second']:,.0f}", _speed(found)),
        *(Row(said, f"{found[name]:+.4f}", _effect(found, name)) for name, said in EFFECTS.items()),
        Row("70 % of the way", "", _all(found["aspirational"], NAMES)),
        Row("committed", "", _all(found["committed"], (*NAMES, "hits", "default_prior_brier"))),
        Row("day of crossing", "", _crossing(found["crossing"])),
        *(Row(f"cycle of {days} days", "", _all(of, SHORT)) for days, of in found["lengths"].items()),
    ]


def _crossing(of: Mapping[str, float]) -> str:
    kept, off, untold = of["kept"], of["off_days"], of["untold"]
    return f"{kept:.0%} of those told come true, {off:g} days off in the median; {untold:.0%} of those that come are not told"


def notes(found: Mapping[str, Any]) -> list[str]:
    """Say on what it was measured, and what is not as it should be."""
    told = [f"{found['n']} key results of seed {found['seed']}; calibrated on seed {found['training_seed']}"]
    if found["beyond_limits"]:
        told.append(f"beyond their limits: {', '.join(found['beyond_limits'])}")
    if found.get("worse"):
        told.append(f"worse than the sketch beyond the interval: {', '.join(found['worse'])}")
    return told


def rounded(found: Any) -> Any:
    """Round every number of the JSON object to five decimals; what is not a number becomes null."""
    match found:
        case bool() | int() | str():
            return found
        case float():
            return round(found, 5) if math.isfinite(found) else None
        case Mapping():
            return {key: rounded(value) for key, value in found.items()}
        case Sequence():
            return [rounded(value) for value in found]
        case _:
            raise TypeError(f"{found!r} is no figure")


def _beside(found: Mapping[str, Any], name: str) -> str:
    peers = [f"{peer} {found[peer][name]:.3f}" for peer in PEERS if name in found.get(peer, ())]
    gain = found.get("gains", {}).get(name)
    interval = [f"better by {gain[0]:+.4f} [{gain[1]:+.4f}, {gain[2]:+.4f}]"] if gain else []
    return ", ".join([_limit(name), *peers, *interval])


def _speed(found: Mapping[str, Any]) -> str:
    beside = [f"sketch {found['sketch']['per_second']:,.0f} (P alone)"] if "sketch" in found else []
    return ", ".join([_limit("per_second"), *beside])


def _effect(found: Mapping[str, Any], name: str) -> str:
    low, high = found[f"{name}_interval"]
    limit = [_limit(name)] if name in LIMITS else []
    return ", ".join(
        [
            *limit,
            f"[{low:+.4f}, {high:+.4f}] of {found[f'{name}_n']}",
            f"{found[f'{name}_everywhere']:+.4f} of all",
        ]
    )


def _limit(name: str) -> str:
    least, most = LIMITS[name]
    if name in ("cover50", "cover90"):
        return f"limit {least:g} to {most:g}"
    return f"limit ≤ {most:g}" if least <= 0 else f"limit ≥ {least:,g}"


def _all(of: Mapping[str, Any], names: Any) -> str:
    return ", ".join(f"{name} {of[name]:.3f}" for name in names if name in of)
