"""The reference is what the code says: every page is fresh, and nothing that a user may meet is missing from it."""

from __future__ import annotations

import ast
import base64
import json
import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from pydantic import BaseModel
from standardwebhooks import Webhook

from collector.cli.main import app
from collector.configuration.codes import CODES
from collector.configuration.schema import schemas
from collector.configuration.settings import Settings
from collector.domain.sample import GapReason
from collector.errors import KrdError
from collector.notifiers.webhook import signed
from collector.registry.kinds import catalogue
from connectors.api import ErrorKind

PAGES = ("settings", "files", "findings", "cli", "metrics", "errors", "sources", "notifiers")


@pytest.fixture(scope="session")
def generate(root):
    """Run the generator with an option."""

    def run(*arguments):
        command = [sys.executable, "-m", "tests.reference", *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=90, check=False)

    return run


@pytest.fixture(scope="session")
def made(generate):
    told = generate("--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.fixture(scope="session")
def kept(root):
    return {path.name: path.read_text("utf-8") for path in (root / "docs/reference").glob("*.md")}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_fresh(name, made, kept):
    assert kept.get(f"{name}.md") == made[f"{name}.md"], "run python3 -m tests.reference --write"


def test_no_page_of_the_reference_is_made_by_hand(made, kept):
    assert sorted(kept) == sorted(made) == sorted(f"{name}.md" for name in PAGES)


def test_stale_pages_are_named_by_the_generator_and_nothing_is_written(copy):
    page = copy / "docs/reference/settings.md"
    page.write_text("old")
    command = [sys.executable, "-m", "tests.reference"]
    told = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=90, check=False)

    assert told.returncode == 1
    assert told.stdout == "docs/reference/settings.md is stale: run python3 -m tests.reference --write\n"
    assert page.read_text() == "old"


def leaves(model, prefix):
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, f"{variable}__")
        else:
            yield variable


def test_every_setting_is_there_with_a_meaning(kept):
    rows = {
        row.split("|")[1].strip(" `"): row.split("|")[4].strip() for row in table_rows(kept["settings.md"])
    }

    assert {name for name in leaves(Settings, "KRD_") if not rows.get(name)} == set()


def table_rows(text):
    return [line for line in text.splitlines() if line.startswith("| `")]


def test_every_finding_is_there_with_its_level_and_an_example(kept):
    rows = {
        row[1]: row
        for row in (re.split(r" *(?<!\\)\| *", line) for line in kept["findings.md"].splitlines())
        if len(row) > 4
    }

    assert {code for code in CODES if code not in rows or not all(rows[code][1:5])} == set()


def test_every_code_that_the_linter_uses_has_its_row(root, kept):
    said = set()
    for file in (root / "collector").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said |= set(re.findall(r"\bKRD\d{3}\b", node.value))

    assert {code for code in said if f"| {code} |" not in kept["findings.md"]} == set()


def verbs_of(command, path=("krd",)):
    for name, verb in getattr(command, "commands", {}).items():
        yield " ".join((*path, name))
        yield from verbs_of(verb, (*path, name))


def test_every_verb_is_there_with_its_help(kept):
    import typer  # noqa: PLC0415 - only here

    verbs = list(verbs_of(typer.main.get_command(app)))

    assert len(verbs) > 15
    assert [verb for verb in verbs if f"\n## {verb}\n\n```text\nUsage: {verb} " not in kept["cli.md"]] == []


def test_every_exit_code_is_there_once(kept):
    codes = [int(found) for found in re.findall(r"^\| (\d+) \|", kept["cli.md"], re.MULTILINE)]

    assert codes == [0, 1, 2, 3, 4, 130, 141]


def test_every_error_and_reason_is_there_with_what_happens_next(kept):
    rows = {
        row[1].strip("`"): row
        for row in (re.split(r" *\| *", line) for line in table_rows(kept["errors.md"]))
    }

    assert [reason for reason in [*GapReason, *ErrorKind] if not rows[reason.value][7]] == []
    assert [
        kind.__name__
        for kind in kinds(KrdError)
        if f"| {kind.__name__} | {kind.exit_code} |" not in kept["errors.md"]
    ] == []


def kinds(kind):
    yield kind
    for part in kind.__subclasses__():
        if part.__module__ == "collector.errors":
            yield from kinds(part)


def test_every_metric_of_the_code_is_there(root, kept):
    named = set()
    for file in (root / "collector/web").glob("*.py"):
        named |= set(re.findall(r"\"(krd_[a-z_]+)\"", file.read_text("utf-8")))
    missing = {name for name in named if not re.search(rf"`{name}(_info)?`", kept["metrics.md"])}

    assert named > {"krd_ready", "krd_gaps_total"}
    assert missing == set()


def test_every_key_of_the_files_is_there(kept):
    for text in schemas().values():
        schema = json.loads(text)
        for part in [schema, *schema["$defs"].values()]:
            missing = [
                key
                for key in part.get("properties", {})
                if f"| `{key}`" not in kept["files.md"] and key not in ("env", "file")
            ]
            assert missing == []


@pytest.mark.parametrize("page", ["sources", "notifiers"])
def test_every_kind_is_there_with_every_option_and_its_meaning(page, kept):
    known = catalogue()
    text = kept[f"{page}.md"]
    for name, kind in (known.connectors if page == "sources" else known.notifiers).items():
        section = text.split(f"\n## {name}\n")[1].split("\n## ")[0]
        rows = {
            row.split("|")[1].split("`")[1]: row.rstrip("| ").split("|")[-1].strip()
            for row in table_rows(section)
        }

        options = [field.alias or name for name, field in kind.options.model_fields.items()]

        assert [option for option in options if not rows.get(option)] == []


def test_the_signature_shown_is_taken_over_the_body_shown(kept):
    body = re.search(r"```json\n(.+?)\n```", kept["notifiers.md"], re.DOTALL)[1]
    headers = dict(line.split(": ") for line in kept["notifiers.md"].split("```text\n")[-1].splitlines()[:3])
    sent = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    key = re.search(r"the key `(.+?)`", kept["notifiers.md"])[1].encode()

    assert headers == signed(headers["webhook-id"], at, sent, [key])


def test_a_ready_library_verifies_what_the_page_tells(kept):
    secret = (
        "whsec_" + base64.b64encode(re.search(r"the key `(.+?)`", kept["notifiers.md"])[1].encode()).decode()
    )
    hook = Webhook(secret)
    body = b'{"type":"krd.test"}'
    at = datetime.now(UTC)
    headers = signed("evt_1", at, body, [base64.b64decode(secret.removeprefix("whsec_"))])

    assert hook.verify(body, headers) == {"type": "krd.test"}
