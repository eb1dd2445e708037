"""Puts pydantic's errors into words and finds the very key or value in the file that each speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from collector.configuration.findings import Findings, did_you_mean
from collector.configuration.limits import limit
from collector.configuration.source_file import SourceFile
from collector.configuration.tellings import telling
from collector.configuration.yaml_tree import Loc

_WORDS: Mapping[str, tuple[str, str]] = {
    "time_delta_parsing": ("expected a length of time", "write 10s, 5m or 1h"),
    "dict_type": ("expected a mapping", "write keys below it, or {key: value}"),
    "model_type": ("expected a mapping", "write keys below it, or {key: value}"),
    "tuple_type": ("expected a list", "write [one, two], or one `- ` a line"),
    "list_type": ("expected a list", "write [one, two], or one `- ` a line"),
    "string_type": ("expected a text", "put it in quotes"),
    "bool_type": (
        "expected true or false",
        "write true or false without quotes (yes, no, on and off are texts)",
    ),
    "int_type": ("expected a whole number", "write it without quotes, point or unit"),
    "float_type": ("expected a number", "write it without quotes or unit"),
}


def report(
    error: ValidationError,
    model: type[BaseModel],
    file: SourceFile,
    at: Loc,
    findings: Findings,
    *,
    code: str = "KRD203",
) -> None:
    """Make a finding of every error that validating the value at `at` with `model` gave."""
    for detail in telling(error.errors(include_url=False, include_input=False), file, at):
        _report_one(detail, model, file, at, findings, code)


def _report_one(
    detail: ErrorDetails, model: type[BaseModel], file: SourceFile, at: Loc, findings: Findings, code: str
) -> None:
    loc = file.existing((*at, *detail["loc"]))
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            known = fields_at(model, detail["loc"][:-1])
            findings.error(
                "KRD201",
                file.place(loc, key=True),
                f"the key `{name}` is unknown here",
                did_you_mean(name, known),
            )
        case "missing":
            where = f" in `{_named(loc)}`" if loc else ""
            findings.error("KRD202", file.place(loc), f"the key `{name}` is missing{where}", "add it")
        case "krd":
            context = detail.get("ctx", {})
            in_key = "[key]" in detail["loc"]
            findings.error(code, file.place(loc, key=in_key), context["what"], context["todo"])
        case kind:
            # What is not in the list comes from a kind's own options, whose message says what to do.
            what, todo = _WORDS.get(kind) or limit(detail) or (_plain(detail["msg"]), "")
            findings.error(code, file.place(loc), f"`{_named(loc)}`: {what}" if loc else what, todo)


def _plain(message: str) -> str:
    # A custom error without context keeps the doubled braces of its template.
    text = message.removeprefix("Value error, ").rstrip(".").replace("{{", "{").replace("}}", "}")
    return text[:1].lower() + text[1:] if text.startswith("Input ") else text


def _named(loc: Loc) -> str:
    """The last key on the way: an index alone says little."""
    return str(next((step for step in reversed(loc) if isinstance(step, str)), loc[-1]))


def fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """Give the keys that may stand at `loc` below `model`."""
    places: list[Any] = [model]
    for step in loc:
        found = [below for place in places for below in _below(place, step)]
        places = found or places
    return {
        field.alias or name
        for place in places
        for kind in _models(place)
        for name, field in kind.model_fields.items()
    }


def _below(place: Any, step: int | str) -> Iterator[Any]:
    for part in _parts(place):
        origin = get_origin(part)
        if origin is list and isinstance(step, int):
            yield get_args(part)[0]
        elif origin is dict and isinstance(step, str):
            yield get_args(part)[1]
        elif isinstance(part, type) and issubclass(part, BaseModel):
            for name, field in part.model_fields.items():
                if step == (field.alias or name):
                    yield field.annotation


def _models(place: Any) -> Iterator[type[BaseModel]]:
    for part in _parts(place):
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield part


def _parts(annotation: Any) -> Iterator[Any]:
    """Unfold `Annotated`, unions and optionals."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation
