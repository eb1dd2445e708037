"""What holds for every verb: help with examples, light imports, exit codes, quiet ends."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.forked import Forked, cold

VERBS = (
    "init", "new", "try", "lint", "plan", "run", "once", "status", "show", "explain", "brief", "notify", "schema",
    "sources", "demo", "notify list", "notify test", "sources list", "sources check",
    "record", "annotate", "audit", "backfill", "backtest", "baseline", "export", "test", "db", "db check", "db backup", "db restore",
    "db vacuum", "db verify", "alerts", "alerts list", "alerts show", "alerts follow", "alerts ack", "alerts silence",
    "alerts unsilence", "alerts export", "alerts outbox", "alerts outbox list", "alerts outbox retry",
)  # fmt: skip
HEAVY = {
    "sqlalchemy", "fastapi", "httpx", "requests", "pydantic", "pydantic_settings", "structlog", "uvicorn", "ruamel",
    "rich", "alembic", "numpy", "jinja2", "sqlglot", "prometheus_client",
}  # fmt: skip
HELD = "import sys; sys.argv[0] = 'krd'\ntry:\n    from collector.cli.main import run; run()\n"


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_each_verb_ends_with_examples(bare, verb):
    told = bare.krd(*verb.split(), "--help")

    _, _, examples = told.out.partition("Examples:\n")
    assert told.code == 0
    assert f"krd {verb}" in examples
    assert all(line.lstrip().startswith(("krd", "KRD")) for line in examples.strip().splitlines())


def test_the_help_loads_nothing_heavy(bare):
    ask = HELD + "finally:\n    print(sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", ask, "--help"],
        cwd=bare.folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    assert sorted(set(eval(done.stderr)) & HEAVY) == []


def test_the_top_help_lists_every_verb(bare):
    told = bare.krd("--help")

    listed = told.out.partition("Commands:")[2]
    assert [verb for verb in VERBS if " " not in verb and f"\n  {verb} " not in listed] == []


def test_the_version_is_printed(bare):
    told = bare.process("--version", begin=cold)

    assert (told.code, told.out) == (0, "krd 0.1.0\n")


def test_an_unknown_verb_is_wrong_usage(bare):
    assert bare.process("stauts").code == 2


def test_a_place_without_files_is_wrong_usage_and_says_what_to_do(bare):
    told = bare.krd("lint")

    assert told.code == 2
    assert told.out == ""
    assert told.err.startswith("krd: ")
    assert "Traceback" not in told.err


def test_a_store_that_is_not_there_is_told_in_one_line(world):
    told = world.process("status")

    assert told.code == 1
    assert told.err.strip().splitlines() == [
        f"krd: {world.folder}/krd.db: there is no store; start `krd run` first, or name another store"
    ]


def test_a_wrong_setting_names_its_variable(world):
    told = world.krd("plan", KRD_WEB__LISTEN="nowhere")

    assert told.code == 2
    assert "KRD_WEB__LISTEN" in told.err


def test_the_option_wins_over_the_variable(world):
    told = world.krd("lint", "-c", "config", KRD_CONFIG="/nowhere/krd.yaml")

    assert told.code == 0


def test_the_variable_names_the_files(world):
    (world.folder / "config").rename(world.folder / "elsewhere")

    assert world.krd("lint", KRD_CONFIG="elsewhere").code == 0


def test_a_reader_that_goes_away_leaves_no_complaint(measured):
    reading, writing = os.pipe()
    os.close(reading)
    process = cold(["status"], cwd=measured.folder, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    _, said = process.communicate(timeout=30)

    assert (process.returncode, said) == (141, "")


def test_ctrl_c_ends_quietly_with_130(world, free_port):
    """A source that never answers: the kernel takes the connection, and nobody speaks."""
    with socket.create_server(("127.0.0.1", free_port)):
        url = f"http://127.0.0.1:{free_port}"
        world.change(
            "config/krd.yaml", "sources:\n", f'sources:\n  slow: {{kind: prometheus, url: "{url}"}}\n'
        )
        process = world.start("sources", "check", "slow", begin=cold)
        time.sleep(2.5)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=20)

    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in said
    assert time.monotonic() - started < 5


def test_what_takes_long_is_told_on_standard_error(world, free_port):
    with socket.create_server(("127.0.0.1", free_port)):
        url = f"http://127.0.0.1:{free_port}"
        world.change(
            "config/krd.yaml",
            "sources:\n",
            f'sources:\n  slow: {{kind: prometheus, url: "{url}", timeout: 4s}}\n',
        )
        told = world.process("sources", "check", "slow", "-o", "json")

    assert told.err == "checking 1 source …\n"
    assert told.json[0]["ok"] is False
    assert told.code == 4


@pytest.mark.parametrize(
    ("words", "environment", "coloured"),
    [
        ((), {}, True),
        (("--no-color",), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
    ],
)
def test_a_terminal_gets_colours_unless_they_are_declined(measured, words, environment, coloured):
    reading, writing = pty.openpty()
    process = Forked(
        ["status", *words],
        cwd=measured.folder,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    seen = _all_of(reading)

    assert process.wait(30) == 0
    assert (b"\x1b[" in seen) == coloured


def _all_of(reading):
    """Read a terminal until its other side is closed, which it tells as an error."""
    seen = b""
    try:
        while part := os.read(reading, 65_536):
            seen += part
    except OSError:
        pass
    finally:
        os.close(reading)
    return seen
