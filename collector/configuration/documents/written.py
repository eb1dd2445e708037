"""What the models of the format share: strict keys, and the way a mistake is told."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class Written(BaseModel):
    """A mapping of the format: unknown keys are refused, input is never repeated in an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True, strict=True
    )


def wrong(what: str, todo: str) -> PydanticCustomError:
    """Make the error of a value: what is wrong and what to write instead, as clauses."""
    return PydanticCustomError("krd", "{what}; {todo}", {"what": what, "todo": todo})


def shown(value: object) -> str:
    """Repeat a value of a key that holds no secret, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "a mapping"
    text = str(value)
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"
