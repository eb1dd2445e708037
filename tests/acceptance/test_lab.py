"""The live lab, told as a user would run it: every claim of its story comes true, and nothing is left behind."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLAIMS = 12


@pytest.fixture
def lab(tmp_path, prometheus_binary):
    """Starts `krd demo` with its own temporary folder; whatever happens, it is gone afterwards."""
    started = []

    def start(*arguments):
        folder = tmp_path / "tmp"
        folder.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "TMPDIR": str(folder),
            "KRD_PROMETHEUS": str(prometheus_binary),
            "KRD_WEB__LISTEN": "127.0.0.1:0",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "collector", "demo", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process, folder

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def children_in(folder):
    """Processes whose command line names the lab's folder: its Prometheus and its tracker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in command:
                found.append(command)
    return found


@pytest.mark.timeout(300)
def test_the_story_comes_true_and_ends_by_itself(lab):
    process, folder = lab("--for", "2m54s")

    told, _ = process.communicate(timeout=280)

    claims = told.partition("what really happened")[2]
    assert re.findall(r"✗ .*", claims) == []
    assert len(re.findall(r"  ✓ ", claims)) == CLAIMS, told
    assert process.returncode == 0
    assert list(folder.iterdir()) == []
    assert children_in(folder) == []


@pytest.mark.timeout(120)
def test_an_interrupted_lab_leaves_nothing_behind(lab):
    process, folder = lab("--for", "3m")
    for line in process.stdout:
        if "Ctrl-C ends it" in line:
            break
    time.sleep(2)

    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)

    assert process.returncode == 130, told
    assert list(folder.iterdir()) == []
    assert children_in(folder) == []


@pytest.mark.timeout(120)
def test_a_short_lab_judges_only_what_was_reached(lab):
    process, _ = lab("--for", "6s")

    told, _ = process.communicate(timeout=100)

    assert process.returncode == 0, told
    assert "what really happened" in told
    assert told.count("(not reached)") == CLAIMS
