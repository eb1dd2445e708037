"""The few forms of Markdown that the reference is made of."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Sequence

NOTE = "<!-- Generated from the code by `python3 -m tests.reference --write`; a test keeps it fresh. Change the code. -->"


def page(title: str, *blocks: str) -> str:
    """Put a page together: its title, the note that it is generated, and its blocks."""
    return "\n\n".join([f"# {title}", NOTE, *(block.strip("\n") for block in blocks)]) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay rows out as a table; cells are one line each."""
    lines = [row(header), "|" + "---|" * len(header)]
    return "\n".join([*lines, *(row(cells) for cells in rows)])


def row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(cell(str(value)) for value in cells) + " |"


def cell(text: str) -> str:
    """Make a text stand in one cell; what looks like HTML outside of code is spelt out."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    return "`".join(part.replace("<", "&lt;") if place % 2 == 0 else part for place, part in enumerate(parts))


def code(value: object) -> str:
    return f"`{value}`"


def fenced(text: str, language: str = "text") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def unwrapped(text: str | None) -> str:
    """Give the paragraphs of a docstring, one line each."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def attribute_docs(kind: type) -> dict[str, str]:
    """Give the docstrings that stand below the attributes of a class and of those it inherits from."""
    found: dict[str, str] = {}
    for part in reversed(kind.__mro__):
        if part.__module__.split(".")[0] in ("collector", "connectors"):
            found |= _own_docs(part)
    return found


def _own_docs(kind: type) -> dict[str, str]:
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        name = _assigned(statement)
        if (
            name
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            found[name] = " ".join(following.value.value.split())
    return found


def _assigned(statement: ast.stmt) -> str | None:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None
