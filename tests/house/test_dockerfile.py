"""The image is described by the rules of the trade and by the promises of this house."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def instructions(root):
    text = (root / "Dockerfile").read_text().replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]


def last(instructions, name):
    return [rest for word, rest in instructions if word == name][-1]


def test_the_dockerfile_passes_hadolint(root):
    folders = [str(Path(sys.executable).parent), *(f"{entry}/bin" for entry in sys.path)]
    hadolint = next(path for folder in folders if (path := shutil.which("hadolint", path=folder)))
    told = subprocess.run(
        [hadolint, "Dockerfile"], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )

    assert (told.returncode, told.stdout) == (0, "")


def test_the_container_runs_krd_as_nobody_over_a_volume(instructions):
    assert json.loads(last(instructions, "ENTRYPOINT")) == ["krd"]
    assert json.loads(last(instructions, "CMD")) == ["run"]
    assert last(instructions, "USER") == "65534:65534"
    assert last(instructions, "VOLUME") == "/var/lib/krd"


def test_the_health_check_is_python_and_compiles(instructions):
    command = json.loads(re.search(r"CMD (\[.*\])", last(instructions, "HEALTHCHECK"))[1])

    assert command[:2] == ["python", "-c"]
    assert "http://127.0.0.1:8080/healthz" in command[2]
    compile(command[2], "HEALTHCHECK", "exec")


def test_the_image_is_built_from_what_the_ignore_file_lets_in(root):
    let_in = {
        line.removeprefix("!")
        for line in (root / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }

    assert let_in == {
        "collector",
        "config",
        "connectors",
        "pyproject.toml",
        "uv.lock",
        "README.md",
        "LICENSE",
    }
    assert [name for name in let_in if not (root / name).exists()] == []
