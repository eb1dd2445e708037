"""Looks over what a scenario expects before it is played: what no verdict can ever say is a mistake of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from collector.configuration.documents.written import shown
from collector.configuration.findings import did_you_mean
from collector.domain.evaluation import Evaluation
from collector.domain.observed import Guarded
from collector.domain.shape import Commitment
from collector.scenario.matching import number_rule

Way = tuple[int | str, ...]
BESIDE: Mapping[str, Any] = dict.fromkeys(
    ("address", "cycle", "team", "objective", "title", "owner", "unit", "not_run"), str
) | {"commitment": Commitment, "removed": bool}
"""What a verdict is shown with."""
_BESIDE_GUARDRAIL: Mapping[str, Any] = {"unit": str, "at_most": float, "at_least": float}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something no verdict says, at a way below the expectation."""

    way: Way
    what: str
    todo: str
    unknown: bool = False
    """Whether the key itself is what is wrong."""


def mistakes(wanted: Mapping[str, Any]) -> Iterator[Mistake]:
    """Give what is wrong with the keys of an expectation and with their values."""
    return _of_keys(wanted, {**BESIDE, **_keys(Evaluation)}, (), "a verdict")


@cache
def _keys(model: type) -> Mapping[str, Any]:
    """Give the keys of a dataclass with their types, as its document has them."""
    hints = get_type_hints(model)
    keys = {field.name: _said(hints[field.name]) for field in fields(model)}
    return {**keys, **_BESIDE_GUARDRAIL} if model is Guarded else keys


def _said(hint: Any) -> Any:
    """Give a type without the nothing that it may be; every value of a verdict may be unknown."""
    if get_origin(hint) in (Union, UnionType):
        return next(one for one in get_args(hint) if one is not type(None))
    return hint


def _of_keys(wanted: Mapping[str, Any], known: Mapping[str, Any], way: Way, whose: str) -> Iterator[Mistake]:
    for key, value in wanted.items():
        if key in known:
            yield from _of_value(value, known[key], (*way, key))
        else:
            yield Mistake((*way, key), f"{whose} has no `{key}`", did_you_mean(key, known), unknown=True)


def _of_value(value: Any, kind: Any, way: Way) -> Iterator[Mistake]:
    if value is None:
        return
    if get_origin(kind) is tuple:
        yield from _of_list(value, get_args(kind)[0], way)
    elif is_dataclass(kind) and isinstance(kind, type):
        if isinstance(value, Mapping):
            yield from _of_keys(value, _keys(kind), way, f"`{_named(way)}` of a verdict")
        else:
            yield Mistake(way, f"`{_named(way)}` is a mapping, not {shown(value)}", "write {key: value}")
    elif kind is bool:
        if not isinstance(value, bool):
            yield Mistake(way, f"`{_named(way)}` is true or false, not {shown(value)}", "write true or false")
    elif kind in (int, float):
        yield from _of_number(value, way)
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        yield from _of_word(value, kind, way)
    elif isinstance(value, (Mapping, list, bool)):
        yield Mistake(
            way, f"`{_named(way)}` is a text, not {shown(value)}", 'write "contains …" or the whole text'
        )


def _of_list(value: Any, kind: Any, way: Way) -> Iterator[Mistake]:
    if isinstance(value, str) and kind is str and value.startswith(("contains ", "lacks ")):
        return
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield Mistake(way, f"`{_named(way)}` is a list, not {shown(value)}", "write [one, two]")
        return
    for number, one in enumerate(value):
        yield from _of_value(one, kind, (*way, number))


def _of_number(value: Any, way: Way) -> Iterator[Mistake]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return
    if not isinstance(value, str) or number_rule(value) is None:
        todo = "write 900, 900 ± 1, < 0.2 or 60..70 (the lower end first)"
        yield Mistake(way, f"{shown(value)} is no number and no bounds of one", todo)


def _of_word(value: Any, kind: type[StrEnum], way: Way) -> Iterator[Mistake]:
    if isinstance(value, str) and value.startswith(("contains ", "lacks ")):
        return
    for word in value.split(" | ") if isinstance(value, str) else [value]:
        name = word.strip() if isinstance(word, str) else word
        if name not in set(kind):
            todo = did_you_mean(name, kind) if isinstance(name, str) else f"write one of {', '.join(kind)}"
            yield Mistake(way, f"{shown(name)} is no {_named(way)}", todo)


def _named(way: Way) -> str:
    """Give the last key on the way: an index alone says little."""
    return next(str(step) for step in reversed(way) if isinstance(step, str))
