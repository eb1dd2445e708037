"""The checkout as a newcomer gets it: its files, whole copies of it, and small ones whose setup takes no time."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.setup.tool import python

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """List what belongs to the repository, relative to its root: what git keeps or would, else what is not ignored."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        told = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split(
            "\0"
        )
    except (OSError, subprocess.CalledProcessError):  # no git, or no repository: a folder that was copied
        return sorted(_walk())
    return sorted(Path(name) for name in told if name and (ROOT / name).is_file())


def _walk() -> list[Path]:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]
    found = []
    for folder, names, leaves in os.walk(ROOT):
        names[:] = [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        kept = [name for name in leaves if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        found += [Path(folder, name).relative_to(ROOT) for name in kept]
    return found


@pytest.fixture
def copy(files: list[Path], tmp_path: Path) -> Path:
    """Give a fresh copy of the whole checkout, with nothing set up in it."""
    target = tmp_path / "krd"
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, target / file)
    return target


@pytest.fixture
def bare_environment() -> dict[str, str]:
    """Give the variables of someone who has Python and pip, and neither uv nor an active environment."""
    path = [part for part in os.environ["PATH"].split(os.pathsep) if not (Path(part) / "uv").exists()]
    foreign = ("KRD_", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "UV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, "PATH": os.pathsep.join(path)}


PROJECT = """
[project]
name = "krd"
version = "0.1.0"
dependencies = ["tenacity>=9"]
[dependency-groups]
test = ["cronsim>=2.6"]
dev = [{include-group = "test"}]
"""
LOCK = """
[[package]]
name = "tenacity"
version = "9.1.2"
source = {registry = "the index"}
[[package]]
name = "krd"
version = "0.1.0"
source = {editable = "."}
"""
PROBE = """
import sys
from collector.bootstrap import SetupFailed, ensure
try:
    ensure(tuple(sys.argv[1:]))
except SetupFailed as error:
    sys.exit(f"refused: {error}")
print(sys.prefix)
"""
UV = """#!/bin/sh
echo "$@" >> uv-calls
mkdir -p .venv/bin
ln -sf "$UV_PYTHON" .venv/bin/python
echo "home = $(dirname "$UV_PYTHON")" > .venv/pyvenv.cfg
"""


class SmallCheckout:
    """The real bootstrap over a project of one dependency, with a uv that notes how it was called."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        programs = root.parent / "programs"
        programs.mkdir()
        self.uv = programs / "uv"
        self.environment = {**environment, "PATH": f"{programs}{os.pathsep}{environment['PATH']}"}
        self.set_uv(UV)

    def set_uv(self, script: str) -> None:
        self.uv.write_text(script)
        self.uv.chmod(0o755)

    @property
    def uv_calls(self) -> list[str]:
        noted = self.root / "uv-calls"
        return noted.read_text().splitlines() if noted.exists() else []

    def begin(self, *groups: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python(), "-c", PROBE, *groups],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *groups: str) -> tuple[int, str, str]:
        """Run the command once; give its exit code, its output and what it said."""
        with self.begin(*groups) as process:
            output, said = process.communicate(timeout=100)
        return process.returncode, output.strip(), said


@pytest.fixture
def small(tmp_path: Path, bare_environment: dict[str, str]) -> SmallCheckout:
    target = tmp_path / "small"
    shutil.copytree(
        ROOT / "collector/setup", target / "collector/setup", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("__init__", "errors", "bootstrap"):
        shutil.copy2(ROOT / f"collector/{name}.py", target / "collector")
    (target / "pyproject.toml").write_text(PROJECT)
    (target / "uv.lock").write_text(LOCK)
    return SmallCheckout(target, bare_environment)


@pytest.fixture
def run_bare(bare_environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Give `run(folder, *arguments)`: runs this Python without its packages in a folder, and checks nothing."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [python(), *arguments]
        return subprocess.run(
            command,
            cwd=folder,
            env=bare_environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )

    return run
