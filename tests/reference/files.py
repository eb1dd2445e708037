"""files.md: every key of krd.yaml and okrs/*.yaml, from the schemas that editors complete from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collector.configuration.schema import KRD_SCHEMA, OKRS_SCHEMA, schemas
from tests.reference.markdown import code, page, table, unwrapped
from tests.reference.schema_words import default_of, takes

VALUES = """\
YAML 1.2: `yes`, `no`, `on` and `off` are texts, a number with a leading zero is refused, tags, merge keys and keys that stand twice
are refused. A file is UTF-8 and at most 1 MiB. All mistakes of all files are told at once, with line and column
([findings.md](findings.md)).

| value | is written |
|---|---|
| number | `450`, `12.5`, `100M`: k, M and G are powers of a thousand; a comma is refused |
| length of time | `90s`, `15m`, `6h`: real time; `7d`, `2w`: days of the cycle |
| interval (`every`) | a length of time, `minute`, `hour`, `day`, `week`, `month`, `3 months`, or a cron expression in quotes |
| short name | lower-case letters, digits, `-` and `_`, at most 63 |
| query | a text (in quotes: an unquoted one ends at ` #` and breaks at `: `), a block after a bar, or `{file: path}`, relative to the naming file |
| secret | `{env: NAME}` or `{file: path}`, read when it is used; never text |
| address of a key result or objective | `team/id` |"""


def page_of_files() -> str:
    made = schemas()
    return page(
        "The files",
        (
            "`krd.yaml` says what holds for all teams; each file of `okrs/` beside it holds the promises of one team in one "
            "cycle. `krd init` writes both, `krd lint` checks them, `krd schema` prints the JSON Schema that editors complete "
            "from. Without `--config` krd looks at `KRD_CONFIG`, `./krd.yaml`, `./config/krd.yaml`."
        ),
        "## How values are written",
        VALUES,
        "## krd.yaml",
        *_sections(json.loads(made[KRD_SCHEMA])),
        "## okrs/*.yaml",
        *_sections(json.loads(made[OKRS_SCHEMA])),
        (
            "Which options a source or notifier takes beside these depends on its kind: [sources.md](sources.md), "
            "[notifiers.md](notifiers.md). What is read and not acted on yet is told by the notes KRD901 and KRD902 of `krd lint`."
        ),
    )


def _sections(schema: Mapping[str, Any]) -> Iterator[str]:
    yield unwrapped(schema.get("description"))
    yield keys_of(schema)
    for name, part in sorted(schema.get("$defs", {}).items()):
        if "properties" in part and name != "Secret":
            yield f"### {name}"
            yield unwrapped(part.get("description"))
            yield keys_of(part)


def keys_of(part: Mapping[str, Any]) -> str:
    """Lay the keys of a mapping out as a table; required ones are marked."""
    required = set(part.get("required", ()))
    rows = [
        (
            code(name) + (" (required)" if name in required else ""),
            takes(node),
            default_of(node) if node.get("default") not in ([], {}, False) else "",
            unwrapped(node.get("description")),
        )
        for name, node in part["properties"].items()
    ]
    return table(("key", "takes", "default", "meaning"), rows)
