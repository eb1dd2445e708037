"""Says of a value that goes past a limit what the limit is, so that its writer knows what to write."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import ErrorDetails

_BOUNDS: Mapping[str, tuple[str, str]] = {
    "less_than_equal": ("too large", "at most"),
    "less_than": ("too large", "less than"),
    "greater_than_equal": ("too small", "at least"),
    "greater_than": ("too small", "more than"),
}
_LENGTHS: Mapping[str, tuple[str, str, str]] = {
    "too_short": ("the list is too short", "at least", "min_length"),
    "too_long": ("the list is too long", "at most", "max_length"),
    "string_too_short": ("the text is too short", "at least", "min_length"),
    "string_too_long": ("the text is too long", "at most", "max_length"),
}
_CHOICES = frozenset({"enum", "literal_error"})


def limit(detail: ErrorDetails) -> tuple[str, str] | None:
    """Give what is wrong and what to do; nothing for an error that is about no limit. Repeats nothing that was written."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _BOUNDS:
        what, word = _BOUNDS[kind]
        # A length of time is put into words by pydantic alone, at the end of its message.
        return (
            f"the value is {what}",
            f"write {word} {detail['msg'].rpartition(' than ')[2].removeprefix('or equal to ')}",
        )
    if kind in _LENGTHS:
        what, word, key = _LENGTHS[kind]
        number = context[key]
        return what, f"write {word} {number} {_unit(kind, number)}"
    if kind in _CHOICES:
        choices = context["expected"].replace("'", "")
        return (
            "it is none of the words that may stand here",
            f"write {choices}",
        )
    return None


def _unit(kind: str, number: int) -> str:
    if kind.startswith("string"):
        return "character" if number == 1 else "characters"
    return "entry" if number == 1 else "entries"
