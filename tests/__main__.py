"""Runs every test: `python3 -m tests [pytest arguments]`, from a bare checkout too.

Sets up the locked environment with the group `dev`, whose linters some tests run, and a real Prometheus and Alertmanager, then hands
over to pytest. Without arguments that name files, the test files are shared out among worker processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from collector.bootstrap import SetupFailed, ensure
from collector.provision import alertmanager, prometheus
from collector.setup.progress import say

ROOT = Path(__file__).resolve().parent.parent
ONE_PROCESS = ("-n", "--numprocesses", "--pdb", "--trace", "-s", "--capture=no")
"""Arguments that choose the number of processes, or make sense in one only."""


def main(arguments: list[str]) -> int:
    """Set up, say with what the tests run, run them; give pytest's exit code."""
    try:
        ensure(("dev",))
        server = prometheus()
        alertmanager()
    except SetupFailed as error:
        sys.exit(f"tests: {error}")
    import pytest  # noqa: PLC0415  (there once the setup has ended)

    version = subprocess.run([server, "--version"], capture_output=True, text=True, check=True)
    say(
        f"Python {sys.version.split()[0]}, pytest {pytest.__version__}, {(version.stdout + version.stderr).splitlines()[0]}"
    )
    os.chdir(ROOT)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    given = [*parallel(arguments), *arguments]
    say(f"pytest {' '.join(given)}")
    return int(pytest.main(given))


def parallel(arguments: list[str]) -> list[str]:
    """Give the arguments that share files out; a few named files run in one process, where they start sooner."""
    alone = any(a.startswith(ONE_PROCESS) or Path(a.split("::")[0]).exists() for a in arguments)
    # twice as many as cores, since some of the time is spent waiting for servers
    workers = max(2, min(8, (os.cpu_count() or 1) * 2))
    # in the order that tests/conftest.py gives, not the fullest file first: the lab's story is one test of minutes
    return [] if alone else ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
