"""Runs the static gates: `python3 -m tests.gates`. Every gate runs, also after one failed; any failure fails the run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from collector.bootstrap import SetupFailed, ensure

ROOT = Path(__file__).resolve().parent.parent
GATES = (
    ("ruff", "check", "--extend-exclude", ".tools", "."),  # ruff reads .gitignore only where git is
    ("ruff", "format", "--check", "--extend-exclude", ".tools", "."),
    ("mypy",),
    ("lint-imports",),
    ("hadolint", "Dockerfile"),
)


def main() -> int:
    """Give 0 when every gate holds, else 1."""
    try:
        ensure(("dev",))
    except SetupFailed as error:
        sys.exit(f"gates: {error}")
    failed = [gate for gate in GATES if not holds(gate)]
    for gate in failed:
        print(f"gate failed: {' '.join(gate)}")
    print(f"{len(GATES) - len(failed)} gates hold, {len(failed)} failed", flush=True)
    return 1 if failed else 0


def holds(gate: tuple[str, ...]) -> bool:
    """Print the tool's version, run the gate on the checkout, and tell whether it passed."""
    program = tool(gate[0])
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    print(
        f"== {' '.join(gate)}   ({(version.stdout.strip().splitlines() or ['no version told'])[0]})",
        flush=True,
    )
    return subprocess.run([program, *gate[1:]], cwd=ROOT, check=False).returncode == 0


def tool(name: str) -> str:
    """Find a tool of the group `dev` beside this Python, or in the folder that plain pip filled."""
    folders = [Path(sys.executable).parent, *(Path(entry) / "bin" for entry in sys.path)]
    found = next((path for folder in folders if (path := shutil.which(name, path=str(folder)))), None)
    if found is None:
        sys.exit(
            f"gates: {name} is not in this environment: run `uv sync --group dev`, or delete .venv and run again"
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
