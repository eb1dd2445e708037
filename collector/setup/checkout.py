"""Knows the folder that holds the sources: what it asks to be installed, and which environment in it is finished."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

STAMP = "krd-setup.json"


class Checkout:
    """A folder of sources, with the places where its environments and fetched tools are kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.tools = root / ".tools"

    @property
    def is_bare(self) -> bool:
        """Whether these are sources with their lock file, rather than an installed package."""
        return (self.root / "uv.lock").is_file() and (self.root / "pyproject.toml").is_file()

    @property
    def key(self) -> str:
        """Name what an environment must have been made from to be right: both files, the Python, this folder."""
        digest = hashlib.sha256(f"{sys.version_info[:2]} {self.root}".encode())
        for name in ("uv.lock", "pyproject.toml"):
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()[:12]

    @property
    def site(self) -> Path:
        """Where plain pip puts the dependencies."""
        return self.tools / f"site-{self.key}"

    def read(self, name: str) -> dict[str, Any]:
        """Parse one of the checkout's TOML files."""
        import tomllib  # noqa: PLC0415  (absent from the Pythons that are to be told they are too old)

        return tomllib.loads((self.root / name).read_text("utf-8"))

    def groups(self, wanted: Iterable[str]) -> set[str]:
        """Give the dependency groups named and those they include."""
        known = self.read("pyproject.toml").get("dependency-groups", {})
        found: set[str] = set()
        queue = list(wanted)
        while queue:
            name = queue.pop()
            found.add(name)
            queue += [
                e["include-group"]
                for e in known[name]
                if isinstance(e, dict) and e["include-group"] not in found
            ]
        return found

    def requirements(self, wanted: Iterable[str]) -> list[str]:
        """Give what the project and the groups ask for, as pip reads it."""
        document = self.read("pyproject.toml")
        lines = list(document["project"]["dependencies"])
        for name in sorted(self.groups(wanted)):
            lines += [entry for entry in document["dependency-groups"][name] if isinstance(entry, str)]
        return lines

    def constraints(self) -> list[str]:
        """Give the locked versions for pip; a package locked in several versions is left to pip."""
        packages = [package for package in self.read("uv.lock")["package"] if "registry" in package["source"]]
        names = [package["name"] for package in packages]
        return [f"{p['name']}=={p['version']}" for p in packages if names.count(p["name"]) == 1]

    def finished(self, wanted: Sequence[str]) -> Path | None:
        """Find the environment that was made from today's files to its end and holds the groups wanted."""
        for place in (self.venv, self.site):
            stamp = read_stamp(place)
            if stamp.get("key") == self.key and (not wanted or self.groups(wanted) <= set(stamp["groups"])):
                return place
        return None

    def write_stamp(self, place: Path, groups: Iterable[str]) -> None:
        """Mark an environment as finished."""
        stamp = {"key": self.key, "root": str(self.root), "groups": sorted(groups)}
        (place / STAMP).write_text(json.dumps(stamp), "utf-8")


def read_stamp(place: Path) -> dict[str, Any]:
    """Give what an environment was made from; empty when its installation did not end."""
    try:
        content = json.loads((place / STAMP).read_text("utf-8"))
    except (OSError, ValueError):  # absent, or cut short: both say that the work was interrupted
        return {}
    return content if isinstance(content, dict) else {}


HERE = Checkout(Path(__file__).resolve().parent.parent.parent)
"""The folder this very file lies in."""
