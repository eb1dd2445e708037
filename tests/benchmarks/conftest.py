"""Runs a benchmark on the scale at which it only checks itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def benchmark():
    """Give `run(name, *options)`: what `python3 -m benchmarks.<name> --small <options>` writes to standard output."""

    def run(name: str, *options: str) -> str:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--small", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
        if done.returncode:
            pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    return run


@pytest.fixture
def figures(benchmark):
    """Give `of(name)`: the one JSON object of a benchmark."""
    return lambda name: json.loads(benchmark(name, "--json"))
