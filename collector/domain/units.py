"""What a unit says about how a number behaves: what changes by factors, what is a share, what is neither."""

from __future__ import annotations

from collections.abc import Sequence

from collector.domain.forecasting.outlook import Scale

PERCENT = "%"
BY_FACTORS = frozenset(
    [
        "ns",
        "us",
        "µs",
        "ms",
        "s",
        "sec",
        "second",
        "seconds",
        "min",
        "minute",
        "minutes",
        "h",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "b",
        "kb",
        "mb",
        "gb",
        "tb",
        "kib",
        "mib",
        "gib",
        "tib",
        "bit",
        "bits",
        "byte",
        "bytes",
        "rps",
        "qps",
        "req/s",
        "requests/s",
        "ops/s",
        "mbit/s",
        "kbit/s",
        "gbit/s",
        "mb/s",
        "€",
        "$",
        "£",
        "¥",
        "eur",
        "usd",
        "gbp",
        "chf",
        "jpy",
        "cny",
        "inr",
        "cad",
        "aud",
        "sek",
        "nok",
        "dkk",
        "pln",
        "czk",
        "k€",
        "m€",
        "k$",
        "m$",
    ]
)
"""Durations, sizes, traffic, money: twice as much is as far from one as half as much (foresight notes, §2.1)."""


def scale_of(unit: str, values: Sequence[float]) -> Scale:
    """Tell in which scale the noise of a number of this unit is alike, given the values it has and is to have."""
    if unit == PERCENT and all(0.0 < value < 100.0 for value in values):
        return Scale.LOGIT
    if unit.strip().lower() in BY_FACTORS and all(value > 0 for value in values):
        return Scale.LOG
    return Scale.PLAIN
