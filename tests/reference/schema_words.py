"""Puts a JSON Schema into words: what a key takes, and what stands there by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "mapping",
}


def takes(node: Mapping[str, Any]) -> str:
    """Say what a value may be, with examples."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return "`{env: NAME}` or `{file: path}`" if name == "Secret" else f"[{name}](#{name.lower()})"
    if ("oneOf" in node and node.get("title") == "Secret") or "A secret by reference" in node.get(
        "description", ""
    ):
        return "`{env: NAME}` or `{file: path}`"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return " or ".join(dict.fromkeys(takes(part) for part in node[key] if part.get("type") != "null"))
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    if node.get("format") == "duration":
        return "length of time, such as `10s`"
    return _plain(node)


def _plain(node: Mapping[str, Any]) -> str:
    kinds = node.get("type", "anything")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds == ["array"] and "items" in node:
        return f"list of {takes(node['items'])}"
    values = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    if kinds == ["object"] and isinstance(values[0], dict):
        return f"mapping of names to {takes(values[0])}"
    if kinds == ["string"] and node.get("format") == "date":
        return "date, such as `2026-12-31`"
    if "pattern" in node:
        return "short name"
    said = " or ".join(WORDS.get(kind, kind) for kind in kinds)
    bounds = _bounds(node)
    examples = ", ".join(f"`{value}`" for value in node.get("examples", ()))
    return said + (f" ({bounds})" if bounds else "") + (f", such as {examples}" if examples else "")


def _bounds(node: Mapping[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}
    return ", ".join(f"{word} {node[key]:g}" for key, word in words.items() if key in node)


def default_of(node: Mapping[str, Any]) -> str:
    """Give the default as it would be written; nothing where there is none."""
    if "default" not in node or node["default"] is None:
        return ""
    value = node["default"]
    if value == "":
        return ""
    if isinstance(value, str) and node.get("format") == "duration":
        return f"`{_span(value)}`"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _span(iso: str) -> str:
    return iso.removeprefix("PT").lower()
