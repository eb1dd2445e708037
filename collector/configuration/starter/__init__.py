"""What `krd init` writes: a small configuration that loads as it is, and says what to change first."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from collector.errors import UsageError

_TEMPLATES = {"krd.yaml": "krd.yaml", "okrs/team.yaml": "team.yaml"}
"""Path in the folder of the configuration to the template beside this module."""


def starter_files(cycle: str) -> dict[str, str]:
    """Give the text of each file by its path; `cycle` is the quarter that is live, such as 2026-Q4."""
    here = files(__package__)
    return {
        path: here.joinpath(template).read_text(encoding="utf-8").replace("CYCLE", cycle)
        for path, template in _TEMPLATES.items()
    }


def write_starter(folder: Path, cycle: str) -> tuple[Path, ...]:
    """Write the files into `folder`. Raises `UsageError` when one of them exists: nothing is ever overwritten."""
    texts = {folder / path: text for path, text in starter_files(cycle).items()}
    taken = [str(path) for path in texts if path.exists()]
    if taken:
        raise UsageError(f"{' and '.join(taken)} exist already; nothing was written. Choose another folder")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(texts)
