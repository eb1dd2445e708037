"""Turns the text of a file into a tree, and the traps of YAML into findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from collector.configuration.findings import Findings
from collector.configuration.yaml_tree import Map, Node, Scalar, Sequence, scalars
from collector.domain.lint.finding import Place

DEEPEST = 32
ALIASED_NODES = 10_000
"""How many values all aliases of a file may stand for together."""
QUERY_KEYS = frozenset({"query", "numerator", "denominator", "good", "bad", "total", "expression"})

_COMMENT = re.compile(r"[ \t]+#[^\n]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+(\.[0-9]*)?")


def parse_yaml(text: str, file: str, findings: Findings) -> Map | None:
    """Read one mapping. What is wrong becomes findings; nothing is given when there is no mapping to go on with."""
    builder = _Builder(file, findings)
    try:
        # A carriage return alone would count as a line for YAML but not for editors.
        root = builder.document(iter(YAML(typ="safe", pure=True).parse(text)))
    except _TooMuch:
        return None
    except ReaderError as error:
        before = text[: error.position]
        line = before.count("\n") + 1
        place = Place(file, line, error.position - (before.rfind("\n") + 1) + 1)
        findings.error(
            "KRD103",
            place,
            "a control character stands in the text",
            "remove it, or write it as \\x.. in quotes",
        )
        return None
    except MarkedYAMLError as error:
        _syntax(error, file, findings)
        return None
    except (YAMLError, ValueError, IndexError, AttributeError, TypeError, AssertionError) as error:
        # ruamel's scanner gives way with other errors on a few hostile texts.
        findings.error(
            "KRD103",
            Place(file),
            f"the text is not YAML ({type(error).__name__})",
            "check quotes and indentation",
        )
        return None
    if not isinstance(root, Map):
        what = "the file is empty" if root is None else "the file does not hold a mapping at its top level"
        findings.error("KRD108", Place(file), what, "begin with keys, such as `team: checkout`")
        return None
    _traps(root, text, file, findings)
    return root


class _TooMuch(Exception):
    """A limit was passed; the finding is already there."""


class _Builder:
    """Builds the tree of one document."""

    def __init__(self, file: str, findings: Findings) -> None:
        self._file = file
        self._findings = findings
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._built = 0
        self._aliased = 0

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    place = self._place(event)
                    self._findings.error(
                        "KRD108",
                        place,
                        "a second document begins here",
                        "keep one document a file: remove the `---`",
                    )
                    return root
            elif isinstance(event, (ScalarEvent, SequenceStartEvent, MappingStartEvent, AliasEvent)):
                root = self._node(event, events, 0)
        if isinstance(root, Scalar) and root.plain and not root.text:
            return None
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > DEEPEST:
            self._findings.error(
                "KRD105",
                self._place(event),
                f"values are nested deeper than {DEEPEST} levels",
                "flatten them",
            )
            raise _TooMuch
        if isinstance(event, AliasEvent):
            return self._alias(event)
        if event.ctag is not None and str(event.ctag):
            self._findings.error(
                "KRD105", self._place(event), f"the tag {event.ctag} is not used here", "remove the tag"
            )
        before = self._built
        self._built += 1
        node = self._whole(event, events, depth)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._built - before)
        return node

    def _whole(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, ScalarEvent):
            style = event.style or ""
            start, end = event.start_mark.index, event.end_mark.index
            if _SURROGATE.search(event.value):
                place = self._place(event)
                self._findings.error(
                    "KRD103", place, "an escape stands for half a character", "write the character itself"
                )
                event.value = _SURROGATE.sub("\ufffd", event.value)
            return Scalar(event.value, not style, style in "|>" and bool(style), style in "\"'" and bool(style),
                          line, column, start, end)  # fmt: skip
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(event := next(events), SequenceEndEvent):
                items.append(self._node(event, events, depth + 1))
            return Sequence(items, line, column)
        mapping = Map({}, line, column)
        while not isinstance(event := next(events), MappingEndEvent):
            self._entry(mapping, event, events, depth)
        return mapping

    def _entry(self, mapping: Map, event: Any, events: Iterator[Any], depth: int) -> None:
        key = self._node(event, events, depth + 1)
        value = self._node(next(events), events, depth + 1)
        if not isinstance(key, Scalar):
            place = Place(self._file, key.line, key.column)
            self._findings.error(
                "KRD103", place, "a key is a list or a mapping", "write a name before the colon"
            )
            return
        place = Place(self._file, key.line, key.column)
        if key.plain and key.text == "<<":
            self._findings.error(
                "KRD105",
                place,
                "merge keys (`<<`) are not part of YAML 1.2",
                "write the keys out, or share a measure",
            )
            return
        if key.text in mapping.items:
            first = mapping.items[key.text][0]
            what = f"the key `{key.text}` stands twice in this mapping (first on line {first.line})"
            self._findings.error("KRD104", place, what, "keep one of them")
            return
        mapping.items[key.text] = (key, value)

    def _alias(self, event: Any) -> Node:
        place = self._place(event)
        if event.anchor not in self._anchors:
            self._findings.error(
                "KRD103",
                place,
                f"the alias *{event.anchor} has no anchor before it",
                "quote a value that begins with *",
            )
            raise _TooMuch
        node, size = self._anchors[event.anchor]
        self._aliased += size
        self._built += size
        if self._aliased > ALIASED_NODES:
            what = f"the aliases of this file stand for more than {ALIASED_NODES} values"
            self._findings.error("KRD105", place, what, "write the values out")
            raise _TooMuch
        return node

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _traps(root: Map, text: str, file: str, findings: Findings) -> None:
    for key, scalar in scalars(root):
        place = Place(file, scalar.line, scalar.column)
        if key in QUERY_KEYS and _joins_lines(scalar, text) and _INNER_COMMENT.search(scalar.text):
            findings.error(
                "KRD106",
                place,
                f"`{key}` joins its lines into one, so that a comment in it cuts off all that follows",
                "write the text as a block after `|`, which keeps its lines",
            )
        if not scalar.plain:
            continue
        if key in QUERY_KEYS and _COMMENT.match(text, scalar.end):
            what = f"the unquoted text of `{key}` ends at ` #`; the rest of the line is cut off as a comment"
            findings.error(
                "KRD106", place, what, "put the text in quotes, or the comment on a line of its own"
            )
        if _LEADING_ZERO.fullmatch(scalar.text):
            findings.error(
                "KRD107",
                place,
                f"the number {scalar.text} begins with a zero",
                "drop the zero, or quote a text",
            )


_INNER_COMMENT = re.compile(r"(?:^|\s)(?:#|--)\s*\S")


def _joins_lines(scalar: Scalar, text: str) -> bool:
    """Tell whether it is folded (`>`), or quoted over several lines: YAML makes one line of either."""
    raw = text[scalar.start : scalar.end]
    folded = raw.startswith(">")
    return (folded or scalar.quoted) and "\n" in raw.strip()


_ADVICE = (
    ("cannot start any token", "put the value in quotes"),
    ("mapping values are not allowed", "a text that holds `: ` needs quotes"),
    ("could not find expected ':'", "write `key: value`, and indent what belongs to it"),
    ("expected <block end>", "check the indentation: keys of one mapping begin in the same column"),
    ("found unexpected end of stream", "close the quote or bracket"),
    ("expected ',' or", "close the bracket, or put a comma between the values"),
    ("undefined alias", "quote a value that begins with *"),
)


def _syntax(error: MarkedYAMLError, file: str, findings: Findings) -> None:
    mark = error.problem_mark or error.context_mark
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
    problem = " ".join(str(error.problem or error.context or "the text is not YAML").split())
    if "'\\t'" in problem or "tab" in problem.split():
        findings.error("KRD103", place, "a tab stands where YAML wants spaces", "indent with spaces")
        return
    advice = next((todo for mark, todo in _ADVICE if mark in problem), "check quotes and indentation here")
    findings.error("KRD103", place, f"this is not YAML: {problem}", advice)
