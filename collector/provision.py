"""Finds a real Prometheus for the lab and the tests, or fetches one beside the checkout without installing anything.

Taken in this order: the program named in `KRD_PROMETHEUS`, one on the PATH, one fetched earlier, and the
distribution's package, downloaded by apt and unpacked into `.tools/prometheus` (`~/.cache/krd/prometheus` where krd is
installed rather than checked out). That needs no root: where the system's package lists are missing or old, apt works
on lists of its own in the same folder. The program is written in Go and needs nothing but the C library.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from collector.setup.checkout import HERE, Checkout
from collector.setup.progress import SetupFailed, say
from collector.setup.tool import last_words, only_one, run, staged

__all__ = ["SetupFailed", "prometheus", "promtool"]

ADVICE = "install the package prometheus, or name the program in KRD_PROMETHEUS, and run again"


def prometheus() -> Path:
    """Give a Prometheus that starts. Raises `SetupFailed` with what to do when there is none to be had."""
    if named := os.environ.get("KRD_PROMETHEUS"):
        if not _starts(Path(named)):
            raise SetupFailed(f"KRD_PROMETHEUS names {named}, which does not start: correct it or unset it")
        return Path(named)
    if (found := shutil.which("prometheus")) and _starts(Path(found)):
        return Path(found)
    tools = tools_folder()
    program = tools / "prometheus/usr/bin/prometheus"
    if program.exists():  # it started once, and only a whole package gets this name
        return program
    with only_one(tools):
        if not program.exists():
            _fetch(tools)
    return program


def promtool() -> Path:
    """Give the promtool that came with `prometheus()`. Raises `SetupFailed`."""
    beside = prometheus().with_name("promtool")
    if beside.exists():
        return beside
    if found := shutil.which("promtool"):
        return Path(found)
    raise SetupFailed(f"there is no promtool beside {beside.parent}/prometheus, nor on the PATH: {ADVICE}")


def tools_folder(checkout: Checkout = HERE) -> Path:
    """Give the folder for fetched programs: the checkout's, or the user's cache for an installed krd."""
    if checkout.is_bare:
        return checkout.tools
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  (as in uv_environment)
    return Path(cache) / "krd"


def _starts(program: Path) -> bool:
    return run([program, "--version"], seconds=30).returncode == 0


def _fetch(tools: Path) -> None:
    for needed in ("apt-get", "dpkg-deb"):
        if shutil.which(needed) is None:
            raise SetupFailed(f"there is no Prometheus here and no {needed} to fetch one: {ADVICE}")
    say("fetching the package prometheus and unpacking it, nothing is installed")
    with staged(tools / "prometheus") as part:
        _unpack(_download(tools), part)
        if not _starts(part / "usr/bin/prometheus"):
            raise SetupFailed(f"the Prometheus of the distribution does not start on this machine: {ADVICE}")
    shutil.rmtree(tools / "apt", ignore_errors=True)
    say(f"Prometheus is in {tools / 'prometheus'}")


def _download(tools: Path) -> Path:
    """Download the package, by the system's lists if they still serve, else by lists of our own."""
    private = _private_apt(tools / "apt")
    downloads = tools / "apt/downloads"
    for refresh, options in ((False, []), (True, private)):
        shutil.rmtree(downloads, ignore_errors=True)
        downloads.mkdir(parents=True)
        if refresh:
            say("the system's package lists do not serve, reading fresh ones")
            run(
                ["apt-get", *options, "update"], seconds=300
            )  # one dead source may fail it; the download judges
        done = run(["apt-get", *options, *_patience(), "download", "prometheus"], cwd=downloads, seconds=300)
        if done.returncode == 0 and (packages := list(downloads.glob("prometheus_*.deb"))):
            return packages[0]
    raise SetupFailed(f"apt could not download the package prometheus ({last_words(done.stderr)}): {ADVICE}")


def _private_apt(folder: Path) -> Sequence[str]:
    """Give the options that keep all of apt's state in a folder of ours; they make it work without root."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State": folder / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        **(
            {"APT::Sandbox::User": "root"} if os.geteuid() == 0 else {}
        ),  # apt's own user cannot enter this folder
    }
    return [*(part for name, value in options.items() for part in ("-o", f"{name}={value}")), *_patience()]


def _patience() -> Sequence[str]:
    return ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20"]


def _unpack(package: Path, folder: Path) -> None:
    done = run(["dpkg-deb", "-x", package, folder], seconds=120)
    if done.returncode:
        raise SetupFailed(
            f"{package.name} cannot be unpacked ({last_words(done.stderr)}): delete it and run again"
        )
