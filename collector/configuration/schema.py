"""The JSON Schemas from which editors complete and check `krd.yaml` and `okrs/*.yaml` (draft 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from collector.configuration.documents.krd import KrdFile
from collector.configuration.documents.okrs import OkrFile
from collector.ports.catalogue import Catalogue

KRD_SCHEMA = "krd.schema.json"
OKRS_SCHEMA = "okrs.schema.json"
_DRAFT = "http://json-schema.org/draft-07/schema#"


def schemas(catalogue: Catalogue | None = None) -> Mapping[str, str]:
    """Give the text of each schema by its file name. With a catalogue the options of every kind are in it, else sources
    and notifiers take any option.
    """
    krd = _schema(KrdFile, "krd.yaml")
    if catalogue is not None:
        _with_kinds(krd, "Source", {name: kind.options for name, kind in catalogue.connectors.items()})
        _with_kinds(krd, "Notifier", {name: kind.options for name, kind in catalogue.notifiers.items()})
    okrs = _schema(OkrFile, "okrs/*.yaml")
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in ((KRD_SCHEMA, krd), (OKRS_SCHEMA, okrs))
    }


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"$schema": _DRAFT, **_tidy(schema), "title": title}


def _tidy(node: Any) -> Any:
    """Leave out what only repeats names, and let optional keys be empty as YAML writes them."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidied = {
        key: _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and value is None)
    }
    # Draft 7 readers overlook everything beside a $ref.
    if "$ref" in tidied and len(tidied) > 1:
        tidied["allOf"] = [{"$ref": tidied.pop("$ref")}]
    return tidied


def _with_kinds(schema: dict[str, Any], name: str, kinds: Mapping[str, type[BaseModel]]) -> None:
    """Make the options of an entry depend on its `kind`."""
    entry = schema["$defs"][name]
    common = entry["properties"]
    rules = []
    for kind, options in sorted(kinds.items()):
        found = _tidy(options.model_json_schema())
        schema["$defs"].update(found.pop("$defs", {}))
        rules.append(
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {
                    "properties": {
                        **dict.fromkeys(common, True),
                        **_durations(found.get("properties", {})),
                    },
                    "required": found.get("required", []),
                },
            }
        )
    entry["allOf"] = rules


def _durations(properties: dict[str, Any]) -> dict[str, Any]:
    """Durations are written `10s` in the files, not as ISO 8601."""
    return {
        key: {"type": ["string", "number"], "examples": ["10s"]}
        if value.get("format") == "duration"
        else value
        for key, value in properties.items()
    }
