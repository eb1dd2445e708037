"""Compares what a scenario expects with what krd says: numbers with a tolerance, bounds, texts, lists and mappings."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_AROUND = re.compile(rf"(?P<value>{_NUMBER})\s*(?:±|\+-|\+/-)\s*(?P<by>{_NUMBER})")
_BOUND = re.compile(rf"(?P<sign><=|>=|<|>)\s*(?P<value>{_NUMBER})")
_BETWEEN = re.compile(rf"(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})")
_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
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
    rule = number_rule(expected)
    return rule is not None and rule(actual)


def number_rule(text: str) -> Callable[[float], bool] | None:
    """Read `850 ± 1`, `< 0.2` or `60..70`; nothing when it is none of them, or nothing could ever meet it."""
    text = text.strip()
    if around := _AROUND.fullmatch(text):
        middle, by = float(around["value"]), float(around["by"])
        return (lambda actual: abs(actual - middle) <= by) if by >= 0 else None
    if between := _BETWEEN.fullmatch(text):
        low, high = float(between["low"]), float(between["high"])
        return (lambda actual: low <= actual <= high) if low <= high else None
    if bound := _BOUND.fullmatch(text):
        limit = float(bound["value"])
        compare = _SIGNS[bound["sign"]]
        return lambda actual: compare(actual, limit)
    return None
