"""From a bare clone to the first real value, a second start, and the two commands that must not make one wait.

A copy of the checkout without its environments is started with the machine's own Python and empty caches of pip and uv:
`python3 -m collector demo`, until its API tells a value that was read from its Prometheus or its warehouse. In the
environment made so: `python3 -m collector run` until /readyz says yes, `krd --help`, and `krd lint` of 2,000 key results.
With --small the checkout itself stands for the clone, and nothing is installed.

Limits: 60 s on a fast network, 3 s, 0.5 s, 5 s.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.command import BenchmarkFailed, Options, Report, Row, run, say
from benchmarks.files_under_load import Promise, write_files
from benchmarks.prometheus_under_load import services
from collector.setup.checkout import HERE
from collector.setup.tool import python

FIRST_VALUE, READY, HELP, LINT = 60.0, 3.0, 0.5, 5.0
"""The limits, in seconds."""
PATIENCE = 300.0
"""Seconds after which a command is given up."""
NOWHERE = "http://127.0.0.1:9"
"""A source that refuses: krd is ready without it."""

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Clone:
    """A copy of the sources, and how commands are run in it."""

    root: Path
    environment: Mapping[str, str]

    @property
    def module(self) -> Sequence[str]:
        """`python3 -m collector`."""
        return [python(), "-m", "collector"]

    @property
    def krd(self) -> Sequence[str]:
        """The console script, or the module where plain pip made the environment."""
        script = self.root / ".venv/bin/krd"
        return [str(script)] if script.exists() else self.module


def measure(options: Options) -> Report:
    """Start everything. Raises `BenchmarkFailed` when a command does not do its work."""
    count = 40 if options.small else 2000
    with tempfile.TemporaryDirectory(prefix="krd-benchmark-") as name:
        folder = Path(name)
        clone = _clone(folder, small=options.small)
        say("starting the demo")
        first = _until_first_value(clone, folder)
        every = services(count, options.seed)
        promise = Promise(NOWHERE, date(2026, 1, 1), date(2027, 12, 31))
        written = write_files(folder / "lint", every, promise)
        few = write_files(folder / "run", every[:20], promise)
        say("starting a second time")
        times = 1 if options.small else 5
        ready = median(_until_ready(clone, folder, few) for _ in range(times))
        say(f"krd --help, and krd lint of {count} key results")
        help_ = median(_seconds(clone, [*clone.krd, "--help"]) for _ in range(times))
        lint = median(_seconds(clone, [*clone.krd, "lint", str(written)]) for _ in range(min(times, 3)))
    found = {
        "first_value": (first, FIRST_VALUE, "bare clone to the first real value of the demo"),
        "second_start": (ready, READY, "second start to ready"),
        "help": (help_, HELP, "krd --help"),
        "lint": (lint, LINT, f"krd lint of {count} key results"),
    }
    figures: dict[str, float | int | bool] = {"n_lint": count, "installed": not options.small}
    for key, (seconds, limit, _) in found.items():
        figures[f"{key}_seconds"], figures[f"{key}_limit"] = round(seconds, 3), limit
    rows = [
        Row(what, f"{seconds:.2f} s", f"{seconds / limit:.2f} × limit of {limit:g} s")
        for seconds, limit, what in found.values()
    ]
    return Report(figures, rows)


def _clone(folder: Path, *, small: bool) -> Clone:
    mine = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "UV_CACHE_DIR", "PIP_CACHE_DIR")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in mine and (small or not name.startswith("KRD_"))
    }
    environment |= {"KRD_WEB__LISTEN": "127.0.0.1:0", "NO_COLOR": "1"}
    if small:
        return Clone(HERE.root, environment)
    say("copying the sources")
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    root = folder / "krd"
    for path in _sources():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(HERE.root / path, target)
    return Clone(root, environment)


def _sources() -> Iterator[Path]:
    """Give what a clone would hold: what git knows, and what it would add."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(listed, cwd=HERE.root, capture_output=True, text=True, check=False)
    if told.returncode:
        raise BenchmarkFailed(f"git does not tell the files of {HERE.root}: {told.stderr.strip()}")
    for name in told.stdout.split("\0"):
        if name and (HERE.root / name).is_file():
            yield Path(name)


def _until_first_value(clone: Clone, folder: Path) -> float:
    with _running(clone, [*clone.module, "demo"], folder) as started:
        address = started.wait_for(lambda: started.said(r"krd runs: (http\S+/)"), "tell its address")
        started.wait_for(lambda: _holds_a_value(f"{address}api/v1/status"), "read a value")
        return started.seconds


def _until_ready(clone: Clone, folder: Path, krd: Path) -> float:
    store = f"sqlite:///{folder / 'run.db'}"
    command = [*clone.module, "run", "--config", str(krd), "--database", store]
    with _running(clone, command, folder) as started:
        address = started.wait_for(lambda: started.said(r"key results?: (http\S+/)"), "tell its address")
        started.wait_for(lambda: _get(f"{address}readyz") is not None, "get ready")
        return started.seconds


@dataclass(slots=True)
class _Started:
    process: subprocess.Popen[bytes]
    output: Path
    began: float
    seconds: float = 0.0
    """From its start until what was last waited for."""

    def said(self, pattern: str) -> str | None:
        found = re.search(pattern, self.output.read_text("utf-8", errors="replace"))
        return found[1] if found else None

    def wait_for(self, look: Callable[[], str | bool | None], what: str) -> str:
        while not (found := look()):
            late = time.monotonic() - self.began > PATIENCE
            if late or self.process.poll() is not None:
                said = self.output.read_text("utf-8", errors="replace").strip()[-500:]
                raise BenchmarkFailed(f"{self.process.args!r} did not {what}: {said}")
            time.sleep(0.02)
        self.seconds = time.monotonic() - self.began
        return str(found)


@contextmanager
def _running(clone: Clone, command: Sequence[str], folder: Path) -> Iterator[_Started]:
    output = folder / "output"
    with output.open("wb") as written:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=clone.root,
            env=clone.environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
    try:
        yield _Started(process, output, began)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def _seconds(clone: Clone, command: Sequence[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=clone.root,
        env=clone.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise BenchmarkFailed(
            f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-500:]}{done.stdout[-500:]}"
        )
    return time.perf_counter() - began


def _holds_a_value(url: str) -> bool:
    told = _get(url)
    found: list[dict[str, Any]] = json.loads(told) if told else []
    return any(one.get("current") is not None for one in found)


def _get(url: str) -> bytes | None:
    try:
        with _DIRECT.open(url, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return None


if __name__ == "__main__":
    run(__doc__, measure)
