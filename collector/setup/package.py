"""Finds a program of the machine, or fetches its Debian package beside the checkout without installing anything.

Taken in this order: the program named in the environment, one on the PATH, one fetched earlier, and the distribution's
package, downloaded by apt and unpacked into a folder of tools. That needs no root: where the system's package lists are
missing or old, apt works on lists of its own in the same folder. What is fetched so is written in Go and needs nothing
but the C library.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.setup.progress import SetupFailed, say
from collector.setup.tool import last_words, only_one, run, staged


@dataclass(frozen=True)
class Program:
    """A program, and where it may come from."""

    title: str
    """As its makers write it."""
    variable: str
    """The environment variable that may name one."""
    package: str
    """The Debian package that brings it, and its name there."""
    folder: str
    """Where in the folder of tools it is unpacked."""
    others: Sequence[str] = ()
    """More names it goes by on a PATH."""
    resources: str = ""
    """The folder of the package whose path is built into the program, where there is one."""

    @property
    def advice(self) -> str:
        """What removes the obstacle when there is none."""
        return f"install the package {self.package}, or name the program in {self.variable}, and run again"


def find(program: Program, tools: Path) -> Path:
    """Give one that starts. Raises `SetupFailed` with what to do when there is none to be had."""
    if named := os.environ.get(program.variable):
        if not _starts(Path(named)):
            raise SetupFailed(
                f"{program.variable} names {named}, which does not start: correct it or unset it"
            )
        return Path(named)
    for name in (program.package, *program.others):
        if (found := shutil.which(name)) and _starts(Path(found)):
            return Path(found)
    place = tools / program.folder / "usr/bin" / program.package
    if place.exists():  # it started once, and only a whole package gets this name
        return place
    with only_one(tools):
        if not place.exists():
            _fetch(program, tools)
    return place


def companion(program: Program, place: Path, name: str) -> Path:
    """Give the tool `name` that came with the program at `place`, else one of the PATH. Raises `SetupFailed`."""
    beside = place.with_name(name)
    if beside.exists():
        return beside
    if found := shutil.which(name):
        return Path(found)
    raise SetupFailed(f"there is no {name} beside {place}, nor on the PATH: {program.advice}")


def _starts(program: Path) -> bool:
    return run([program, "--version"], seconds=30).returncode == 0


def _fetch(program: Program, tools: Path) -> None:
    for needed in ("apt-get", "dpkg-deb"):
        if shutil.which(needed) is None:
            raise SetupFailed(
                f"there is no {program.title} here and no {needed} to fetch one: {program.advice}"
            )
    say(f"fetching the package {program.package} and unpacking it, nothing is installed")
    with staged(tools / program.folder) as part:
        _unpack(_download(program, tools), part)
        if program.resources:
            _relocate(program, part)
        if not _starts(part / "usr/bin" / program.package):
            raise SetupFailed(
                f"the {program.title} of the distribution does not start on this machine: {program.advice}"
            )
    shutil.rmtree(tools / "apt", ignore_errors=True)
    say(f"{program.title} is in {tools / program.folder}")


def _download(program: Program, tools: Path) -> Path:
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
        download = ["apt-get", *options, *_patience(), "download", program.package]
        done = run(download, cwd=downloads, seconds=300)
        if done.returncode == 0 and (packages := list(downloads.glob(f"{program.package}_*.deb"))):
            return packages[0]
    raise SetupFailed(
        f"apt could not download the package {program.package} ({last_words(done.stderr)}): {program.advice}"
    )


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


def _relocate(program: Program, folder: Path) -> None:
    """Lead the program to its resources: it looks for them under a path that belongs to root.

    The path built into it becomes one of the same length, that of a descriptor, and a script of the program's name
    opens the unpacked folder as that descriptor. So the folder of tools may be moved, and any folder be worked in.
    """
    place = folder / "usr/bin" / program.package
    built_in = program.resources.encode()
    if built_in not in (content := place.read_bytes()):
        return
    moved = folder / "usr/libexec" / program.package
    moved.parent.mkdir(parents=True, exist_ok=True)
    moved.write_bytes(content.replace(built_in, b"/proc/self/fd/9".ljust(len(built_in), b"/")))
    moved.chmod(0o755)
    place.write_text(
        '#!/bin/sh\nhere=$(dirname "$0")/../..\n'
        f'exec 9<"$here{program.resources}"\nexec "$here/usr/libexec/{program.package}" "$@"\n',
        "utf-8",
    )
