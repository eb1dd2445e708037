"""Compares what a scenario expects with what krd says: numbers with a tolerance, bounds, texts, lists and mappings."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_AROUND = re.compile(rf"(?P<value>{_NUMBER})\s*(?:±|\+-|\+/-)\s*(?P<by>{_NUMBER})")
_BOUND = re.compile(rf"(?P<sign><=|>=|<|>)\s*(?P<value>{_NUMBER})")
_BETWEEN = re.compile(rf"(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})")
EXACT = 1e-6
"""A number written alone is met within this share of it, since scenarios write decimals."""


def matches(expected: Any, actual: Any) -> bool:
    """Tell whether `actual` is as expected.

    A text may say `850 ± 1`, `< 0.2`, `60..70`, `contains needs +3.1/week`, `lacks P(hit)`, or `on_track | at_risk`.
    Of a mapping, the keys that are named are looked at; a list is expected whole.
    """
    match expected:
        case str():
            return _text_matches(expected, actual)
        case bool() | None:
            return actual is expected
        case int() | float():
            return _is_number(actual) and math.isclose(actual, expected, rel_tol=EXACT, abs_tol=EXACT)
        case Mapping():
            return isinstance(actual, Mapping) and all(
                key in actual and matches(value, actual[key]) for key, value in expected.items()
            )
        case Sequence():
            return (
                isinstance(actual, Sequence)
                and len(actual) == len(expected)
                and all(map(matches, expected, actual))
            )
        case _:
            return bool(expected == actual)


def _text_matches(expected: str, actual: Any) -> bool:
    if isinstance(actual, str):
        word, _, rest = expected.partition(" ")
        if word == "contains":
            return rest in actual
        if word == "lacks":
            return rest not in actual
        return actual == expected or actual in (one.strip() for one in expected.split(" | "))
    if isinstance(actual, list) and expected.startswith(("contains ", "lacks ")):
        return _text_matches(expected, "; ".join(map(str, actual)))
    return _is_number(actual) and _number_matches(expected.strip(), actual)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_matches(expected: str, actual: float) -> bool:
    if around := _AROUND.fullmatch(expected):
        return abs(actual - float(around["value"])) <= float(around["by"])
    if between := _BETWEEN.fullmatch(expected):
        return float(between["low"]) <= actual <= float(between["high"])
    if bound := _BOUND.fullmatch(expected):
        limit = float(bound["value"])
        return {"<": actual < limit, "<=": actual <= limit, ">": actual > limit, ">=": actual >= limit}[
            bound["sign"]
        ]
    return False
