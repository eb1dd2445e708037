"""Arithmetic over named measures: names, numbers, `+ - * / ( )`, `min`, `max`, `abs`, and nothing else (DESIGN §4)."""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 40
"""Nested operations of an expression."""

_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_WORD = re.compile(r"\w+")
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


class WrongExpression(ValueError):
    """Says what is wrong with an expression, and at which column (from 1; runs of blanks count as one)."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.column = message, column


class _Refused(Exception):
    def __init__(self, node: ast.expr, message: str) -> None:
        super().__init__(message)
        self.node = node


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked expression."""

    text: str
    names: tuple[str, ...]
    """The measures it needs, in the order in which they first appear."""
    _tree: ast.expr = field(repr=False, compare=False, hash=False)

    def value(self, operands: Mapping[str, float]) -> float | None:
        """Compute it; nothing when it divides by zero or leaves the finite numbers. Raises `KeyError` for a missing operand."""
        try:
            found = _value(self._tree, operands)
        except (ZeroDivisionError, OverflowError):
            return None
        return found if math.isfinite(found) else None


def parse_formula(text: str) -> Formula:
    """Read an expression. Raises `WrongExpression`.

    Names are those of measures: letters, digits, `_` and `-`; since `-` may stand in a name, a subtraction is written
    with spaces around it.
    """
    if len(text) > LONGEST:
        raise WrongExpression(f"the expression has {len(text)} characters; write at most {LONGEST}")
    plain, originals = _named(" ".join(text.split()))
    _refuse_keywords(plain)
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        column = getattr(error, "offset", None) or 1
        raise WrongExpression(
            "this is no expression; write names of measures, numbers, + - * / ( ), min, max and abs", column
        ) from None
    names: dict[str, None] = {}
    try:
        _check(tree, originals, names, 0)
    except _Refused as refused:
        column = len(plain.encode()[: refused.node.col_offset].decode("utf-8", "ignore")) + 1
        raise WrongExpression(str(refused), column) from None
    if not names:
        raise WrongExpression("the expression names no measure")
    return Formula(text, tuple(names), _renamed(tree, originals))


def _named(text: str) -> tuple[str, dict[str, str]]:
    """Replace `-` inside names by a letter of the same width, so that columns stay what they are."""
    originals: dict[str, str] = {}
    made: list[str] = []
    for number, char in enumerate(text):
        inside = (
            char == "-"
            and 0 < number < len(text) - 1
            and (text[number - 1].isalnum() or text[number - 1] == "_")
            and (text[number + 1].isalpha() or text[number + 1] == "_")
            and not _in_number(text, number)
        )
        made.append("ˍ" if inside else char)
    plain = "".join(made)
    for word in set(_words(plain)):
        originals[word] = word.replace("ˍ", "-")
    return plain, originals


def _in_number(text: str, place: int) -> bool:
    """Tell whether the word that ends before `place` is a number."""
    start = place
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
        start -= 1
    return text[start : start + 1].isdigit()


def _refuse_keywords(text: str) -> None:
    """Refuse names that the parser takes for words of its own."""
    found = next((match for match in _WORD.finditer(text) if keyword.iskeyword(match[0])), None)
    if found is not None:
        message = f"a measure called `{found[0]}` cannot stand in an expression; give it another name"
        raise WrongExpression(message, found.start() + 1)


def _words(text: str) -> list[str]:
    word, found = "", []
    for char in [*text, " "]:
        if char.isalnum() or char in "_ˍ":
            word += char
        elif word:
            found.append(word)
            word = ""
    return found


def _check(node: ast.expr, originals: Mapping[str, str], names: dict[str, None], depth: int) -> None:
    if depth > DEEPEST:
        raise _Refused(node, f"the expression is nested more than {DEEPEST} deep")
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            _check(left, originals, names, depth + 1)
            _check(right, originals, names, depth + 1)
            _refuse_zero(op, right)
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            _check(operand, originals, names, depth + 1)
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]) if function in _FUNCTIONS:
            if (len(args) != 1) if function == "abs" else (len(args) < 2):
                raise _Refused(
                    node, f"`{function}` takes {'one value' if function == 'abs' else 'two values or more'}"
                )
            for argument in args:
                _check(argument, originals, names, depth + 1)
        case ast.Name(id=name) if name not in _FUNCTIONS:
            names.setdefault(originals.get(name, name))
        case ast.Constant(value=value) if isinstance(value, int | float) and not isinstance(value, bool):
            if not _finite(value):
                raise _Refused(node, "the number is too large")
        case _:
            raise _Refused(
                node, "only names of measures, numbers, + - * / ( ), min, max and abs may stand here"
            )


def _finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _refuse_zero(op: ast.operator, right: ast.expr) -> None:
    """Refuse to divide by what is zero whatever is measured."""
    try:
        always = isinstance(op, ast.Div) and _value(right, {}) == 0
    except (KeyError, OverflowError):  # it names a measure, or is far from zero
        return
    if always:
        raise _Refused(right, "a division by zero never has a value")


def _renamed(tree: ast.expr, originals: Mapping[str, str]) -> ast.expr:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = originals.get(node.id, node.id)
    return tree


def _value(node: ast.expr, operands: Mapping[str, float]) -> float:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_value(left, operands), _value(right, operands))
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_value(operand, operands))
        case ast.Call(func=ast.Name(id=function), args=args):
            return _FUNCTIONS[function](*(_value(argument, operands) for argument in args))
        case ast.Name(id=name):
            return float(operands[name])
        case ast.Constant(value=value) if isinstance(value, int | float):
            return float(value)
        case _:
            raise WrongExpression("this was never checked")
