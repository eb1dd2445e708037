"""One file as read: its text's tree, and where everything in it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from collector.configuration.yaml_tree import Loc, Map, Node, Scalar, child, follow
from collector.domain.lint.finding import Place


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the configuration. `name` is how findings call it."""

    path: Path
    name: str
    text: str
    root: Map

    def place(self, loc: Loc = (), *, key: bool = False) -> Place:
        """Find the value at `loc`, or with `key` the key it stands under; the nearest above when it is not there."""
        name, node = follow(self.root, loc)
        at: Node = name if key and name is not None else node
        return Place(self.name, at.line, at.column)

    def existing(self, loc: Loc) -> Loc:
        """Give the steps of `loc` that are in the file; pydantic marks members of unions with steps of its own."""
        steps: list[int | str] = []
        node: Node = self.root
        for step in loc:
            found = child(node, step)
            if found is not None:
                steps.append(step)
                node = found[1]
        return tuple(steps)

    def within(self, loc: Loc, line: int, column: int) -> Place:
        """Find a position inside the text at `loc`: exact for block (`|`) and one-line texts, else the text's start."""
        _, node = follow(self.root, loc)
        if not isinstance(node, Scalar):
            return Place(self.name, node.line, node.column)
        if node.block:
            return self._in_block(node, line, column)
        one_line = "\n" not in self.text[node.start : node.end]
        escaped = node.quoted and (
            "\\" in self.text[node.start : node.end] or "''" in self.text[node.start : node.end]
        )
        if line > 1 or not one_line or escaped:
            return Place(self.name, node.line, node.column)
        return Place(self.name, node.line, node.column + column - 1 + (1 if node.quoted else 0))

    def in_words(self, loc: Loc, column: int) -> Place:
        """Find a position inside the one-line text that was made of the one at `loc`: its runs of blanks count as one."""
        _, node = follow(self.root, loc)
        if not isinstance(node, Scalar):
            return Place(self.name, node.line, node.column)
        words = [match.span() for match in re.finditer(r"\S+", node.text)]
        offset, left = 0, column - 1
        for start, end in words:
            offset = start + left
            if left <= end - start:
                break
            left -= end - start + 1
        before = node.text[:offset]
        return self.within(loc, before.count("\n") + 1, offset - before.rfind("\n"))

    def _in_block(self, node: Scalar, line: int, column: int) -> Place:
        if self.text[node.start] != "|":
            return Place(self.name, node.line, node.column)
        lines = self.text.split("\n")
        below = lines[node.line : node.line + line]
        first = next((text for text in lines[node.line :] if text.strip()), "")
        indent = len(first) - len(first.lstrip(" "))
        return Place(self.name, node.line + len(below), indent + column)
