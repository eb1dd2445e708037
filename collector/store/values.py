"""The last wall before the database: only finite numbers, whole JSON documents and encodable text pass it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from collector.errors import StoreError

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def finite(value: float, what: str) -> float:
    """Give a number that may be kept, as a float.

    Raises `StoreError` for NaN, the infinities, and what is no number at all: a gap is never a zero, and never a null
    (DESIGN §1, law 1).
    """
    if type(value) is float and math.isfinite(value):
        return value
    return _converted(value, what)


def finite_or_none(value: float | None, what: str) -> float | None:
    """Give a number that may be kept, or nothing. Raises `StoreError` as `finite` does."""
    return None if value is None else finite(value, what)


def _converted(value: object, what: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    shown = type(value).__name__ if not isinstance(value, float) else repr(value)
    raise StoreError(f"refused to keep {what}: {shown} is not a finite number; record a gap instead")


def pack(document: Mapping[str, Any], what: str) -> str:
    """Write a document as JSON. Raises `StoreError` when it holds NaN, an infinity, or what JSON cannot say."""
    try:
        return _encode(document)
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"refused to keep {what}: {error}; only finite numbers, text and null can be kept"
        ) from error


def unpack(text: str) -> dict[str, Any]:
    """Read what `pack` wrote. Raises `ValueError` when it is damaged."""
    document: dict[str, Any] = json.loads(text)
    return document


def plain(text: str) -> str:
    """Give text that any database can keep: half characters and NULs of a source's answer become question marks."""
    whole = text if text.isascii() else text.encode("utf-8", "replace").decode()
    return whole.replace("\0", "?")
