"""What the README says is done, step by step, by a reader with a real Prometheus, a warehouse and an inbox."""

from __future__ import annotations

import base64
import re
import textwrap
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from standardwebhooks import Webhook

ROOT = Path(__file__).resolve().parent.parent.parent.parent
KEY = "whsec_" + base64.b64encode(b"a key that only tests may have..").decode()


def typed(reader, command):
    return reader.type(command)


def demo_in_short(reader, command):
    """Two days of the story; its own test plays all of them."""
    return reader.type(command.replace("--for 3m", "--for 12s"), folder=ROOT)


def collected_only(reader, command):
    """Collect this file alone: run inside itself it would never end, and to collect everything once more takes a minute."""
    return reader.type(f"{command} --collect-only -q {Path(__file__).relative_to(ROOT)}", folder=ROOT)


def put_into_the_file(reader, command):
    """Print the block of a sentence, and put it with a query into the file, as the step says."""
    ran = reader.type(command)
    block = ran.out.replace('"…"', "\"p95_ms{service='checkout'}\"")
    file = reader.folder / "okrs/team.yaml"
    file.write_text(file.read_text("utf-8") + "\n" + textwrap.indent(block, "      "), "utf-8")
    return ran


def kept_running(reader, command):
    """Start it, and go on once everything was read."""
    reader.start(command)
    return reader.wait_until(
        "krd status -o json",
        lambda ran: (
            ran.code == 0 and all(one["health"] == "fresh" and one["level"] is not None for one in ran.json)
        ),
    )


STEPS = {
    "python3 -m collector demo --for 3m": (demo_in_short, "✓ krd reads a real Prometheus"),
    "python3 -m tests": (collected_only, "test_readme.py"),
    "krd init okr": (typed, "okr/krd.yaml"),
    "cd okr": (typed, ""),
    "krd sources check": (typed, "answers"),
    "krd try prod 'sum(rate(http_requests_total[5m]))'": (typed, "28 of 28 days"),
    'krd new "Cut p95 checkout latency from 900 ms to 450 ms"': (
        put_into_the_file,
        "id: p95-checkout-latency",
    ),
    "krd lint": (typed, ""),
    "krd plan": (typed, "p95-checkout-latency"),
    "krd run": (kept_running, "team/p95-checkout-latency"),
    "krd status": (typed, "p95-checkout-latency"),
    "krd show checkout-latency": (typed, "Cut p95 checkout latency from 900 ms to 450 ms"),
    "krd explain checkout-latency": (typed, "expected"),
    "krd brief": (typed, "Cut p95 checkout latency from 900 ms to 450 ms"),
    "krd notify test": (typed, "hook"),
}
"""Every command of the README: who does it, and a word of what is to be seen. A new command needs a new line."""


@pytest.fixture(scope="module")
def done(blocks, reader, shop_prometheus, shop_warehouse, inbox):
    """Do everything in order; give how each command ended."""
    reader.environment |= {
        "PROM_TOKEN": "a token",
        "WAREHOUSE_URL": f"sqlite:///{shop_warehouse}",
        "SLACK_WEBHOOK": f"{inbox.url}/slack",
        "HOOK_URL": f"{inbox.url}/hook",
        "HOOK_SECRET": KEY,
    }
    ended = {}
    for block in blocks("README.md"):
        if block.language == "yaml":
            put(
                reader.folder / "krd.yaml",
                block.body.replace("https://prometheus.example", shop_prometheus.url),
            )
        for command in block.commands if block.language == "console" else ():
            do, _ = STEPS[command]
            ended[command] = do(reader, command)
    ended["the end of krd run"] = reader.leave()
    return ended


def put(file, text):
    """Put the section of a YAML block in the place of the same section of the file."""
    [name] = YAML(typ="safe").load(text)
    old = file.read_text("utf-8")
    section = re.compile(rf"^{name}:\n(?:[ ]+.*\n|\n(?=[ ]))*", re.MULTILINE)
    assert section.search(old), f"krd init writes no section {name}"
    file.write_text(section.sub(lambda _: text, old), "utf-8")


def test_every_command_of_the_readme_has_its_step(blocks):
    written = [
        command for block in blocks("README.md") if block.language == "console" for command in block.commands
    ]

    assert written == list(STEPS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", STEPS)
def test_a_command_of_the_readme_does_what_it_says(command, done):
    ran = done[command]

    assert ran.code == 0, ran.out + ran.err
    assert STEPS[command][1] in ran.out


@pytest.mark.timeout(300)
def test_the_daemon_of_the_readme_ends_well_when_told(done):
    assert done["the end of krd run"] == [0]


@pytest.mark.timeout(300)
def test_the_files_of_the_readme_have_no_finding(done):
    assert done["krd lint"].err.startswith("0 errors, 0 warnings, 0 notes in 2 key results")


@pytest.mark.timeout(300)
def test_both_notifiers_of_the_readme_are_reached_and_the_signature_holds(done, inbox):
    by_path = {path: (headers, body) for path, headers, body in inbox.kept}
    headers, body = by_path["/hook"]

    assert set(by_path) == {"/slack", "/hook"}
    assert (
        Webhook(KEY).verify(body, {name.lower(): value for name, value in headers.items()})["type"]
        == "krd.test"
    )


def test_every_file_that_the_readme_names_is_there(root):
    named = re.findall(r"`([\w./-]+(?:\.md|/))`", (root / "README.md").read_text("utf-8"))

    assert [name for name in named if not (root / name).exists()] == []
