"""The JSON Schemas: committed, fresh, readable by editors, and of one mind with the loader."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from collector.configuration.findings import Findings
from collector.configuration.schema import schemas
from collector.configuration.yaml_text import parse_yaml

CONFIG = Path(__file__).parents[2] / "config"
COMMITTED = sorted(
    path for path in CONFIG.rglob("*.yaml") if path.name == "krd.yaml" or path.parent.name == "okrs"
)


@pytest.mark.parametrize("name", ["krd.schema.json", "okrs.schema.json"])
def test_the_committed_schema_is_fresh(name):
    assert schemas()[name] == (CONFIG / "schema" / name).read_text(encoding="utf-8"), "run `krd schema`"


@pytest.mark.parametrize("name", ["krd.schema.json", "okrs.schema.json"])
def test_a_schema_is_draft_7_as_editors_read_it(name, catalogue):
    text = schemas(catalogue)[name]
    Draft7Validator.check_schema(json.loads(text))
    assert "prefixItems" not in text


@pytest.mark.parametrize("name", ["krd.schema.json", "okrs.schema.json"])
def test_every_key_is_described(name):
    schema = json.loads(schemas()[name])
    kinds = {"": schema, **schema["$defs"]}
    silent = [
        f"{kind}.{key}"
        for kind, definition in kinds.items()
        for key, value in definition.get("properties", {}).items()
        if not value.get("description")
    ]
    assert silent == []


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: str(path.relative_to(CONFIG)))
def test_a_committed_file_names_its_schema_and_fits_it(path):
    text = path.read_text(encoding="utf-8")
    modeline = text.splitlines()[0]
    assert modeline.startswith("# yaml-language-server: $schema=")
    schema = (path.parent / modeline.partition("=")[2]).resolve()
    assert schema.parent == CONFIG / "schema"
    root = parse_yaml(text, str(path), Findings())
    assert (
        list(Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).iter_errors(root.value())) == []
    )


def test_there_are_committed_files_to_check():
    assert len(COMMITTED) >= 5


@pytest.mark.parametrize(
    ("alerts", "fits"),
    [
        ({"repeat": "24h", "quiet": False, "severity": {"slo_burn": "page"}}, True),
        ({"quiet": {"from": "18:00", "until": "08:00", "days_off": True}}, True),
        ({"severity": {"removed": "page"}}, False),
        ({"severity": {"slo_burn": "loud"}}, False),
        ({"quiet": {"form": "18:00"}}, False),
    ],
)
def test_an_editor_knows_how_alerts_are_written(alerts, fits):
    document = {"cycles": ["2026-Q4"], "teams": {"shop": {"alerts": alerts}}, "alerts": alerts}
    assert Draft7Validator(json.loads(schemas()["krd.schema.json"])).is_valid(document) is fits


@pytest.mark.parametrize(
    ("source", "fits"),
    [
        ({"kind": "prometheus", "url": "http://127.0.0.1"}, True),
        ({"kind": "prometheus", "url": {"env": "URL"}, "timeout": "10s"}, True),
        ({"kind": "prometheus"}, False),
        ({"kind": "sql", "url": "sqlite://"}, False),
        ({"kind": "prometheus", "url": "http://127.0.0.1", "retries": -1}, False),
        ({"kind": "of-a-stranger", "anything": True}, True),
    ],
)
def test_with_a_catalogue_the_options_follow_the_kind(catalogue, source, fits):
    document = {"cycles": ["2026-Q4"], "teams": {}, "sources": {"one": source}}
    assert Draft7Validator(json.loads(schemas(catalogue)["krd.schema.json"])).is_valid(document) is fits
