"""Lays the options of a kind, and the mappings within them, out as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from tests.reference.markdown import attribute_docs, code, table, unwrapped
from tests.reference.schema_words import default_of, takes


def options_of(model: type[BaseModel]) -> str:
    """Lay the options of a kind out as a table; what every kind has comes last."""
    schema = model.model_json_schema()
    said = attribute_docs(model)
    names = {field.alias or name: name for name, field in model.model_fields.items()}
    required = set(schema.get("required", ()))
    rows = []
    for name, node in schema["properties"].items():
        meaning = said.get(names[name]) or node.get("description")
        assert meaning, f"{model.__name__}.{name} has no docstring"
        default = default_of(node) if not isinstance(node.get("default"), dict | list) else ""
        written = takes(_named(node, schema.get("$defs", {})))
        rows.append((code(name) + (" (required)" if name in required else ""), written, default, meaning))
    own = [row for row in rows if row[0].strip("`") != "timeout"]
    return table(("option", "takes", "default", "meaning"), [*own, *(row for row in rows if row not in own)])


def _named(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put a choice of words in the place of the reference to it: it has no section of its own."""
    known = definitions.get(str(node.get("$ref", "")).rpartition("/")[2], {})
    return known if "enum" in known else node


def mapping_of(model: type[BaseModel]) -> tuple[str, str, str]:
    """Give the section of a mapping that stands within options, to which their tables link."""
    return f"### {model.__name__}", unwrapped(model.__doc__), options_of(model)
