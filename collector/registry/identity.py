"""Makes sure that the `connectors` which krd imports is krd's own, before anything imports it.

`collector` and `connectors` are plain top-level packages, and so any distribution, or a folder of that name on the
import path, may stand in front of ours. Import and call this first; it imports nothing that needs `connectors`.
"""

from __future__ import annotations

from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import collector
from collector.errors import KrdError

SIBLING = "connectors"


class NotOurSibling(KrdError):
    """The importable `connectors` is missing or belongs to somebody else."""


def ensure_sibling() -> None:
    """Raise `NotOurSibling`, in one sentence that says what to do, unless `connectors` lies beside `collector`."""
    ours = Path(collector.__path__[0]).resolve().parent / SIBLING
    found = _place(SIBLING)
    if found == ours:
        return
    if found is None:
        raise NotOurSibling(
            f"krd cannot start: its package `{SIBLING}`, which belongs into {ours.parent}, is not there; install krd again"
        )
    raise NotOurSibling(
        f"krd cannot start: Python finds another package `{SIBLING}`{_owners()} in {found.parent} instead of krd's own in"
        f" {ours.parent}; give krd a virtual environment of its own, and start it outside that folder"
    )


def _place(package: str) -> Path | None:
    """Give the folder, or the file, that `import package` would take."""
    try:
        spec = find_spec(package)
    except ValueError:  # something put a module without a spec into `sys.modules`
        return None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def _owners() -> str:
    names = sorted(set(packages_distributions().get(SIBLING, [])) - {"krd"})
    return f" (of {', '.join(names)})" if names else ""
