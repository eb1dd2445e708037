"""A YAML 1.2 text as a tree that still knows where everything stands.

Built on ruamel's event stream: composing and constructing cost twice the time and lose the position of keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Loc = tuple[int | str, ...]
"""The way to a value: keys and indexes from the root, as pydantic gives it too."""

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(slots=True)
class Scalar:
    """A single value as written; line and column count from 1."""

    text: str
    plain: bool
    block: bool
    quoted: bool
    line: int
    column: int
    start: int
    """Offset in the text, in characters."""
    end: int

    def value(self) -> str | int | float | bool | None:
        """Give what YAML 1.2's core schema makes of it; `.inf` and `.nan` stay text, dates too."""
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INTEGER.fullmatch(self.text):
            return int(self.text) if len(self.text) < 400 else self.text
        if _FLOAT.fullmatch(self.text):
            return float(self.text)
        return int(self.text, 0) if _OCTAL_OR_HEX.fullmatch(self.text) else self.text


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Node]
    line: int
    column: int

    def value(self) -> list[Any]:
        """Give it as a plain list."""
        return [item.value() for item in self.items]


@dataclass(slots=True)
class Map:
    """Keys to values, with the place of each key."""

    items: dict[str, tuple[Scalar, Node]]
    line: int
    column: int

    def value(self) -> dict[str, Any]:
        """Give it as a plain dictionary."""
        return {key: node.value() for key, (_, node) in self.items.items()}


Node = Scalar | Sequence | Map


def child(node: Node, step: int | str) -> tuple[Scalar | None, Node] | None:
    """Go one step down: the key's own node (none in a list) and the value; nothing where the step leads nowhere."""
    if isinstance(node, Map):
        return node.items.get(str(step))
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return None, node.items[step]
    return None


def follow(node: Node, loc: Loc) -> tuple[Scalar | None, Node]:
    """Walk down `loc` as far as it leads; steps that name no child (pydantic's own marks) are passed over."""
    key: Scalar | None = None
    for step in loc:
        found = child(node, step)
        if found is not None:
            key, node = found
    return key, node


def scalars(node: Node, key: str = "") -> Iterator[tuple[str, Scalar]]:
    """Give every scalar with the key it stands under; a list's items stand under the list's key."""
    match node:
        case Scalar():
            yield key, node
        case Sequence(items=items):
            for item in items:
                yield from scalars(item, key)
        case Map(items=entries):
            for name, (_, below) in entries.items():
                yield from scalars(below, name)
