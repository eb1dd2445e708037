"""Chooses what to tell of a value that may be written in several ways: pydantic has an error for each way it is not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic_core import ErrorDetails

from collector.configuration.source_file import SourceFile
from collector.configuration.yaml_tree import Loc, Scalar, follow

_OF_THE_WHOLE = frozenset({"secret_by_reference", "too_short", "too_long"})
_ABOUT_KEYS = frozenset({"missing", "extra_forbidden"})


def telling(details: Iterable[ErrorDetails], file: SourceFile, at: Loc) -> list[ErrorDetails]:
    """Keep one error of each value, the one that speaks of what is written there, and those of entries before those of
    their list. Missing and unknown keys are all kept.
    """
    kept: list[ErrorDetails] = []
    of_values: dict[Loc, list[ErrorDetails]] = {}
    for detail in details:
        if detail["type"] in _ABOUT_KEYS or "[key]" in detail["loc"]:
            kept.append(detail)
        else:
            of_values.setdefault(file.existing((*at, *detail["loc"])), []).append(detail)
    for loc, said in of_values.items():
        below = any(len(other) > len(loc) and other[: len(loc)] == loc for other in of_values)
        left = [detail for detail in said if not (below and _of_the_whole(detail))]
        kept += _fitting(left, isinstance(follow(file.root, loc)[1], Scalar))
    return kept


def _fitting(said: Sequence[ErrorDetails], scalar: bool) -> Sequence[ErrorDetails]:
    """Give the errors about what the value holds; else that a text is written by reference; else what it should be."""
    if not any(detail["type"] == "secret_by_reference" for detail in said):
        return said
    told = [detail for detail in said if not _of_its_form(detail)]
    if scalar:
        told = told or [detail for detail in said if detail["type"] == "string_type"]
    return told or [detail for detail in said if detail["type"] == "secret_by_reference"]


def _of_its_form(detail: ErrorDetails) -> bool:
    return detail["type"] == "secret_by_reference" or detail["type"].endswith("_type")


def _of_the_whole(detail: ErrorDetails) -> bool:
    return detail["type"] in _OF_THE_WHOLE or detail["type"].endswith("_type")
