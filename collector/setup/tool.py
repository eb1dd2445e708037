"""Runs the tools of the setup and lets what they make appear only when it is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from collector.setup.progress import SetupFailed, say


class NoPip(SetupFailed):
    """Python came without pip, so nothing at all can be fetched."""


class PipFailed(SetupFailed):
    """pip is there and gave up; another way may do it."""


def python() -> str:
    """Give the Python under any virtual environment: that one has pip, and outlives the environment."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    seconds: float = 1800,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without input, keeping what it prints; one that hangs or is missing has failed."""
    try:
        return subprocess.run(  # noqa: S603  (programs of the machine or fetched by us, arguments from our own files)
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no end after {seconds:g} s")
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", f"{command[0]} cannot be run: {error.strerror}")


def last_words(text: str) -> str:
    """Give the line in which a program said why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:"))]
    return (errors or lines or ["it said nothing"])[-1]


def pip_install(target: Path, *arguments: str) -> None:
    """Install with pip into a folder, which no system protects from it. Raises `NoPip`, `PipFailed`."""
    command = [python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    env = {"PIP_RETRIES": "2", "PIP_ROOT_USER_ACTION": "ignore", **os.environ}
    done = run([*command, "--target", str(target), *arguments], env=env)
    if "No module named pip" in done.stderr:
        raise NoPip(
            f"{python()} has no pip: install it (on Debian: apt-get install python3-pip) "
            "or put uv on the PATH, and run again"
        )
    if done.returncode:
        raise PipFailed(f"pip failed: {last_words(done.stderr)}")


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `target` only if the block ends well."""
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    yield part
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


@contextlib.contextmanager
def only_one(tools: Path) -> Iterator[None]:
    """Hold the lock of a folder of tools, waiting while another process works in it. Raises `SetupFailed`."""
    import fcntl  # noqa: PLC0415  (POSIX alone has it, and a start that finds all ready does not need it)

    try:
        tools.mkdir(parents=True, exist_ok=True)
        lock = (tools / "setup.lock").open("a")
    except OSError as error:
        raise SetupFailed(
            f"{tools} cannot be written ({error.strerror}): the setup keeps everything in the checkout, "
            "so copy the checkout to a folder of yours, or install it with `pip install .`"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another setup in the same folder")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
