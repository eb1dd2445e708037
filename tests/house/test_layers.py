"""The layers hold, and the check that says so would notice if they did not."""

from __future__ import annotations

import os
import subprocess
import sys


def lint_imports(folder):
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=100, check=False
    )


def test_every_contract_of_imports_is_kept(root):
    told = lint_imports(root)

    assert told.returncode == 0, told.stdout + told.stderr


def test_a_domain_that_speaks_sql_would_be_noticed(copy):
    module = copy / "collector/domain/__init__.py"
    module.write_text(f"{module.read_text()}\nimport sqlalchemy\n")
    told = lint_imports(copy)

    assert told.returncode == 1
    assert "the domain is pure BROKEN" in told.stdout
