"""What a user installs works: the wheel, its declared dependencies alone, far from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from collector.setup.checkout import HERE
from collector.setup.environment import uv_environment
from collector.setup.tool import python

pytestmark = pytest.mark.timeout(500)


def run(*command, cwd):
    told = subprocess.run(
        command, cwd=cwd, env=clean(), capture_output=True, text=True, timeout=450, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def clean():
    foreign = ("PYTHONPATH", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
    return {name: value for name, value in uv_environment(HERE).items() if name not in foreign}


@pytest.fixture
def wheel(copy: Path, tmp_path: Path) -> Path:
    run(
        python(),
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        tmp_path / "wheels",
        ".",
        cwd=copy,
    )
    [built] = (tmp_path / "wheels").glob("krd-*.whl")
    return built


def test_the_wheel_installs_and_krd_tells_how_to_use_it(wheel, tmp_path):
    target = tmp_path / "installed"
    uv = shutil.which("uv") or HERE.tools / "uv/bin/uv"
    if Path(uv).exists():  # the same installation, from wheels already fetched
        run(uv, "pip", "install", "--quiet", "--target", target, wheel, cwd=tmp_path)
    else:
        run(python(), "-m", "pip", "install", "--quiet", "--target", target, wheel, cwd=tmp_path)
    env = {**clean(), "PYTHONPATH": str(target)}
    told = subprocess.run(
        [python(), target / "bin/krd", "--help"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert "status" in told.stdout
    assert not (target / "tests").exists()


def test_the_wheel_holds_every_file_of_the_two_packages(wheel, files):
    ours = {str(file) for file in files if file.parts[0] in ("collector", "connectors")}
    lab = {f"collector/lab/config/{name}" for name in ("krd.yaml", "okrs/shop.yaml")}  # the files of config/
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("krd-")}

    assert packed == ours | lab


def test_python_dash_m_is_the_same_command(root):
    told = subprocess.run(
        [sys.executable, "-m", "collector", "--help"],
        cwd=root,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    assert "status" in told.stdout
