"""Tells whether the running Python already has what a line of requirements asks for."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*(?P<bounds>[^;]*)")
_BOUND = re.compile(r"(?P<operator>>=|<=|==|<|>)\s*(?P<release>\d+(?:\.\d+)*)$")


def satisfied(requirement: str) -> bool:
    """Whether the distribution is there within its bounds; a bound not understood counts as not met.

    Only releases are compared (`2.1.0b1` is 2.1.0) and markers are not read: a wrong "no" costs an installation into
    the checkout, nothing else.
    """
    line = _LINE.match(requirement)
    if line is None:
        return False
    try:
        present = _release(version(line["name"]))
    except PackageNotFoundError:
        return False
    return all(_holds(present, bound.strip()) for bound in line["bounds"].split(",") if bound.strip())


def _release(text: str) -> tuple[int, ...]:
    digits = re.match(r"\d+(?:\.\d+)*", text)
    parts = [int(part) for part in digits[0].split(".")] if digits else []
    while parts and parts[-1] == 0:
        parts.pop()  # 2.0 and 2 are the same release
    return tuple(parts)


def _holds(present: tuple[int, ...], bound: str) -> bool:
    parsed = _BOUND.match(bound)
    if parsed is None:
        return False
    asked = _release(parsed["release"])
    return {
        ">=": present >= asked,
        "<=": present <= asked,
        "==": present == asked,
        "<": present < asked,
        ">": present > asked,
    }[parsed["operator"]]
